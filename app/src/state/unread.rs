//! How many messages of others lie behind the read position.
//!
//! It is computed from the position and never counted up and down, so that it cannot get stuck.

use protocol::Seq;

/// The count as the server told it at one moment, and what came after that moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Unread {
    read_seq: Seq,
    /// The newest message that `before` speaks of.
    told_at: Seq,
    /// Messages of others behind the read position, up to `told_at`.
    before: u64,
    /// Messages of others after `told_at`, in order.
    after: Vec<Seq>,
    /// The count may be too high, because only the server knows who wrote what is left.
    is_guessed: bool,
}

impl Unread {
    /// As the server tells it: `count` messages of others between `read_seq` and `last_seq`.
    pub fn told(count: u64, read_seq: Seq, last_seq: Seq) -> Self {
        Self {
            read_seq,
            told_at: last_seq,
            before: count,
            after: Vec::new(),
            is_guessed: false,
        }
    }

    pub const fn read_seq(&self) -> Seq {
        self.read_seq
    }

    pub fn count(&self) -> u64 {
        self.before + self.after.len() as u64
    }

    /// The count may be too high; the server knows.
    pub const fn is_guessed(&self) -> bool {
        self.is_guessed
    }

    /// A message of somebody else. The same one twice counts once.
    pub fn add(&mut self, seq: Seq) {
        if seq <= self.told_at || seq <= self.read_seq {
            return;
        }
        if let Err(place) = self.after.binary_search(&seq) {
            self.after.insert(place, seq);
        }
    }

    /// Everything up to `seq` is read; true when that was news. A position never goes back.
    pub fn read_to(&mut self, seq: Seq) -> bool {
        if seq <= self.read_seq {
            return false;
        }
        self.read_seq = seq;
        self.after.retain(|unread| *unread > seq);
        // In the middle of what was told, who wrote the rest is not known: at most all of it is
        // somebody else's. The next answer of the server says it exactly.
        self.before = self.before.min(self.told_at.0.saturating_sub(seq.0));
        self.is_guessed = self.before > 0;
        true
    }

    /// Takes over from an older count what it knew and this one cannot know yet.
    pub fn catch_up_with(&mut self, older: &Self) {
        for seq in &older.after {
            self.add(*seq);
        }
        self.read_to(older.read_seq);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_behind_the_position_are_unread_until_it_passes_them() {
        let mut unread = Unread::told(2, Seq(3), Seq(5));
        unread.add(Seq(6));
        assert_eq!(unread.count(), 3);
        assert!(unread.read_to(Seq(6)));
        assert_eq!(unread.count(), 0);
    }

    #[test]
    fn the_same_message_twice_counts_once() {
        let mut unread = Unread::told(0, Seq(3), Seq(3));
        unread.add(Seq(4));
        unread.add(Seq(4));
        assert_eq!(unread.count(), 1);
    }

    #[test]
    fn a_message_that_was_read_elsewhere_first_is_not_unread() {
        let mut unread = Unread::told(0, Seq(3), Seq(3));
        unread.read_to(Seq(4));
        unread.add(Seq(4));
        assert_eq!(unread.count(), 0);
    }

    #[test]
    fn the_position_never_goes_back() {
        let mut unread = Unread::told(0, Seq(5), Seq(5));
        assert!(!unread.read_to(Seq(4)));
        assert_eq!(unread.read_seq(), Seq(5));
    }

    #[test]
    fn reading_part_of_what_was_told_leaves_no_more_than_there_are_messages() {
        let mut unread = Unread::told(4, Seq(0), Seq(6));
        unread.read_to(Seq(5));
        assert_eq!(unread.count(), 1);
        assert!(unread.is_guessed());
        unread.read_to(Seq(6));
        assert!(!unread.is_guessed());
    }

    #[test]
    fn what_was_read_here_stays_read_when_the_server_answers_from_before_that() {
        let mut here = Unread::told(2, Seq(3), Seq(5));
        here.add(Seq(6));
        here.read_to(Seq(6));
        let mut server = Unread::told(3, Seq(3), Seq(6));
        server.catch_up_with(&here);
        assert_eq!(server.count(), 0);
    }
}
