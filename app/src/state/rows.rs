//! What a timeline looks like: messages in blocks, lines between days, the "New" line, and what
//! waits in the outbox at the end.

use std::sync::Arc;

use protocol::{ClientId, Message, Seq, Timestamp, Username};

use super::{notes::Note, outbox::Envelope, places::Place, timeline::Timeline};

/// Messages of one author belong together while no more than this lies between two of them.
const BLOCK_MILLISECONDS: i64 = 5 * 60 * 1000;
const DAY_MILLISECONDS: i64 = 24 * 60 * 60 * 1000;
/// So many rows are made, and everything is laid out and painted, within one frame.
const ROWS_OF_A_FRAME: usize = 5;

/// Tells rows apart; a message keeps its key from the moment it is written.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum RowKey {
    /// A day, and how many lines of the same day came before: clocks can go back.
    Date(i64, u32),
    New,
    /// What happened to the group, by its cursor.
    Note(u64),
    Message(Username, ClientId),
}

impl RowKey {
    pub const fn is_message(&self) -> bool {
        matches!(self, Self::Message(..))
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Row {
    /// The line that begins a day, with the time of the day's first message.
    Date {
        key: RowKey,
        at: Timestamp,
    },
    New,
    Note(Arc<Note>),
    Message(MessageRow),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageRow {
    pub body: Body,
    /// Written by the reader.
    pub own: bool,
    /// First and last of its block.
    pub first: bool,
    pub last: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    Stored(Arc<Message>),
    Pending(Arc<Envelope>),
}

impl Body {
    pub fn text(&self) -> &str {
        match self {
            Self::Stored(message) => &message.text,
            Self::Pending(envelope) => &envelope.text,
        }
    }

    pub fn at(&self) -> Timestamp {
        match self {
            Self::Stored(message) => message.sent_at,
            Self::Pending(envelope) => envelope.written_at,
        }
    }
}

impl Row {
    pub fn key(&self, viewer: &Username) -> RowKey {
        match self {
            Self::Date { key, .. } => key.clone(),
            Self::New => RowKey::New,
            Self::Note(note) => RowKey::Note(note.cursor),
            Self::Message(row) => match &row.body {
                Body::Stored(message) => RowKey::Message(message.sender.clone(), message.client_id),
                Body::Pending(envelope) => RowKey::Message(viewer.clone(), envelope.client_id),
            },
        }
    }
}

/// The day of a moment, counted from the epoch, where `offset` tells how many minutes the local
/// clock is ahead of UTC then.
pub fn local_day(at: Timestamp, offset: impl Fn(Timestamp) -> i64) -> i64 {
    (at.0 + offset(at) * 60_000).div_euclid(DAY_MILLISECONDS)
}

/// Lays a timeline out, with what waits behind it.
pub fn lay_out<'a>(
    timeline: &Timeline,
    waiting: impl Iterator<Item = &'a Arc<Envelope>>,
    viewer: &Username,
    offset: impl Fn(Timestamp) -> i64,
) -> Vec<Row> {
    let mut rows = Rows {
        rows: Vec::new(),
        day: None,
        days: Vec::new(),
        author: None,
        offset,
    };
    let mut new_after = timeline.new_after();
    // Those that belong further up than the window reaches come with the messages there.
    let first = timeline.messages().first().map_or(Seq::ZERO, |it| it.seq);
    let is_here =
        |note: &&Arc<Note>| timeline.is_loaded() && (!timeline.has_older() || note.after >= first);
    let mut notes = timeline.notes().iter().filter(is_here).peekable();
    for message in timeline.messages() {
        while let Some(note) = notes.next_if(|note| note.after < message.seq) {
            rows.note(note);
        }
        let own = message.sender == *viewer;
        if let Some(read) = new_after
            && message.seq > read
            && !own
        {
            new_after = None;
            rows.new_line();
        }
        rows.message(&message.sender, Body::Stored(message.clone()), own);
    }
    if !timeline.has_newer() {
        for note in notes {
            rows.note(note);
        }
        let is_stored =
            |envelope: &Envelope| {
                // The newest are the ones that can be in both places.
                timeline.messages().iter().rev().any(|message| {
                    message.client_id == envelope.client_id && message.sender == *viewer
                })
            };
        for envelope in waiting {
            if !is_stored(envelope) {
                rows.message(viewer, Body::Pending(envelope.clone()), true);
            }
        }
    }
    rows.rows
}

/// Which of `rows` the page shows next, where it shows `shown` now and the reader is at `place`. A page that shows
/// none of them gets those that one sees, which are about `in_view`; the next has twice as many, and then as many
/// more come at either end as a frame has time for. Whoever looks at the last one gets what comes below at once.
pub fn next_shown<'a>(
    shown: &[RowKey],
    rows: &'a [RowKey],
    place: &Place,
    in_view: usize,
) -> &'a [RowKey] {
    // A line of a day moves to the first of its messages, and the "New" line goes.
    let stays = |key: &&RowKey| matches!(key, RowKey::Message(..) | RowKey::Note(_));
    let staying = || shown.iter().filter(stays);
    let position = |key| rows.iter().position(|row| row == key);
    let (first, last) = (
        staying().find_map(position),
        staying().rev().find_map(position),
    );
    // Whoever turns a page as soon as there is something to see has it there.
    let step = match shown.len() {
        0 => ROWS_OF_A_FRAME,
        shown => (2 * in_view).saturating_sub(shown).max(ROWS_OF_A_FRAME),
    };
    let in_view = in_view.max(ROWS_OF_A_FRAME);
    let more = |first: usize| first.saturating_sub(step);
    let range = match (first.zip(last), place) {
        (Some((first, _)), Place::End) => more(first)..rows.len(),
        (Some((first, last)), Place::Row { .. }) => more(first)..last + 1 + step,
        (None, Place::Row { key, .. }) => match position(key) {
            Some(row) => more(row)..row + in_view,
            None => 0..rows.len(),
        },
        (None, Place::End) => {
            let first = rows.len().saturating_sub(in_view);
            // What was not read yet begins in view, below something that was.
            let new = position(&RowKey::New).map_or(first, more);
            first.min(new)..rows.len()
        }
    };
    &rows[range.start..range.end.min(rows.len())]
}

