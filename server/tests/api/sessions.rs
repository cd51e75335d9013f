//! Sessions that end before their time, are renewed by use, and outlive a change of keys:
//! `/web/logout`, `/web/sessions`, `/web/confirm`.

use std::time::{Duration, Instant};

use natter_server::data_dir::rotate_secret;
use protocol::{ErrorCode, account::Device};
use serde_json::json;

use crate::{
    people::{PASSWORD, log_in_again, member, owner, server, server_with},
    support::{TestUser, get, private_message},
};

/// How long the last socket may stay open after its session was ended.
const A_SECOND: Duration = Duration::from_secs(1);

async fn devices(user: &TestUser) -> Vec<Device> {
    user.get_json("/web/sessions").await
}

#[tokio::test]
async fn signing_out_ends_the_session_and_each_of_its_sockets() {
    let server = server().await;
    let olivia = owner(&server, "olivia").await;
    let tabs = [olivia.connect().await, olivia.connect().await];
    let answer = olivia.post("/web/logout", json!({})).await;
    assert_eq!(answer.status, 204);
    let cookie = answer.header("set-cookie").expect("a cookie that goes");
    assert!(
        cookie.starts_with("chatToken=;") && cookie.contains("Max-Age=0"),
        "{cookie}"
    );
    for tab in &tabs {
        assert!(tab.ended().await.response.contains("Sign in again"));
    }
    assert_eq!(olivia.get("/web/session").await.status, 401);
}

#[tokio::test]
async fn the_devices_say_where_one_is_signed_in_and_each_can_be_ended() {
    let server = server().await;
    let here = owner(&server, "olivia").await;
    let elsewhere = log_in_again(&server, "olivia").await;
    let socket = elsewhere.connect().await;
    let listed = devices(&here).await;
    assert_eq!(listed.len(), 2);
    assert!(
        listed
            .iter()
            .all(|device| device.address.as_deref() == Some("127.0.0.1"))
    );
    let other = listed
        .iter()
        .find(|device| !device.current)
        .expect("the other");
    let path = format!("/web/sessions/{}", other.id);
    assert_eq!(here.send("DELETE", &path, json!({})).await.status, 204);
    socket.ended().await;
    assert_eq!(elsewhere.get("/web/session").await.status, 401);
    assert_eq!(devices(&here).await.len(), 1);
    assert_eq!(here.send("DELETE", &path, json!({})).await.status, 404);
}

#[tokio::test]
async fn nobody_ends_or_sees_the_sessions_of_somebody_else() {
    let server = server().await;
    let olivia = owner(&server, "olivia").await;
    let mia = member(&server, &olivia, "mia").await;
    let id = devices(&olivia).await[0].id.clone();
    assert!(devices(&mia).await.iter().all(|device| device.id != id));
    let theirs = mia
        .send("DELETE", &format!("/web/sessions/{id}"), json!({}))
        .await;
    let none = mia.send("DELETE", "/web/sessions/nothing", json!({})).await;
    assert_eq!((theirs.status, theirs.text()), (404, none.text()));
    assert_eq!(olivia.get("/web/session").await.status, 200);
}

#[tokio::test]
async fn ending_the_others_leaves_the_one_that_asks() {
    let server = server().await;
    let here = owner(&server, "olivia").await;
    let own = here.connect().await;
    let mut others = Vec::new();
    for _ in 0..40 {
        others.push(log_in_again(&server, "olivia").await.connect().await);
    }
    let started = Instant::now();
    let answer = here.post("/web/sessions/end-others", json!({})).await;
    assert_eq!(answer.status, 204);
    for other in &others {
        other.ended().await;
    }
    let took = started.elapsed();
    println!(
        "from asking to the last of forty sockets closed: {} ms",
        took.as_millis()
    );
    assert!(took < A_SECOND, "{took:?}");
    let own = own.ask(&private_message("olivia", "to myself")).await;
    assert_eq!(
        own.expect_err("to oneself").code,
        ErrorCode::ReceiverIsSender
    );
    assert_eq!(here.get("/web/session").await.status, 200);
}

