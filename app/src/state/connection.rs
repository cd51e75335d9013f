//! What is to be said about the line to the server.

use crate::language::noted;

/// How the line is. The banner shows it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Connection {
    /// Nobody is signed in, so there is no line.
    #[default]
    None,
    /// On the way up, for the first time or again.
    Connecting,
    Connected,
    /// A try has failed, and the next one follows.
    Unreachable,
}

/// What the banner says; `None` when there is nothing to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notice {
    Connecting,
    Offline,
    Unreachable,
}

impl Notice {
    /// `online` is what the browser believes about its network.
    pub const fn of(connection: Connection, online: bool) -> Option<Self> {
        match (connection, online) {
            (Connection::None | Connection::Connected, _) => None,
            (_, false) => Some(Self::Offline),
            (Connection::Connecting, true) => Some(Self::Connecting),
            (Connection::Unreachable, true) => Some(Self::Unreachable),
        }
    }

    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Connecting => noted("Connecting…"),
            Self::Offline => {
                noted("You are offline. Messages wait here and go out when you are back.")
            }
            Self::Unreachable => noted("The server cannot be reached. Trying again…"),
        }
    }

    /// The name that the style sheet knows it by.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Connecting => "connecting",
            Self::Offline => "offline",
            Self::Unreachable => "unreachable",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_works_is_not_worth_a_word() {
        assert_eq!(Notice::of(Connection::Connected, true), None);
        // A browser can be wrong about being offline; the line knows better.
        assert_eq!(Notice::of(Connection::Connected, false), None);
    }

    #[test]
    fn being_offline_explains_a_broken_line_better_than_the_server_does() {
        assert_eq!(
            Notice::of(Connection::Unreachable, false),
            Some(Notice::Offline)
        );
        assert_eq!(
            Notice::of(Connection::Unreachable, true),
            Some(Notice::Unreachable)
        );
    }
}
