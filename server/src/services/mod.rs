//! The rules of the chat. No axum, no socketioxide: whatever comes by HTTP, by socket or by
//! command line ends here, and what changes is told to the others as a [`DomainEvent`].

use std::{
    net::IpAddr,
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use protocol::{Role, Secret, Timestamp, Username};
use tokio::sync::mpsc;

use crate::storage::{Database, StorageError, UserId};

/// Who may sign in, and who there is to write to.
pub mod accounts;
/// What owners and admins do, and the command line in their place.
pub mod administration;
/// What had to do with getting in, and with who may.
pub mod audit;
/// Conversations as their members see them, and what has changed in them.
pub mod conversations;
/// What went wrong, in the words of the protocol.
pub mod error;
/// What happened, for whoever has to tell the clients.
pub mod events;
/// Making groups and changing them.
pub mod groups;
/// When people were last here.
pub mod last_seen;
/// How often somebody may do something.
pub mod limits;
/// Links that let somebody in.
pub mod links;
/// Storing messages: one queue, one writer, one commit for all that wait together.
pub mod messages;
/// Passkeys: adding them, and signing in and confirming with one.
pub mod passkeys;
/// Passwords: what they have to be, and how they are kept.
pub mod passwords;
/// How many of something there may be at the same time.
pub mod places;
/// Who is here.
pub mod presence;
/// Delivered and read positions.
pub mod receipts;
/// Recovery codes.
mod recovery;
/// Sessions and the two tokens that stand for them.
pub mod sessions;
/// Who is writing.
pub mod typing;

pub use error::ServiceError;
pub use events::DomainEvent;

/// A person as the services know them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    pub id: UserId,
    pub username: Username,
    pub display_name: String,
    pub role: Role,
}

/// Where a request comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Visitor {
    /// `None` where it cannot be told.
    pub address: Option<IpAddr>,
    /// The token of the session that the browser has already, if it has one.
    pub session: Option<Secret>,
    /// Browser and system in words, such as "Firefox on Linux".
    pub browser: String,
}

/// Every service, over one database.
#[derive(Debug)]
pub struct Services {
    pub accounts: accounts::Accounts,
    pub administration: administration::Administration,
    pub conversations: conversations::Conversations,
    pub groups: groups::Groups,
    /// `None` where people sign in by name alone.
    pub limits: Option<Arc<limits::Limits>>,
    pub messages: messages::Messages,
    pub passkeys: passkeys::Passkeys,
    pub presence: presence::Presence,
    pub receipts: receipts::Receipts,
    pub sessions: Arc<sessions::Sessions>,
    pub typing: typing::Typing,
    database: Database,
}

/// What the services need to know.
#[derive(Clone, Debug)]
pub struct Settings {
    pub sessions: sessions::Rules,
    /// `None`: no limits.
    pub rates: Option<limits::Rates>,
    /// How long somebody whose last socket went still counts as online.
    pub presence_grace: Duration,
}

impl Services {
    /// Starts the services; what happens comes out of the receiver. `secrets`: the keys that sign, of
    /// which the newest comes first.
    pub fn start(
        database: Database,
        secrets: &[sessions::Secret],
        settings: &Settings,
    ) -> (Arc<Self>, mpsc::Receiver<DomainEvent>) {
        let (announcer, receiver) = events::Announcer::new();
        let receipts = receipts::Receipts::start(database.clone(), announcer.clone());
        let limits = settings
            .rates
            .as_ref()
            .map(|rates| Arc::new(limits::Limits::new(rates)));
        let sessions = Arc::new(sessions::Sessions::new(
            database.clone(),
            announcer.clone(),
            secrets,
            settings.sessions,
        ));
        let services = Self {
            accounts: accounts::Accounts::new(
                database.clone(),
                announcer.clone(),
                limits.clone(),
                Arc::clone(&sessions),
            ),
            administration: administration::Administration::new(
                database.clone(),
                announcer.clone(),
                limits.clone(),
                Arc::clone(&sessions),
            ),
            conversations: conversations::Conversations::new(database.clone()),
            groups: groups::Groups::new(database.clone(), announcer.clone(), limits.clone()),
            passkeys: passkeys::Passkeys::new(
                database.clone(),
                limits.clone(),
                Arc::clone(&sessions),
            ),
            limits,
            messages: messages::Messages::start(
                database.clone(),
                announcer.clone(),
                receipts.clone(),
            ),
            presence: presence::Presence::new(
                announcer.clone(),
                settings.presence_grace,
                last_seen::start(database.clone()),
            ),
            receipts,
            sessions,
            typing: typing::Typing::new(database.clone(), announcer),
            database,
        };
        (Arc::new(services), receiver)
    }

    /// What the command line does, while a server may be running on the same database.
    pub fn administration_alone(
        database: &Database,
        secrets: &[sessions::Secret],
        settings: &Settings,
    ) -> administration::Administration {
        // Nobody listens here. The server finds out what it has to by itself.
        let (announcer, _) = events::Announcer::new();
        let sessions = sessions::Sessions::new(
            database.clone(),
            announcer.clone(),
            secrets,
            settings.sessions,
        );
        administration::Administration::new(database.clone(), announcer, None, Arc::new(sessions))
    }

    /// Says whether the database answers.
    pub async fn ready(&self) -> Result<(), StorageError> {
        self.database.ping().await
    }

    /// How many transactions this process has committed.
    pub fn commits(&self) -> u64 {
        self.database.commits()
    }

    /// How many statements the database has carried out for this process.
    pub fn statements(&self) -> u64 {
        self.database.statements()
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
