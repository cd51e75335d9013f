//! What owners and admins see and change, under `/web/admin`.

use serde::{Deserialize, Serialize};

use crate::{
    account::Role,
    ids::{Timestamp, Username},
    text::Secret,
};

/// One element of `GET /web/admin/people`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ManagedPerson {
    pub username: Username,
    pub display_name: String,
    pub role: Role,
    pub created_at: Timestamp,
    /// When one of their sessions was last used, if they have one.
    pub last_seen_at: Option<Timestamp>,
    /// Since when they cannot sign in.
    pub deactivated_at: Option<Timestamp>,
    /// Whether the caller may change this person.
    pub manageable: bool,
}

/// The body of `PATCH /web/admin/people/{username}`; what is left out stays.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct PersonChange {
    /// Owners only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deactivated: Option<bool>,
}

/// The body of `POST /web/admin/invitations`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct InvitationRequest {
    /// How many people may join by it: 1 to 1,000.
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 1_000))]
    pub uses: u32,
    /// How many days it holds: 1 to 90.
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 90))]
    pub days: u32,
}

/// A link that was just made: the answer of `POST /web/admin/invitations` and
/// `POST /web/admin/people/{username}/reset`. Its token is shown this once.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct NewLink {
    pub id: String,
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = "uri"))]
    pub url: Secret,
    /// The link as a QR code: an SVG picture as a `data:` URL.
    pub qr: Secret,
    pub expires_at: Timestamp,
}

/// One element of `GET /web/admin/invitations`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Invitation {
    pub id: String,
    /// Nobody where it was the command line.
    pub created_by: Option<Username>,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
    /// How many may still join by it.
    pub uses_left: u32,
}

/// `GET /web/admin/settings`, and what `PATCH` of it takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ServerSettings {
    /// Whether anybody may make an account without an invitation.
    pub open_registration: bool,
}

/// One element of `GET /web/admin/audit`, newest first. `?before=ID` goes back from there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct AuditEntry {
    pub id: i64,
    pub at: Timestamp,
    /// What happened, a stable word such as `signed-in` or `password-changed`.
    pub action: String,
    /// Who did it; nobody where somebody failed to sign in, or by the command line.
    pub actor: Option<Username>,
    /// To whom.
    pub subject: Option<Username>,
    /// From which address.
    pub address: Option<String>,
    /// More in words, such as the role somebody got. Never a secret.
    pub detail: Option<String>,
}
