//! What every client attempted, and what the server said about it. Shared by all clients, and the
//! measure of the audit.

use std::{
    collections::HashMap,
    hash::{DefaultHasher, Hash, Hasher},
};

use protocol::{ClientId, ConversationId, ErrorCode, Message, MessageId, Seq, Username};

use crate::audit::{Finding, Kind};

/// Stands for a text or a message, so that a million of them fit into memory.
pub type Digest = u64;

pub fn digest_of_text(text: &str) -> Digest {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

/// Everything of a message but `delivered`, which changes after the message is stored.
pub fn digest_of_message(message: &Message) -> Digest {
    let mut hasher = DefaultHasher::new();
    message.id.hash(&mut hasher);
    message.client_id.hash(&mut hasher);
    message.conversation_id.hash(&mut hasher);
    message.seq.hash(&mut hasher);
    message.sender.hash(&mut hasher);
    message.receiver.hash(&mut hasher);
    message.group_id.hash(&mut hasher);
    message.text.hash(&mut hasher);
    message.sent_at.hash(&mut hasher);
    hasher.finish()
}

/// Whom a message is for.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Target {
    Person(Username),
    Group(ConversationId),
}

/// Where a message is, as the server has told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    pub conversation: ConversationId,
    pub seq: Seq,
    pub id: MessageId,
}

impl Place {
    pub fn of(message: &Message) -> Self {
        Self {
            conversation: message.conversation_id.clone(),
            seq: message.seq,
            id: message.id.clone(),
        }
    }
}

/// A message that a client wanted to send.
#[derive(Clone, Debug)]
pub struct Attempt {
    pub sender: Username,
    /// Which client wrote it.
    pub client: usize,
    /// Its place among what that client wrote.
    pub place: u64,
    pub target: Target,
    pub text: Digest,
    /// Another tab sends it too, so its order is not this client's alone.
    pub twice: bool,
    pub acknowledged: Option<Place>,
    /// Refused for good.
    pub refused: Option<ErrorCode>,
}

/// A message that was written in a browser, whose page makes its id.
#[derive(Clone, Debug)]
pub struct Typed {
    pub person: Username,
    /// The name of the conversation, as the page shows it.
    pub to: String,
    /// Never the same twice.
    pub text: String,
}

/// A group that a client wanted to make.
#[derive(Clone, Debug)]
pub struct GroupAttempt {
    pub name: String,
    pub maker: Username,
    pub acknowledged: Option<ConversationId>,
}

/// The positions that the server has confirmed to a person.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Confirmed {
    pub delivered: Seq,
    pub read: Seq,
}

/// What was asked about somebody's membership of a group, and what of it was confirmed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Membership {
    pub may_have_joined: bool,
    pub joined: bool,
    pub may_have_left: bool,
    pub left: bool,
}

#[derive(Debug, Default)]
pub struct Ledger {
    pub messages: HashMap<ClientId, Attempt>,
    /// By its text.
    pub typed: HashMap<Digest, Typed>,
    pub groups: HashMap<ClientId, GroupAttempt>,
    pub positions: HashMap<(Username, ConversationId), Confirmed>,
    pub memberships: HashMap<(ConversationId, Username), Membership>,
    /// What went wrong before the eyes of a client.
    pub observed: Vec<Finding>,
    /// How many messages are acknowledged.
    pub acknowledged: usize,
}

impl Ledger {
    pub fn attempt(&mut self, id: ClientId, attempt: Attempt) {
        self.messages.insert(id, attempt);
    }

    pub fn typed(&mut self, typed: Typed) {
        self.typed.insert(digest_of_text(&typed.text), typed);
    }

    /// The server says that the message `id` is stored as `message`.
    pub fn acknowledge(&mut self, id: ClientId, message: &Message) {
        let told = Place::of(message);
        let Some(attempt) = self.messages.get_mut(&id) else {
            self.observe(
                Kind::Invented,
                format!("{id} was acknowledged, and nobody wrote it"),
            );
            return;
        };
        if message.client_id != id {
            let what = format!(
                "{id} was acknowledged with the message {}",
                message.client_id
            );
            self.observe(Kind::Moved, what);
            return;
        }
        match &attempt.acknowledged {
            None => {
                attempt.acknowledged = Some(told);
                self.acknowledged += 1;
            }
            Some(before) if *before == told => {}
            Some(before) => {
                let what = format!("{id} was acknowledged as {before:?} and then as {told:?}");
                self.observe(Kind::Moved, what);
            }
        }
    }

    pub fn refuse(&mut self, id: ClientId, code: ErrorCode) {
        if let Some(attempt) = self.messages.get_mut(&id) {
            attempt.refused = Some(code);
        }
    }

    pub fn confirm(
        &mut self,
        person: &Username,
        conversation: &ConversationId,
        delivered: Seq,
        read: Seq,
    ) {
        let confirmed = self
            .positions
            .entry((person.clone(), conversation.clone()))
            .or_default();
        confirmed.delivered = confirmed.delivered.max(delivered);
        confirmed.read = confirmed.read.max(read);
    }

    pub fn membership(&mut self, group: &ConversationId, person: &Username) -> &mut Membership {
        self.memberships
            .entry((group.clone(), person.clone()))
            .or_default()
    }

    /// Whether a refusal is right, because the person may be in the group no more.
    pub fn explains(&self, code: ErrorCode, group: &ConversationId, person: &Username) -> bool {
        let key = (group.clone(), person.clone());
        code == ErrorCode::UnknownConversation
            && self
                .memberships
                .get(&key)
                .is_some_and(|membership| membership.may_have_left)
    }

    pub fn observe(&mut self, kind: Kind, what: impl Into<String>) {
        self.observed.push(Finding::new(kind, what));
    }
}
