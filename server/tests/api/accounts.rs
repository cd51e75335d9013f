//! Coming in and one's own account: `/web/login`, `/web/join`, `/web/links`, `/web/reset`,
//! `/web/login/recovery`, `/web/account`.

use std::time::{Duration, Instant};

use natter_server::services::limits::Rate;
use protocol::{
    ErrorCode, Role, User,
    account::{Account, RecoveryCodes},
    administration::NewLink,
    join::{Link, LinkPurpose},
};
use serde_json::json;

use crate::{
    people::{
        PASSWORD, invite, join, log_in, log_in_again, member, owner, server, server_with, token,
    },
    support::{TestServer, TestUser, post},
};

#[tokio::test]
async fn the_first_link_makes_the_owner_and_works_once() {
    let server = server().await;
    let link = token(server.server.owner_link().expect("a link"));
    let body = json!({ "token": link }).to_string();
    let look = post(&server.origin(), "/web/links", &[], body).await;
    assert_eq!(look.json::<Link>().purpose, LinkPurpose::Owner);
    owner(&server, "olivia").await;
    let again = join(&server, Some(&link), "mallory", PASSWORD).await;
    assert_eq!(again.status, 404);
    assert_eq!(again.problem().code, ErrorCode::InvalidLink);
    let server = server.restart().await;
    assert!(server.server.owner_link().is_none(), "there is an owner");
}

#[tokio::test]
async fn a_new_start_without_an_owner_makes_the_earlier_link_worthless() {
    let server = server().await;
    let earlier = token(server.server.owner_link().expect("a link"));
    let server = server.restart().await;
    let answer = join(&server, Some(&earlier), "mallory", PASSWORD).await;
    assert_eq!(answer.problem().code, ErrorCode::InvalidLink);
    owner(&server, "olivia").await;
}

#[tokio::test]
async fn an_invitation_lets_in_as_many_as_it_is_for() {
    let server = server().await;
    let olivia = owner(&server, "olivia").await;
    let link = invite(&olivia, 2).await;
    let invitation = token(&link.url);
    for name in ["mia", "noah"] {
        let answer = join(&server, Some(&invitation), name, PASSWORD).await;
        let person = TestUser::from(&server.origin(), &answer);
        assert_eq!(person.session.role, Role::Member);
    }
    let third = join(&server, Some(&invitation), "zoe", PASSWORD).await;
    assert_eq!(third.problem().code, ErrorCode::InvalidLink);
    let users: Vec<User> = olivia.get_json("/web/users").await;
    let names: Vec<_> = users.iter().map(|user| user.username.as_str()).collect();
    assert_eq!(names, ["mia", "noah"]);
}

#[tokio::test]
async fn what_is_wrong_with_a_new_account_is_said_on_its_field_and_uses_nothing_up() {
    let server = server().await;
    let olivia = owner(&server, "olivia").await;
    let link = invite(&olivia, 1).await;
    let invitation = token(&link.url);
    let problem = async |name: &str, password: &str| {
        let answer = join(&server, Some(&invitation), name, password).await;
        let problem = answer.problem();
        (problem.code, problem.field)
    };
    let on = |field: &str| Some(field.to_owned());
    assert_eq!(
        problem("olivia", PASSWORD).await,
        (ErrorCode::UsernameTaken, on("username"))
    );
    for look_alike in ["оlivia", "оlіvіа", "olivia\u{200b}", "ⓞlivia"] {
        assert_eq!(
            problem(look_alike, PASSWORD).await,
            (ErrorCode::InvalidUsername, on("username"))
        );
    }
    assert_eq!(
        problem("mia", "short").await,
        (ErrorCode::PasswordTooShort, on("password"))
    );
    assert_eq!(
        problem("mia", "password1").await,
        (ErrorCode::PasswordCommon, on("password"))
    );
    assert_eq!(
        problem("mia", "mia12345").await,
        (ErrorCode::PasswordCommon, on("password"))
    );
    assert_eq!(
        problem("0livia", PASSWORD).await,
        (ErrorCode::UsernameTaken, on("username")),
        "it looks like one that is there"
    );
    let body = json!({ "token": invitation, "username": "mia", "password": PASSWORD, "displayName": "Оlivіа" });
    let twin = post(&server.origin(), "/web/join", &[], body.to_string()).await;
    assert_eq!(twin.problem().code, ErrorCode::DisplayNameTaken);
    let joined = join(&server, Some(&invitation), "mia", PASSWORD).await;
    assert_eq!(joined.status, 200, "nothing was used up");
}

