//! What went wrong, in the words of the protocol.

use protocol::{ErrorBody, ErrorCode};

use crate::storage::StorageError;

/// Why a service did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    /// The caller asked for something that cannot be; the body says what.
    #[error("{}", .0.message)]
    Refused(ErrorBody),
    /// A fault of ours. The cause is for the log.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// The server is stopping.
    #[error("the server is stopping")]
    Stopping,
}

impl ServiceError {
    pub fn refused(code: ErrorCode, message: impl Into<String>) -> Self {
        Self::Refused(ErrorBody::new(code, message))
    }

    /// What the caller is told; the cause of a fault is logged here and not told.
    pub fn into_body(self) -> ErrorBody {
        match self {
            Self::Refused(body) => body,
            Self::Storage(error) if error.may_pass() => {
                tracing::error!(%error, "the database does not work");
                unavailable()
            }
            Self::Storage(error) => {
                tracing::error!(%error, "a request failed");
                ErrorBody::new(
                    ErrorCode::Internal,
                    "Something went wrong on the server, and nothing was stored. Try again.",
                )
            }
            Self::Stopping => ErrorBody::new(
                ErrorCode::Unavailable,
                "The server is restarting. Try again in a moment.",
            ),
        }
    }
}

/// The answer while the database does not work.
pub(super) fn unavailable() -> ErrorBody {
    ErrorBody::new(
        ErrorCode::Unavailable,
        "The server cannot reach its database at the moment. Try again later.",
    )
}

impl From<ErrorBody> for ServiceError {
    fn from(body: ErrorBody) -> Self {
        Self::Refused(body)
    }
}

impl From<sea_orm::DbErr> for ServiceError {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::Storage(error.into())
    }
}
