//! Adding passkeys and removing them, `/web/account/passkeys`, and what they are for.

use natter_server::storage;
use protocol::{
    ErrorCode,
    account::{Account, Passkey},
    administration::NewLink,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, sea_query::Expr};
use serde_json::{Value, json};

use crate::{
    authenticator::{Authenticator, Ceremony},
    ceremonies::{
        ADDING, Asked, CONFIRMING, SIGNING_IN, add, alice, ask, ask_to_sign_in, assert_refused,
        audit, bob, database, is_signed_in, origin, passkeys_of, remove, sign_in, sign_in_by,
        signed_in, try_to_add, try_to_confirm, try_to_sign_in, wrong_ceremonies,
    },
    people::{server, server_with, token},
    support::post,
};

#[tokio::test]
async fn a_passkey_is_added_and_signs_in_without_a_name_or_password() {
    let server = server().await;
    let alice = alice(&server).await;
    let mut device = add(&alice).await;
    let [added] = &passkeys_of(&alice).await[..] else {
        panic!("one passkey");
    };
    assert_eq!(added.id, device.id_text());
    assert_eq!(added.name, "My phone");
    assert_eq!(added.last_used_at, None);

    let again = signed_in(&server, &sign_in(&server, &mut device).await);
    assert_eq!(again.session.username.as_str(), "alice");
    assert!(is_signed_in(&again).await && is_signed_in(&alice).await);
    assert!(passkeys_of(&again).await[0].last_used_at.is_some());
    let noted: Vec<_> = audit(&again).await;
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
    let server = server().await;
    let alice = alice(&server).await;
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
async fn no_passkey_is_added_that_is_not_asked_rightly() {
    let server = server().await;
    let alice = alice(&server).await;
    add(&alice).await;
    let forgetful = Ceremony {
        discoverable: false,
        ..Ceremony::at(&origin(&server))
    };
    let mut wrong = wrong_ceremonies(&origin(&server));
    wrong.push(("nobody can sign in with it", forgetful));
    for (what, ceremony) in wrong {
        let answer = try_to_add(&alice, &mut Authenticator::new(), &ceremony).await;
        assert_refused(&answer);
        assert_eq!(passkeys_of(&alice).await.len(), 1, "{what}");
    }
}

#[tokio::test]
async fn a_passkey_belongs_to_one_account() {
    let server = server().await;
    let alice = alice(&server).await;
    let bob = bob(&server, &alice).await;
    let ceremony = Ceremony::at(&origin(&server));
    let mut device = add(&alice).await;
    let handle = device.user_handle.clone();

    assert_refused(&try_to_add(&alice, &mut device, &ceremony).await);
    assert_refused(&try_to_add(&bob, &mut device, &ceremony).await);
    assert_refused(&try_to_confirm(&bob, &mut device, &ceremony).await);
    assert_ne!(device.user_handle, handle);
    assert_refused(&sign_in(&server, &mut device).await);
    device.user_handle = handle;
    let path = format!("{ADDING}/{}", device.id_text());
    let refused = remove(&bob, &path).await;
    assert_eq!(refused.status, 404);
    assert_eq!(refused.problem().code, ErrorCode::NotFound);
    assert_eq!(sign_in(&server, &mut device).await.status, 200);
}

#[tokio::test]
async fn a_removed_passkey_opens_nothing_and_other_sessions_end_with_it() {
    let server = server().await;
    let alice = alice(&server).await;
    let mut device = add(&alice).await;
    let thief = signed_in(&server, &sign_in(&server, &mut device).await);
    assert!(is_signed_in(&thief).await);

    let path = format!("{ADDING}/{}", device.id_text());
    let pending = ask_to_sign_in(&server).await;
    assert_eq!(remove(&alice, &path).await.status, 204);
    assert!(!is_signed_in(&thief).await);
    assert!(is_signed_in(&alice).await);
    assert!(passkeys_of(&alice).await.is_empty());
    let answer = device.sign(&Ceremony::at(&origin(&server)), &pending.options);
    assert_refused(&sign_in_by(&server, pending.answered(answer)).await);
    assert_eq!(remove(&alice, &path).await.status, 404);
    assert_eq!(audit(&alice).await[1].action, "passkey-removed");
}

#[tokio::test]
async fn the_last_way_to_sign_in_stays() {
    use storage::entities::accounts::{Column, Entity};

    let server = server().await;
    let alice = alice(&server).await;
    let (first, second) = (add(&alice).await, add(&alice).await);
    let database = database(&server).await;
    let transaction = database.begin().await.expect("a transaction");
    Entity::update_many()
        .col_expr(Column::PasswordHash, Expr::value(None::<String>))
        .filter(Column::Username.eq("alice"))
        .exec(&transaction)
        .await
        .expect("an account without a password");
    database.commit(transaction).await.expect("a commit");

    let path = |device: &Authenticator| format!("{ADDING}/{}", device.id_text());
    assert_eq!(remove(&alice, &path(&first)).await.status, 204);
    let refused = remove(&alice, &path(&second)).await;
    assert_eq!(refused.status, 403);
    assert_eq!(refused.problem().code, ErrorCode::NotAllowed);
    let password = json!({ "new": "another trombone" });
    let changed = alice.post("/web/account/password", password).await;
    assert_eq!(changed.status, 204);
    assert_eq!(remove(&alice, &path(&second)).await.status, 204);
}

#[tokio::test]
async fn a_passkey_has_a_name_and_a_wrong_one_uses_nothing_up() {
    let server = server().await;
    let alice = alice(&server).await;
    let asked = ask(&alice, ADDING).await;
    let ceremony = Ceremony::at(&origin(&server));
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
    let server = server().await;
    let alice = alice(&server).await;
    let ceremony = Ceremony::at(&origin(&server));
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
    assert_eq!(passkeys_of(&alice).await.len(), 20);
}

#[tokio::test]
async fn ids_have_at_most_1023_bytes() {
    let server = server().await;
    let alice = alice(&server).await;
    let ceremony = Ceremony::at(&origin(&server));
    let mut longest = Authenticator::with_id(&[7; 1_023]);
    let added = try_to_add(&alice, &mut longest, &ceremony).await;
    assert_eq!(added.status, 201);
    assert_eq!(sign_in(&server, &mut longest).await.status, 200);
    let mut longer = Authenticator::with_id(&[7; 1_024]);
    assert_refused(&try_to_add(&alice, &mut longer, &ceremony).await);
    assert_refused(&sign_in(&server, &mut longer).await);
}

#[tokio::test]
async fn a_reset_takes_passkeys_and_recovery_codes_away() {
    let server = server().await;
    let alice = alice(&server).await;
    let bob = bob(&server, &alice).await;
    let mut device = add(&bob).await;
    let codes = bob.post("/web/account/recovery-codes", Value::Null).await;
    assert_eq!(codes.status, 200);
    assert_eq!(sign_in(&server, &mut device).await.status, 200);

    let link = alice.post("/web/admin/people/bob/reset", Value::Null).await;
    let link: NewLink = link.json();
    let body = json!({ "token": token(&link.url), "password": "another trombone" });
    let reset = post(&origin(&server), "/web/reset", &[], body.to_string()).await;
    let account: Account = signed_in(&server, &reset).get_json("/web/account").await;
    assert!(account.passkeys.is_empty());
    assert_eq!(account.recovery_codes, 0);
    assert_refused(&sign_in(&server, &mut device).await);
}

#[tokio::test]
async fn at_an_address_without_a_name_there_are_no_passkeys() {
    let server = server().await;
    let path = format!("{SIGNING_IN}/start");
    let by_name = post(&origin(&server), &path, &[], "").await;
    assert_eq!(by_name.status, 200);
    let by_address = post(&server.origin(), &path, &[], "").await;
    assert_eq!(by_address.status, 422);
    let problem = by_address.problem();
    assert_eq!(problem.code, ErrorCode::PasskeysUnavailable);
    // What another program on this machine has got from a browser cannot be brought here.
    let elsewhere = post(&origin(&server), &path, &[("host", "localhost:1")], "").await;
    assert_eq!(elsewhere.problem(), problem);
}

#[tokio::test]
async fn behind_a_proxy_passkeys_are_for_the_public_name() {
    let public = "https://chat.example";
    let server = server_with(|config| {
        config.public_origin = Some(public.to_owned());
    })
    .await;
    let alice = alice(&server).await;
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
