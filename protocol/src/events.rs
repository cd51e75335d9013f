//! Every event of the namespace [`NAMESPACE`](crate::NAMESPACE) and its name on the wire.

use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::{
    conversation::Conversation,
    error::ErrorBody,
    group_event::GroupEvent,
    ids::{ConversationId, Seq, Username},
    message::Message,
    receipt::{Position, Receipt},
};

/// Something that a client asks of the server; every one of them is acknowledged.
///
/// Fields are what came over the wire: the server parses them into ids and texts, so that each
/// that is wrong gets the error that fits it.
pub trait ClientEvent: Serialize + DeserializeOwned {
    const NAME: &'static str;
    /// What the acknowledgement's `response` holds when it succeeds.
    type Response: Serialize + DeserializeOwned;
}

/// A message to one person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PrivateMessage {
    /// A UUID; the server makes one where a client leaves it out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_id: Option<String>,
    pub receiver: String,
    pub text: String,
}

impl ClientEvent for PrivateMessage {
    const NAME: &'static str = "privateMessage";
    type Response = Message;
}

/// A message to a group that the sender is a member of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GroupMessage {
    /// A UUID; the server makes one where a client leaves it out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_id: Option<String>,
    pub group_id: String,
    pub text: String,
}

impl ClientEvent for GroupMessage {
    const NAME: &'static str = "groupMessage";
    type Response = Message;
}

/// A new group. Its maker is a member too; one unknown member refuses the whole group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CreateGroup {
    /// A UUID; creating again with the same one makes no second group.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_id: Option<String>,
    pub name: String,
    pub members: Vec<String>,
}

impl CreateGroup {
    /// Most members a group may have, its maker included.
    pub const MAX_MEMBERS: usize = 10_000;
}

impl ClientEvent for CreateGroup {
    const NAME: &'static str = "createGroup";
    type Response = Conversation;
}

/// Another name for a group that the sender is a member of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RenameGroup {
    pub group_id: String,
    pub name: String,
}

impl ClientEvent for RenameGroup {
    const NAME: &'static str = "renameGroup";
    type Response = Conversation;
}

/// More members for a group that the sender is a member of. Whoever is one already stays one; one
/// unknown person refuses all of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AddMembers {
    pub group_id: String,
    pub members: Vec<String>,
}

impl ClientEvent for AddMembers {
    const NAME: &'static str = "addMembers";
    type Response = Conversation;
}

/// Fewer members for a group that the sender has made. Whoever is none any more stays out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RemoveMembers {
    pub group_id: String,
    pub members: Vec<String>,
}

impl ClientEvent for RemoveMembers {
    const NAME: &'static str = "removeMembers";
    type Response = Conversation;
}

/// The sender is no member any more. Leaving again is no error.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LeaveGroup {
    pub group_id: String,
}

impl ClientEvent for LeaveGroup {
    const NAME: &'static str = "leaveGroup";
    type Response = GroupLeft;
}

/// The sender has read everything up to `seq`. Never goes back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MarkRead {
    pub conversation_id: String,
    pub seq: Seq,
}

impl ClientEvent for MarkRead {
    const NAME: &'static str = "markRead";
    type Response = Receipt;
}

/// The sender holds everything up to `seq`, fetched by pages: what the acknowledgement of
/// [`ServerEvent::Response`] says for one message, said for many. Never goes back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MarkDelivered {
    pub conversation_id: String,
    pub seq: Seq,
}

impl ClientEvent for MarkDelivered {
    const NAME: &'static str = "markDelivered";
    type Response = Receipt;
}

/// The sender is writing in a conversation; said again every few seconds while they are. Nothing of
/// it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Typing {
    pub conversation_id: String,
}

impl ClientEvent for Typing {
    const NAME: &'static str = "typing";
    type Response = Heard;
}

/// There is nothing more to say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Heard {}

/// The CONNECT packet's payload.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConnectAuth {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    /// True from a client that fetches what it missed by pages and then says
    /// [`MarkDelivered`]; it gets no replay of missed messages as events.
    #[serde(default)]
    pub resyncs: bool,
}

