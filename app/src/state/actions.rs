//! What a person can ask for. Components say it, and whoever started the app carries it out.

use std::sync::Arc;

use protocol::{ClientId, Seq, Session, Username};

use super::recipient::Recipient;

#[derive(Clone, Debug)]
pub enum Command {
    /// Somebody came in; the token is for the first connection.
    SignedIn {
        session: Session,
        token: Option<String>,
    },
    /// Somebody has signed out: nothing of theirs stays in this browser.
    SignedOut(Username),
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
    /// Do not wait for the next try.
    TryNow,
    /// An answer of the server says that nobody is signed in.
    CheckSession,
}

/// The way from the components to whoever carries commands out, as a context.
#[derive(Clone)]
pub struct Actions(Arc<dyn Fn(Command) + Send + Sync>);

impl std::fmt::Debug for Actions {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Actions")
    }
}

impl Actions {
    pub fn new(run: impl Fn(Command) + Send + Sync + 'static) -> Self {
        Self(Arc::new(run))
    }

    pub fn run(&self, command: Command) {
        (self.0)(command);
    }
}

impl Default for Actions {
    /// Actions that do nothing, for a page that is not alive.
    fn default() -> Self {
        Self::new(|_| {})
    }
}
