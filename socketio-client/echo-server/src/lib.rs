//! A Socket.IO server for the tests of socketio-client: it answers, asks, refuses, hangs up.
//!
//! `cargo run -p echo-server [address]` runs it by itself; tests run it within their process. It is a package,
//! because it takes far longer to compile than any test that talks to it.

use std::error::Error;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use std::{fmt, io};

use axum::Router;
use axum::http::{HeaderValue, header};
use axum::middleware;
use axum::response::Response;
use serde_json::{Value, json};
use socketioxide::extract::{AckSender, Data, SocketRef, TryData};
use socketioxide::handler::ConnectHandler;
use socketioxide::layer::SocketIoLayer;
use socketioxide::{ParserConfig, SocketIo, SocketIoBuilder, TransportType};
use tokio::net::TcpListener;
use tokio::sync::watch;

/// What the namespace `/guarded` wants as `token`.
pub const TOKEN: &str = "open sesame";
/// A message larger than this makes the server hang up without a word.
pub const MAX_MESSAGE_BYTES: usize = 64 * 1024;
/// How long the server waits for an acknowledgement.
pub const ACK_TIMEOUT: Duration = Duration::from_millis(300);
/// How long after a ping the next one comes.
pub const PING_INTERVAL: Duration = Duration::from_millis(500);
/// How long the server waits for a pong, and the client for an overdue ping.
pub const PING_TIMEOUT: Duration = Duration::from_secs(2);

/// Serves until the process ends, or the listener fails.
pub async fn serve(listener: TcpListener, router: Router) -> io::Result<()> {
    axum::serve(listener, router).await
}

/// The whole server. At the second path the official one keeps what a client misses while it is
/// away, which this one cannot. At the third packets are MessagePack.
pub fn router() -> Router {
    // Long-polling from a page of another origin is a request that the browser asks about.
    let any_origin = middleware::map_response(async |mut response: Response| {
        let any = HeaderValue::from_static("*");
        response
            .headers_mut()
            .insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, any);
        response
    });
    let messagepack = SocketIo::builder().with_parser(ParserConfig::msgpack());
    Router::new()
        .layer(socket_io("/socket.io", SocketIo::builder()))
        .layer(socket_io("/keeping", SocketIo::builder()))
        .layer(socket_io("/msgpack", messagepack))
        .layer(any_origin)
}

fn socket_io(path: &'static str, builder: SocketIoBuilder) -> SocketIoLayer {
    let (layer, io) = builder
        .req_path(path)
        .ping_interval(PING_INTERVAL)
        .ping_timeout(PING_TIMEOUT)
        .ack_timeout(ACK_TIMEOUT)
        // More than a test sends at once: what finds the buffer full is lost.
        .max_buffer_size(1024)
        .ws_max_message_size(MAX_MESSAGE_BYTES)
        .ws_max_frame_size(MAX_MESSAGE_BYTES)
        .build_layer();
    io.ns("/", connected.with(admit));
    io.ns("/other", connected.with(admit));
    io.ns("/guarded", connected.with(check).with(admit));
    // Never answers.
    io.ns("/slow", connected.with(never));
    layer
}

async fn connected(socket: SocketRef) {
    if let Some(Ready(ready)) = socket.extensions.get() {
        ready.send_replace(true);
    }
    // A client that listens before it connects misses nothing.
    let _sent = socket.emit("welcome", &json!({ "id": socket.id }));
}

