//! What the client knows. Plain data over [`protocol`], tested natively; nothing in here touches a
//! browser.

use protocol::Username;

/// What a person can ask for.
pub mod actions;
/// What can be completed where one writes.
pub mod completion;
/// How the line to the server is.
pub mod connection;
/// The list of conversations.
pub mod conversations;
/// What is not sent yet.
pub mod drafts;
/// Emoji by their names.
pub mod emoji;
/// How well a name fits what was typed.
pub mod fuzzy;
/// The list as it is shown.
pub mod listing;
/// What people type to give their words a form.
pub mod markup;
/// Whether somebody scrolls.
pub mod motion;
/// What happened to groups.
pub mod notes;
/// What is kept for when there is no server.
pub mod offline;
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
/// Why a form was not taken.
pub mod refusal;
/// What a timeline looks like: blocks and lines.
pub mod rows;
/// Finding names, whatever their capitals.
pub mod search;
/// Who is signed in.
pub mod session;
/// The messages of one conversation.
pub mod timeline;
/// The timelines of several.
pub mod timelines;
/// Who is writing.
pub mod typing;
/// How much of a conversation is unread.
pub mod unread;

#[cfg(test)]
mod budget;
#[cfg(any(test, all(debug_assertions, target_arch = "wasm32")))]
pub mod fixtures;

use connection::Connection;
use conversations::Conversations;
use drafts::Drafts;
use outbox::Outbox;
use people::People;
use places::Places;
use recipient::Recipient;
use session::{SessionState, SignedOut};
use timelines::Timelines;

use crate::reactive::{Observable, Stored};

/// Everything the client knows. It is made once and lives as long as the page.
#[derive(Clone, Copy, Debug)]
pub struct AppState {
    pub session: Observable<SessionState>,
    pub people: Observable<People>,
    pub conversations: Observable<Conversations>,
    pub outbox: Observable<Outbox>,
    pub timelines: Stored<Timelines>,
    pub drafts: Stored<Drafts>,
    pub places: Stored<Places>,
    pub connection: Observable<Connection>,
    /// A sentence about who is writing in a conversation.
    pub typing: Observable<Option<(Recipient, String)>>,
    /// What the browser believes about its network.
    pub online: Observable<bool>,
    /// Somebody can see the page.
    pub visible: Observable<bool>,
    /// The local day, counted from the epoch; "Today" hangs on it.
    pub today: Observable<i64>,
}

impl AppState {
    pub fn new() -> Self {
        Self {
            session: Observable::default(),
            people: Observable::default(),
            conversations: Observable::default(),
            outbox: Observable::default(),
            timelines: Stored::new(Timelines::default()),
            drafts: Stored::new(Drafts::default()),
            places: Stored::new(Places::default()),
            connection: Observable::default(),
            typing: Observable::default(),
            online: Observable::new(true),
            visible: Observable::new(true),
            today: Observable::default(),
        }
    }

    /// The signed-in person, read without following changes.
    pub fn viewer(&self) -> Option<Username> {
        self.session
            .with_untracked(|session| session.username().cloned())
    }

    /// Drops everything that belongs to one person.
    pub fn sign_out(&self, why: SignedOut) {
        self.session.set(SessionState::SignedOut(why));
        self.connection.set(Connection::None);
        self.people.set(People::default());
        self.conversations.set(Conversations::default());
        self.outbox.set(Outbox::default());
        self.timelines.set_value(Timelines::default());
        self.drafts.set_value(Drafts::default());
        self.places.set_value(Places::default());
    }
}

impl Default for AppState {
    fn default() -> Self {
        Self::new()
    }
}
