//! The messages of one conversation that are held here: a window on its history, in the order of
//! `seq`, with every message once.

use std::sync::Arc;

use protocol::{DEFAULT_PAGE, MAX_PAGE, Message, Seq};

use super::notes::Note;

/// Most messages held while pages are added at one end; the other end lets go of the rest.
pub const WINDOW: usize = 250;
/// Fewest messages that are fetched when a conversation is opened: what most windows show, so that it
/// is painted soon. The page before it follows at once. The served page asks for as many
/// (`shell/early.js`).
const FIRST_PAGE: u32 = 30;
/// Most messages that are fetched to close a gap. Behind a larger one the window begins anew.
pub const MAX_CATCH_UP: u64 = 500;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Timeline {
    messages: Vec<Arc<Message>>,
    state: Loading,
    /// There may be messages before the first.
    has_older: bool,
    /// The window does not reach the newest message.
    has_newer: bool,
    /// Numbers the windows: an answer that was asked for in an earlier one is stale.
    window: u32,
    /// The last message that was read when the conversation was opened; the "New" line comes
    /// after it and stays there until the conversation is left.
    new_after: Option<Seq>,
    /// What happened to the group, in the order in which it did.
    notes: Vec<Arc<Note>>,
}

/// What is under way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Loading {
    #[default]
    NotYet,
    First,
    Older,
    Newer,
    /// The newest page, in place of what is shown.
    Newest,
    Idle,
    /// The last page did not come.
    Failed,
}

/// One page to fetch, and the window it is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request {
    window: u32,
    pub page: Page,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Page {
    Newest {
        limit: u32,
    },
    Before(Seq),
    After {
        seq: Seq,
        limit: u32,
    },
    /// Messages that belong between those that are held, or right behind the last.
    Missing {
        seq: Seq,
        limit: u32,
    },
}

impl Timeline {
    /// A timeline of a conversation that has not begun: there is nothing to fetch.
    pub fn begun_here() -> Self {
        Self {
            state: Loading::Idle,
            ..Self::default()
        }
    }

    /// The end of a conversation, without gaps, as it was kept for when there is no server.
    pub fn kept(messages: Vec<Message>) -> Self {
        let first = messages.first().map_or(Seq(1), |message| message.seq);
        Self {
            messages: messages.into_iter().map(Arc::new).collect(),
            state: Loading::Idle,
            has_older: first > Seq(1),
            ..Self::default()
        }
    }

    pub fn messages(&self) -> &[Arc<Message>] {
        &self.messages
    }

    pub fn notes(&self) -> &[Arc<Note>] {
        &self.notes
    }

    pub fn set_notes(&mut self, notes: Vec<Arc<Note>>) {
        self.notes = notes;
    }

    pub const fn loading(&self) -> Loading {
        self.state
    }

    pub const fn has_older(&self) -> bool {
        self.has_older
    }

    pub const fn has_newer(&self) -> bool {
        self.has_newer
    }

    /// Behind which message the "New" line comes. `None` also while that message is further up
    /// than the window reaches.
    pub fn new_after(&self) -> Option<Seq> {
        self.new_after
            .filter(|read| !self.has_older || self.first_seq() <= read.next())
    }

    /// True once there is something to show, be it that there are no messages.
    pub const fn is_loaded(&self) -> bool {
        match self.state {
            Loading::NotYet | Loading::First => false,
            Loading::Failed => !self.messages.is_empty(),
            Loading::Older | Loading::Newer | Loading::Newest | Loading::Idle => true,
        }
    }

    pub fn last_seq(&self) -> Seq {
        self.messages
            .last()
            .map_or(Seq::ZERO, |message| message.seq)
    }

    /// The window reaches the newest message, or is about to.
    pub fn leads_to_end(&self) -> bool {
        !self.has_newer || self.state == Loading::Newest
    }

    fn first_seq(&self) -> Seq {
        self.messages
            .first()
            .map_or(Seq::ZERO, |message| message.seq)
    }

    /// Freezes the "New" line behind what was read so far.
    pub fn draw_new_line(&mut self, read_seq: Seq) {
        if self.new_after.is_none() {
            self.new_after = Some(read_seq);
        }
    }

    /// The conversation was left: its "New" line goes, and so does what only scrolling brought.
    pub fn leave(&mut self, at_end: bool) {
        self.new_after = None;
        if at_end {
            self.keep_newest(DEFAULT_PAGE as usize);
        }
    }

    /// The newest page, in a window of its own; what is shown stays until it comes.
    pub fn ask_newest(&mut self, unread: u64) -> Request {
        self.window += 1;
        self.state = if self.is_loaded() {
            Loading::Newest
        } else {
            Loading::First
        };
        let wanted = u32::try_from(unread).unwrap_or(MAX_PAGE).saturating_add(20);
        let limit = wanted.clamp(FIRST_PAGE, MAX_PAGE);
        Request {
            window: self.window,
            page: Page::Newest { limit },
        }
    }

