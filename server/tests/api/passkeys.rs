//! `/web/account/passkeys`, `/web/login/passkey`, `/web/confirm/passkey`.

use std::time::Duration;

use natter_server::{services::limits::Rate, storage};
use protocol::{
    ErrorCode, Problem,
    account::{Passkey, PasskeyChallenge},
    administration::NewLink,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, sea_query::Expr};
use serde_json::{Value, json};

use crate::{
    accounts_support::{AccountServer, Member, PASSWORD, token},
    authenticator::{Authenticator, Ceremony},
    support::{Answer, post},
};

const ADDING: &str = "/web/account/passkeys";
const SIGNING_IN: &str = "/web/login/passkey";
const CONFIRMING: &str = "/web/confirm/passkey";

/// A challenge and what it asks for.
struct Asked {
    id: String,
    options: Value,
}

impl Asked {
    fn from(answer: &Answer) -> Self {
        assert_eq!(answer.status, 200, "{answer:?}");
        let challenge: PasskeyChallenge = answer.json();
        Self {
            id: challenge.id,
            options: serde_json::from_str(&challenge.options).expect("options"),
        }
    }

    fn answered(&self, credential: String) -> Value {
        json!({ "id": self.id, "credential": credential })
    }
}

async fn ask(member: &Member, path: &str) -> Asked {
    Asked::from(&member.post(&format!("{path}/start"), Value::Null).await)
}

async fn ask_to_sign_in(server: &AccountServer) -> Asked {
    let path = format!("{SIGNING_IN}/start");
    Asked::from(&post(&server.origin(), &path, &[], "").await)
}

async fn try_to_add(member: &Member, device: &mut Authenticator, ceremony: &Ceremony) -> Answer {
    let asked = ask(member, ADDING).await;
    let mut body = asked.answered(device.register(ceremony, &asked.options));
    body["name"] = "My phone".into();
    member.post(ADDING, body).await
}

/// A passkey that was added to somebody's account.
async fn add(member: &Member) -> Authenticator {
    let mut device = Authenticator::new();
    let ceremony = Ceremony::at(&member.user.origin);
    let answer = try_to_add(member, &mut device, &ceremony).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    device
}

async fn sign_in_by(server: &AccountServer, body: Value) -> Answer {
    post(&server.origin(), SIGNING_IN, &[], body.to_string()).await
}

async fn try_to_sign_in(
    server: &AccountServer,
    device: &mut Authenticator,
    ceremony: &Ceremony,
) -> Answer {
    let asked = ask_to_sign_in(server).await;
    let answer = asked.answered(device.sign(ceremony, &asked.options));
    sign_in_by(server, answer).await
}

async fn sign_in(server: &AccountServer, device: &mut Authenticator) -> Answer {
    try_to_sign_in(server, device, &Ceremony::at(&server.origin())).await
}

async fn try_to_confirm(
    member: &Member,
    device: &mut Authenticator,
    ceremony: &Ceremony,
) -> Answer {
    let asked = ask(member, CONFIRMING).await;
    let answer = asked.answered(device.sign(ceremony, &asked.options));
    member.post(CONFIRMING, answer).await
}

fn assert_refused(answer: &Answer) -> Problem {
    assert_eq!(answer.status, 403, "{answer:?}");
    assert_eq!(answer.header("set-cookie"), None);
    let problem = answer.problem();
    assert_eq!(problem.code, ErrorCode::PasskeyRefused);
    problem
}

/// What can be wrong with an answer that is otherwise as it should be.
fn wrong_ceremonies(origin: &str) -> Vec<(&'static str, Ceremony)> {
    let right = Ceremony::at(origin);
    let elsewhere = |origin: &str| Ceremony {
        origin: origin.to_owned(),
        ..right.clone()
    };
    vec![
        ("another site", elsewhere("https://evil.example")),
        ("another port", elsewhere("http://localhost:1")),
        (
            "another scheme",
            elsewhere(&origin.replace("http", "https")),
        ),
        (
            "a name below ours",
            elsewhere(&origin.replace("//", "//evil.")),
        ),
        (
            "a frame",
            Ceremony {
                cross_origin: true,
                ..right.clone()
            },
        ),
        (
            "for somebody else",
            Ceremony {
                rp_id: "evil.example".to_owned(),
                ..right.clone()
            },
        ),
        (
            "nobody verified",
            Ceremony {
                user_verified: false,
                ..right
            },
        ),
    ]
}

