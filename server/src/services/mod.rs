//! The rules of the chat. No axum, no socketioxide: whatever comes by HTTP, by socket or by
//! command line ends here, and what changes is told to the others as a [`DomainEvent`].

use std::{
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use protocol::{Timestamp, Username};
use tokio::sync::mpsc;

use crate::storage::{Database, StorageError, UserId};

/// Who may sign in, and who there is to write to.
pub mod accounts;
/// Conversations as their members see them, and what has changed in them.
pub mod conversations;
/// What went wrong, in the words of the protocol.
pub mod error;
/// What happened, for whoever has to tell the clients.
pub mod events;
/// Making groups and changing them.
pub mod groups;
/// Storing messages: one queue, one writer, one commit for all that wait together.
pub mod messages;
/// Who is here.
pub mod presence;
/// Delivered and read positions.
pub mod receipts;
/// Sessions and the two tokens that stand for them.
pub mod sessions;

pub use error::ServiceError;
pub use events::DomainEvent;

/// A person as the services know them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    pub id: UserId,
    pub username: Username,
    pub display_name: String,
}

/// Every service, over one database.
#[derive(Debug)]
pub struct Services {
    pub accounts: accounts::Accounts,
    pub conversations: conversations::Conversations,
    pub groups: groups::Groups,
    pub messages: messages::Messages,
    pub presence: presence::Presence,
    pub receipts: receipts::Receipts,
    pub sessions: sessions::Sessions,
    database: Database,
}

/// What the services need to know.
#[derive(Clone, Debug)]
pub struct Settings {
    pub session_length: Duration,
    /// How long somebody whose last socket went still counts as online.
    pub presence_grace: Duration,
}

impl Services {
    /// Starts the services; what happens comes out of the receiver.
    pub fn start(
        database: Database,
        secret: &sessions::Secret,
        settings: &Settings,
    ) -> (Arc<Self>, mpsc::Receiver<DomainEvent>) {
        let (announcer, receiver) = events::Announcer::new();
        let receipts = receipts::Receipts::start(database.clone(), announcer.clone());
        let services = Self {
            accounts: accounts::Accounts::new(database.clone()),
            conversations: conversations::Conversations::new(database.clone()),
            groups: groups::Groups::new(database.clone(), announcer.clone()),
            messages: messages::Messages::start(
                database.clone(),
                announcer.clone(),
                receipts.clone(),
            ),
            presence: presence::Presence::new(announcer, settings.presence_grace),
            receipts,
            sessions: sessions::Sessions::new(database.clone(), secret, settings.session_length),
            database,
        };
        (Arc::new(services), receiver)
    }

    /// Says whether the database answers.
    pub async fn ready(&self) -> Result<(), StorageError> {
        self.database.ping().await
    }

    /// How many transactions this process has committed.
    pub fn commits(&self) -> u64 {
        self.database.commits()
    }

    /// Closes the database. Requests that come later fail.
    pub async fn close(&self) -> Result<(), StorageError> {
        self.database.clone().close().await
    }
}

/// The time by the server's clock.
pub fn now() -> Timestamp {
    let since_epoch = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    Timestamp(i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX))
}

/// A stored `seq` as the protocol has it. The database never holds a negative one.
fn seq(stored: i64) -> protocol::Seq {
    protocol::Seq(u64::try_from(stored).unwrap_or_default())
}

/// A `seq` of the protocol as the database has it; one beyond its range lies behind every message.
fn stored_seq(seq: protocol::Seq) -> i64 {
    i64::try_from(seq.0).unwrap_or(i64::MAX)
}
