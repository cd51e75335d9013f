//! No transport: every attempt to connect fails and says why.
//!
//! So a program can name the client's types on a platform on which it never connects.

use std::time::Duration;

use super::{BoxFuture, Endpoint, Transport};
use crate::client::WeakManager;
use crate::connection::LineId;
use crate::engine::Frame;
use crate::session::RequestId;

pub(crate) struct None;

impl Transport for None {
    fn new(_endpoint: Endpoint, _client: WeakManager) -> Self {
        Self
    }

    fn now(&mut self) -> Duration {
        Duration::ZERO
    }

    fn random() -> f64 {
        0.0
    }

    fn spawn(_future: BoxFuture<()>) -> Result<(), String> {
        Err("This build has no transport: turn on the feature `web` or `native` of socketio-client.".to_owned())
    }

    fn open_websocket(&mut self, _line: LineId, _sid: Option<&str>) -> Result<(), String> {
        Self::spawn(Box::pin(async {}))
    }

    fn send_websocket(&mut self, _line: LineId, _frame: Frame<'static>) {}

    fn close_websocket(&mut self, _line: LineId) {}

    fn request(
        &mut self,
        _line: LineId,
        _request: RequestId,
        _sid: Option<&str>,
        _body: Option<String>,
    ) -> Result<(), String> {
        Self::spawn(Box::pin(async {}))
    }

    fn abort(&mut self, _line: LineId, _request: RequestId) {}

    fn set_timer(&mut self, _deadline: Option<Duration>) {}
}
