//! A server to talk to, and a client whose events a test can wait for.

use std::fmt::Debug;
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::time::Duration;

use socketio_client::{Builder, Client, ConnectionEvent, Listener, Namespace, Reconnection};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::sync::mpsc;
use tokio::time::timeout;

use crate::echo_server;

/// Longer than anything takes, so that a test that hangs fails.
const PATIENCE: Duration = Duration::from_secs(20);

/// A server in a runtime of its own, so that it can vanish with all its connections.
pub struct Server {
    pub address: SocketAddr,
    runtime: Option<Runtime>,
}

impl Server {
    pub async fn start() -> Self {
        Self::start_at(SocketAddr::from(([127, 0, 0, 1], 0))).await
    }

    pub async fn start_at(address: SocketAddr) -> Self {
        let runtime = Runtime::new().unwrap();
        let listening = runtime.spawn(async move {
            // One that has just vanished may still hold the port for a moment.
            let listener = in_time(async {
                loop {
                    match TcpListener::bind(address).await {
                        Ok(listener) => break listener,
                        Err(error) => assert_eq!(error.kind(), ErrorKind::AddrInUse),
                    }
                    tokio::task::yield_now().await;
                }
            })
            .await;
            let address = listener.local_addr().unwrap();
            (listener, address)
        });
        let (listener, address) = listening.await.unwrap();
        runtime.spawn(async move { axum::serve(listener, echo_server::router()).await });
        Self {
            address,
            runtime: Some(runtime),
        }
    }

    pub fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn client(&self, namespace: impl Into<Namespace>) -> Builder {
        Client::builder(self.origin(), namespace).reconnection(soon())
    }

    /// A client that is connected.
    pub async fn connected(&self) -> Observed {
        Observed::connected(self.client("/").build()).await
    }

    /// Closes every connection and the port.
    pub fn vanish(mut self) -> SocketAddr {
        self.stop();
        self.address
    }

    fn stop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Reconnects without making a test wait.
pub fn soon() -> Reconnection {
    Reconnection {
        delay: Duration::from_millis(20),
        delay_max: Duration::from_millis(50),
        ..Reconnection::default()
    }
}

/// What comes out of callbacks, in order.
pub struct Inbox<T> {
    receiver: mpsc::UnboundedReceiver<T>,
    _listener: Listener,
}

impl<T: Debug> Inbox<T> {
    pub fn new(subscribe: impl FnOnce(mpsc::UnboundedSender<T>) -> Listener) -> Self {
        let (sender, receiver) = mpsc::unbounded_channel();
        Self {
            receiver,
            _listener: subscribe(sender),
        }
    }

    pub async fn next(&mut self) -> T {
        let next = timeout(PATIENCE, self.receiver.recv()).await;
        next.expect("nothing came in time")
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

impl Inbox<serde_json::Value> {
    /// The payloads of the events with this name.
    pub fn of(client: &Client, name: &str) -> Self {
        Self::new(|sender| client.on(name, move |payload| sender.send(payload).unwrap()))
    }
}

/// A client and the changes of its connection.
pub struct Observed {
    pub client: Client,
    pub changes: Inbox<ConnectionEvent>,
}

impl Observed {
    pub fn new(client: Client) -> Self {
        let changes =
            Inbox::new(|sender| client.on_connection(move |event| sender.send(event).unwrap()));
        Self { client, changes }
    }

    pub async fn connected(client: Client) -> Self {
        let mut observed = Self::new(client);
        observed.client.connect();
        observed.wait_until_connected().await;
        observed
    }

    /// The id of the next connection.
    pub async fn wait_until_connected(&mut self) -> String {
        let event = self
            .changes
            .find(|event| matches!(event, ConnectionEvent::Connected { .. }))
            .await;
        let ConnectionEvent::Connected { id, .. } = event else {
            unreachable!("looked for exactly that");
        };
        id
    }
}

pub async fn in_time<F: Future>(future: F) -> F::Output {
    timeout(PATIENCE, future)
        .await
        .expect("it did not end in time")
}
