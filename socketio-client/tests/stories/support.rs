//! A server to talk to, and a client whose events a story can wait for.

use std::fmt::Debug;
use std::time::Duration;

use futures_channel::mpsc;
use futures_util::StreamExt;
use serde_json::Value;
use socketio_client::{
    Builder, Client, ConnectionEvent, Listener, Namespace, Reconnection, TransportChoice,
};

pub use platform::{in_time, origin};

/// What the namespace `/guarded` wants as `token`.
pub const TOKEN: &str = "open sesame";
/// A message larger than this makes the server hang up without a word.
pub const MAX_MESSAGE_BYTES: usize = 64 * 1024;
/// The end of a connection whose line broke.
pub const LOST: ConnectionEvent = ConnectionEvent::Disconnected {
    reason: socketio_client::DisconnectReason::TransportClosed,
};

/// Every way to reach a server.
pub const ALL: [TransportChoice; 4] = [
    TransportChoice::PollingThenWebSocket,
    TransportChoice::PollingOnly,
    TransportChoice::WebSocketOnly,
    TransportChoice::WebSocketThenPolling,
];

/// The settings of a client that reconnects without making a story wait.
pub fn builder(namespace: impl Into<Namespace>) -> Builder {
    Client::builder(origin(), namespace).reconnection(soon())
}

pub fn soon() -> Reconnection {
    Reconnection {
        delay: Duration::from_millis(20),
        delay_max: Duration::from_millis(50),
        ..Reconnection::default()
    }
}

/// Longer than any story.
pub const AN_HOUR: Duration = Duration::from_secs(3600);

/// Reconnects so late that a story can do it by hand.
pub fn patient() -> Reconnection {
    Reconnection {
        delay: AN_HOUR,
        delay_max: AN_HOUR,
        jitter: 0.0,
        attempts: None,
    }
}

/// What is kept in stories about what is kept.
pub fn keeping(namespace: &str) -> Namespace {
    Namespace::new(namespace).buffer(10, Duration::from_secs(10))
}

/// What comes out of callbacks, in order.
pub struct Inbox<T> {
    receiver: mpsc::UnboundedReceiver<T>,
    _listener: Option<Listener>,
}

/// Where callbacks put something into an inbox.
pub struct Sender<T>(mpsc::UnboundedSender<T>);

impl<T> Clone for Sender<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T> Sender<T> {
    /// An inbox that is gone wants nothing any more.
    pub fn send(&self, value: T) {
        let _sent = self.0.unbounded_send(value);
    }
}

impl<T: Debug> Inbox<T> {
    pub fn new(subscribe: impl FnOnce(Sender<T>) -> Listener) -> Self {
        let (sender, mut inbox) = Self::open();
        inbox._listener = Some(subscribe(sender));
        inbox
    }

    pub fn open() -> (Sender<T>, Self) {
        let (sender, receiver) = mpsc::unbounded();
        let inbox = Self {
            receiver,
            _listener: None,
        };
        (Sender(sender), inbox)
    }

    pub async fn next(&mut self) -> T {
        in_time(self.receiver.next())
            .await
            .expect("the callback is gone")
    }

    /// Skips what is not wanted.
    pub async fn find(&mut self, wanted: impl Fn(&T) -> bool) -> T {
        loop {
            let next = self.next().await;
            if wanted(&next) {
                return next;
            }
        }
    }

    pub fn is_empty(&mut self) -> bool {
        self.receiver.try_recv().is_err()
    }
}

impl Inbox<Value> {
    /// The payloads of the events with this name.
    pub fn of(client: &Client, name: &str) -> Self {
        Self::new(|sender| client.on(name, move |payload| sender.send(payload)))
    }
}

/// A client and the changes of its connection.
pub struct Observed {
    pub client: Client,
    pub changes: Inbox<ConnectionEvent>,
}