/// What answers a [`ClientEvent`]: `{"success":true,"response":…}` or
/// `{"success":false,"error":{"code","message"}}`. Success means that it is on disk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acknowledgement<T> {
    pub success: bool,
    #[serde(default = "none", skip_serializing_if = "Option::is_none")]
    pub response: Option<T>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<ErrorBody>,
}

const fn none<T>() -> Option<T> {
    None
}

impl<T> From<Result<T, ErrorBody>> for Acknowledgement<T> {
    fn from(result: Result<T, ErrorBody>) -> Self {
        match result {
            Ok(response) => Self {
                success: true,
                response: Some(response),
                error: None,
            },
            Err(error) => Self {
                success: false,
                response: None,
                error: Some(error),
            },
        }
    }
}

impl<T> Acknowledgement<T> {
    /// The response, or the error; `None` when the answer holds neither.
    pub fn into_result(self) -> Option<Result<T, ErrorBody>> {
        match (self.response, self.error) {
            (Some(response), _) if self.success => Some(Ok(response)),
            (_, Some(error)) => Some(Err(error)),
            _ => None,
        }
    }
}

/// A receiver's acknowledgement of [`ServerEvent::Response`]: this is the delivery.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivered {
    pub success: bool,
    pub receiver: Username,
}

/// The payload of `response`: a message, new or missed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageEvent {
    pub response: Message,
}

/// The payload of `updateDeliveryStatusOnConnection`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeliveryStatus {
    /// The newest of the messages that waited, as it is now.
    pub response: Message,
    pub up_to_seq: Seq,
    pub receiver: Username,
}

/// The payload of `onlineStatus`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OnlineStatus {
    pub username: Username,
    pub online: bool,
}

/// The payload of `presence`: who came and who went since it was said before, as it is now.
///
/// Names are in order, and nobody's is in both.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PresenceChanged {
    pub online: Vec<Username>,
    pub offline: Vec<Username>,
}

/// The payload of `userChanged`: somebody joined, has another name, or cannot sign in any more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UserChanged {
    pub username: Username,
    pub display_name: String,
    pub online: bool,
    /// Whether they can be written to.
    pub active: bool,
}

/// The payload of `newgrp`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewGroup {
    /// The group's name.
    pub response: String,
    pub conversation: Conversation,
}

/// The payload of `groupChanged`: a group as it is now, but for what differs between its members.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GroupChanged {
    pub group_id: ConversationId,
    pub name: String,
    pub members: Vec<Username>,
    /// As in [`Conversation::positions`]; empty in groups of more than
    /// [`LARGE_GROUP`](crate::receipt::LARGE_GROUP).
    pub positions: Vec<Position>,
    pub all_delivered_seq: Seq,
    pub all_read_seq: Seq,
}

/// The payload of `groupEvent`: what has just happened to a group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GroupHappened {
    pub group_id: ConversationId,
    pub event: GroupEvent,
}

/// The payload of `groupLeft`: the receiver is no member any more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GroupLeft {
    pub group_id: ConversationId,
}

/// The payload of `userTyping`: somebody else is writing, for the next few seconds or until their
/// message comes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UserTyping {
    pub conversation_id: ConversationId,
    pub username: Username,
}

/// The payload of `resync`: there is nothing more to say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resync {}

/// The payload of `token-expired`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionEnded {
    /// A sentence that says why.
    pub response: String,
}

/// Everything that the server pushes; a receiver matches it exhaustively.
#[derive(Clone, Debug, PartialEq)]
pub enum ServerEvent {
    /// A message, to every socket of every member. The receiver acknowledges with [`Delivered`].
    Response(MessageEvent),
    /// Messages that waited for an offline receiver have reached it; to their sender.
    UpdateDeliveryStatusOnConnection(DeliveryStatus),
    /// A member's position moved; to the members.
    Receipt(Receipt),
    /// A person came or went; to sockets that do not resync by themselves.
    OnlineStatus(OnlineStatus),
    /// People came or went; to sockets that resync by themselves, in place of `onlineStatus`.
    Presence(PresenceChanged),
    /// Somebody joined, has another name, or cannot sign in any more; to everybody.
    UserChanged(UserChanged),
    /// A group was made, or the receiver was taken into one; to its (new) members.
    NewGroup(NewGroup),
    /// A group has another name or other members; to its members.
    GroupChanged(GroupChanged),
    /// What has just happened to a group, for its timeline; to its members, behind `groupChanged`.
    GroupEvent(GroupHappened),
    /// The receiver has left a group or was taken out of it.
    GroupLeft(GroupLeft),
    /// Somebody is writing; to the other members of a conversation of at most
    /// [`LARGE_GROUP`](crate::receipt::LARGE_GROUP).
    UserTyping(UserTyping),
    /// Some events did not reach the receiver, because it was too slow or they happened while it came;
    /// it asks what has changed.
    Resync(Resync),
    /// The session has ended; the server disconnects the socket next.
    TokenExpired(SessionEnded),
}