    /// The page before the first message, unless there is none or something is under way.
    pub fn ask_older(&mut self) -> Option<Request> {
        let idle = matches!(self.state, Loading::Idle | Loading::Failed);
        if !idle || !self.has_older || self.messages.is_empty() {
            return None;
        }
        self.state = Loading::Older;
        Some(Request {
            window: self.window,
            page: Page::Before(self.first_seq()),
        })
    }

    /// The page after the last message, for a window that does not reach the newest.
    pub fn ask_newer(&mut self) -> Option<Request> {
        let idle = matches!(self.state, Loading::Idle | Loading::Failed);
        if !idle || !self.has_newer || self.messages.is_empty() {
            return None;
        }
        self.state = Loading::Newer;
        let page = Page::After {
            seq: self.last_seq(),
            limit: DEFAULT_PAGE,
        };
        Some(Request {
            window: self.window,
            page,
        })
    }

    /// What is missing, when the newest message of the conversation is `last_seq`: a page that
    /// continues the window or closes the first gap in it. `None` when nothing is, or when too
    /// much is; [`is_too_far_behind`](Self::is_too_far_behind) tells which.
    pub fn ask_missing(&self, last_seq: Seq) -> Option<Request> {
        if !self.is_loaded() || self.has_newer || self.is_too_far_behind(last_seq) {
            return None;
        }
        let (seq, until) = self.first_gap(last_seq)?;
        let missing = until.0.saturating_sub(seq.0).saturating_sub(1);
        let limit = u32::try_from(missing).unwrap_or(MAX_PAGE).min(MAX_PAGE);
        Some(Request {
            window: self.window,
            page: Page::Missing { seq, limit },
        })
    }

    pub fn is_too_far_behind(&self, last_seq: Seq) -> bool {
        self.is_loaded()
            && !self.has_newer
            && self
                .first_gap(last_seq)
                .is_some_and(|(seq, until)| until.0.saturating_sub(seq.0) > MAX_CATCH_UP)
    }

    /// The first two neighbours that do not follow each other, the end of the conversation
    /// counted as one.
    fn first_gap(&self, last_seq: Seq) -> Option<(Seq, Seq)> {
        let inside = self.messages.windows(2).find_map(|pair| {
            let (seq, next) = (pair[0].seq, pair[1].seq);
            (next > seq.next()).then_some((seq, next))
        });
        let end = self.last_seq();
        inside.or_else(|| (last_seq > end).then(|| (end, last_seq.next())))
    }

    /// A page came; false when it was asked for in a window that is gone.
    pub fn receive_page(&mut self, request: Request, page: Vec<Message>) -> bool {
        if request.window != self.window {
            return false;
        }
        let fetched = page.len();
        match request.page {
            Page::Newest { limit } => {
                let first = page.first().map_or(Seq::ZERO, |message| message.seq);
                let last = page.last().map_or(Seq::ZERO, |message| message.seq);
                // What came by event while this was under way stays, older windows do not.
                let joins = !self.has_newer && self.last_seq() >= first.previous();
                self.messages
                    .retain(|held| held.seq > last || (joins && held.seq >= first));
                self.insert_all(page);
                self.has_older = self.first_seq() > Seq(1) && fetched as u64 == u64::from(limit);
                self.has_newer = false;
                self.state = Loading::Idle;
            }
            Page::Before(_) => {
                self.insert_all(page);
                self.has_older = self.first_seq() > Seq(1) && fetched > 0;
                self.state = Loading::Idle;
                if self.messages.len() > WINDOW {
                    self.messages.truncate(WINDOW);
                    self.has_newer = true;
                }
            }
            Page::After { limit, .. } => {
                self.insert_all(page);
                self.has_newer = fetched as u64 == u64::from(limit);
                self.state = Loading::Idle;
                if self.messages.len() > WINDOW {
                    self.messages.drain(..self.messages.len() - WINDOW);
                    self.has_older = true;
                }
            }
            Page::Missing { .. } => {
                let end = self.last_seq();
                let inside = |message: &Message| !self.has_newer || message.seq < end;
                let page = page.into_iter().filter(inside).collect();
                self.insert_all(page);
            }
        }
        true
    }

    /// A page did not come.
    pub fn miss_page(&mut self, request: Request) {
        let shows = !matches!(request.page, Page::Missing { .. });
        if request.window == self.window && shows {
            self.state = Loading::Failed;
        }
    }