impl Observed {
    pub fn new(client: Client) -> Self {
        let changes = Inbox::new(|sender| client.on_connection(move |event| sender.send(event)));
        Self { client, changes }
    }

    /// A client that is connected.
    pub async fn connected(client: Client) -> Self {
        let mut observed = Self::new(client);
        observed.client.connect();
        observed.wait_until_connected().await;
        observed
    }

    /// The id of the next connection.
    pub async fn wait_until_connected(&mut self) -> String {
        loop {
            if let ConnectionEvent::Connected { id, .. } = self.changes.next().await {
                return id;
            }
        }
    }

    /// The message of the next change, which is a failed attempt, and whether the server refused.
    pub async fn failure(&mut self) -> (String, bool) {
        match self.changes.next().await {
            ConnectionEvent::ConnectError {
                message, refused, ..
            } => (message, refused),
            other => panic!("no failed attempt: {other:?}"),
        }
    }

    /// Makes the server hang up.
    pub async fn break_the_line(&mut self) {
        let too_much = "x".repeat(MAX_MESSAGE_BYTES);
        self.client.emit("echo", &too_much).unwrap();
        self.changes.find(|event| *event == LOST).await;
    }
}

/// A connected client for this namespace.
pub async fn connected(namespace: impl Into<Namespace>) -> Observed {
    Observed::connected(builder(namespace).build()).await
}

/// What the server says of itself and of the client.
pub async fn about(client: &Client, what: &str) -> Value {
    let about: Value = in_time(client.emit_with_ack("about", &())).await.unwrap();
    about[what].clone()
}

/// The server has had everything that was sent before, and what it said to it is here.
pub async fn round_trip(client: &Client) {
    assert_eq!(in_time(client.emit_with_ack("echo", &1)).await, Ok(1));
}

#[cfg(not(target_arch = "wasm32"))]
mod platform {
    use std::sync::OnceLock;
    use std::sync::mpsc;
    use std::time::Duration;

    use tokio::net::TcpListener;
    use tokio::runtime::Runtime;
    use tokio::time::timeout;

    /// Longer than anything takes, so that a story that hangs fails.
    const PATIENCE: Duration = Duration::from_secs(20);

    /// The server that the environment names, else one of this process.
    pub fn origin() -> &'static str {
        static ORIGIN: OnceLock<String> = OnceLock::new();
        ORIGIN.get_or_init(|| std::env::var("SOCKETIO_TEST_ORIGIN").unwrap_or_else(|_| start()))
    }

    fn start() -> String {
        let (sender, started) = mpsc::channel();
        std::thread::spawn(move || {
            Runtime::new().unwrap().block_on(async {
                let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
                sender.send(listener.local_addr().unwrap()).unwrap();
                echo_server::serve(listener, echo_server::router())
                    .await
                    .unwrap();
            });
        });
        format!("http://{}", started.recv().unwrap())
    }

    pub async fn in_time<F: Future>(future: F) -> F::Output {
        timeout(PATIENCE, future)
            .await
            .expect("it did not happen in time")
    }
}

#[cfg(target_arch = "wasm32")]
mod platform {
    use futures_util::future::{Either, select};
    use futures_util::pin_mut;
    use gloo_timers::future::TimeoutFuture;

    const PATIENCE_MILLIS: u32 = 20_000;

    /// The server that the environment named when this was built.
    pub fn origin() -> &'static str {
        let Some(origin) = option_env!("SOCKETIO_TEST_ORIGIN") else {
            panic!("Set SOCKETIO_TEST_ORIGIN to the origin of a server, and build again.");
        };
        origin
    }

    pub async fn in_time<F: Future>(future: F) -> F::Output {
        let late = TimeoutFuture::new(PATIENCE_MILLIS);
        pin_mut!(future);
        match select(future, late).await {
            Either::Left((output, _)) => output,
            Either::Right(_) => panic!("it did not happen in time"),
        }
    }
}
