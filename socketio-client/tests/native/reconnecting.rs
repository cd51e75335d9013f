use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::{Value, json};
use socketio_client::{ConnectionEvent, Namespace, Reconnection, State};

use crate::server::Server;
use crate::support::{AN_HOUR, LOST, Observed, TOKEN, patient};

#[tokio::test]
async fn a_server_that_goes_away_and_returns_is_found_again_with_a_fresh_token() {
    let server = Server::start().await;
    let asked = Arc::new(AtomicU32::new(0));
    let counter = Arc::clone(&asked);
    let auth = move || {
        let number = counter.fetch_add(1, Ordering::Relaxed);
        async move { Ok(json!({ "token": TOKEN, "number": number })) }
    };
    let mut observed =
        Observed::connected(server.client(Namespace::new("/guarded").auth(auth)).build()).await;
    let first = observed
        .client
        .emit_with_ack::<Value>("auth", &())
        .await
        .unwrap();
    assert_eq!(first["number"], 0);

    let address = server.vanish();
    assert_eq!(observed.changes.next().await, LOST);
    assert!(matches!(
        observed.changes.next().await,
        ConnectionEvent::Waiting { attempt: 1, .. }
    ));
    // Nobody is there at first.
    let failed = |event: &ConnectionEvent| {
        matches!(event, ConnectionEvent::ConnectError { refused: false, .. })
    };
    observed.changes.find(failed).await;

    let _server = Server::start_at(address).await;
    observed.wait_until_connected().await;
    let second = observed
        .client
        .emit_with_ack::<Value>("auth", &())
        .await
        .unwrap();
    assert!(second["number"].as_u64() > Some(0));
    assert_eq!(second["number"], asked.load(Ordering::Relaxed) - 1);
}

#[tokio::test]
async fn a_server_that_is_not_there_yet_is_found_when_it_comes() {
    let address = Server::start().await.vanish();
    let client = socketio_client::Client::builder(format!("http://{address}"), "/");
    let mut observed = Observed::new(client.reconnection(crate::support::soon()).build());
    observed.client.connect();
    observed
        .changes
        .find(|event| matches!(event, ConnectionEvent::Waiting { attempt: 2, .. }))
        .await;
    let _server = Server::start_at(address).await;
    observed.wait_until_connected().await;
}

#[tokio::test]
async fn a_delay_can_be_skipped() {
    let server = Server::start().await;
    let mut observed =
        Observed::connected(server.client("/").reconnection(patient()).build()).await;
    let address = server.vanish();
    assert_eq!(observed.changes.next().await, LOST);
    let waiting = ConnectionEvent::Waiting {
        attempt: 1,
        delay: AN_HOUR,
    };
    assert_eq!(observed.changes.next().await, waiting);
    assert_eq!(
        observed.client.state(),
        State::Waiting {
            attempt: 1,
            delay: AN_HOUR
        }
    );

    let _server = Server::start_at(address).await;
    observed.client.reconnect_now();
    observed.wait_until_connected().await;
}

#[tokio::test]
async fn reconnection_can_be_turned_off() {
    let server = Server::start().await;
    let mut observed = Observed::connected(
        server
            .client("/")
            .reconnection(Reconnection::never())
            .build(),
    )
    .await;
    server.vanish();
    assert_eq!(observed.changes.next().await, LOST);
    assert_eq!(observed.client.state(), State::Disconnected);
    assert!(observed.changes.is_empty());
}
