//! What the client knows. Plain data over [`protocol`], tested natively; nothing in here touches a
//! browser.

use protocol::Username;

/// What a person can ask for.
pub mod actions;
/// How the line to the server is.
pub mod connection;
/// The list of conversations.
pub mod conversations;
/// What is not sent yet.
pub mod drafts;
/// The list as it is shown.
pub mod listing;
/// What is on its way to the server.
pub mod outbox;
/// Everyone there is to write to, with presence.
pub mod people;
/// Where in each conversation its reader was.
pub mod places;
/// How far the others have got: ticks.
pub mod receipts;
/// Whom a conversation is with.
pub mod recipient;
/// What a timeline looks like: blocks and lines.
pub mod rows;
/// Values that can be followed.
pub mod shared;

/// Who is signed in.
pub mod session;
/// The messages of one conversation.
pub mod timeline;
/// The timelines of several.
pub mod timelines;
/// How much of a conversation is unread.
pub mod unread;

#[cfg(test)]
mod fixtures;

use connection::Connection;
use conversations::Conversations;
use drafts::Drafts;
use outbox::Outbox;
use people::People;
use places::Places;
use session::{SessionState, SignedOut};
use shared::Shared;
use timelines::Timelines;

/// Everything the client knows. It is made once and lives as long as the page.
#[derive(Clone, Copy, Debug, Default)]
pub struct AppState {
    pub session: Shared<SessionState>,
    pub people: Shared<People>,
    pub conversations: Shared<Conversations>,
    pub outbox: Shared<Outbox>,
    pub timelines: Shared<Timelines>,
    pub drafts: Shared<Drafts>,
    pub places: Shared<Places>,
    pub connection: Shared<Connection>,
    pub surroundings: Shared<Surroundings>,
}

/// What the browser tells of the world around the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Surroundings {
    /// What it believes about its network.
    pub online: bool,
    /// Somebody can see the page.
    pub visible: bool,
    /// The local day, counted from the epoch; "Today" hangs on it.
    pub today: i64,
}

impl Default for Surroundings {
    fn default() -> Self {
        Self { online: true, visible: true, today: 0 }
    }
}

impl AppState {
    /// The signed-in person, read without following changes.
    pub fn viewer(&self) -> Option<Username> {
        self.session.with_untracked(|session| session.username().cloned())
    }

    /// Drops everything that belongs to one person.
    pub fn sign_out(&self, why: SignedOut) {
        self.session.set(SessionState::SignedOut(why));
        self.connection.set(Connection::None);
        self.people.set(People::default());
        self.conversations.set(Conversations::default());
        self.outbox.set(Outbox::default());
        self.timelines.set(Timelines::default());
        self.drafts.set(Drafts::default());
        self.places.set(Places::default());
    }
}
