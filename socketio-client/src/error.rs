//! What can go wrong with an emit, an acknowledgement or the authentication.

use thiserror::Error;

/// Why an event was not sent.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum EmitError {
    /// There is no connection, and nothing is kept for the next one.
    #[error("not connected")]
    NotConnected,
    /// There is no connection, and as many events are kept for the next one as may be.
    #[error("too many events wait for a connection")]
    BufferFull,
    /// The payload cannot be written as JSON.
    #[error("the payload cannot be written as JSON: {0}")]
    Invalid(String),
    /// The name means something to every server, which would end the connection.
    #[error("the name of the event is reserved")]
    ReservedName,
}

/// There is a client for this namespace on this connection already. Its clones are the way to share
/// it; for a second one the namespace needs a connection of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("this connection has a client for this namespace already")]
pub struct NamespaceInUse;

/// Why an event was not acknowledged.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum AckError {
    /// There is no connection; the event was not sent.
    #[error("not connected")]
    NotConnected,
    /// There is no connection, and as many events are kept for the next one as may be.
    #[error("too many events wait for a connection")]
    BufferFull,
    /// The connection ended before the acknowledgement came. The server may have had the event.
    #[error("the connection ended before the acknowledgement came")]
    Disconnected,
    /// The acknowledgement did not come in time. The server may have had the event.
    #[error("the acknowledgement did not come in time")]
    TimedOut,
    /// The payload cannot be written as JSON, or the acknowledgement is of another shape than the
    /// caller expects.
    #[error("not of the expected shape: {0}")]
    Invalid(String),
    /// The name means something to every server, which would end the connection.
    #[error("the name of the event is reserved")]
    ReservedName,
}

impl From<EmitError> for AckError {
    fn from(error: EmitError) -> Self {
        match error {
            EmitError::NotConnected => Self::NotConnected,
            EmitError::BufferFull => Self::BufferFull,
            EmitError::Invalid(message) => Self::Invalid(message),
            EmitError::ReservedName => Self::ReservedName,
        }
    }
}

/// Why there is nothing to authenticate with.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{message}")]
pub struct AuthError {
    message: String,
    stop: bool,
}

impl AuthError {
    /// This attempt has failed; the next one may succeed, and is made after the usual delay.
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            stop: false,
        }
    }

    /// There is no point in trying again: reconnecting ends until
    /// [`Client::connect`](crate::Client::connect) is called.
    pub fn stop(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            stop: true,
        }
    }

    /// What happened, as given by the maker of the error.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Whether reconnecting ends with this error.
    pub fn is_final(&self) -> bool {
        self.stop
    }
}
