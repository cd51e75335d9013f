use std::time::Duration;

use serde_json::{Value, json};
use socketio_client::{
    AckError, AuthError, Client, ConnectionEvent, DisconnectReason, EmitError, Namespace, State,
};

use crate::echo_server::TOKEN;
use crate::support::{Inbox, Observed, Server};

#[tokio::test]
async fn connects_and_knows_its_id() {
    let server = Server::start().await;
    let mut observed = Observed::new(server.client("/").build());
    assert_eq!(observed.client.state(), State::Disconnected);
    assert_eq!(observed.client.id(), None);

    observed.client.connect();
    assert_eq!(observed.client.state(), State::Connecting);
    let id = observed.wait_until_connected().await;
    assert_eq!(observed.client.state(), State::Connected);
    assert_eq!(observed.client.id(), Some(id));
}

#[tokio::test]
async fn connects_with_what_the_server_wants_to_see() {
    let server = Server::start().await;
    let auth = || async { Ok(json!({ "token": TOKEN })) };
    let observed =
        Observed::connected(server.client(Namespace::new("/guarded").auth(auth)).build()).await;
    let answer: Value = observed.client.emit_with_ack("auth", &()).await.unwrap();
    assert_eq!(answer, json!({ "token": TOKEN }));
}

#[tokio::test]
async fn a_refusal_is_told_once_and_not_tried_again_until_asked() {
    let server = Server::start().await;
    let auth = || async { Ok(json!({ "token": "guess" })) };
    let mut observed = Observed::new(server.client(Namespace::new("/guarded").auth(auth)).build());
    for _ in 0..2 {
        observed.client.connect();
        let ConnectionEvent::ConnectError {
            message, refused, ..
        } = observed.changes.next().await
        else {
            panic!("not refused");
        };
        assert_eq!((message.as_str(), refused), ("unauthorized", true));
        assert_eq!(observed.client.state(), State::Disconnected);
    }
    assert!(observed.changes.is_empty());
}

#[tokio::test]
async fn connecting_twice_opens_one_connection() {
    let server = Server::start().await;
    let client = server.client("/").build();
    let mut welcomes = Inbox::of(&client, "welcome");
    let mut observed = Observed::new(client);
    observed.client.connect();
    observed.client.connect();
    observed.wait_until_connected().await;
    observed.client.connect();
    let _echo: Value = observed.client.emit_with_ack("echo", &1).await.unwrap();
    welcomes.next().await;
    assert!(welcomes.is_empty());
    assert!(observed.changes.is_empty());
}

#[tokio::test]
async fn disconnecting_ends_it_and_connecting_begins_anew() {
    let server = Server::start().await;
    let mut observed = server.connected().await;
    let first = observed.client.id();
    observed.client.disconnect();
    assert_eq!(observed.client.state(), State::Disconnected);
    assert_eq!(
        observed.client.emit("echo", &1),
        Err(EmitError::NotConnected)
    );
    let reason = DisconnectReason::Client;
    assert_eq!(
        observed.changes.next().await,
        ConnectionEvent::Disconnected { reason }
    );

    observed.client.connect();
    let second = observed.wait_until_connected().await;
    assert_ne!(first, Some(second));
}

#[tokio::test]
async fn what_the_server_ends_is_not_begun_again() {
    let server = Server::start().await;
    let mut observed = server.connected().await;
    observed.client.emit("dismiss", &()).unwrap();
    let reason = DisconnectReason::Server;
    assert_eq!(
        observed.changes.next().await,
        ConnectionEvent::Disconnected { reason }
    );
    assert_eq!(observed.client.state(), State::Disconnected);
}

#[tokio::test]
async fn a_connection_outlives_many_heartbeats() {
    let server = Server::start().await;
    // Longer than the server waits for a pong and the client for a ping.
    let client = server
        .client(Namespace::new("/").ack_timeout(Duration::from_secs(4)))
        .build();
    let mut observed = Observed::connected(client).await;
    let silence = observed.client.emit_with_ack::<Value>("silence", &()).await;
    assert_eq!(silence, Err(AckError::TimedOut));
    assert_eq!(observed.client.state(), State::Connected);
    assert!(observed.changes.is_empty());
}

#[tokio::test]
async fn the_last_handle_takes_the_connection_with_it() {
    let server = Server::start().await;
    let witness = server.connected().await;
    let mut gone = Inbox::of(&witness.client, "gone");
    let leaving = server.connected().await;
    let id = leaving.client.id().unwrap();
    let clone = leaving.client.clone();
    drop(leaving);
    let _echo: Value = clone.emit_with_ack("echo", &1).await.unwrap();
    assert!(gone.is_empty());
    drop(clone);
    assert_eq!(gone.next().await, json!(id));
}

#[tokio::test]
async fn an_http_refusal_is_told_with_its_status() {
    let server = Server::start().await;
    let mut observed = Observed::new(server.client("/").path("/elsewhere/").build());
    observed.client.connect();
    let ConnectionEvent::ConnectError {
        message, refused, ..
    } = observed.changes.next().await
    else {
        panic!("no error");
    };
    assert_eq!(
        (message.as_str(), refused),
        ("The server answered 404.", false)
    );
}

#[tokio::test]
async fn a_wrong_address_or_header_is_told_and_not_tried_again() {
    let server = Server::start().await;
    for client in [
        Client::builder("localhost", "/").build(),
        Client::builder("http://", "/").build(),
        server.client("/").header("Cookie", "a\nb").build(),
    ] {
        let mut observed = Observed::new(client);
        observed.client.connect();
        let event = observed.changes.next().await;
        assert!(
            matches!(event, ConnectionEvent::ConnectError { refused: false, .. }),
            "{event:?}"
        );
        assert_eq!(observed.client.state(), State::Disconnected);
        assert!(observed.changes.is_empty());
    }
}

#[tokio::test]
async fn an_authentication_that_is_over_is_not_tried_again() {
    let server = Server::start().await;
    let auth = || async { Err::<(), _>(AuthError::stop("signed out")) };
    let mut observed = Observed::new(server.client(Namespace::new("/guarded").auth(auth)).build());
    observed.client.connect();
    let message = "signed out".to_owned();
    let error = ConnectionEvent::ConnectError {
        message,
        data: None,
        refused: false,
    };
    assert_eq!(observed.changes.next().await, error);
    assert_eq!(observed.client.state(), State::Disconnected);
}

#[test]
fn connecting_outside_a_runtime_is_told_and_no_panic() {
    let (sender, receiver) = std::sync::mpsc::channel();
    let client = Client::builder("http://127.0.0.1:1", "/").build();
    client
        .on_connection(move |event| sender.send(event).unwrap())
        .forget();
    client.connect();
    assert!(matches!(
        receiver.try_recv(),
        Ok(ConnectionEvent::ConnectError { .. })
    ));
    assert_eq!(client.state(), State::Disconnected);
}
