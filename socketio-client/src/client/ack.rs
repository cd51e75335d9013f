//! Acknowledgements in both directions.

use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use futures_channel::oneshot;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{WeakClient, to_json};
use crate::connection::LineId;
use crate::error::{AckError, EmitError};
use crate::json::Json;

/// The right to acknowledge one event of the server.
///
/// Dropping it acknowledges nothing. If several listeners get the same event, the first
/// acknowledgement counts.
pub struct Ack {
    client: WeakClient,
    line: LineId,
    id: u64,
    used: Arc<AtomicBool>,
}

impl Ack {
    pub(super) fn new(client: WeakClient, line: LineId, id: u64, used: Arc<AtomicBool>) -> Self {
        Self {
            client,
            line,
            id,
            used,
        }
    }

    /// Acknowledges the event.
    ///
    /// The server waits for it only on the connection that the event came by: after that has
    /// ended it is an error, and nothing is sent.
    pub fn send(self, payload: &(impl Serialize + ?Sized)) -> Result<(), EmitError> {
        self.send_json(to_json(payload)?)
    }

    fn send_json(self, payload: Json) -> Result<(), EmitError> {
        let client = self.client.upgrade().ok_or(EmitError::NotConnected)?;
        if self.used.swap(true, Ordering::Relaxed) {
            return Ok(());
        }
        client.acknowledge(self.line, self.id, payload)
    }
}

impl fmt::Debug for Ack {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Ack")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

/// The acknowledgement to come of an event that has been sent. Dropping it does not take the
/// event back.
#[must_use = "the event is sent all the same; without awaiting it nobody learns what became of it"]
pub struct AckFuture<A> {
    source: Source,
    answer: PhantomData<fn() -> A>,
}

enum Source {
    Waiting(oneshot::Receiver<Result<Json, AckError>>),
    /// The event was not sent. Empty once that has been told.
    Failed(Option<AckError>),
}

impl<A> AckFuture<A> {
    pub(super) fn waiting(receiver: oneshot::Receiver<Result<Json, AckError>>) -> Self {
        Self {
            source: Source::Waiting(receiver),
            answer: PhantomData,
        }
    }

    pub(super) fn failed(error: AckError) -> Self {
        Self {
            source: Source::Failed(Some(error)),
            answer: PhantomData,
        }
    }
}

impl<A: DeserializeOwned> Future for AckFuture<A> {
    type Output = Result<A, AckError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        self.source.poll(context).map(|result| {
            let value = result?;
            value
                .read()
                .map_err(|error| AckError::Invalid(error.to_string()))
        })
    }
}

impl Source {
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Result<Json, AckError>> {
        match self {
            // The other end goes away without a word only together with the client.
            Self::Waiting(receiver) => Pin::new(receiver)
                .poll(context)
                .map(|result| result.unwrap_or(Err(AckError::Disconnected))),
            Self::Failed(error) => Poll::Ready(Err(error.take().unwrap_or(AckError::Disconnected))),
        }
    }
}

impl<A> fmt::Debug for AckFuture<A> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("AckFuture").finish_non_exhaustive()
    }
}
