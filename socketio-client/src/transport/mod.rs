//! What the state machine needs of the outside world, once per platform.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use crate::client::WeakManager;
use crate::connection::LineId;
use crate::engine::Frame;
use crate::session::RequestId;

/// Tokio and tokio-tungstenite.
#[cfg(all(feature = "native", not(target_arch = "wasm32")))]
mod native;
/// No transport: every attempt to connect fails and says why.
#[cfg(not(any(
    all(feature = "native", not(target_arch = "wasm32")),
    all(feature = "web", target_arch = "wasm32")
)))]
mod none;
/// Where to connect to.
mod url;
/// The browser's WebSocket and the life of the page.
#[cfg(all(feature = "web", target_arch = "wasm32"))]
mod web;

#[cfg(all(feature = "native", not(target_arch = "wasm32")))]
pub(crate) use native::Native as Platform;
#[cfg(not(any(
    all(feature = "native", not(target_arch = "wasm32")),
    all(feature = "web", target_arch = "wasm32")
)))]
pub(crate) use none::None as Platform;
pub(crate) use url::Endpoint;
#[cfg(all(feature = "web", target_arch = "wasm32"))]
pub(crate) use web::Web as Platform;

#[cfg(not(target_arch = "wasm32"))]
pub(crate) type BoxFuture<T> = Pin<Box<dyn Future<Output = T> + Send>>;
#[cfg(target_arch = "wasm32")]
pub(crate) type BoxFuture<T> = Pin<Box<dyn Future<Output = T>>>;

/// Lines, time and tasks of one platform.
///
/// It is called under the client's lock, so none of this may call the client back before it
/// returns; what happens later is told by [`WeakManager::hear`] and [`WeakManager::handle`].
pub(crate) trait Transport {
    /// For one client. Does nothing yet.
    fn new(endpoint: Endpoint, manager: WeakManager) -> Self;

    /// The time since a fixed moment. Never goes back.
    fn now(&mut self) -> Duration;

    /// A number from 0 to 1, as unpredictable as jitter needs.
    fn random() -> f64;

    /// Runs what the program authenticates with. The error is a sentence for people.
    fn spawn(future: BoxFuture<()>) -> Result<(), String>;

    /// Begins to open the WebSocket of a line; with a `sid` that session is to move to it. The
    /// error is a sentence for people.
    fn open_websocket(&mut self, line: LineId, sid: Option<&str>) -> Result<(), String>;

    /// Sends a frame, after those before it. On a WebSocket that is no longer there it does nothing.
    fn send_websocket(&mut self, line: LineId, frame: Frame<'static>);

    /// Closes a WebSocket, after what was sent on it. Nothing more is heard from it.
    fn close_websocket(&mut self, line: LineId);

    /// Sends a request of HTTP long-polling: a POST if there is a body, else a GET. At most one of
    /// each is under way on a line. The error is a sentence for people.
    fn request(
        &mut self,
        line: LineId,
        request: RequestId,
        sid: Option<&str>,
        body: Option<String>,
    ) -> Result<(), String>;

    /// Gives a request up.
    fn abort(&mut self, line: LineId, request: RequestId);

    /// Asks to be told when the moment has come. Only the last call counts.
    fn set_timer(&mut self, deadline: Option<Duration>);
}
