//! How far each member has got in a conversation. Positions only ever move forward.

use serde::{Deserialize, Serialize};

use crate::ids::{ConversationId, Seq, Timestamp, Username};

/// Most members for whom every single position is told; above it only what changes what a sender
/// sees is.
pub const LARGE_GROUP: usize = 50;

/// One member's positions: they hold, and have read, every message up to these.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Position {
    pub username: Username,
    pub delivered_seq: Seq,
    pub read_seq: Seq,
}

/// The event that tells members that a position moved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Receipt {
    pub conversation_id: ConversationId,
    pub username: Username,
    pub delivered_seq: Seq,
    pub read_seq: Seq,
    /// Every member has every message up to here.
    #[serde(default)]
    pub all_delivered_seq: Seq,
    /// Every member has read every message up to here.
    #[serde(default)]
    pub all_read_seq: Seq,
}

/// When a member had read a message, where they let others see that.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ReadTime {
    pub username: Username,
    pub at: Timestamp,
}
