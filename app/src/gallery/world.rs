//! The people, conversations and messages that are shown. It is always the same afternoon there.

use protocol::{
    Conversation, ConversationId, ConversationKind, Message, Role, Seq, Session, Timestamp, User,
    Username,
};

use crate::state::{
    AppState,
    connection::Connection,
    fixtures::{MINUTE, NOON, client_id, conversation, group, message, username},
    notes::Note,
    recipient::Recipient,
    rows::local_day,
    session::SessionState,
    timeline::Timeline,
};

pub const DAY: i64 = 24 * 60 * MINUTE;
/// A name that no list has room for.
pub const LONG_NAME: &str =
    "Wilhelmina-Alexandrina von Hohenlohe-Waldenburg-Schillingsfürst the Younger of Neuenstein";

pub fn bob() -> Recipient {
    Recipient::Person(username("bob"))
}

pub fn carol() -> Recipient {
    Recipient::Person(username("carol"))
}

pub fn dina() -> Recipient {
    Recipient::Person(username("dina"))
}

pub fn group_id() -> ConversationId {
    ConversationId::from_trusted("lunch")
}

/// Alice's: she is signed in, and everything has come.
pub fn world() -> AppState {
    let state = signed_in();
    let alice = username("alice");
    state.people.update(|people| {
        let number = people.begin_snapshot();
        let now = here(NOON);
        let away = here(NOON - 25 * MINUTE);
        let long_ago = here(NOON - 40 * DAY);
        let everybody = [
            ("bob", "Bob", true, Some(now)),
            ("carol", "Carol Ann", false, Some(away)),
            ("dina", "דינה כהן", false, Some(long_ago)),
            ("erik", "Erik", false, None),
            ("wilhelmina", LONG_NAME, true, Some(now)),
        ];
        let user = |(name, display_name, online, last_seen_at): (&str, &str, _, _)| User {
            username: username(name),
            display_name: display_name.to_owned(),
            online,
            last_seen_at,
        };
        people.apply_snapshot(number, everybody.map(user).into());
    });
    state.conversations.update(|list| {
        let number = list.begin_snapshot();
        list.apply_snapshot(number, conversations(), None, &alice);
    });
    state
}

/// She is signed in, and nothing else is known yet.
pub fn signed_in() -> AppState {
    let state = AppState::new();
    state.session.set(SessionState::SignedIn(Session {
        username: username("alice"),
        display_name: "Alice".to_owned(),
        expires_at: here(NOON + DAY),
        role: Role::Member,
    }));
    state.connection.set(Connection::Connected);
    state.today.set(local_day(here(NOON), crate::dates::offset));
    state
}

/// Puts messages into a conversation of this world.
pub fn show(state: AppState, recipient: &Recipient, timeline: Timeline) {
    let place = state.timelines;
    place.update_value(|timelines| timelines.open(recipient).set(timeline));
}

/// Private messages between alice and bob: `(sender, text)`, a minute apart.
pub fn private(messages: &[(&str, &str)]) -> Vec<Message> {
    let numbered = (1..).zip(messages);
    numbered
        .map(|(seq, (sender, text))| said(seq, sender, text))
        .collect()
}

fn said(seq: u64, sender: &str, text: &str) -> Message {
    let mut message = message(seq, sender, text);
    message.sent_at = here(message.sent_at.0);
    message
}

/// This time of day by the reader's own clock, so that pictures are the same in every zone.
pub fn here(at: i64) -> Timestamp {
    Timestamp(at - crate::dates::offset(Timestamp(at)) * MINUTE)
}

/// Messages of the group, the first `yesterday` of them from the day before.
pub fn in_group(messages: &[(&str, &str)], yesterday: usize) -> Vec<Message> {
    let mut messages = private(messages);
    for (index, message) in messages.iter_mut().enumerate() {
        message.conversation_id = group_id();
        message.group_id = Some(group_id());
        message.receiver = None;
        if index < yesterday {
            message.sent_at.0 -= DAY;
        }
    }
    messages
}

/// What happened to the group, behind a message.
pub fn note(cursor: u64, after: u64, text: &str) -> std::sync::Arc<Note> {
    std::sync::Arc::new(Note {
        cursor,
        after: Seq(after),
        at: here(NOON - DAY),
        text: text.to_owned(),
    })
}

/// Writes something that waits, and something before it that was refused.
pub fn write(state: AppState, to: &Recipient, refused: &str, waiting: &str) {
    state.outbox.update(|outbox| {
        let at = |minute: i64| here(NOON + minute * MINUTE);
        outbox.enqueue(client_id(901), to.clone(), refused.to_owned(), at(58));
        outbox.kept(client_id(901), true);
        for attempt in outbox.take_next() {
            let why =
                "You send messages faster than anybody reads them. Wait a moment, then try again.";
            outbox.refuse(&attempt, why.to_owned());
        }
        outbox.enqueue(client_id(902), to.clone(), waiting.to_owned(), at(59));
    });
}

fn conversations() -> Vec<Conversation> {
    let lunch = Conversation {
        id: group_id(),
        name: "Lunch".to_owned(),
        members: ["alice", "bob", "carol", "wilhelmina"].map(username).into(),
        last_message: in_group(&[("carol", "At the usual place?")], 0).pop(),
        last_seq: Seq(1),
        unread: 3,
        ..group("lunch")
    };
    let bob = Conversation {
        last_message: Some(said(9, "alice", "See you at the lift then.")),
        ..conversation(9, 0, 9)
    };
    vec![
        lunch,
        bob,
        with(
            "wilhelmina",
            "A line that is much longer than the list is wide, so that it ends early.",
            12_345,
        ),
        with("dina", "שלום! נתראה מחר בבוקר?", 1),
        Conversation {
            name: "A group that was just made".to_owned(),
            ..group("new")
        },
    ]
}

/// A conversation with somebody whose last word was this.
fn with(other: &str, text: &str, unread: u64) -> Conversation {
    let other: Username = username(other);
    let mut last = said(unread, other.as_str(), text);
    last.sent_at = here(NOON - 3 * DAY);
    Conversation {
        id: ConversationId::from_trusted(other.as_str()),
        kind: ConversationKind::Private,
        members: vec![username("alice"), other],
        last_message: Some(last),
        positions: Vec::new(),
        ..conversation(unread, unread, 0)
    }
}
