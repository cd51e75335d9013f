//! Who may open a socket.

use std::time::Duration;

use protocol::{NAMESPACE, events::ServerEvent};
use serde_json::json;
use socketio_client::ConnectionEvent;

use crate::{
    polling::Polling,
    support::{TestServer, TestSocket, get},
};

async fn connections(server: &TestServer, number: usize) {
    while server.server.connections() != number {
        tokio::task::yield_now().await;
    }
}

async fn refusal(socket: &TestSocket) -> String {
    match socket.connection().await {
        ConnectionEvent::ConnectError {
            message,
            refused: true,
            ..
        } => message,
        other => panic!("no refusal: {other:?}"),
    }
}

#[tokio::test]
async fn a_socket_token_opens_a_socket_and_nothing_else_does() {
    let server = TestServer::start().await;
    let alice = server.sign_in("alice").await;
    alice.connect().await;
    let session_token = alice.cookie.trim_start_matches("chatToken=");
    for token in [json!(session_token), json!("forged"), json!(""), json!(7)] {
        let socket = TestSocket::open(&alice, json!({ "token": token }), true);
        assert_eq!(refusal(&socket).await, "unauthorized", "{token}");
    }
    let without = TestSocket::open(&alice, json!({}), true);
    assert_eq!(refusal(&without).await, "unauthorized");
}

#[tokio::test]
async fn a_token_whose_session_is_over_is_refused_as_expired() {
    let server =
        TestServer::start_with(|config| config.session_length = Duration::from_secs(1)).await;
    let alice = server.sign_in("alice").await;
    let socket = alice.connect().await;
    let sentence = socket
        .next(|event| match event {
            ServerEvent::TokenExpired(ended) => Some(ended.response),
            _ => None,
        })
        .await;
    assert!(sentence.contains("Sign in again"), "{sentence}");
    assert!(matches!(
        socket.connection().await,
        ConnectionEvent::Disconnected { .. }
    ));
    let again = TestSocket::open(&alice, json!({ "token": alice.token }), true);
    assert_eq!(refusal(&again).await, "token-expired");
}

#[tokio::test]
async fn a_token_in_the_address_that_is_none_is_not_made_good_by_a_cookie() {
    let server = TestServer::start().await;
    let alice = server.sign_in("alice").await;
    let answer = async |query: &str| {
        let own_page = [
            ("cookie", alice.cookie.as_str()),
            ("sec-fetch-site", "same-origin"),
        ];
        let polling = Polling::open(&alice.origin, query, &own_page).await;
        polling.send(&format!("40{NAMESPACE},{{}}")).await;
        polling.read_until(NAMESPACE).await
    };
    let token = &alice.token;
    assert!(answer("").await.contains("40/chat"), "the cookie is good");
    assert!(answer(&format!("&token={token}")).await.contains("40/chat"));
    for query in [
        "&token=".to_owned(),
        "&token=forged".to_owned(),
        format!("&token={token}&token={token}"),
        format!("&token=forged&token={token}"),
        format!("&token={token}{}", "A".repeat(5_000)),
    ] {
        let refused = answer(&query).await;
        assert!(refused.contains("44/chat"), "{query}: {refused}");
        assert!(refused.contains("unauthorized"), "{query}: {refused}");
    }
}

#[tokio::test]
async fn a_server_stops_at_once_though_somebody_waits_who_was_refused() {
    let server = TestServer::start().await;
    let stranger = Polling::open(&server.origin(), "", &[]).await;
    stranger.send(&format!("40{NAMESPACE},{{}}")).await;
    stranger.read_until("44/chat").await;
    connections(&server, 0).await;
    let waits = tokio::spawn(async move { stranger.read().await });
    connections(&server, 1).await;
    // When a later request is answered, that one is being waited for.
    get(&server.origin(), "/health", &[]).await;

    let stopped = tokio::time::timeout(Duration::from_secs(4), server.stop());
    stopped.await.expect("the server stops at once");
    assert_eq!(
        waits.await.expect("an answer"),
        "1",
        "the connection is closed"
    );
}
