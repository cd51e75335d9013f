//! The settings of a connection.

use std::fmt;
use std::time::Duration;

use super::manager::Manager;
use super::{Client, Namespace};
use crate::backoff::Reconnection;
use crate::connection::Config;
use crate::packet::Parser;
use crate::session::TransportChoice;
use crate::transport::Endpoint;

/// The settings of a connection and of its first client; see [`Client::builder`].
#[must_use]
pub struct Builder {
    endpoint: Endpoint,
    config: Config,
    transports: TransportChoice,
    namespace: Namespace,
}

impl Builder {
    pub(super) fn new(origin: String, namespace: Namespace) -> Self {
        Self {
            endpoint: Endpoint {
                origin,
                path: "/socket.io/".to_owned(),
                query: Vec::new(),
                #[cfg(not(target_arch = "wasm32"))]
                headers: Vec::new(),
                #[cfg(not(target_arch = "wasm32"))]
                keeps_cookies: false,
                #[cfg(all(feature = "tls", not(target_arch = "wasm32")))]
                tls: None,
            },
            config: Config {
                reconnection: Reconnection::default(),
                connect_timeout: Duration::from_secs(20),
                parser: Parser::default(),
            },
            transports: TransportChoice::WebSocketThenPolling,
            namespace,
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

    /// Keeps the cookies that the server sets while polling, and sends them with what follows, until
    /// the client is gone: for load balancers that find a session's server by a cookie. In a
    /// browser cookies follow the browser's rules.
    #[cfg(not(target_arch = "wasm32"))]
    pub fn cookies(mut self) -> Self {
        self.endpoint.keeps_cookies = true;
        self
    }

    /// How TLS is spoken with an `https` origin: whom to trust, and with which certificate the client
    /// says who it is. Without it the certificates count that the system trusts.
    ///
    /// By ALPN it may offer nothing but `http/1.1`: with one that offers more no connection is made.
    #[cfg(all(feature = "tls", not(target_arch = "wasm32")))]
    pub fn tls(mut self, config: std::sync::Arc<rustls::ClientConfig>) -> Self {
        self.endpoint.tls = Some(config);
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

    /// How packets are written, as the server expects it. [`Parser::Json`] by default.
    pub fn parser(mut self, parser: Parser) -> Self {
        self.config.parser = parser;
        self
    }

    /// How to reach the server. By default a WebSocket is tried first, because it takes the fewest
    /// steps, and HTTP long-polling where it does not get through.
    pub fn transports(mut self, transports: TransportChoice) -> Self {
        self.transports = transports;
        self
    }

    /// Makes the client. It is not connected yet, so that listeners can be added first.
    pub fn build(self) -> Client {
        let manager = Manager::new(self.endpoint, self.config, self.transports);
        Client::first(manager, self.namespace)
    }
}

impl fmt::Debug for Builder {
    /// Neither the query nor the headers: they may hold secrets.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Builder")
            .field("origin", &self.endpoint.origin)
            .field("config", &self.config)
            .field("namespace", &self.namespace)
            .finish_non_exhaustive()
    }
}
