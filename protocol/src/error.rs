//! What can go wrong, with codes that never change and sentences for people.

use serde::{Deserialize, Serialize};

/// The stable name of an error. A client decides by it; the sentence beside it is for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum ErrorCode {
    /// No session, or one that is expired, forged or revoked.
    Unauthorized,
    /// The socket token's time is over; ask `/web/session` for another.
    TokenExpired,
    /// Unknown username or wrong secret; which of them is not told.
    InvalidCredentials,
    InvalidUsername,
    UsernameTaken,
    /// Somebody has this display name, or one that looks like it.
    DisplayNameTaken,
    PasswordTooShort,
    PasswordTooLong,
    /// One of the passwords that are guessed first.
    PasswordCommon,
    /// No such link, or one that is used up or too old; which is not told.
    InvalidLink,
    /// Accounts are made by invitation only.
    RegistrationClosed,
    /// Prove that it is still you by `/web/confirm`, then repeat.
    ConfirmIdentity,
    /// There would be no owner left who can sign in.
    LastOwner,
    /// The browser's answer does not prove what it should, or came too late.
    PasskeyRefused,
    /// Passkeys need a name and https, or localhost; or this server signs in by name alone.
    PasskeysUnavailable,
    /// Too often; try again after as many seconds as `retryAfter` says.
    TooManyRequests,
    /// More open sockets than one person may have.
    TooManyConnections,
    /// Something that this server does not do, as it is set up.
    NotAvailable,
    InvalidClientId,
    /// The body or payload has not the shape that the contract gives it.
    InvalidPayload,
    /// The client emitted an event that does not exist.
    UnknownEvent,
    /// Nobody, or nobody the caller may write to, has this username.
    UnknownReceiver,
    /// A private message to oneself.
    ReceiverIsSender,
    /// No such conversation, or none that the caller is a member of; which is not told.
    UnknownConversation,
    UnknownMember,
    /// A member who may not do this; somebody else may.
    NotAllowed,
    TooManyMembers,
    TextEmpty,
    TextTooLong,
    TextInvalid,
    NameEmpty,
    NameInvalid,
    /// A position behind the end of the conversation.
    InvalidSeq,
    ForeignOrigin,
    NotFound,
    MethodNotAllowed,
    PayloadTooLarge,
    UnsupportedMediaType,
    RequestTimeout,
    /// The server is stopping or busy; the same request later is right.
    Unavailable,
    /// A fault of the server; nothing was stored.
    Internal,
    /// A code that this version does not know yet.
    #[serde(other)]
    Other,
}

/// An error as a failed acknowledgement carries it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorBody {
    pub code: ErrorCode,
    /// A sentence that a person understands.
    pub message: String,
    /// The field of the form that it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// After how many seconds the same may be tried again, where that is known.
    #[serde(
        default,
        rename = "retryAfter",
        skip_serializing_if = "Option::is_none"
    )]
    pub retry_after: Option<u32>,
}

impl ErrorBody {
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            field: None,
            retry_after: None,
        }
    }

    #[must_use]
    pub fn on_field(mut self, field: &str) -> Self {
        self.field = Some(field.to_owned());
        self
    }
}

/// An HTTP error body, `application/problem+json` (RFC 9457) with a `code`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Problem {
    /// The reason phrase of the status.
    pub title: String,
    pub status: u16,
    pub code: ErrorCode,
    /// A sentence that a person understands.
    pub detail: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// After how many seconds the same may be tried again; the header `Retry-After` says so too.
    #[serde(
        default,
        rename = "retryAfter",
        skip_serializing_if = "Option::is_none"
    )]
    pub retry_after: Option<u32>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_that_is_not_known_yet_is_read_as_other() {
        let body: ErrorBody =
            serde_json::from_str(r#"{"code":"from-the-future","message":"…"}"#).expect("a body");
        assert_eq!(body.code, ErrorCode::Other);
    }
}
