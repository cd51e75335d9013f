//! Whom a conversation is with. It names a conversation before its first message has given it an
//! id, and it is what an address shows.

use protocol::{Conversation, ConversationId, ConversationKind, Message, Username};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Recipient {
    Person(Username),
    Group(ConversationId),
}

impl Recipient {
    /// Whom `viewer` shares the conversation with; `None` when they are not a member.
    pub fn of_conversation(conversation: &Conversation, viewer: &Username) -> Option<Self> {
        match conversation.kind {
            ConversationKind::Private => {
                conversation.other_member(viewer).cloned().map(Self::Person)
            }
            ConversationKind::Group => Some(Self::Group(conversation.id.clone())),
        }
    }

    /// The conversation, as `viewer` sees it, that a message belongs to.
    pub fn of_message(message: &Message, viewer: &Username) -> Option<Self> {
        match (&message.receiver, &message.group_id) {
            (Some(receiver), _) if message.sender == *viewer => {
                Some(Self::Person(receiver.clone()))
            }
            (Some(_), _) => Some(Self::Person(message.sender.clone())),
            (None, Some(group)) => Some(Self::Group(group.clone())),
            (None, None) => None,
        }
    }

    /// The address under which the app shows the conversation.
    pub fn path(&self) -> String {
        let (folder, id) = match self {
            Self::Person(username) => ("/people/", username.as_str()),
            Self::Group(id) => ("/groups/", id.as_str()),
        };
        [folder, id].concat()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::fixtures::{message, username};

    #[test]
    fn a_private_message_belongs_to_the_conversation_with_the_other_person() {
        let message = message(1, "alice", "Hello");
        let with_bob = Recipient::Person(username("bob"));
        assert_eq!(
            Recipient::of_message(&message, &username("alice")),
            Some(with_bob)
        );
        let with_alice = Recipient::Person(username("alice"));
        assert_eq!(
            Recipient::of_message(&message, &username("bob")),
            Some(with_alice)
        );
    }
}
