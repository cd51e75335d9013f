//! The same story by every way to the server.

use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::Request;
use axum::http::{StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::IntoResponse;
use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;
use serde_json::{Value, json};
use socketio_client::{Builder, Client, ConnectionEvent, State, TransportChoice};
use tokio::net::TcpListener;
use tokio::time::timeout;

use crate::echo_server;
use crate::support::{Inbox, Observed, Server, in_time, soon};

const ALL: [TransportChoice; 4] = [
    TransportChoice::PollingThenWebSocket,
    TransportChoice::PollingOnly,
    TransportChoice::WebSocketOnly,
    TransportChoice::WebSocketThenPolling,
];

fn client(server: &Server, transports: TransportChoice) -> Builder {
    server.client("/").transports(transports)
}

/// What becomes of a WebSocket on its way to the server.
#[derive(Clone, Copy)]
enum Obstacle {
    Refused,
    NeverAnswered,
}

/// A server behind something that lets no WebSocket through.
async fn without_websockets(obstacle: Obstacle) -> String {
    let stop = move |request: Request, next: Next| async move {
        if !request.headers().contains_key(header::UPGRADE) {
            return next.run(request).await;
        }
        match obstacle {
            Obstacle::Refused => StatusCode::BAD_REQUEST.into_response(),
            Obstacle::NeverAnswered => std::future::pending().await,
        }
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    let router: Router = echo_server::router().layer(middleware::from_fn(stop));
    tokio::spawn(async move { axum::serve(listener, router).await });
    origin
}

/// Sends numbers, and gets each of them back once and in order.
async fn many_echoes(client: &Client, numbers: std::ops::Range<u32>) {
    let mut echoed = Inbox::of(client, "echoed");
    // From then on the socket is ready.
    client.emit("echo-event", &json!("first")).unwrap();
    assert_eq!(echoed.next().await, json!("first"));
    for number in numbers.clone() {
        client.emit("echo-in-order", &number).unwrap();
        if number % 7 == 0 {
            tokio::task::yield_now().await;
        }
    }
    for number in numbers {
        assert_eq!(echoed.next().await, json!(number));
    }
}

#[tokio::test]
async fn events_and_acknowledgements_go_both_ways_in_order() {
    let server = Server::start().await;
    for transports in ALL {
        let observed = Observed::connected(client(&server, transports).build()).await;
        many_echoes(&observed.client, 0..200).await;
        let answer = observed
            .client
            .emit_with_ack::<Value>("echo", &json!("there"));
        assert_eq!(in_time(answer).await, Ok(json!("there")), "{transports:?}");
        let _question = observed
            .client
            .on_with_ack("question", |question: Value, ack| {
                ack.unwrap().send(&json!([question, "back"])).unwrap();
            });
        let mut answered = Inbox::of(&observed.client, "answered");
        observed.client.emit("ask-me", &json!("who")).unwrap();
        assert_eq!(
            answered.next().await["answer"],
            json!(["who", "back"]),
            "{transports:?}"
        );
    }
}

#[tokio::test]
async fn a_heartbeat_keeps_every_kind_of_line_alive() {
    let server = Server::start().await;
    let mut lines = Vec::new();
    for transports in ALL {
        lines.push(Observed::connected(client(&server, transports).build()).await);
    }
    // Longer than the server waits for a pong, and the client for a ping.
    let enough =
        echo_server::PING_INTERVAL + echo_server::PING_TIMEOUT + Duration::from_millis(300);
    let started = Instant::now();
    while started.elapsed() < enough {
        let answer = lines[0].client.emit_with_ack::<Value>("silence", &());
        let _timed_out = timeout(Duration::from_millis(100), answer).await;
    }
    for (line, transports) in lines.iter_mut().zip(ALL) {
        assert_eq!(line.client.state(), State::Connected, "{transports:?}");
        assert!(line.changes.is_empty(), "{transports:?}");
        many_echoes(&line.client, 0..3).await;
    }
}

#[tokio::test]
async fn bytes_go_both_ways_as_attachments() {
    #[derive(Serialize)]
    struct Part {
        name: &'static str,
        content: ByteBuf,
    }
    #[derive(Debug, PartialEq, Deserialize)]
    struct Echoed {
        content: ByteBuf,
    }
    let bytes: Vec<u8> = (0..=255).collect();
    let server = Server::start().await;
    for transports in ALL {
        let observed = Observed::connected(client(&server, transports).build()).await;
        let part = Part {
            name: "a",
            content: ByteBuf::from(bytes.clone()),
        };
        let answer = observed.client.emit_with_ack::<Part2>("echo-bytes", &part);
        let answer = in_time(answer).await.unwrap();
        assert_eq!(
            (answer.name.as_str(), &answer.content),
            ("a", &bytes),
            "{transports:?}"
        );
        let (sender, mut received) = tokio::sync::mpsc::unbounded_channel();
        let _bytes = observed
            .client
            .on("bytes", move |echoed: Echoed| sender.send(echoed).unwrap());
        observed
            .client
            .emit("bytes-please", &vec![1, 2, 3])
            .unwrap();
        let echoed = in_time(received.recv()).await.unwrap();
        assert_eq!(echoed.content.as_ref(), [1, 2, 3], "{transports:?}");
    }
}

/// What comes back, read as a plain vector.
#[derive(Deserialize)]
struct Part2 {
    name: String,
    content: Vec<u8>,
}

#[tokio::test]
async fn where_no_websocket_gets_through_polling_does() {
    let origin = without_websockets(Obstacle::Refused).await;
    for transports in [
        TransportChoice::WebSocketThenPolling,
        TransportChoice::PollingThenWebSocket,
    ] {
        let builder = Client::builder(&origin, "/").reconnection(soon());
        let mut observed = Observed::connected(builder.transports(transports).build()).await;
        many_echoes(&observed.client, 0..20).await;
        assert!(observed.changes.is_empty(), "{transports:?}");
    }
    let builder = Client::builder(&origin, "/").reconnection(soon());
    let only = builder.transports(TransportChoice::WebSocketOnly).build();
    let mut observed = Observed::new(only);
    observed.client.connect();
    let refused = |event: &ConnectionEvent| matches!(event, ConnectionEvent::ConnectError { message, .. } if message.contains("400"));
    observed.changes.find(refused).await;
}

#[tokio::test]
async fn a_websocket_that_is_never_answered_is_not_tried_first_again() {
    let origin = without_websockets(Obstacle::NeverAnswered).await;
    let client = Client::builder(&origin, "/")
        .reconnection(soon())
        .connect_timeout(Duration::from_millis(500))
        .build();
    let observed = Observed::connected(client).await;
    many_echoes(&observed.client, 0..5).await;
}

#[tokio::test]
async fn every_kind_of_line_is_opened_again_after_it_broke() {
    for transports in ALL {
        let server = Server::start().await;
        let mut observed = Observed::connected(client(&server, transports).build()).await;
        many_echoes(&observed.client, 0..3).await;
        let address = server.vanish();
        let lost = |event: &ConnectionEvent| matches!(event, ConnectionEvent::Disconnected { .. });
        observed.changes.find(lost).await;
        let _server = Server::start_at(address).await;
        observed.wait_until_connected().await;
        many_echoes(&observed.client, 3..6).await;
    }
}

#[tokio::test]
async fn disconnecting_is_heard_by_the_server_whatever_the_line() {
    let server = Server::start().await;
    let witness = server.connected().await;
    let mut gone = Inbox::of(&witness.client, "gone");
    for transports in ALL {
        let observed = Observed::connected(client(&server, transports).build()).await;
        many_echoes(&observed.client, 0..3).await;
        let id = observed.client.id().unwrap();
        observed.client.disconnect();
        assert_eq!(gone.next().await, json!(id), "{transports:?}");
    }
}
