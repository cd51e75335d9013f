//! What happened to a group, as its timeline tells it.

use serde::{Deserialize, Serialize};

use crate::{
    changes::Cursor,
    ids::{Seq, Timestamp, Username},
};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum GroupEventKind {
    /// `actor` made the group, with `members`.
    Created,
    /// `actor` gave it the name `name`.
    Renamed,
    /// `actor` took `members` in.
    Added,
    /// `actor` took `members` out.
    Removed,
    /// `actor` left.
    Left,
    /// Something that this version does not know yet.
    #[serde(other)]
    Other,
}

/// One element of `GET /web/conversations/{id}/events`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct GroupEvent {
    /// Its place among all changes; no two events of a group have the same.
    pub cursor: Cursor,
    /// It came behind this message, and before the next.
    pub after_seq: Seq,
    pub at: Timestamp,
    /// Who did it.
    pub actor: Username,
    pub kind: GroupEventKind,
    /// The group's new name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// With whom it was done, in the order of their names: at most [`Self::MAX_NAMED`] of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub members: Vec<Username>,
    /// With how many it was done.
    #[serde(default)]
    pub member_count: u32,
}

impl GroupEvent {
    /// Most people that one event names.
    pub const MAX_NAMED: usize = 10;
    /// Most events that one answer holds: the newest.
    pub const MAX_EVENTS: u32 = 200;
}