#[tokio::test]
async fn without_an_invitation_people_join_only_where_registration_is_open() {
    let server = server().await;
    let olivia = owner(&server, "olivia").await;
    let closed = join(&server, None, "mia", PASSWORD).await;
    assert_eq!(closed.status, 403);
    assert_eq!(closed.problem().code, ErrorCode::RegistrationClosed);
    let open = json!({ "openRegistration": true });
    let answer = olivia.send("PATCH", "/web/admin/settings", open).await;
    assert_eq!(answer.status, 200);
    assert_eq!(join(&server, None, "mia", PASSWORD).await.status, 200);
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_name_get_one_and_the_same_answer() {
    let server = server().await;
    owner(&server, "olivia").await;
    assert_eq!(log_in(&server, "Olivia ", PASSWORD).await.status, 200);
    let wrong = log_in(&server, "olivia", "not her password").await;
    let unknown = log_in(&server, "nobody", "not her password").await;
    let impossible = log_in(&server, "<script>", PASSWORD).await;
    let without = post(
        &server.origin(),
        "/web/login",
        &[],
        r#"{"username":"olivia"}"#,
    )
    .await;
    for answer in [&wrong, &unknown, &impossible, &without] {
        assert_eq!(answer.status, 401);
        assert_eq!(answer.text(), wrong.text());
        assert_eq!(answer.header("set-cookie"), None);
    }
}

#[tokio::test]
async fn an_unknown_name_takes_as_long_as_a_wrong_password() {
    let server = server().await;
    owner(&server, "olivia").await;
    let time = async |name: &str| {
        let started = Instant::now();
        log_in(&server, name, "not the password").await;
        started.elapsed()
    };
    time("nobody").await;
    let mut fastest = [Duration::MAX; 2];
    for _ in 0..7 {
        for (place, name) in ["olivia", "nobody"].into_iter().enumerate() {
            fastest[place] = fastest[place].min(time(name).await);
        }
    }
    let [known, unknown] = fastest.map(|time| time.as_secs_f64());
    // Without the decoy the unknown one takes a small part of the other.
    assert!(unknown > known / 2.0, "{known} s and {unknown} s");
}

#[tokio::test]
async fn too_many_failures_block_an_account_but_not_where_its_owner_is_known() {
    let server = server_with(|config| {
        config.rates.failures = Rate::new(3, Duration::from_secs(600));
        config.trusted_proxies = vec!["127.0.0.1/32".parse().expect("a network")];
    })
    .await;
    let from = async |address: &str, password: &str| {
        let body = json!({ "username": "olivia", "password": password }).to_string();
        let headers = [("x-forwarded-for", address)];
        post(&server.origin(), "/web/login", &headers, body).await
    };
    owner(&server, "olivia").await;
    assert_eq!(from("192.0.2.1", PASSWORD).await.status, 200);
    for _ in 0..4 {
        assert_eq!(from("198.51.100.66", "a guess").await.status, 401);
    }
    let blocked = from("198.51.100.66", PASSWORD).await;
    assert_eq!(blocked.status, 429);
    assert_eq!(blocked.problem().code, ErrorCode::TooManyRequests);
    let wait: u32 = blocked
        .header("retry-after")
        .expect("when")
        .parse()
        .expect("seconds");
    assert!((1..=600).contains(&wait), "{wait}");
    assert_eq!(
        from("192.0.2.1", PASSWORD).await.status,
        200,
        "where she is known"
    );
}

#[tokio::test]
async fn a_reset_link_sets_a_password_once_and_ends_every_session() {
    let server = server().await;
    let olivia = owner(&server, "olivia").await;
    let mia = member(&server, &olivia, "mia").await;
    let link: NewLink = olivia
        .post("/web/admin/people/mia/reset", json!({}))
        .await
        .json();
    assert!(link.qr.reveal().starts_with("data:image/svg+xml;base64,"));
    let reset = async |password: &str| {
        let body = json!({ "token": token(&link.url), "password": password });
        post(&server.origin(), "/web/reset", &[], body.to_string()).await
    };
    assert_eq!(
        reset("short").await.problem().code,
        ErrorCode::PasswordTooShort
    );
    let new = TestUser::from(&server.origin(), &reset("another trombone").await);
    assert_eq!(new.session.username.as_str(), "mia");
    assert_eq!(mia.get("/web/session").await.status, 401);
    assert_eq!(log_in(&server, "mia", PASSWORD).await.status, 401);
    assert_eq!(log_in(&server, "mia", "another trombone").await.status, 200);
    assert_eq!(
        reset("a third trombone").await.problem().code,
        ErrorCode::InvalidLink
    );
    let body = json!({ "token": token(&link.url) }).to_string();
    let look = post(&server.origin(), "/web/links", &[], body).await;
    assert_eq!(look.problem().code, ErrorCode::InvalidLink);
}

#[tokio::test]
async fn a_link_is_good_for_nothing_but_its_purpose() {
    let server = server().await;
    let olivia = owner(&server, "olivia").await;
    member(&server, &olivia, "mia").await;
    let invitation = token(&invite(&olivia, 1).await.url);
    let body = json!({ "token": invitation, "password": "another trombone" });
    let answer = post(&server.origin(), "/web/reset", &[], body.to_string()).await;
    assert_eq!(answer.problem().code, ErrorCode::InvalidLink);
    let reset: NewLink = olivia
        .post("/web/admin/people/mia/reset", json!({}))
        .await
        .json();
    let answer = join(&server, Some(&token(&reset.url)), "zoe", PASSWORD).await;
    assert_eq!(answer.problem().code, ErrorCode::InvalidLink);
}

#[tokio::test]
async fn a_recovery_code_lets_its_owner_in_once() {
    let server = server().await;
    let olivia = owner(&server, "olivia").await;
    let made: RecoveryCodes = olivia
        .post("/web/account/recovery-codes", json!({}))
        .await
        .json();
    assert_eq!(made.codes.len(), 10);
    let recover = async |name: &str, code: &str| {
        let body = json!({ "username": name, "code": code, "newPassword": "another trombone" });
        post(
            &server.origin(),
            "/web/login/recovery",
            &[],
            body.to_string(),
        )
        .await
    };
    let code = made.codes[0].reveal();
    let wrong = recover("olivia", "0000-0000-0000-0000-0000-0000").await;
    let unknown = recover("nobody", code).await;
    assert_eq!(
        (wrong.status, wrong.text()),
        (unknown.status, unknown.text())
    );
    let typed = code.to_uppercase().replace('-', " ");
    TestUser::from(&server.origin(), &recover("olivia", &typed).await);
    assert_eq!(recover("olivia", code).await.status, 401, "used up");
    assert_eq!(olivia.get("/web/session").await.status, 401);
    let again = log_in(&server, "olivia", "another trombone").await;
    let olivia = TestUser::from(&server.origin(), &again);
    let account: Account = olivia.get_json("/web/account").await;
    assert_eq!(account.recovery_codes, 9);
    let anew: RecoveryCodes = olivia
        .post("/web/account/recovery-codes", json!({}))
        .await
        .json();
    assert_eq!(anew.codes.len(), 10);
    let old = made.codes[1].reveal();
    assert_eq!(recover("olivia", old).await.status, 401, "replaced");
}

#[tokio::test]
async fn a_password_is_changed_by_who_knows_it_and_ends_the_other_sessions() {
    let server = server().await;
    let here = owner(&server, "olivia").await;
    let elsewhere = log_in_again(&server, "olivia").await;
    let change = async |current: &str, new: &str| {
        let body = json!({ "current": current, "new": new });
        here.post("/web/account/password", body).await
    };
    let wrong = change("a guess", "another trombone").await.problem();
    assert_eq!(wrong.code, ErrorCode::InvalidCredentials);
    assert_eq!(wrong.field.as_deref(), Some("current"));
    let weak = change(PASSWORD, "12345678").await.problem();
    assert_eq!(weak.field.as_deref(), Some("new"));
    assert_eq!(elsewhere.get("/web/session").await.status, 200);
    assert_eq!(change(PASSWORD, "another trombone").await.status, 204);
    assert_eq!(here.get("/web/session").await.status, 200);
    assert_eq!(elsewhere.get("/web/session").await.status, 401);
    assert_eq!(log_in(&server, "olivia", PASSWORD).await.status, 401);
}

#[tokio::test]
async fn a_name_that_looks_like_somebody_elses_is_refused() {
    let server = server().await;
    let olivia = owner(&server, "olivia").await;
    let mia = member(&server, &olivia, "mia").await;
    let rename = async |name: &str| {
        let body = json!({ "displayName": name });
        mia.send("PATCH", "/web/account", body).await
    };
    let renamed: Account = rename(" Mia Möller ").await.json();
    assert_eq!(renamed.display_name, "Mia Möller");
    for twin in ["Olivia", "OLIVIA", "Оlivia", "Ｏｌｉｖｉａ", "o l i v i a"] {
        let answer = rename(twin).await;
        assert_eq!(answer.status, 409, "{twin}");
        assert_eq!(answer.problem().code, ErrorCode::DisplayNameTaken);
    }
    for hidden in ["", "  ", "a\u{202e}b", "a\u{0}b", &"x".repeat(81)] {
        assert_eq!(rename(hidden).await.status, 422, "{hidden:?}");
    }
    assert_eq!(rename("Mia").await.status, 200, "her own name");
}

#[tokio::test]
async fn whoever_deactivates_their_account_is_out_at_once_and_cannot_come_back() {
    let server = server().await;
    let olivia = owner(&server, "olivia").await;
    let mia = member(&server, &olivia, "mia").await;
    assert_eq!(
        mia.post("/web/account/deactivate", json!({})).await.status,
        204
    );
    assert_eq!(mia.get("/web/session").await.status, 401);
    let refused = log_in(&server, "mia", PASSWORD).await;
    let unknown = log_in(&server, "nobody", PASSWORD).await;
    assert_eq!(
        (refused.status, refused.text()),
        (unknown.status, unknown.text())
    );
    let users: Vec<User> = olivia.get_json("/web/users").await;
    assert!(users.is_empty(), "{users:?}");
    let last = olivia.post("/web/account/deactivate", json!({})).await;
    assert_eq!(last.problem().code, ErrorCode::LastOwner);
    assert_eq!(olivia.get("/web/session").await.status, 200);
}

#[tokio::test]
async fn everybody_sees_at_once_who_joins_who_is_renamed_and_who_leaves() {
    let server = server().await;
    let olivia = owner(&server, "olivia").await;
    let socket = olivia.connect().await;
    let mia = member(&server, &olivia, "mia").await;
    let joined = socket.user_changed().await;
    assert_eq!((joined.username.as_str(), joined.active), ("mia", true));
    let body = json!({ "displayName": "Mia M." });
    mia.send("PATCH", "/web/account", body).await;
    assert_eq!(socket.user_changed().await.display_name, "Mia M.");
    mia.post("/web/account/deactivate", json!({})).await;
    assert!(!socket.user_changed().await.active);
}

#[tokio::test]
async fn where_people_sign_in_by_name_there_are_no_passwords() {
    let server = TestServer::start().await;
    let alice = server.sign_in("alice").await;
    for path in [
        "/web/join",
        "/web/reset",
        "/web/login/recovery",
        "/web/account/password",
    ] {
        assert_eq!(alice.post(path, json!({})).await.status, 404, "{path}");
    }
    assert_eq!(alice.get("/web/admin/people").await.status, 404);
}

#[tokio::test]
async fn a_session_that_was_begun_by_a_name_ends_when_people_have_accounts() {
    let server = TestServer::start().await;
    let alice = server.sign_in("alice").await;
    let (database, mut config, data) = server.stop().await;
    config.sign_in = natter_server::config::SignIn::Account;
    let server = TestServer::start_on(database, config, data).await;
    assert_eq!(alice.get("/web/session").await.status, 401);
    owner(&server, "olivia").await;
}