#[tokio::test]
async fn a_passkey_is_added_and_signs_in_without_a_name_or_password() {
    let server = AccountServer::start().await;
    let alice = server.owner("alice").await;
    let mut device = add(&alice).await;
    let [added] = &alice.account().await.passkeys[..] else {
        panic!("one passkey");
    };
    assert_eq!(added.id, device.id_text());
    assert_eq!(added.name, "My phone");
    assert_eq!(added.last_used_at, None);

    let again = Member::signed_in(&server.origin(), &sign_in(&server, &mut device).await);
    assert_eq!(again.name(), "alice");
    assert!(again.is_signed_in().await && alice.is_signed_in().await);
    assert!(again.account().await.passkeys[0].last_used_at.is_some());
    let noted: Vec<_> = again.audit().await;
    let noted = noted.iter().map(|it| (&*it.action, it.detail.as_deref()));
    let noted: Vec<_> = noted.take(2).collect();
    let expected = [
        ("signed-in", Some("passkey")),
        ("passkey-added", Some("My phone")),
    ];
    assert_eq!(noted, expected);
}

#[tokio::test]
async fn what_a_browser_is_asked_for_is_what_its_functions_read() {
    let server = AccountServer::start().await;
    let alice = server.owner("alice").await;
    let device = add(&alice).await;
    let known = json!([{ "type": "public-key", "id": device.id_text() }]);

    let Asked { id, options } = ask(&alice, ADDING).await;
    assert_eq!(options["rp"]["id"], "localhost");
    assert_eq!(options["user"]["name"], "alice");
    assert_eq!(options["user"]["displayName"], "Alice");
    assert_eq!(options["attestation"], "none");
    assert_eq!(options["excludeCredentials"], known);
    let wanted = &options["authenticatorSelection"];
    assert_eq!(wanted["residentKey"], "required");
    assert_eq!(wanted["requireResidentKey"], true);
    assert_eq!(wanted["userVerification"], "required");
    assert_ne!(options["challenge"], id);

    let Asked { options, .. } = ask_to_sign_in(&server).await;
    assert_eq!(options["rpId"], "localhost");
    assert_eq!(options["allowCredentials"], json!([]));
    assert_eq!(options["userVerification"], "required");
    assert_eq!(options.get("mediation"), None);

    let Asked { options, .. } = ask(&alice, CONFIRMING).await;
    assert_eq!(options["allowCredentials"], known);
    assert_eq!(options["userVerification"], "required");
}

#[tokio::test]
async fn no_passkey_signs_in_that_is_not_asked_rightly_and_all_get_one_answer() {
    let server = AccountServer::start().await;
    let alice = server.owner("alice").await;
    let mut device = add(&alice).await;
    let allowed = sign_in(&server, &mut device).await;
    assert_eq!(allowed.status, 200);

    let mut answers = Vec::new();
    for (what, ceremony) in wrong_ceremonies(&server.origin()) {
        let answer = try_to_sign_in(&server, &mut device, &ceremony).await;
        answers.push((what, answer));
    }
    let stranger = sign_in(&server, &mut Authenticator::new()).await;
    answers.push(("an unknown passkey", stranger));
    let mut forged = Authenticator::with_id(&device.id);
    forged.user_handle.clone_from(&device.user_handle);
    answers.push(("another key", sign_in(&server, &mut forged).await));
    let handle = device.user_handle.take();
    answers.push(("nobody's", sign_in(&server, &mut device).await));
    device.user_handle = Some(vec![0; 16]);
    answers.push(("somebody else's", sign_in(&server, &mut device).await));
    device.user_handle = handle;
    for nonsense in ["", "{}", "[]", "null"] {
        let asked = ask_to_sign_in(&server).await;
        let answer = sign_in_by(&server, asked.answered(nonsense.to_owned())).await;
        answers.push((nonsense, answer));
    }
    let unasked = json!({ "id": "none", "credential": "{}" });
    answers.push(("no challenge", sign_in_by(&server, unasked).await));

    for (what, answer) in &answers {
        assert_eq!(assert_refused(answer), answers[0].1.problem(), "{what}");
    }
    let failures = alice.audit().await;
    let failures = failures.iter().filter(|it| it.action == "sign-in-failed");
    assert_eq!(failures.count(), answers.len() - 1, "all that were asked");
    assert_eq!(sign_in(&server, &mut device).await.status, 200);
}

