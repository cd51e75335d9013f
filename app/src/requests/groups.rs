//! Making groups and changing them.

use protocol::{
    ClientId, Conversation, ConversationId, GroupEvent, GroupName, Seq, Username,
    events::{AddMembers, CreateGroup, GroupLeft, LeaveGroup, RemoveMembers, RenameGroup},
    receipt::{Position, ReadTime},
};

use super::{Refusal, line::Line};
use crate::api::{self, ApiError, Method};

/// What happened to a group, the oldest first.
pub async fn events(group: &ConversationId) -> Result<Vec<GroupEvent>, ApiError> {
    let address = ["/web/conversations/", group.as_str(), "/events"].concat();
    api::ask(Method::Get, &address, None).await
}

/// Where every member of a conversation stands.
pub async fn positions(group: &ConversationId) -> Result<Vec<Position>, ApiError> {
    let address = ["/web/conversations/", group.as_str(), "/positions"].concat();
    api::ask(Method::Get, &address, None).await
}

/// Who has read a message, and when.
pub async fn read_times(
    conversation: &ConversationId,
    message: Seq,
) -> Result<Vec<ReadTime>, ApiError> {
    let seq = message.0.to_string();
    let address = [
        "/web/conversations/",
        conversation.as_str(),
        "/messages/",
        &seq,
        "/read",
    ];
    api::ask(Method::Get, &address.concat(), None).await
}

impl Line {
    /// Asking again with the same id makes no second group.
    pub async fn create_group(
        self,
        id: ClientId,
        name: GroupName,
        members: Vec<Username>,
    ) -> Result<Conversation, Refusal> {
        self.ask(&CreateGroup {
            client_id: Some(id.to_string()),
            name: name.as_str().to_owned(),
            members: written(members),
        })
        .await
    }

    pub async fn rename_group(
        self,
        group: ConversationId,
        name: String,
    ) -> Result<Conversation, Refusal> {
        let name = GroupName::parse(&name)?.as_str().to_owned();
        let group_id = String::from(&group);
        self.ask(&RenameGroup { group_id, name }).await
    }

    pub async fn add_members(
        self,
        group: ConversationId,
        members: Vec<Username>,
    ) -> Result<Conversation, Refusal> {
        let (group_id, members) = (String::from(&group), written(members));
        self.ask(&AddMembers { group_id, members }).await
    }

    /// Only who has made a group may.
    pub async fn remove_member(
        self,
        group: ConversationId,
        member: Username,
    ) -> Result<Conversation, Refusal> {
        let (group_id, members) = (String::from(&group), written(vec![member]));
        self.ask(&RemoveMembers { group_id, members }).await
    }

    pub async fn leave_group(self, group: ConversationId) -> Result<GroupLeft, Refusal> {
        let group_id = String::from(&group);
        self.ask(&LeaveGroup { group_id }).await
    }
}

fn written(members: Vec<Username>) -> Vec<String> {
    members.iter().map(ToString::to_string).collect()
}
