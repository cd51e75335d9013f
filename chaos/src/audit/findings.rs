//! What an audit can find.

use std::fmt;

/// What is wrong, roughly; a column of the table at the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Acknowledged, and not stored.
    Lost,
    /// Stored more than once.
    StoredTwice,
    /// Stored elsewhere than it was acknowledged.
    Moved,
    /// Stored, and nobody wrote it, or it was refused.
    Invented,
    /// Another text, sender or receiver than it was given.
    Altered,
    /// Not in the order in which its client wrote it.
    OutOfOrder,
    /// A place in the order without a message.
    Gap,
    /// A client shows something else than a fresh one.
    Disagreement,
    /// An unread count that is not the number of unread messages.
    Unread,
    /// A position that went back, or lies where none can be.
    Position,
    /// A `delivered` that the positions contradict.
    Delivered,
    /// Held by everybody, and not counted as delivered.
    Undelivered,
    /// Written, and not stored although nothing was in the way any more.
    Unsent,
    /// An answer or an event that the contract does not allow.
    Protocol,
    /// A page in a browser threw or crashed.
    Page,
    /// The server ended, panicked, or did not stop.
    Server,
}

impl Kind {
    pub const ALL: [Self; 16] = [
        Self::Lost,
        Self::StoredTwice,
        Self::Moved,
        Self::Invented,
        Self::Altered,
        Self::OutOfOrder,
        Self::Gap,
        Self::Disagreement,
        Self::Unread,
        Self::Position,
        Self::Delivered,
        Self::Undelivered,
        Self::Unsent,
        Self::Protocol,
        Self::Page,
        Self::Server,
    ];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Lost => "losses",
            Self::StoredTwice => "duplicates",
            Self::Moved => "stored elsewhere than acknowledged",
            Self::Invented => "invented",
            Self::Altered => "altered",
            Self::OutOfOrder => "out of order",
            Self::Gap => "gaps",
            Self::Disagreement => "disagreements",
            Self::Unread => "wrong unread counts",
            Self::Position => "wrong positions",
            Self::Delivered => "wrong delivered marks",
            Self::Undelivered => "not counted as delivered",
            Self::Unsent => "never sent",
            Self::Protocol => "answers against the contract",
            Self::Page => "faults of pages",
            Self::Server => "faults of the server's process",
        }
    }
}

/// One thing that is wrong, in a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub kind: Kind,
    pub what: String,
}

impl Finding {
    pub fn new(kind: Kind, what: impl Into<String>) -> Self {
        Self {
            kind,
            what: what.into(),
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.kind.name(), self.what)
    }
}