#[tokio::test]
async fn no_passkey_is_added_that_is_not_asked_rightly() {
    let server = AccountServer::start().await;
    let alice = server.owner("alice").await;
    add(&alice).await;
    let forgetful = Ceremony {
        discoverable: false,
        ..Ceremony::at(&server.origin())
    };
    let mut wrong = wrong_ceremonies(&server.origin());
    wrong.push(("nobody can sign in with it", forgetful));
    for (what, ceremony) in wrong {
        let answer = try_to_add(&alice, &mut Authenticator::new(), &ceremony).await;
        assert_refused(&answer);
        assert_eq!(alice.account().await.passkeys.len(), 1, "{what}");
    }
}

#[tokio::test]
async fn a_challenge_is_used_once_whatever_came_of_it() {
    let server = AccountServer::start().await;
    let alice = server.owner("alice").await;
    let mut device = add(&alice).await;
    let ceremony = Ceremony::at(&server.origin());

    let asked = ask_to_sign_in(&server).await;
    let answer = asked.answered(device.sign(&ceremony, &asked.options));
    assert_eq!(sign_in_by(&server, answer.clone()).await.status, 200);
    assert_refused(&sign_in_by(&server, answer).await);

    let asked = ask_to_sign_in(&server).await;
    assert_refused(&sign_in_by(&server, asked.answered("{}".to_owned())).await);
    let answer = asked.answered(device.sign(&ceremony, &asked.options));
    assert_refused(&sign_in_by(&server, answer).await);

    let asked = ask(&alice, ADDING).await;
    let mut body = asked.answered(Authenticator::new().register(&ceremony, &asked.options));
    body["name"] = "My phone".into();
    assert_eq!(alice.post(ADDING, body.clone()).await.status, 201);
    assert_refused(&alice.post(ADDING, body).await);
}

#[tokio::test]
async fn a_challenge_is_good_for_what_it_was_asked_for() {
    let server = AccountServer::start().await;
    let alice = server.owner("alice").await;
    let mut device = add(&alice).await;
    let ceremony = Ceremony::at(&server.origin());

    let (first, second) = (ask_to_sign_in(&server).await, ask_to_sign_in(&server).await);
    let swapped = first.answered(device.sign(&ceremony, &second.options));
    assert_refused(&sign_in_by(&server, swapped).await);
    let right = second.answered(device.sign(&ceremony, &second.options));
    assert_eq!(sign_in_by(&server, right).await.status, 200);

    let asked = ask(&alice, CONFIRMING).await;
    let answer = asked.answered(device.sign(&ceremony, &asked.options));
    assert_refused(&sign_in_by(&server, answer.clone()).await);
    assert_eq!(alice.post(CONFIRMING, answer).await.status, 204);

    let asked = ask_to_sign_in(&server).await;
    let answer = asked.answered(device.sign(&ceremony, &asked.options));
    assert_refused(&alice.post(CONFIRMING, answer).await);
}

#[tokio::test]
async fn a_challenge_is_good_for_the_session_that_has_asked() {
    let server = AccountServer::start().await;
    let alice = server.owner("alice").await;
    let mut device = add(&alice).await;
    let ceremony = Ceremony::at(&server.origin());
    let again = server.sign_in("alice", PASSWORD).await;
    let again = Member::signed_in(&server.origin(), &again);

    let asked = ask(&alice, CONFIRMING).await;
    let answer = asked.answered(device.sign(&ceremony, &asked.options));
    assert_refused(&again.post(CONFIRMING, answer).await);
    let asked = ask(&alice, ADDING).await;
    let mut body = asked.answered(Authenticator::new().register(&ceremony, &asked.options));
    body["name"] = "My phone".into();
    assert_refused(&again.post(ADDING, body).await);
}

