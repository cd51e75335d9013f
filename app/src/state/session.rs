//! Who is signed in.

use protocol::{Session, Username};

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum SessionState {
    /// The server has not answered yet, because it cannot be reached.
    #[default]
    Unknown,
    SignedOut(SignedOut),
    SignedIn(Session),
}

/// Why nobody is signed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignedOut {
    /// There was no session when the page was opened.
    NotYet,
    /// There was one, and it ended.
    Ended,
}

impl SessionState {
    pub fn session(&self) -> Option<&Session> {
        match self {
            Self::SignedIn(session) => Some(session),
            Self::Unknown | Self::SignedOut(_) => None,
        }
    }

    /// The viewer is called something else from now on.
    pub fn rename(&mut self, display_name: String) {
        if let Self::SignedIn(session) = self {
            session.display_name = display_name;
        }
    }

    pub fn username(&self) -> Option<&Username> {
        self.session().map(|session| &session.username)
    }
}