struct Rows<Offset> {
    rows: Vec<Row>,
    day: Option<i64>,
    /// Every day that has a line so far.
    days: Vec<i64>,
    /// Who wrote the row before, if that was a message, and when.
    author: Option<(Username, Timestamp)>,
    offset: Offset,
}

impl<Offset: Fn(Timestamp) -> i64> Rows<Offset> {
    fn message(&mut self, author: &Username, body: Body, own: bool) {
        let at = body.at();
        self.day_line(at);
        let continues = self.author.as_ref().is_some_and(|(before, then)| {
            before == author && (at.0 - then.0).abs() <= BLOCK_MILLISECONDS
        });
        if continues && let Some(Row::Message(before)) = self.rows.last_mut() {
            before.last = false;
        }
        self.author = Some((author.clone(), at));
        self.rows.push(Row::Message(MessageRow {
            body,
            own,
            first: !continues,
            last: true,
        }));
    }

    fn note(&mut self, note: &Arc<Note>) {
        self.day_line(note.at);
        self.author = None;
        self.rows.push(Row::Note(note.clone()));
    }

    /// A line where another day begins.
    fn day_line(&mut self, at: Timestamp) {
        let day = local_day(at, &self.offset);
        if self.day != Some(day) {
            self.day = Some(day);
            self.author = None;
            let nth = self.days.iter().filter(|each| **each == day).count();
            self.days.push(day);
            let key = RowKey::Date(day, u32::try_from(nth).unwrap_or(u32::MAX));
            // A "New" line stands below the line of its day.
            let place = match self.rows.last() {
                Some(Row::New) => self.rows.len() - 1,
                _ => self.rows.len(),
            };
            self.rows.insert(place, Row::Date { key, at });
        }
    }