    /// A message came by event or acknowledgement. `at_end` says that its reader is at the end, so
    /// that the window may let go of its beginning.
    pub fn receive(&mut self, message: Message, at_end: bool) {
        let beyond = message.seq > self.last_seq();
        match self.state {
            Loading::NotYet => return,
            Loading::Failed if self.messages.is_empty() => return,
            _ => {}
        }
        if beyond && (self.has_newer || (!at_end && self.messages.len() >= 2 * WINDOW)) {
            self.has_newer = true;
            return;
        }
        if message.seq < self.first_seq() && self.has_older {
            return;
        }
        self.insert(message);
        // The first one to be held can be one of many that are not.
        self.has_older |= self.messages.len() == 1 && self.first_seq() > Seq(1);
        // Some slack, so that not every message costs the whole list.
        if at_end && self.messages.len() > WINDOW + DEFAULT_PAGE as usize {
            self.keep_newest(WINDOW);
        }
    }

    fn keep_newest(&mut self, count: usize) {
        if !self.has_newer && self.messages.len() > count {
            self.messages.drain(..self.messages.len() - count);
            self.has_older = true;
        }
    }

    fn insert_all(&mut self, messages: Vec<Message>) {
        for message in messages {
            self.insert(message);
        }
    }

    fn insert(&mut self, message: Message) {
        match self
            .messages
            .binary_search_by_key(&message.seq, |held| held.seq)
        {
            Ok(place) => {
                // Delivered once is delivered for good, whatever an older answer says.
                let delivered = message.delivered || self.messages[place].delivered;
                let message = Message {
                    delivered,
                    ..message
                };
                if *self.messages[place] != message {
                    self.messages[place] = Arc::new(message);
                }
            }
            Err(place) => self.messages.insert(place, Arc::new(message)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::fixtures::{message, messages};

    fn seqs(timeline: &Timeline) -> Vec<u64> {
        timeline
            .messages()
            .iter()
            .map(|message| message.seq.0)
            .collect()
    }

    /// A window on messages `first..=last` that reaches the newest.
    fn loaded(first: u64, last: u64) -> Timeline {
        let mut timeline = Timeline::default();
        let request = timeline.ask_newest(last - first + 1);
        let limit = match request.page {
            Page::Newest { limit } => u64::from(limit),
            other => panic!("{other:?}"),
        };
        // As long as the limit is, or shorter because the conversation begins there.
        assert!(last - first < limit);
        assert!(timeline.receive_page(request, messages(first..=last)));
        timeline.has_older = first > 1;
        timeline
    }

    #[test]
    fn messages_are_in_the_order_of_seq_whatever_order_they_come_in() {
        let mut timeline = loaded(1, 2);
        for seq in [5, 3, 4, 3] {
            timeline.receive(message(seq, "bob", "…"), true);
        }
        assert_eq!(seqs(&timeline), [1, 2, 3, 4, 5]);
    }

    #[test]
    fn a_message_that_comes_twice_is_held_once_and_stays_delivered() {
        let mut timeline = loaded(1, 1);
        timeline.receive(
            Message {
                delivered: true,
                ..message(2, "alice", "Hello")
            },
            true,
        );
        timeline.receive(message(2, "alice", "Hello"), true);
        assert_eq!(seqs(&timeline), [1, 2]);
        assert!(timeline.messages()[1].delivered);
    }

    #[test]
    fn a_gap_is_noticed_and_closed() {
        let mut timeline = loaded(1, 3);
        timeline.receive(message(6, "bob", "…"), true);
        let request = timeline.ask_missing(Seq(6)).expect("a gap");
        assert_eq!(
            request.page,
            Page::Missing {
                seq: Seq(3),
                limit: 2
            }
        );
        timeline.receive_page(request, messages(4..=5));
        assert_eq!(seqs(&timeline), [1, 2, 3, 4, 5, 6]);
        assert_eq!(timeline.ask_missing(Seq(6)), None);
    }

    #[test]
    fn what_the_server_has_beyond_the_window_is_missing_too() {
        let timeline = loaded(1, 3);
        let request = timeline.ask_missing(Seq(9)).expect("a gap");
        assert_eq!(
            request.page,
            Page::Missing {
                seq: Seq(3),
                limit: 6
            }
        );
    }

    #[test]
    fn too_large_a_gap_is_not_closed_but_begins_a_window_anew() {
        let mut timeline = loaded(1, 3);
        assert!(timeline.is_too_far_behind(Seq(1000)));
        assert_eq!(timeline.ask_missing(Seq(1000)), None);
        let request = timeline.ask_newest(0);
        assert_eq!(
            seqs(&timeline),
            [1, 2, 3],
            "what is shown stays until the page comes"
        );
        timeline.receive(message(1001, "bob", "…"), true);
        timeline.receive_page(request, messages(971..=1000));
        assert_eq!(seqs(&timeline), (971..=1001).collect::<Vec<_>>());
        assert!(timeline.has_older());
    }

    #[test]
    fn an_answer_for_a_window_that_is_gone_is_dropped() {
        let mut timeline = loaded(51, 100);
        let stale = timeline.ask_older().expect("older messages");
        let newest = timeline.ask_newest(0);
        assert!(!timeline.receive_page(stale, messages(1..=50)));
        assert!(timeline.receive_page(newest, messages(51..=100)));
        assert_eq!(seqs(&timeline), (51..=100).collect::<Vec<_>>());
    }

    #[test]
    fn older_pages_come_until_the_first_message() {
        let mut timeline = loaded(51, 100);
        let request = timeline.ask_older().expect("older messages");
        assert_eq!(request.page, Page::Before(Seq(51)));
        assert_eq!(timeline.ask_older(), None, "one at a time");
        timeline.receive_page(request, messages(1..=50));
        assert!(!timeline.has_older());
        assert_eq!(timeline.ask_older(), None);
    }

    #[test]
    fn the_window_moves_back_through_a_long_history_and_forward_again() {
        let mut timeline = loaded(951, 1000);
        while timeline.messages()[0].seq > Seq(301) {
            let request = timeline.ask_older().expect("older messages");
            let Page::Before(seq) = request.page else {
                panic!("{request:?}")
            };
            timeline.receive_page(request, messages(seq.0 - 50..=seq.0 - 1));
        }
        assert_eq!(timeline.messages().len(), WINDOW);
        assert!(timeline.has_newer());
        timeline.receive(message(1001, "bob", "…"), false);
        assert_eq!(
            timeline.last_seq(),
            Seq(550),
            "what is outside of the window is not held"
        );
        let request = timeline.ask_newer().expect("newer messages");
        assert_eq!(
            request.page,
            Page::After {
                seq: Seq(550),
                limit: 50
            }
        );
        timeline.receive_page(request, messages(551..=600));
        assert!(timeline.has_newer());
        assert_eq!(timeline.last_seq(), Seq(600));
    }

    #[test]
    fn a_reader_at_the_end_keeps_a_window_and_one_further_up_keeps_their_place() {
        let mut at_end = loaded(1, 1);
        let mut further_up = loaded(1, 1);
        for seq in 2..=450 {
            at_end.receive(message(seq, "bob", "…"), true);
            further_up.receive(message(seq, "bob", "…"), false);
        }
        assert!(at_end.messages().len() <= WINDOW + 50);
        assert!(at_end.has_older());
        assert_eq!(further_up.messages().len(), 450);
    }

    #[test]
    fn a_page_that_does_not_come_can_be_asked_for_again() {
        let mut timeline = loaded(51, 100);
        let request = timeline.ask_older().expect("older messages");
        timeline.miss_page(request);
        assert_eq!(timeline.loading(), Loading::Failed);
        assert!(timeline.ask_older().is_some());
    }

    #[test]
    fn messages_are_not_collected_before_the_first_page_is_asked_for() {
        let mut timeline = Timeline::default();
        timeline.receive(message(7, "bob", "…"), true);
        assert_eq!(seqs(&timeline), [0; 0]);
        let request = timeline.ask_newest(0);
        timeline.receive(message(8, "bob", "…"), true);
        timeline.receive_page(request, messages(1..=7));
        assert_eq!(seqs(&timeline), (1..=8).collect::<Vec<_>>());
    }

    #[test]
    fn the_first_page_reaches_back_to_what_was_read_last() {
        let request = Timeline::default().ask_newest(100);
        assert_eq!(request.page, Page::Newest { limit: 120 });
        let request = Timeline::default().ask_newest(5000);
        assert_eq!(request.page, Page::Newest { limit: MAX_PAGE });
    }

    #[test]
    fn the_new_line_is_not_drawn_where_reading_did_not_stop() {
        let mut timeline = loaded(51, 100);
        timeline.draw_new_line(Seq(20));
        assert_eq!(timeline.new_after(), None);
        let request = timeline.ask_older().expect("older messages");
        timeline.receive_page(request, messages(1..=50));
        assert_eq!(timeline.new_after(), Some(Seq(20)));
    }

    #[test]
    fn the_new_line_is_frozen_until_the_conversation_is_left() {
        let mut timeline = loaded(1, 9);
        timeline.draw_new_line(Seq(6));
        timeline.draw_new_line(Seq(9));
        assert_eq!(timeline.new_after(), Some(Seq(6)));
        timeline.leave(true);
        assert_eq!(timeline.new_after(), None);
    }
}
