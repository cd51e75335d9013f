//! A conversation as one of its members sees it.

use serde::{Deserialize, Serialize};

use crate::{
    ids::{ConversationId, Seq, Username},
    message::Message,
    receipt::Position,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum ConversationKind {
    /// Two people. It begins with the first message from one to the other.
    Private,
    /// A named set of people.
    Group,
}

/// One element of `GET /web/conversations`, and what `createGroup` and `newgrp` carry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Conversation {
    pub id: ConversationId,
    pub kind: ConversationKind,
    /// A group's name; in a private conversation the display name of the other person.
    pub name: String,
    /// In the order of their names; the viewer is one of them.
    pub members: Vec<Username>,
    /// Who has made a group, a member or not: nobody else may take members out of it. None in a
    /// private conversation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_by: Option<Username>,
    pub last_message: Option<Message>,
    /// Messages of others behind the viewer's read position.
    pub unread: u64,
    /// The `seq` of the newest message, 0 while there is none.
    pub last_seq: Seq,
    /// How far each member has got, in groups of at most 50 members; in larger ones only the
    /// viewer's.
    #[serde(default)]
    pub positions: Vec<Position>,
    /// Every member has every message up to here.
    #[serde(default)]
    pub all_delivered_seq: Seq,
    /// Every member has read every message up to here.
    #[serde(default)]
    pub all_read_seq: Seq,
}

impl Conversation {
    /// The other member of a private conversation, as `viewer` sees it.
    pub fn other_member(&self, viewer: &Username) -> Option<&Username> {
        match self.kind {
            ConversationKind::Private => self.members.iter().find(|member| *member != viewer),
            ConversationKind::Group => None,
        }
    }
}