#[tokio::test]
async fn a_passkey_that_counts_signs_in_and_a_copy_that_fell_behind_does_not() {
    let server = AccountServer::start().await;
    let alice = server.owner("alice").await;
    let mut device = Authenticator::new();
    device.counter = 5;
    let ceremony = Ceremony::at(&server.origin());
    let added = try_to_add(&alice, &mut device, &ceremony).await;
    assert_eq!(added.status, 201);
    for _ in 0..2 {
        assert_eq!(sign_in(&server, &mut device).await.status, 200);
    }
    device.counter = 6;
    assert_refused(&sign_in(&server, &mut device).await);
    assert_eq!(sign_in(&server, &mut device).await.status, 200);
}

#[tokio::test]
async fn of_two_copies_that_sign_at_once_one_comes_in() {
    let server = AccountServer::start().await;
    let alice = server.owner("alice").await;
    let mut device = Authenticator::new();
    device.counter = 5;
    let ceremony = Ceremony::at(&server.origin());
    let added = try_to_add(&alice, &mut device, &ceremony).await;
    assert_eq!(added.status, 201);
    let mut answers = Vec::new();
    for _ in 0..8 {
        let asked = ask_to_sign_in(&server).await;
        device.counter = 5;
        answers.push(asked.answered(device.sign(&ceremony, &asked.options)));
    }
    let answers = answers
        .into_iter()
        .map(|answer| sign_in_by(&server, answer));
    let answers = futures_util::future::join_all(answers).await;
    let came_in = answers.iter().filter(|answer| answer.status == 200);
    assert_eq!(came_in.count(), 1);
}

#[tokio::test]
async fn a_passkey_belongs_to_one_account() {
    let server = AccountServer::start().await;
    let alice = server.owner("alice").await;
    let bob = server.invited(&alice, "bob").await;
    let ceremony = Ceremony::at(&server.origin());
    let mut device = add(&alice).await;
    let handle = device.user_handle.clone();

    assert_refused(&try_to_add(&alice, &mut device, &ceremony).await);
    assert_refused(&try_to_add(&bob, &mut device, &ceremony).await);
    assert_refused(&try_to_confirm(&bob, &mut device, &ceremony).await);
    assert_ne!(device.user_handle, handle);
    assert_refused(&sign_in(&server, &mut device).await);
    device.user_handle = handle;
    let path = format!("{ADDING}/{}", device.id_text());
    let (status, problem) = bob.delete(&path).await;
    assert_eq!(status, 404);
    assert_eq!(problem.expect("a problem").code, ErrorCode::NotFound);
    assert_eq!(sign_in(&server, &mut device).await.status, 200);
}

#[tokio::test]
async fn a_removed_passkey_opens_nothing_and_other_sessions_end_with_it() {
    let server = AccountServer::start().await;
    let alice = server.owner("alice").await;
    let mut device = add(&alice).await;
    let thief = Member::signed_in(&server.origin(), &sign_in(&server, &mut device).await);
    assert!(thief.is_signed_in().await);

    let path = format!("{ADDING}/{}", device.id_text());
    let pending = ask_to_sign_in(&server).await;
    assert_eq!(alice.delete(&path).await.0, 204);
    assert!(!thief.is_signed_in().await);
    assert!(alice.is_signed_in().await);
    assert!(alice.account().await.passkeys.is_empty());
    let answer = device.sign(&Ceremony::at(&server.origin()), &pending.options);
    assert_refused(&sign_in_by(&server, pending.answered(answer)).await);
    assert_eq!(alice.delete(&path).await.0, 404);
    assert_eq!(alice.audit().await[1].action, "passkey-removed");
}