impl ServerEvent {
    pub const RESPONSE: &'static str = "response";
    pub const UPDATE_DELIVERY_STATUS_ON_CONNECTION: &'static str =
        "updateDeliveryStatusOnConnection";
    pub const RECEIPT: &'static str = "receipt";
    pub const ONLINE_STATUS: &'static str = "onlineStatus";
    pub const PRESENCE: &'static str = "presence";
    pub const USER_CHANGED: &'static str = "userChanged";
    pub const NEW_GROUP: &'static str = "newgrp";
    pub const GROUP_CHANGED: &'static str = "groupChanged";
    pub const GROUP_EVENT: &'static str = "groupEvent";
    pub const GROUP_LEFT: &'static str = "groupLeft";
    pub const USER_TYPING: &'static str = "userTyping";
    pub const RESYNC: &'static str = "resync";
    pub const TOKEN_EXPIRED: &'static str = "token-expired";
}

/// The id of a conversation in a payload, as text that has yet to be checked.
impl From<&ConversationId> for String {
    fn from(id: &ConversationId) -> Self {
        id.as_str().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorCode;

    #[test]
    fn a_failed_acknowledgement_holds_a_code_and_no_response() {
        let refused = Acknowledgement::<Seq>::from(Err(ErrorBody::new(ErrorCode::TextEmpty, "…")));
        assert_eq!(
            serde_json::to_string(&refused).expect("json"),
            r#"{"success":false,"error":{"code":"text-empty","message":"…"}}"#
        );
    }

    #[test]
    fn an_acknowledgement_reads_back_as_the_result_it_was_made_from() {
        let stored = Acknowledgement::from(Ok::<_, ErrorBody>(Seq(7)));
        let json = serde_json::to_string(&stored).expect("json");
        let read: Acknowledgement<Seq> = serde_json::from_str(&json).expect("an acknowledgement");
        assert_eq!(read.into_result(), Some(Ok(Seq(7))));
    }

    /// The first words of the rows of the table under a heading of docs/events.md.
    fn described(heading: &str) -> Vec<String> {
        let text = include_str!("../../docs/events.md");
        let (_, section) = text.split_once(heading).expect("the heading");
        let (section, _) = section.split_once("\n## ").unwrap_or((section, ""));
        let names = section.lines().filter_map(|line| {
            let (name, _) = line.strip_prefix("| `")?.split_once('`')?;
            Some(name.to_owned())
        });
        names.collect()
    }

    /// The texts of the constants in this file that are declared like this.
    fn declared(beginning: &str) -> Vec<String> {
        let (source, _) = include_str!("events.rs")
            .split_once("#[cfg(test)]")
            .expect("these tests");
        let names = source.split(beginning).skip(1).filter_map(|rest| {
            let (_, rest) = rest.split_once(": &'static str =")?;
            let (name, _) = rest.trim_start().strip_prefix('"')?.split_once('"')?;
            Some(name.to_owned())
        });
        names.collect()
    }

    #[test]
    fn every_event_is_described_and_nothing_else_is() {
        let emitted = declared("const NAME");
        assert!(emitted.len() >= 9, "{emitted:?}");
        let mut pushed = declared("pub const ");
        pushed.retain(|name| !emitted.contains(name));
        assert!(pushed.len() >= 10, "{pushed:?}");
        assert_eq!(described("## What a client emits"), emitted);
        assert_eq!(described("## What the server pushes"), pushed);
    }
}