/// Registers what the server reacts to, before the client learns that it is connected.
async fn admit(socket: SocketRef, TryData(auth): TryData<Value>) -> Result<(), Refused> {
    let auth = auth.unwrap_or_default();
    socket.extensions.insert(Ready(watch::Sender::new(false)));
    socket.extensions.insert(Notes::default());

    // Gives back what it gets, as an acknowledgement.
    socket.on("echo", async |Data::<Value>(data), ack: AckSender| {
        let _sent = ack.send(&data);
    });
    // Gives back what it gets, as the event "echoed".
    socket.on(
        "echo-event",
        async |socket: SocketRef, Data::<Value>(data)| {
            wait_until_ready(&socket).await;
            let _sent = socket.emit("echoed", &data);
        },
    );
    // The same before the next event is looked at, so that the order stays; a socket has to be ready.
    socket.on("echo-in-order", |socket: SocketRef, Data::<Value>(data)| {
        let _sent = socket.emit("echoed", &data);
        std::future::ready(())
    });
    // The same for two arguments, as an acknowledgement and as the event "two".
    socket.on(
        "echo-two",
        async |Data::<(Value, Value)>(both), ack: AckSender| {
            let _sent = ack.send(&both);
        },
    );
    socket.on(
        "emit-two",
        async |socket: SocketRef, Data::<(Value, Value)>(both)| {
            wait_until_ready(&socket).await;
            let _sent = socket.emit("two", &both);
        },
    );
    // Notes the number, and acknowledges it from the given reception on.
    socket.on(
        "note",
        |socket: SocketRef, Data::<(u32, usize)>((number, from)), ack: AckSender| {
            let notes = socket.extensions.get::<Notes>().unwrap_or_default();
            let received = {
                let mut numbers = notes.0.lock().unwrap_or_else(PoisonError::into_inner);
                numbers.push(number);
                numbers.iter().filter(|each| **each == number).count()
            };
            if received >= from {
                let _sent = ack.send(&());
            }
            std::future::ready(())
        },
    );
    // What was noted, in order.
    socket.on("notes", |socket: SocketRef, ack: AckSender| {
        let notes = socket.extensions.get::<Notes>().unwrap_or_default();
        let _sent = ack.send(&*notes.0.lock().unwrap_or_else(PoisonError::into_inner));
        std::future::ready(())
    });
    // What this server is, its names for the client and its line, and what it was connected with.
    socket.on("about", async |socket: SocketRef, ack: AckSender| {
        let about = json!({
            "server": "socketioxide",
            "id": socket.id,
            "line": socket.id,
            "transport": match socket.transport_type() {
                TransportType::Websocket => "websocket",
                TransportType::Polling => "polling",
            },
            "query": socket.req_parts().uri.query(),
        });
        let _sent = ack.send(&about);
    });
    // What the client authenticated with.
    socket.on("auth", async move |ack: AckSender| {
        let _sent = ack.send(&auth);
    });
    // Never acknowledges.
    socket.on("silence", async || {});
    // Asks the client a question, and tells it as the event "answered" what it said.
    socket.on(
        "ask-me",
        async |socket: SocketRef, Data::<Value>(question)| {
            wait_until_ready(&socket).await;
            let Ok(answer) = socket.emit_with_ack::<_, Value>("question", &question) else {
                return;
            };
            let answer = match answer.await {
                Ok(answer) => json!({ "answer": answer }),
                Err(error) => json!({ "error": error.to_string() }),
            };
            let _sent = socket.emit("answered", &answer);
        },
    );
    // Gives back the name and the bytes it gets, as a binary acknowledgement.
    socket.on("echo-bytes", async |Data::<File>(file), ack: AckSender| {
        let _sent = ack.send(&file);
    });
    // Sends the bytes it gets as a binary event.
    socket.on(
        "bytes-please",
        async |socket: SocketRef, Data::<Vec<u8>>(bytes)| {
            wait_until_ready(&socket).await;
            let file = File {
                name: "echo.bin".to_owned(),
                content: bytes.into(),
            };
            let _sent = socket.emit("bytes", &file);
        },
    );
    // Tells the others.
    socket.on("shout", async |socket: SocketRef, Data::<Value>(data)| {
        let _sent = socket.broadcast().emit("shouted", &data).await;
    });
    // Ends the connection on purpose.
    socket.on("dismiss", async |socket: SocketRef| {
        wait_until_ready(&socket).await;
        let _disconnected = socket.disconnect();
    });
    // Tells the others who has gone.
    socket.on_disconnect(async |socket: SocketRef| {
        let id = socket.id;
        let _sent = socket.broadcast().emit("gone", &id).await;
    });
    Ok(())
}

async fn check(TryData(auth): TryData<Value>) -> Result<(), Refused> {
    match auth {
        Ok(auth) if auth["token"] == TOKEN => Ok(()),
        _ => Err(Refused),
    }
}

/// Becomes true when the connect handler runs.
///
/// A client learns that it is connected a moment before that, and a socket cannot emit yet: what a
/// handler emits in that moment would be lost.
#[derive(Clone)]
struct Ready(watch::Sender<bool>);

async fn wait_until_ready(socket: &SocketRef) {
    if let Some(Ready(ready)) = socket.extensions.get() {
        let mut ready = ready.subscribe();
        // It cannot fail while a sender is at hand; a socket that is gone is noticed by the emit.
        let _ready = ready.wait_for(|ready| *ready).await;
    }
}

async fn never(_socket: SocketRef) -> Result<(), Refused> {
    std::future::pending().await
}

/// What a client wanted noted.
#[derive(Clone, Default)]
struct Notes(Arc<Mutex<Vec<u32>>>);

/// The namespace is not for everyone.
#[derive(Debug)]
pub struct Refused;

impl fmt::Display for Refused {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("unauthorized")
    }
}

impl Error for Refused {}

/// A payload with a binary part.
#[derive(serde::Serialize, serde::Deserialize)]
struct File {
    name: String,
    content: serde_bytes::ByteBuf,
}
