//! Acknowledgements in both directions.

use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use super::manager::AckReceiver;
use super::{Socket, WeakManager};
use crate::arguments::{Arguments, FromArguments, ToArguments};
use crate::connection::{AttemptId, SocketId};
use crate::error::{AckError, EmitError};

/// The right to acknowledge one event of the server.
///
/// Dropping it acknowledges nothing. If several listeners get the same event, the first
/// acknowledgement counts.
pub struct Ack {
    manager: WeakManager,
    attempt: AttemptId,
    id: u64,
    used: Arc<AtomicBool>,
}

impl Ack {
    pub(super) fn new(
        manager: WeakManager,
        attempt: AttemptId,
        id: u64,
        used: Arc<AtomicBool>,
    ) -> Self {
        Self {
            manager,
            attempt,
            id,
            used,
        }
    }

    /// Acknowledges the event.
    ///
    /// The server waits for it only on the connection that the event came by: after that has
    /// ended it is an error, and nothing is sent.
    pub fn send(self, payload: &(impl ToArguments + ?Sized)) -> Result<(), EmitError> {
        self.send_arguments(payload.to_arguments()?)
    }

    fn send_arguments(self, arguments: Arguments) -> Result<(), EmitError> {
        let manager = self.manager.upgrade().ok_or(EmitError::NotConnected)?;
        if self.used.swap(true, Ordering::Relaxed) {
            return Ok(());
        }
        manager.acknowledge(self.attempt, self.id, arguments)
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
    Waiting {
        manager: WeakManager,
        socket: SocketId,
        id: u64,
        receiver: AckReceiver,
    },
    /// The event was not sent. Empty once that has been told.
    Failed(Option<AckError>),
}

impl<A> AckFuture<A> {
    /// Emits an event, if there are arguments for it.
    pub(super) fn new(
        socket: &Socket,
        name: &str,
        arguments: Result<Arguments, EmitError>,
    ) -> Self {
        Self {
            source: Source::new(socket, name, arguments),
            answer: PhantomData,
        }
    }

    /// Another time limit than that of the namespace, from now. With
    /// [`retries`](crate::Namespace::retries) it has an effect on the current try only.
    pub fn within(self, timeout: Duration) -> Self {
        if let Source::Waiting {
            manager,
            socket,
            id,
            ..
        } = &self.source
            && let Some(manager) = manager.upgrade()
        {
            manager.limit(*socket, *id, timeout);
        }
        self
    }
}

impl<A: FromArguments> Future for AckFuture<A> {
    type Output = Result<A, AckError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        self.source.poll(context).map(|result| {
            let arguments = result?;
            arguments
                .read()
                .map_err(|error| AckError::Invalid(error.to_string()))
        })
    }
}

impl Source {
    fn new(socket: &Socket, name: &str, arguments: Result<Arguments, EmitError>) -> Self {
        let Socket {
            manager,
            id: socket,
        } = socket;
        let emitted =
            arguments.and_then(|arguments| manager.emit_with_ack(*socket, name, arguments));
        match emitted {
            Ok((id, receiver)) => Self::Waiting {
                manager: manager.downgrade(),
                socket: *socket,
                id,
                receiver,
            },
            Err(error) => Self::Failed(Some(error.into())),
        }
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Result<Arguments, AckError>> {
        match self {
            // The other end goes away without a word only together with the client.
            Self::Waiting { receiver, .. } => Pin::new(receiver)
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
