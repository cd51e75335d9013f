//! Who is signed in, and who there is to write to.

use serde::{Deserialize, Serialize};

use crate::{
    account::Role,
    ids::{Timestamp, Username},
    text::Secret,
};

/// The body of `POST /web/login`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LoginRequest {
    pub username: String,
    /// Left out where people sign in by name alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password: Option<Secret>,
}

/// The answer of `POST /web/login` and `GET /web/session`. The token for the socket comes beside
/// it, in the header [`SOCKET_TOKEN_HEADER`](crate::SOCKET_TOKEN_HEADER).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Session {
    pub username: Username,
    pub display_name: String,
    /// When the session ends, unless it is used before.
    pub expires_at: Timestamp,
    #[serde(default)]
    pub role: Role,
}

/// A person whom the caller may write to: one element of `GET /web/users`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct User {
    pub username: Username,
    pub display_name: String,
    pub online: bool,
    /// When they were last here, to the minute: now, while they are, and 0 if they never were. Nothing
    /// where they do not show it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_seen_at: Option<Timestamp>,
}