#[tokio::test]
async fn the_last_way_to_sign_in_stays() {
    use storage::entities::accounts::{Column, Entity};

    let server = AccountServer::start().await;
    let alice = server.owner("alice").await;
    let (first, second) = (add(&alice).await, add(&alice).await);
    let transaction = server.database.begin().await.expect("a transaction");
    Entity::update_many()
        .col_expr(Column::PasswordHash, Expr::value(None::<String>))
        .filter(Column::Username.eq("alice"))
        .exec(&transaction)
        .await
        .expect("an account without a password");
    transaction.commit().await.expect("a commit");

    let path = |device: &Authenticator| format!("{ADDING}/{}", device.id_text());
    assert_eq!(alice.delete(&path(&first)).await.0, 204);
    let (status, problem) = alice.delete(&path(&second)).await;
    assert_eq!(status, 403);
    assert_eq!(problem.expect("a problem").code, ErrorCode::NotAllowed);
    let password = json!({ "new": "another trombone" });
    let changed = alice.post("/web/account/password", password).await;
    assert_eq!(changed.status, 204);
    assert_eq!(alice.delete(&path(&second)).await.0, 204);
}

#[tokio::test]
async fn somebody_confirms_by_a_passkey_and_may_then_change_how_they_sign_in() {
    let server = AccountServer::start().await;
    let alice = server.owner("alice").await;
    let mut device = add(&alice).await;
    let path = format!("{ADDING}/{}", device.id_text());
    let start = format!("{ADDING}/start");
    alice.grow_stale(&server).await;
    let refused = alice.post(&start, Value::Null).await;
    assert_eq!(refused.problem().code, ErrorCode::ConfirmIdentity);
    let (_, refused) = alice.delete(&path).await;
    assert_eq!(refused.expect("a problem").code, ErrorCode::ConfirmIdentity);

    for (_, ceremony) in wrong_ceremonies(&server.origin()) {
        assert_refused(&try_to_confirm(&alice, &mut device, &ceremony).await);
    }
    assert_eq!(alice.audit().await[0].action, "confirmation-failed");
    let still = alice.post(&start, Value::Null).await;
    assert_eq!(still.problem().code, ErrorCode::ConfirmIdentity);
    // One that was asked for by its id may leave out whose it is.
    device.user_handle = None;
    let ceremony = Ceremony::at(&server.origin());
    let confirmed = try_to_confirm(&alice, &mut device, &ceremony).await;
    assert_eq!(confirmed.status, 204);
    assert_eq!(alice.delete(&path).await.0, 204);
}

#[tokio::test]
async fn a_passkey_has_a_name_and_a_wrong_one_uses_nothing_up() {
    let server = AccountServer::start().await;
    let alice = server.owner("alice").await;
    let asked = ask(&alice, ADDING).await;
    let ceremony = Ceremony::at(&server.origin());
    let mut body = asked.answered(Authenticator::new().register(&ceremony, &asked.options));
    for (name, code) in [
        (None, ErrorCode::NameEmpty),
        (Some(" ".to_owned()), ErrorCode::NameEmpty),
        (Some("x".repeat(81)), ErrorCode::NameInvalid),
        (Some("a\u{202e}b".to_owned()), ErrorCode::NameInvalid),
    ] {
        body["name"] = name.into();
        let answer = alice.post(ADDING, body.clone()).await;
        assert_eq!(answer.status, 422);
        let problem = answer.problem();
        assert_eq!(problem.code, code);
        assert_eq!(problem.field.as_deref(), Some("name"));
    }
    body["name"] = "  Zoë's key ".into();
    let answer = alice.post(ADDING, body).await;
    assert_eq!(answer.status, 201);
    assert_eq!(answer.json::<Passkey>().name, "Zoë's key");
}

#[tokio::test]
async fn an_account_has_at_most_twenty_passkeys() {
    let server = AccountServer::start().await;
    let alice = server.owner("alice").await;
    let ceremony = Ceremony::at(&server.origin());
    let early = ask(&alice, ADDING).await;
    for _ in 0..20 {
        add(&alice).await;
    }
    let late = alice.post(&format!("{ADDING}/start"), Value::Null).await;
    assert_eq!(late.problem().code, ErrorCode::NotAllowed);
    let mut body = early.answered(Authenticator::new().register(&ceremony, &early.options));
    body["name"] = "One more".into();
    let late = alice.post(ADDING, body).await;
    assert_eq!(late.problem().code, ErrorCode::NotAllowed);
    assert_eq!(alice.account().await.passkeys.len(), 20);
}

