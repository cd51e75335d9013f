//! Obstacles on the way to the server, and servers that go away.

use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::IntoResponse;
use serde_json::json;
use socketio_client::{Builder, Client, ConnectionEvent, Reconnection, State, TransportChoice};
use tokio::net::TcpListener;

use crate::server::Server;
use crate::support::{ALL, Inbox, Observed, round_trip, soon};

fn client(server: &Server, transports: TransportChoice) -> Builder {
    server.client("/").transports(transports)
}

/// What stands between a client and its server.
#[derive(Clone, Copy)]
enum Obstacle {
    WebSocketRefused,
    WebSocketNeverAnswered,
    /// A load balancer that finds a session by the cookie that it has set, and only by that.
    Sticky,
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
                Obstacle::Sticky => {
                    let begins = !request.uri().query().unwrap_or_default().contains("sid=");
                    let cookie = request.headers().get(header::COOKIE);
                    if !begins && cookie.is_none_or(|cookie| cookie != "server=one") {
                        return StatusCode::BAD_GATEWAY.into_response();
                    }
                    let mut response = next.run(request).await;
                    if begins {
                        let cookie = HeaderValue::from_static("server=one; Path=/; HttpOnly");
                        response.headers_mut().append(header::SET_COOKIE, cookie);
                    }
                    response
                }
                _ => next.run(request).await,
            }
        }
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    let router: Router = echo_server::router().layer(middleware::from_fn(stop));
    tokio::spawn(async move { echo_server::serve(listener, router).await });
    origin
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
        round_trip(&observed.client).await;
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
    round_trip(&observed.client).await;
}

#[tokio::test]
async fn cookies_lead_back_to_the_same_server_if_they_are_kept() {
    let origin = behind(Obstacle::Sticky).await;
    for transports in [
        TransportChoice::PollingOnly,
        TransportChoice::PollingThenWebSocket,
    ] {
        let builder = || {
            Client::builder(&origin, "/")
                .reconnection(Reconnection::never())
                .transports(transports)
        };
        let observed = Observed::connected(builder().cookies().build()).await;
        round_trip(&observed.client).await;
        let mut without = Observed::new(builder().build());
        without.client.connect();
        let lost = ("The server answered 502.".to_owned(), false);
        assert_eq!(without.failure().await, lost, "{transports:?}");
    }
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
        round_trip(&observed.client).await;
        let address = server.vanish();
        let lost = |event: &ConnectionEvent| matches!(event, ConnectionEvent::Disconnected { .. });
        observed.changes.find(lost).await;
        let _server = Server::start_at(address).await;
        observed.wait_until_connected().await;
        round_trip(&observed.client).await;
    }
}

#[tokio::test]
async fn disconnecting_is_heard_by_the_server_whatever_the_line() {
    let server = Server::start().await;
    let witness = server.connected().await;
    let mut gone = Inbox::of(&witness.client, "gone");
    for transports in ALL {
        let observed = Observed::connected(client(&server, transports).build()).await;
        round_trip(&observed.client).await;
        let id = observed.client.id().unwrap();
        observed.client.disconnect();
        assert_eq!(gone.next().await, json!(id), "{transports:?}");
    }
}
