//! Who may open a socket.

use std::time::Duration;

use protocol::events::ServerEvent;
use serde_json::json;
use socketio_client::ConnectionEvent;

use crate::support::{TestServer, TestSocket};

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
