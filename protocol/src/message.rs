//! One message, as it is stored and shown.

use serde::{Deserialize, Serialize};

use crate::ids::{ClientId, ConversationId, MessageId, Seq, Timestamp, Username};

/// A stored message. Exactly one of `receiver` (private) and `groupId` (group) is there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Message {
    pub id: MessageId,
    pub client_id: ClientId,
    pub conversation_id: ConversationId,
    /// Its place in the conversation, and the order in which everyone shows it.
    pub seq: Seq,
    pub sender: Username,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receiver: Option<Username>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group_id: Option<ConversationId>,
    pub text: String,
    /// When the server stored it, by the server's clock. For people to read; never an order.
    pub sent_at: Timestamp,
    /// Every other member has it.
    pub delivered: bool,
}
