//! No transport: every attempt to connect fails and says why.
//!
//! So a program can name the client's types on a platform on which it never connects.

use std::time::Duration;

use super::{BoxFuture, Endpoint, Transport};
use crate::client::WeakClient;
use crate::connection::LineId;
use crate::engine::Frame;

pub(crate) struct None;

impl Transport for None {
    fn new(_endpoint: Endpoint, _client: WeakClient) -> Self {
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

    fn open(&mut self, _line: LineId) -> Result<(), String> {
        Self::spawn(Box::pin(async {}))
    }

    fn send(&mut self, _line: LineId, _frame: Frame<'static>) {}

    fn close(&mut self, _line: LineId) {}

    fn set_timer(&mut self, _deadline: Option<Duration>) {}
}
