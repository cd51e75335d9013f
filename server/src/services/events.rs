//! What happened, for whoever has to tell the clients.

use protocol::{
    Conversation, ConversationId, Message, Receipt,
    events::{DeliveryStatus, OnlineStatus},
};

use crate::storage::UserId;

/// Something that is in the database and that others want to know. Events about one conversation
/// come in the order in which they were stored.
#[derive(Clone, Debug)]
pub enum DomainEvent {
    /// A conversation exists from now on. Comes before its first message.
    ConversationMade {
        id: ConversationId,
        members: Vec<UserId>,
        /// What members are told; nothing for a private one, whose first message speaks for it.
        group: Option<Box<Conversation>>,
    },
    MessageStored {
        sender: UserId,
        message: Box<Message>,
    },
    /// Messages of `sender` that had waited have reached their receiver.
    WaitingDelivered {
        sender: UserId,
        status: Box<DeliveryStatus>,
    },
    PositionMoved(Receipt),
    PresenceChanged {
        user: UserId,
        status: OnlineStatus,
    },
}
