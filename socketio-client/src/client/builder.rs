//! The settings of a client.

use std::collections::VecDeque;
use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;

use super::listener::Listeners;
use super::{Client, Core, Inner, WeakClient};
use crate::backoff::Reconnection;
use crate::connection::{Buffer, Config, Connection};
use crate::error::AuthError;
use crate::json::Json;
use crate::pending::Pending;
use crate::session::TransportChoice;
use crate::sync::{Lock, MaybeSend, MaybeSync};
use crate::transport::{BoxFuture, Endpoint, Platform, Transport};

#[cfg(not(target_arch = "wasm32"))]
pub(super) type AuthProvider = Arc<dyn Fn() -> BoxFuture<Result<Json, AuthError>> + Send + Sync>;
#[cfg(target_arch = "wasm32")]
pub(super) type AuthProvider = std::rc::Rc<dyn Fn() -> BoxFuture<Result<Json, AuthError>>>;

/// The settings of a client; see [`Client::builder`].
#[must_use]
pub struct Builder {
    endpoint: Endpoint,
    config: Config,
    transports: TransportChoice,
    auth: Option<AuthProvider>,
}

impl Builder {
    pub(super) fn new(origin: String, mut namespace: String) -> Self {
        if !namespace.starts_with('/') {
            namespace.insert(0, '/');
        }
        Self {
            endpoint: Endpoint {
                origin,
                path: "/socket.io/".to_owned(),
                query: Vec::new(),
                #[cfg(not(target_arch = "wasm32"))]
                headers: Vec::new(),
            },
            config: Config {
                namespace,
                reconnection: Reconnection::default(),
                connect_timeout: Duration::from_secs(20),
                ack_timeout: Duration::from_secs(10),
                buffer: Buffer::default(),
            },
            transports: TransportChoice::WebSocketThenPolling,
            auth: None,
        }
    }

    /// The path of the Socket.IO server. `/socket.io/` by default.
    pub fn path(mut self, path: impl Into<String>) -> Self {
        self.endpoint.path = path.into();
        self
    }

    /// Adds a parameter to the query of the handshake. May be repeated.
    pub fn query(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.endpoint.query.push((name.into(), value.into()));
        self
    }

    /// Adds a header to the request of the handshake. May be repeated. A browser allows none.
    #[cfg(not(target_arch = "wasm32"))]
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.endpoint.headers.push((name.into(), value.into()));
        self
    }

    /// What to authenticate with, asked anew before each connection, so that a token that has
    /// expired in the meantime is no obstacle.
    ///
    /// An error counts as a failed attempt, unless it is made by [`AuthError::stop`].
    pub fn auth<P, F, A>(mut self, provider: P) -> Self
    where
        P: Fn() -> F + MaybeSend + MaybeSync + 'static,
        F: Future<Output = Result<A, AuthError>> + MaybeSend + 'static,
        A: Serialize,
    {
        let provider = move || {
            let question = provider();
            async move {
                let auth = Json::write(&question.await?);
                auth.map_err(|error| AuthError::new(error.to_string()))
            }
        };
        self.auth = Some(AuthProvider::from(
            Box::new(move || Box::pin(provider()) as BoxFuture<_>) as Box<_>,
        ));
        self
    }

    /// Whether, how soon and how often a lost connection is tried again.
    pub fn reconnection(mut self, reconnection: Reconnection) -> Self {
        self.config.reconnection = reconnection;
        self
    }

    /// How long one attempt to connect may take. 20 seconds by default.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.config.connect_timeout = timeout;
        self
    }

    /// How long the server may take to acknowledge an event. 10 seconds by default.
    pub fn ack_timeout(mut self, timeout: Duration) -> Self {
        self.config.ack_timeout = timeout;
        self
    }

    /// How to reach the server. By default a WebSocket is tried first, because it takes the fewest
    /// steps, and HTTP long-polling where it does not get through.
    pub fn transports(mut self, transports: TransportChoice) -> Self {
        self.transports = transports;
        self
    }

    /// Keeps events that are emitted without a connection for the next one: at most `capacity`,
    /// and each for `max_age` at most. By default none is kept, and emitting is an error.
    pub fn buffer(mut self, capacity: usize, max_age: Duration) -> Self {
        self.config.buffer = Buffer { capacity, max_age };
        self
    }

    /// Makes the client. It is not connected yet, so that listeners can be added first.
    pub fn build(self) -> Client {
        let Self {
            endpoint,
            config,
            transports,
            auth,
        } = self;
        let inner = Arc::new_cyclic(|weak| Inner {
            core: Lock::new(Core {
                connection: Connection::new(config),
                transport: Platform::new(endpoint, WeakClient(weak.clone())),
                transports,
                websocket_hangs: false,
                sessions: Vec::new(),
                auth,
                listeners: Listeners::default(),
                waiting: Pending::new(),
                deliveries: VecDeque::new(),
                delivering: false,
            }),
        });
        Client { inner }
    }
}

impl fmt::Debug for Builder {
    /// Neither the query nor the headers: they may hold secrets.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Builder")
            .field("origin", &self.endpoint.origin)
            .field("config", &self.config)
            .finish_non_exhaustive()
    }
}
