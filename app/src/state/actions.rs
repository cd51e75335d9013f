//! What a person can ask for. Components say it, and whoever started the app carries it out.

use std::{fmt, sync::Arc};

use protocol::{ClientId, Conversation, Seq, Session};

use super::recipient::Recipient;

#[derive(Clone, Debug)]
pub enum Command {
    /// Somebody signed in on the login page; the token is for the first connection.
    SignedIn {
        session: Session,
        token: Option<String>,
    },
    /// A conversation is on the screen: fetch what it needs.
    Open(Recipient),
    Leave(Recipient),
    LoadOlder(Recipient),
    LoadNewer(Recipient),
    JumpToNewest(Recipient),
    Send {
        to: Recipient,
        text: String,
    },
    Retry(ClientId),
    Discard(ClientId),
    KeepDraft {
        to: Recipient,
        text: String,
    },
    /// Everything up to here was on the screen of somebody who was looking.
    MarkRead {
        recipient: Recipient,
        seq: Seq,
    },
    CreateGroup(NewGroup),
    /// Do not wait for the next try.
    TryNow,
}

/// A group to be made.
#[derive(Clone)]
pub struct NewGroup {
    pub name: String,
    pub members: Vec<String>,
    pub done: Done,
}

/// Why there is no group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupError {
    /// A sentence for people.
    pub message: String,
    /// The field of the form that it belongs to.
    pub field: Option<String>,
}

/// Whom to tell how it ended.
pub type Done = Arc<dyn Fn(Result<Conversation, GroupError>) + Send + Sync>;

impl fmt::Debug for NewGroup {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("NewGroup")
    }
}

/// The way from the components to whoever carries commands out, as a context.
#[derive(Clone, Copy)]
pub struct Actions(&'static (dyn Fn(Command) + Send + Sync));

impl fmt::Debug for Actions {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Actions")
    }
}

impl Actions {
    /// Takes what carries commands out, for as long as the page lives.
    pub fn new(run: impl Fn(Command) + Send + Sync + 'static) -> Self {
        Self(Box::leak(Box::new(run)))
    }

    pub fn run(self, command: Command) {
        (self.0)(command);
    }
}

impl Default for Actions {
    /// Actions that do nothing, for a page that is not alive.
    fn default() -> Self {
        Self(&|_| {})
    }
}
