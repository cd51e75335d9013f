use socketio_client::{Client, ConnectionEvent, State};

use crate::server::Server;
use crate::support::Observed;

#[tokio::test]
async fn an_http_refusal_is_told_with_its_status() {
    let server = Server::start().await;
    let mut observed = Observed::new(server.client("/").path("/elsewhere/").build());
    observed.client.connect();
    let refusal = ("The server answered 404.".to_owned(), false);
    assert_eq!(observed.failure().await, refusal);
}

#[tokio::test]
async fn a_wrong_header_is_told_and_not_tried_again() {
    let server = Server::start().await;
    let client = server.client("/").header("Cookie", "a\nb").build();
    let mut observed = Observed::new(client);
    observed.client.connect();
    observed.failure().await;
    assert_eq!(observed.client.state(), State::Disconnected);
    assert!(observed.changes.is_empty());
}

#[cfg(not(feature = "tls"))]
#[tokio::test]
async fn without_tls_a_secure_origin_is_told_and_not_tried_again() {
    for origin in ["https://127.0.0.1:1", "wss://127.0.0.1:1"] {
        for transports in crate::support::ALL {
            let builder = Client::builder(origin, "/").reconnection(crate::support::soon());
            let mut observed = Observed::new(builder.transports(transports).build());
            observed.client.connect();
            let (message, refused) = observed.failure().await;
            assert!(message.contains("feature `tls`"), "{message}");
            assert!(!refused);
            assert_eq!(observed.client.state(), State::Disconnected);
            assert!(observed.changes.is_empty(), "{transports:?}");
        }
    }
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
