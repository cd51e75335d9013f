//! An account as its owner sees it: password, passkeys, recovery codes, and the devices on which
//! they are signed in.

use serde::{Deserialize, Serialize};

use crate::{
    ids::{Timestamp, Username},
    text::Secret,
};

/// What somebody may do beyond talking. Each may do what those before it may.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum Role {
    #[default]
    Member,
    /// Sees people and invitations; invites, resets and deactivates members.
    Admin,
    /// Appoints admins and owners too. There is always one who can sign in.
    Owner,
}

impl Role {
    pub const ALL: [Self; 3] = [Self::Member, Self::Admin, Self::Owner];

    /// The word on the wire and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Member => "member",
            Self::Admin => "admin",
            Self::Owner => "owner",
        }
    }

    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == word)
    }
}

/// The answer of `GET /web/account`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Account {
    pub username: Username,
    pub display_name: String,
    pub role: Role,
    pub has_password: bool,
    pub passkeys: Vec<Passkey>,
    /// How many recovery codes are left.
    pub recovery_codes: u32,
    pub privacy: Privacy,
}

/// What others see of somebody: the body of `POST /web/account/privacy`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Privacy {
    /// How far they have read. What others have seen already stays.
    pub shows_read: bool,
    /// When they were last here.
    pub shows_last_seen: bool,
}

/// The body of `PATCH /web/account`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct AccountChange {
    /// 1 to 80 characters on one line, all of which can be seen.
    pub display_name: String,
}

/// The body of `POST /web/account/password`. It ends every other session.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PasswordChange {
    /// The password until now; left out by somebody who has none and signs in with a passkey.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub current: Option<Secret>,
    /// At least 8 characters, at most 1,024 bytes, and none of those that are guessed first.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = Password, min_length = 8, max_length = 1_024))]
    pub new: Secret,
}

/// The body of `POST /web/confirm`: proof that it is still the same person who sits there. Holds for
/// ten minutes; changes to how one signs in, and what admins do, ask for it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Confirmation {
    pub password: Secret,
}

/// The answer of `POST /web/account/recovery-codes`. They are shown once, and replace earlier ones.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RecoveryCodes {
    pub codes: Vec<Secret>,
}

/// The body of `POST /web/login/recovery`: signs in with a code, which is used up, and a new
/// password.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct RecoveryRequest {
    pub username: String,
    pub code: Secret,
    /// At least 8 characters, as with every new password.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = Password, min_length = 8, max_length = 1_024))]
    pub new_password: Secret,
}

/// A passkey (Web Authentication, <https://www.w3.org/TR/webauthn-3/>) of the caller.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Passkey {
    pub id: String,
    /// What its owner calls it.
    pub name: String,
    pub created_at: Timestamp,
    pub last_used_at: Option<Timestamp>,
}

/// What a browser has to sign: the answer of `POST /web/login/passkey/start`,
/// `POST /web/account/passkeys/start` and `POST /web/confirm/passkey/start`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PasskeyChallenge {
    /// Sent back beside the browser's answer, within five minutes and once.
    pub id: String,
    /// `PublicKeyCredentialCreationOptionsJSON` or `PublicKeyCredentialRequestOptionsJSON`, as text
    /// for `JSON.parse`.
    pub options: String,
}

/// The body of `POST /web/login/passkey`, `POST /web/confirm/passkey` and, with a name,
/// `POST /web/account/passkeys`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PasskeyAnswer {
    pub id: String,
    /// `RegistrationResponseJSON` or `AuthenticationResponseJSON`, as the text of
    /// `JSON.stringify(credential)`.
    pub credential: String,
    /// What a new passkey is called: 1 to 80 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// Somewhere the caller is signed in: one element of `GET /web/sessions`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Device {
    pub id: String,
    /// The session that asks.
    pub current: bool,
    pub created_at: Timestamp,
    /// To the minute or so.
    pub last_seen_at: Timestamp,
    /// Where from, last.
    pub address: Option<String>,
    /// Its browser and system in words, such as "Firefox on Linux".
    pub browser: String,
}