    fn new_line(&mut self) {
        self.author = None;
        self.rows.push(Row::New);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::{
        fixtures::{MINUTE, NOON, client_id, message, username},
        outbox::Outbox,
        recipient::Recipient,
    };

    fn timeline(messages: Vec<Message>) -> Timeline {
        let mut timeline = Timeline::default();
        let request = timeline.ask_newest(0);
        assert!(timeline.receive_page(request, messages));
        timeline
    }

    fn rows(timeline: &Timeline) -> Vec<Row> {
        lay_out(timeline, std::iter::empty(), &username("alice"), |_| 0)
    }

    /// One letter a row: D date, N new, and for messages their place in their block.
    fn sketch(rows: &[Row]) -> String {
        let letter = |row: &Row| match row {
            Row::Date { .. } => 'D',
            Row::New => 'N',
            Row::Note(_) => 'n',
            Row::Message(row) => match (row.first, row.last) {
                (true, true) => 'o',
                (true, false) => '(',
                (false, false) => '-',
                (false, true) => ')',
            },
        };
        rows.iter().map(letter).collect()
    }

    #[test]
    fn messages_of_one_author_within_five_minutes_are_a_block() {
        let mut messages = vec![
            message(1, "bob", "a"),
            message(2, "bob", "b"),
            message(3, "bob", "c"),
            message(4, "alice", "d"),
            message(5, "bob", "e"),
            message(6, "bob", "f"),
        ];
        messages[5].sent_at.0 += 5 * MINUTE;
        assert_eq!(sketch(&rows(&timeline(messages))), "D(-)ooo");
    }

    #[test]
    fn a_new_day_begins_with_a_line_and_a_new_block() {
        let mut messages = vec![message(1, "bob", "a"), message(2, "bob", "b")];
        messages[0].sent_at = Timestamp(NOON + 719 * MINUTE);
        messages[1].sent_at = Timestamp(NOON + 720 * MINUTE);
        let timeline = timeline(messages);
        assert_eq!(sketch(&rows(&timeline)), "DoDo");
        let one_hour_behind = |_: Timestamp| -60;
        let elsewhere = lay_out(
            &timeline,
            std::iter::empty(),
            &username("alice"),
            one_hour_behind,
        );
        assert_eq!(
            sketch(&elsewhere),
            "D()",
            "days are those of the reader's own clock"
        );
    }

    #[test]
    fn no_two_rows_have_the_same_key_even_when_a_clock_went_back() {
        let mut messages = vec![
            message(1, "bob", "a"),
            message(2, "bob", "b"),
            message(3, "bob", "c"),
        ];
        messages[1].sent_at.0 += 24 * 60 * MINUTE;
        let rows = rows(&timeline(messages));
        assert_eq!(sketch(&rows), "DoDoDo");
        let mut keys: Vec<_> = rows.iter().map(|row| row.key(&username("alice"))).collect();
        keys.sort();
        keys.dedup();
        assert_eq!(keys.len(), rows.len());
    }

    #[test]
    fn the_new_line_stands_before_the_first_unread_message_of_somebody_else() {
        let mut timeline = timeline(vec![
            message(1, "bob", "a"),
            message(2, "alice", "b"),
            message(3, "bob", "c"),
            message(4, "bob", "d"),
        ]);
        timeline.draw_new_line(Seq(1));
        assert_eq!(sketch(&rows(&timeline)), "DooN()");
    }

    #[test]
    fn the_new_line_stands_below_the_line_of_its_day() {
        let mut messages = vec![message(1, "bob", "a"), message(2, "bob", "b")];
        messages[1].sent_at.0 += 24 * 60 * MINUTE;
        let mut timeline = timeline(messages);
        timeline.draw_new_line(Seq(1));
        assert_eq!(sketch(&rows(&timeline)), "DoDNo");
    }

    fn note(cursor: u64, after: u64, minute: i64) -> Arc<Note> {
        Arc::new(Note {
            cursor,
            after: Seq(after),
            at: Timestamp(NOON + minute * MINUTE),
            text: "Bob left.".to_owned(),
        })
    }

    #[test]
    fn what_happened_to_a_group_stands_between_its_messages() {
        let notes = || {
            vec![
                note(1, 0, -1),
                note(2, 1, 1),
                note(3, 1, 1),
                note(4, 2, 1440),
            ]
        };
        let mut both = timeline(vec![message(1, "bob", "a"), message(2, "bob", "b")]);
        both.set_notes(notes());
        assert_eq!(sketch(&rows(&both)), "DnonnoDn");
        let mut on_its_way = Timeline::default();
        on_its_way.set_notes(notes());
        assert_eq!(sketch(&rows(&on_its_way)), "");
        let mut nothing_said = timeline(Vec::new());
        nothing_said.set_notes(notes());
        assert_eq!(sketch(&rows(&nothing_said)), "DnnnDn");
    }

    #[test]
    fn what_happened_further_up_than_the_window_reaches_is_not_shown_yet() {
        let mut timeline = Timeline::kept(vec![message(5, "bob", "a"), message(6, "bob", "b")]);
        timeline.set_notes(vec![note(1, 3, 0)]);
        assert_eq!(sketch(&rows(&timeline)), "D()");
        timeline.set_notes(vec![note(1, 5, 0)]);
        assert_eq!(sketch(&rows(&timeline)), "Dono");
    }

    #[test]
    fn a_pending_message_keeps_its_key_when_it_is_stored_and_is_never_there_twice() {
        let alice = username("alice");
        let bob = Recipient::Person(username("bob"));
        let mut outbox = Outbox::default();
        outbox.enqueue(
            client_id(2),
            bob.clone(),
            "b".into(),
            Timestamp(NOON + 2 * MINUTE),
        );
        let mut timeline = timeline(vec![message(1, "alice", "a")]);
        let keys = |timeline: &Timeline| -> Vec<RowKey> {
            let rows = lay_out(timeline, outbox.waiting_for(&bob), &alice, |_| 0);
            rows.iter().map(|row| row.key(&alice)).collect()
        };
        let pending = keys(&timeline);
        timeline.receive(message(2, "alice", "b"), true);
        assert_eq!(keys(&timeline), pending);
    }

    fn keys(seqs: std::ops::RangeInclusive<u64>) -> Vec<RowKey> {
        let message = |seq| RowKey::Message(username("bob"), client_id(u128::from(seq)));
        let date = RowKey::Date(0, 0);
        std::iter::once(date).chain(seqs.map(message)).collect()
    }

    /// The reader is at the message with this number.
    fn at(seq: u64) -> Place {
        Place::Row {
            key: RowKey::Message(username("bob"), client_id(u128::from(seq))),
            offset: 0.0,
            height: 20.0,
        }
    }

    /// How many rows there are in each frame, until the page shows `rows`.
    fn frames(mut shown: Vec<RowKey>, rows: &[RowKey], place: &Place) -> Vec<usize> {
        let mut frames = Vec::new();
        while shown != rows {
            shown = next_shown(&shown, rows, place, 12).to_vec();
            frames.push(shown.len());
            assert!(frames.len() < 100, "it never ends: {frames:?}");
        }
        frames
    }

    #[test]
    fn an_older_page_comes_in_frame_by_frame_and_its_date_at_last() {
        let rows = keys(1..=30);
        assert_eq!(frames(keys(18..=30), &rows, &at(20)), [23, 28, 31]);
        let next = next_shown(&keys(18..=30), &rows, &at(20), 12);
        assert!(!next.contains(&RowKey::Date(0, 0)));
    }

    #[test]
    fn what_comes_below_is_shown_at_once_to_whoever_is_at_the_end() {
        let rows = keys(1..=30);
        assert_eq!(next_shown(&keys(1..=20), &rows, &Place::End, 12), rows);
        assert_eq!(frames(keys(1..=20), &rows, &at(10)), [26, 31]);
    }

    #[test]
    fn what_is_in_view_comes_first_and_the_rest_frame_by_frame() {
        let rows = keys(1..=30);
        let first = |place: &Place| next_shown(&[], &rows, place, 12);
        assert_eq!(first(&Place::End), &rows[19..]);
        assert_eq!(frames(Vec::new(), &rows, &Place::End), [12, 24, 29, 31]);
        // Something of the row above it can be in view.
        assert_eq!(first(&at(10)), &rows[5..22]);
        assert_eq!(first(&at(29)), &rows[24..]);
        assert_eq!(first(&at(1)), &rows[..13]);
        let elsewhere = keys(70..=90);
        let next = |rows| next_shown(&elsewhere, rows, &Place::End, 12);
        assert_eq!(next(&rows), &rows[19..]);
        assert_eq!(next(&[]), []);
    }

    #[test]
    fn where_there_is_room_a_few_more_come_at_once() {
        let rows = keys(1..=30);
        assert_eq!(next_shown(&rows[19..], &rows, &Place::End, 0), &rows[14..]);
        assert_eq!(next_shown(&rows[9..20], &rows, &at(12), 0), &rows[4..25]);
    }

    #[test]
    fn what_was_not_read_yet_is_there_from_the_start_below_something_that_was() {
        let mut rows = keys(1..=30);
        rows.insert(11, RowKey::New);
        assert_eq!(next_shown(&[], &rows, &Place::End, 12), &rows[6..]);
        rows.swap(11, 30);
        assert_eq!(next_shown(&[], &rows, &Place::End, 12), &rows[20..]);
    }

    #[test]
    fn a_group_of_which_there_is_only_what_happened_is_shown_to_its_beginning() {
        let rows: Vec<_> = (1..=30).map(RowKey::Note).collect();
        assert_eq!(frames(Vec::new(), &rows, &Place::End), [12, 24, 29, 30]);
    }

    #[test]
    fn a_window_without_height_shows_everything_in_the_end() {
        let rows = keys(1..=12);
        let first = next_shown(&[], &rows, &Place::End, 0);
        assert_eq!(frames(first.to_vec(), &rows, &Place::End), [13]);
        let first = next_shown(&[], &rows, &at(1), 0);
        assert_eq!(frames(first.to_vec(), &rows, &at(1)), [13]);
    }

    #[test]
    fn a_place_that_is_not_there_has_everything_shown_at_once() {
        let rows = keys(1..=30);
        assert_eq!(next_shown(&[], &rows, &at(99), 12), rows);
    }

    #[test]
    fn what_the_window_has_let_go_of_is_gone_at_once() {
        assert_eq!(frames(keys(1..=30), &keys(11..=30), &at(20)), [21]);
        assert_eq!(frames(keys(1..=30), &keys(1..=20), &at(20)), [21]);
        assert_eq!(frames(keys(11..=30), &keys(1..=20), &at(20)), [15, 21]);
    }
}
