//! The same story by every way to the server.

use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::Request;
use axum::http::{Method, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::IntoResponse;
use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;
use serde_json::{Value, json};
use socketio_client::{Builder, Client, ConnectionEvent, Reconnection, State, TransportChoice};
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

/// What stands between a client and its server.
#[derive(Clone, Copy)]
enum Obstacle {
    WebSocketRefused,
    WebSocketNeverAnswered,
    /// Of what is sent by polling, only the question for the namespace gets through.
    SecondPostNeverAnswered,
}

/// The origin of a server behind an obstacle.
async fn behind(obstacle: Obstacle) -> String {
    let posts = Arc::new(AtomicU32::new(0));
    let stop = move |request: Request, next: Next| {
        let is_upgrade = request.headers().contains_key(header::UPGRADE);
        let is_post = request.method() == Method::POST;
        let count = posts.fetch_add(u32::from(is_post), Ordering::Relaxed);
        async move {
            match obstacle {
                Obstacle::WebSocketRefused if is_upgrade => StatusCode::BAD_REQUEST.into_response(),
                Obstacle::WebSocketNeverAnswered if is_upgrade => pending().await,
                Obstacle::SecondPostNeverAnswered if is_post && count > 0 => pending().await,
                _ => next.run(request).await,
            }
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
    let origin = behind(Obstacle::WebSocketRefused).await;
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
    let origin = behind(Obstacle::WebSocketNeverAnswered).await;
    let client = Client::builder(&origin, "/")
        .reconnection(soon())
        .connect_timeout(Duration::from_millis(500))
        .build();
    let observed = Observed::connected(client).await;
    many_echoes(&observed.client, 0..5).await;
}

#[tokio::test]
async fn one_event_too_many_ends_the_line_and_the_program_hears_of_it_at_once() {
    let origin = behind(Obstacle::SecondPostNeverAnswered).await;
    let client = Client::builder(&origin, "/")
        .reconnection(Reconnection::never())
        .transports(TransportChoice::PollingOnly)
        .build();
    let mut observed = Observed::connected(client).await;
    let bound = socketio_client::session::MAX_OUTGOING_PACKETS;
    let sent = (0..=2 * bound).take_while(|_| observed.client.emit("echo", &()).is_ok());
    assert!(sent.count() <= bound + 2);
    assert!(!observed.changes.is_empty());
    assert_eq!(observed.client.state(), State::Disconnected);
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
