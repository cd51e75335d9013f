//! Short ways to make what the state tests and the page of components are about.

use protocol::{
    ClientId, Conversation, ConversationId, ConversationKind, Message, MessageId, Seq, Timestamp,
    Username, receipt::Position,
};

/// When message 0 would have been sent: 2026-01-05 12:00 UTC.
pub const NOON: i64 = 1_767_614_400_000;
pub const MINUTE: i64 = 60_000;

pub fn username(name: &str) -> Username {
    Username::parse(name).expect("a username")
}

pub fn client_id(number: u128) -> ClientId {
    ClientId::new(uuid::Uuid::from_u128(number))
}

/// A private message between alice and bob, one minute after the one before.
pub fn message(seq: u64, sender: &str, text: &str) -> Message {
    let receiver = if sender == "alice" { "bob" } else { "alice" };
    Message {
        id: MessageId::from_trusted(seq.to_string()),
        client_id: client_id(u128::from(seq)),
        conversation_id: ConversationId::from_trusted("alice-bob"),
        seq: Seq(seq),
        sender: username(sender),
        receiver: Some(username(receiver)),
        group_id: None,
        text: text.to_owned(),
        sent_at: Timestamp(NOON + i64::try_from(seq).expect("small") * MINUTE),
        delivered: false,
    }
}

pub fn messages(seqs: std::ops::RangeInclusive<u64>) -> Vec<Message> {
    seqs.map(|seq| message(seq, "bob", "…")).collect()
}

/// The conversation of alice and bob with messages up to `last_seq`, the last of them bob's.
pub fn conversation(last_seq: u64, unread: u64, read_seq: u64) -> Conversation {
    let position = |name: &str, delivered: u64, read: u64| Position {
        username: username(name),
        delivered_seq: Seq(delivered),
        read_seq: Seq(read),
    };
    Conversation {
        id: ConversationId::from_trusted("alice-bob"),
        kind: ConversationKind::Private,
        name: "Bob".to_owned(),
        members: vec![username("alice"), username("bob")],
        created_by: None,
        last_message: (last_seq > 0).then(|| message(last_seq, "bob", "…")),
        unread,
        last_seq: Seq(last_seq),
        positions: vec![position("alice", last_seq, read_seq), position("bob", 0, 0)],
        all_delivered_seq: Seq(0),
        all_read_seq: Seq(0),
    }
}

/// A group of alice, bob and carol without messages.
pub fn group(id: &str) -> Conversation {
    Conversation {
        id: ConversationId::from_trusted(id),
        kind: ConversationKind::Group,
        name: id.to_owned(),
        members: vec![username("alice"), username("bob"), username("carol")],
        created_by: Some(username("alice")),
        last_message: None,
        unread: 0,
        last_seq: Seq(0),
        positions: Vec::new(),
        all_delivered_seq: Seq(0),
        all_read_seq: Seq(0),
    }
}
