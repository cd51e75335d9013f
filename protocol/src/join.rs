//! Coming in: joining by a link or by open registration, and setting a new password by a link.
//!
//! A link is `<origin>/join#<token>`. Browsers send no fragment, so the token is in no log of a
//! server or proxy, and in no Referer.

use serde::{Deserialize, Serialize};

use crate::{
    ids::{Timestamp, Username},
    text::Secret,
};

/// The body of `POST /web/links`, which says what a link is good for.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LinkRequest {
    pub token: Secret,
}

/// What a link is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum LinkPurpose {
    /// Making an account.
    Invitation,
    /// Making the first account, which owns the chat.
    Owner,
    /// Setting a new password for an account that is there.
    Reset,
}

impl LinkPurpose {
    pub const ALL: [Self; 3] = [Self::Invitation, Self::Owner, Self::Reset];

    /// The word on the wire and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Invitation => "invitation",
            Self::Owner => "owner",
            Self::Reset => "reset",
        }
    }

    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|purpose| purpose.as_str() == word)
    }
}

/// The answer of `POST /web/links`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Link {
    pub purpose: LinkPurpose,
    /// Whose password it sets, where it sets one.
    pub username: Option<Username>,
    pub expires_at: Timestamp,
}

/// The body of `POST /web/join`: makes an account and signs it in.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct JoinRequest {
    /// From the link; left out where registration is open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<Secret>,
    /// 1 to 32 letters, digits, dots, dashes or underscores, beginning with a letter or a digit.
    pub username: String,
    /// What others read: 1 to 80 characters. Made from the username if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// At least 8 characters, at most 1,024 bytes, and none of those that are guessed first.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = Password, min_length = 8, max_length = 1_024))]
    pub password: Secret,
}

/// The body of `POST /web/reset`: sets a password by a link, ends every session and begins one.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ResetRequest {
    pub token: Secret,
    /// At least 8 characters, as with every new password.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = Password, min_length = 8, max_length = 1_024))]
    pub password: Secret,
}
