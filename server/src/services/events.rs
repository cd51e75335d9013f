//! What happened, for whoever has to tell the clients.

use std::sync::Arc;

use protocol::{
    Conversation, ConversationId, GroupEvent, Message, Receipt,
    events::{DeliveryStatus, GroupChanged, OnlineStatus, UserChanged, UserTyping},
};
use tokio::sync::{Mutex, MutexGuard, mpsc};

use crate::storage::UserId;

/// How many domain events may wait for the broadcaster before writers wait for it.
const QUEUE: usize = 4_096;

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
    /// A group has another name or other members.
    GroupChanged {
        joined: Vec<UserId>,
        left: Vec<UserId>,
        change: Box<GroupChanged>,
        /// What happened.
        event: Box<GroupEvent>,
        /// The group as those who joined see it, if anybody did.
        welcome: Option<Box<Conversation>>,
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
    /// A position moved in a large group, of which only the person's own devices hear.
    OwnPositionMoved {
        user: UserId,
        receipt: Receipt,
    },
    PresenceChanged {
        user: UserId,
        status: OnlineStatus,
    },
    /// Somebody joined, has another name, or cannot sign in any more.
    PersonChanged {
        user: UserId,
        change: UserChanged,
    },
    /// Somebody is writing.
    Typing {
        user: UserId,
        typing: UserTyping,
    },
    /// Sessions have ended before their time; which, the database knows.
    SessionsEnded,
}

/// The way out for domain events.
#[derive(Clone, Debug)]
pub struct Announcer {
    events: mpsc::Sender<DomainEvent>,
    order: Arc<Mutex<()>>,
}

/// The right to change what others see in order: messages and memberships. Held from before a
/// change is stored until it is announced, so that events come in the order of commits.
#[derive(Debug)]
pub struct Turn<'a> {
    announcer: &'a Announcer,
    _order: MutexGuard<'a, ()>,
}

impl Announcer {
    /// What is announced comes out of the receiver.
    pub fn new() -> (Self, mpsc::Receiver<DomainEvent>) {
        let (events, receiver) = mpsc::channel(QUEUE);
        let announcer = Self {
            events,
            order: Arc::default(),
        };
        (announcer, receiver)
    }

    pub async fn turn(&self) -> Turn<'_> {
        Turn {
            announcer: self,
            _order: self.order.lock().await,
        }
    }

    /// Announces what may come at any time: positions and presence.
    pub async fn send(&self, event: DomainEvent) {
        // The broadcaster is gone only while the server stops; clients fetch the rest later.
        let _ = self.events.send(event).await;
    }
}

impl Turn<'_> {
    pub async fn send(&self, event: DomainEvent) {
        self.announcer.send(event).await;
    }
}
