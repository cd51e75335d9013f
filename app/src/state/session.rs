//! Who is signed in.

use protocol::{Session, Timestamp, Username};

use crate::language::noted;

const MINUTE: i64 = 60 * 1000;
const HOUR: i64 = 60 * MINUTE;

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
    /// They asked for it, here or in another tab.
    Asked,
}

impl SignedOut {
    /// What the login page says about it.
    pub const fn sentence(self) -> Option<&'static str> {
        match self {
            Self::NotYet => None,
            Self::Ended => Some(noted("Your session has ended. Sign in again to go on.")),
            Self::Asked => Some(noted("You are signed out.")),
        }
    }
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

    /// Why nobody is signed in, if it is so.
    pub const fn signed_out(&self) -> Option<SignedOut> {
        match self {
            Self::SignedOut(why) => Some(*why),
            Self::Unknown | Self::SignedIn(_) => None,
        }
    }

    pub fn username(&self) -> Option<&Username> {
        self.session().map(|session| &session.username)
    }
}

/// When a page that stays open asks for its session again: after half of what is left of it, after
/// half a day at the latest, and not within a minute. `random`, from 0 up to 1, takes away up to a
/// tenth, so that the tabs of a person do not all ask at once, and the first to ask has asked for all.
pub fn renewal(now: Timestamp, expires_at: Timestamp, random: f64) -> Timestamp {
    let half = (expires_at.0 - now.0) / 2;
    let wait = half.clamp(MINUTE, 12 * HOUR);
    // Some milliseconds below a day, of which a fraction is taken.
    #[allow(clippy::cast_possible_truncation, clippy::cast_precision_loss)]
    let early = (wait as f64 * random / 10.0) as i64;
    Timestamp(now.0 + (wait - early).max(MINUTE))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_is_renewed_at_half_time_but_neither_rarely_nor_all_the_time() {
        let after = |left: i64, random| {
            renewal(Timestamp(1_000), Timestamp(1_000 + left), random).0 - 1_000
        };
        assert_eq!(after(10 * HOUR, 0.0), 5 * HOUR);
        assert_eq!(after(10 * HOUR, 0.5), 5 * HOUR - 15 * MINUTE);
        assert_eq!(after(24 * 30 * HOUR, 0.0), 12 * HOUR);
        for left in [-HOUR, 0, 8_000, 2 * MINUTE] {
            assert_eq!(after(left, 0.9), MINUTE, "{left}");
        }
    }
}
