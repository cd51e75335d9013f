//! The settings of one namespace.

use std::fmt;
use std::future::Future;
use std::time::Duration;

use serde::Serialize;

use crate::connection::{Buffer, SocketConfig};
use crate::error::AuthError;
use crate::json::Json;
use crate::sync::{MaybeSend, MaybeSync};
use crate::transport::BoxFuture;

#[cfg(not(target_arch = "wasm32"))]
pub(super) type AuthProvider =
    std::sync::Arc<dyn Fn() -> BoxFuture<Result<Json, AuthError>> + Send + Sync>;
#[cfg(target_arch = "wasm32")]
pub(super) type AuthProvider = std::rc::Rc<dyn Fn() -> BoxFuture<Result<Json, AuthError>>>;

/// What is kept of events with retries if nothing else is said.
const BUFFER_WITH_RETRIES: Buffer = Buffer {
    capacity: 1024,
    max_age: Duration::from_secs(600),
};

/// A namespace and how a client uses it. A name alone will do: `"/chat"`.
#[must_use]
pub struct Namespace {
    pub(super) config: SocketConfig,
    pub(super) auth: Option<AuthProvider>,
}

impl Namespace {
    /// The namespace with this name. One that does not begin with `/` gets it.
    pub fn new(name: impl Into<String>) -> Self {
        let mut name = name.into();
        if !name.starts_with('/') {
            name = ["/", &name].concat();
        }
        Self {
            config: SocketConfig {
                namespace: name,
                ack_timeout: Duration::from_secs(10),
                buffer: Buffer::default(),
                retries: None,
            },
            auth: None,
        }
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

    /// How long the server may take to acknowledge an event. 10 seconds by default; see
    /// [`AckFuture::within`](crate::AckFuture::within) for a single one.
    pub fn ack_timeout(mut self, timeout: Duration) -> Self {
        self.config.ack_timeout = timeout;
        self
    }

    /// Keeps events that are emitted without a connection for the next one: at most `capacity`,
    /// and each for `max_age` at most. By default none is kept, and emitting is an error.
    pub fn buffer(mut self, capacity: usize, max_age: Duration) -> Self {
        self.config.buffer = Buffer { capacity, max_age };
        self
    }

    /// Sends events one at a time, each after the server has acknowledged the one before, and
    /// each up to `retries` times again when the acknowledgement does not come in time or the
    /// connection ends. So every event arrives, in order, as long as the server acknowledges each;
    /// one may arrive twice, which the server has to notice.
    ///
    /// What waits is bounded by [`buffer`](Self::buffer); without that, by 1,024 events and ten
    /// minutes. Volatile events are sent once, past the others.
    pub fn retries(mut self, retries: u32) -> Self {
        self.config.retries = Some(retries);
        self
    }

    pub(super) fn into_parts(mut self) -> (SocketConfig, Option<AuthProvider>) {
        if self.config.retries.is_some() && self.config.buffer.capacity == 0 {
            self.config.buffer = BUFFER_WITH_RETRIES;
        }
        (self.config, self.auth)
    }
}

impl From<&str> for Namespace {
    fn from(name: &str) -> Self {
        Self::new(name)
    }
}

impl From<String> for Namespace {
    fn from(name: String) -> Self {
        Self::new(name)
    }
}

impl fmt::Debug for Namespace {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Namespace")
            .field("config", &self.config)
            .finish_non_exhaustive()
    }
}