#[tokio::test]
async fn an_event_of_an_ended_session_is_carried_out_no_more() {
    let server = server().await;
    let olivia = owner(&server, "olivia").await;
    let mia = member(&server, &olivia, "mia").await;
    let socket = mia.connect().await;
    socket.write("olivia", "before").await;
    mia.post("/web/logout", json!({})).await;
    socket.ended().await;
    let refused = socket
        .client
        .emit_with_ack("privateMessage", &private_message("olivia", "after"));
    let answered: Result<serde_json::Value, _> = refused.await;
    assert!(answered.is_err(), "{answered:?}");
    let conversations = olivia.conversations().await;
    let last = conversations[0].last_message.as_ref().expect("a message");
    assert_eq!(last.text, "before");
}

#[tokio::test]
async fn neither_token_of_an_ended_session_opens_a_socket() {
    let server = server().await;
    let olivia = owner(&server, "olivia").await;
    olivia.connect().await;
    olivia.post("/web/logout", json!({})).await;
    let socket = crate::support::TestSocket::open(&olivia, json!({ "token": olivia.token }), true);
    let refused = socket.connection().await;
    assert!(
        format!("{refused:?}").contains("unauthorized"),
        "{refused:?}"
    );
}

#[tokio::test]
async fn a_session_is_renewed_by_use_and_has_an_end_all_the_same() {
    let server = server_with(|config| {
        config.session_length = Duration::from_secs(2);
        config.session_longest = Duration::from_secs(5);
    })
    .await;
    let mut olivia = owner(&server, "olivia").await;
    let socket = olivia.connect().await;
    let started = Instant::now();
    // Used again and again it outlives the two seconds, and no use takes it beyond the five.
    loop {
        let answer = olivia.get("/web/session").await;
        if answer.status == 401 {
            break;
        }
        if let Some(cookie) = answer.header("set-cookie") {
            olivia.cookie = cookie.split(';').next().expect("a cookie").to_owned();
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let lasted = started.elapsed();
    assert!(
        lasted > Duration::from_secs(4) && lasted < Duration::from_secs(7),
        "{lasted:?}"
    );
    socket.ended().await;
}

#[tokio::test]
async fn a_socket_lives_as_long_as_its_session_is_renewed() {
    let server = server_with(|config| config.session_length = Duration::from_secs(2)).await;
    let olivia = owner(&server, "olivia").await;
    let mia = member(&server, &olivia, "mia").await;
    let socket = mia.connect().await;
    let started = Instant::now();
    let mut cookie = mia.cookie.clone();
    while started.elapsed() < Duration::from_secs(4) {
        let answer = get(&server.origin(), "/web/session", &[("cookie", &cookie)]).await;
        assert_eq!(answer.status, 200);
        if let Some(fresh) = answer.header("set-cookie") {
            cookie = fresh.split(';').next().expect("a cookie").to_owned();
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    socket.write("olivia", "still here").await;
    // And no longer than that.
    socket.ended().await;
}

#[tokio::test]
async fn new_keys_sign_nobody_out_and_old_ones_are_forgotten_in_time() {
    let server = server().await;
    let olivia = owner(&server, "olivia").await;
    rotate_secret(server.data(), Duration::from_secs(3_600)).expect("a new key");
    let server = server.restart().await;
    assert_eq!(olivia.get("/web/session").await.status, 200);
    let later = log_in_again(&server, "olivia").await;
    assert_ne!(
        header(&later.cookie),
        header(&olivia.cookie),
        "another key has signed"
    );
    // The first key is left out from now on, and what it has signed counts no more.
    let file = natter_server::data_dir::secret_file(server.data());
    let text = std::fs::read_to_string(&file).expect("the keys");
    let newest = text.lines().next().expect("a key").to_owned();
    std::fs::write(&file, newest).expect("written");
    let server = server.restart().await;
    assert_eq!(olivia.get("/web/session").await.status, 401);
    assert_eq!(later.get("/web/session").await.status, 200);
    drop(server);
}

/// The part of a JWT that says which key has signed it.
fn header(cookie: &str) -> &str {
    cookie.split('.').next().expect("a header")
}

#[tokio::test]
async fn a_running_server_takes_new_keys_over() {
    let server = server().await;
    let olivia = owner(&server, "olivia").await;
    rotate_secret(server.data(), Duration::from_secs(3_600)).expect("a new key");
    let taken_over = async {
        loop {
            let later = log_in_again(&server, "olivia").await;
            if header(&later.cookie) != header(&olivia.cookie) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), taken_over)
        .await
        .expect("the new key signs");
    assert_eq!(olivia.get("/web/session").await.status, 200);
}

#[tokio::test]
async fn proving_who_one_is_takes_the_password() {
    let server = server().await;
    let olivia = owner(&server, "olivia").await;
    let confirm = async |password: &str| {
        olivia
            .post("/web/confirm", json!({ "password": password }))
            .await
    };
    assert_eq!(confirm(PASSWORD).await.status, 204);
    let wrong = confirm("a guess").await.problem();
    assert_eq!(wrong.code, ErrorCode::InvalidCredentials);
    assert_eq!(wrong.field.as_deref(), Some("password"));
}

#[tokio::test]
async fn behind_https_a_browser_brings_a_cookie_that_no_other_host_can_set() {
    let server = server_with(|config| {
        config.public_origin = Some("https://chat.example".to_owned());
    })
    .await;
    let token = crate::people::token(server.server.owner_link().expect("a link"));
    let answer = crate::people::join(&server, Some(&token), "olivia", PASSWORD).await;
    let cookies = answer.headers("set-cookie");
    let value = |name: &str| {
        let cookie = cookies.iter().find(|cookie| cookie.starts_with(name));
        let cookie = cookie.expect("a cookie");
        assert!(
            cookie.contains("Secure") && cookie.contains("HttpOnly"),
            "{cookie}"
        );
        cookie.split(';').next().expect("a pair").to_owned()
    };
    let (session, voucher) = (value("chatToken="), value("__Host-natter="));
    let ask = async |cookie: &str, browser: bool| {
        let mut headers = vec![("cookie", cookie)];
        headers.extend(browser.then_some(("sec-fetch-site", "same-origin")));
        get(&server.origin(), "/web/session", &headers).await.status
    };
    assert_eq!(ask(&format!("{session}; {voucher}"), true).await, 200);
    assert_eq!(
        ask(&session, false).await,
        200,
        "a program brings what the contract names"
    );
    assert_eq!(ask(&session, true).await, 401);
    assert_eq!(
        ask(&format!("{session}; __Host-natter=AAAA"), true).await,
        401
    );
    let olivia = TestUser::from(&server.origin(), &answer);
    let later = log_in_again(&server, "olivia").await;
    assert_ne!(later.cookie, olivia.cookie);
    let swapped = format!("{}; {voucher}", later.cookie);
    assert_eq!(
        ask(&swapped, true).await,
        401,
        "it vouches for one token alone"
    );
}

#[tokio::test]
async fn what_is_delicate_asks_for_a_proof_that_is_not_old() {
    let server = server_with(|config| config.confirmed_for = Duration::from_millis(1)).await;
    let olivia = owner(&server, "olivia").await;
    member_by_hand(&server).await;
    for (method, path) in [
        ("POST", "/web/account/recovery-codes"),
        ("POST", "/web/account/deactivate"),
        ("POST", "/web/sessions/end-others"),
        ("DELETE", "/web/sessions/any"),
        ("POST", "/web/admin/invitations"),
        ("PATCH", "/web/admin/people/mia"),
        ("POST", "/web/admin/people/mia/reset"),
        ("POST", "/web/admin/people/mia/sign-out"),
        ("DELETE", "/web/admin/invitations/any"),
        ("PATCH", "/web/admin/settings"),
    ] {
        let refused = olivia.send(method, path, json!({})).await;
        assert_eq!(refused.problem().code, ErrorCode::ConfirmIdentity, "{path}");
    }
}

/// Somebody who was there before, because nobody can be invited without a proof.
async fn member_by_hand(server: &crate::support::TestServer) {
    let database = natter_server::storage::Database::open(server.database_url())
        .await
        .expect("the database");
    let transaction = database.begin().await.expect("a transaction");
    let mia = natter_server::storage::accounts::New::member("mia", "Mia", 0);
    natter_server::storage::accounts::insert(&transaction, mia)
        .await
        .expect("added");
    database.commit(transaction).await.expect("stored");
    database.close().await.expect("closed");
}

#[tokio::test]
async fn sockets_of_one_person_are_bounded() {
    let server = server().await;
    let olivia = owner(&server, "olivia").await;
    let mut sockets = Vec::new();
    for _ in 0..64 {
        sockets.push(olivia.connect().await);
    }
    let one_more =
        crate::support::TestSocket::open(&olivia, json!({ "token": olivia.token }), true);
    let refused = one_more.connection().await;
    assert!(
        format!("{refused:?}").contains("too-many-connections"),
        "{refused:?}"
    );
}