#[tokio::test]
async fn ids_have_at_most_1023_bytes() {
    let server = AccountServer::start().await;
    let alice = server.owner("alice").await;
    let ceremony = Ceremony::at(&server.origin());
    let mut longest = Authenticator::with_id(&[7; 1_023]);
    let added = try_to_add(&alice, &mut longest, &ceremony).await;
    assert_eq!(added.status, 201);
    assert_eq!(sign_in(&server, &mut longest).await.status, 200);
    let mut longer = Authenticator::with_id(&[7; 1_024]);
    assert_refused(&try_to_add(&alice, &mut longer, &ceremony).await);
    assert_refused(&sign_in(&server, &mut longer).await);
}

#[tokio::test]
async fn a_deactivated_account_is_not_opened() {
    let server = AccountServer::start().await;
    let alice = server.owner("alice").await;
    let bob = server.invited(&alice, "bob").await;
    let mut device = add(&bob).await;
    assert_eq!(sign_in(&server, &mut device).await.status, 200);
    let gone = bob.post("/web/account/deactivate", Value::Null).await;
    assert_eq!(gone.status, 204);
    assert_refused(&sign_in(&server, &mut device).await);
}

#[tokio::test]
async fn a_reset_takes_passkeys_and_recovery_codes_away() {
    let server = AccountServer::start().await;
    let alice = server.owner("alice").await;
    let bob = server.invited(&alice, "bob").await;
    let mut device = add(&bob).await;
    let codes = bob.post("/web/account/recovery-codes", Value::Null).await;
    assert_eq!(codes.status, 200);
    assert_eq!(sign_in(&server, &mut device).await.status, 200);

    let link = alice.post("/web/admin/people/bob/reset", Value::Null).await;
    let link: NewLink = link.json();
    let body = json!({ "token": token(link.url.reveal()), "password": "another trombone" });
    let reset = post(&server.origin(), "/web/reset", &[], body.to_string()).await;
    let bob = Member::signed_in(&server.origin(), &reset);
    let account = bob.account().await;
    assert!(account.passkeys.is_empty());
    assert_eq!(account.recovery_codes, 0);
    assert_refused(&sign_in(&server, &mut device).await);
}

#[tokio::test]
async fn at_an_address_without_a_name_there_are_no_passkeys() {
    let server = AccountServer::start().await;
    let path = format!("{SIGNING_IN}/start");
    let by_name = post(&server.origin(), &path, &[], "").await;
    assert_eq!(by_name.status, 200);
    let by_address = post(&server.inner.origin(), &path, &[], "").await;
    assert_eq!(by_address.status, 422);
    let problem = by_address.problem();
    assert_eq!(problem.code, ErrorCode::PasskeysUnavailable);
    // What another program on this machine has got from a browser cannot be brought here.
    let elsewhere = post(&server.origin(), &path, &[("host", "localhost:1")], "").await;
    assert_eq!(elsewhere.problem(), problem);
}

#[tokio::test]
async fn behind_a_proxy_passkeys_are_for_the_public_name() {
    let public = "https://chat.example";
    let server = AccountServer::start_with(|config| {
        config.public_origin = Some(public.to_owned());
    })
    .await;
    let alice = server.owner("alice").await;
    let ceremony = Ceremony {
        rp_id: "chat.example".to_owned(),
        ..Ceremony::at(public)
    };
    let mut device = Authenticator::new();
    let added = try_to_add(&alice, &mut device, &ceremony).await;
    assert_eq!(added.status, 201, "{added:?}");
    let signed_in = try_to_sign_in(&server, &mut device, &ceremony).await;
    assert_eq!(signed_in.status, 200);
    assert_refused(&sign_in(&server, &mut device).await);
}

#[tokio::test]
async fn tries_from_one_address_are_counted() {
    let server = AccountServer::start_with(|config| {
        config.rates.sign_in = Rate::new(2, Duration::from_secs(3_600));
    })
    .await;
    for _ in 0..2 {
        ask_to_sign_in(&server).await;
    }
    let path = format!("{SIGNING_IN}/start");
    let refused = post(&server.origin(), &path, &[], "").await;
    assert_eq!(refused.status, 429);
    assert_eq!(refused.problem().code, ErrorCode::TooManyRequests);
}
