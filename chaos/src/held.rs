//! What one client holds: the conversations of a person, by the rules of our own app. Pure.
//!
//! Messages are held without gaps from some `seq` on. What comes ahead of a gap waits until the
//! gap is filled, positions and ends only move forward.

use std::collections::{BTreeMap, HashSet};

use protocol::{
    Conversation, ConversationId, ConversationKind, Message, Receipt, Seq, Username,
    events::GroupChanged,
};

use crate::ledger::digest_of_message;

/// How far a member has got.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Position {
    pub delivered: Seq,
    pub read: Seq,
}

impl From<&protocol::receipt::Position> for Position {
    fn from(position: &protocol::receipt::Position) -> Self {
        Self {
            delivered: position.delivered_seq,
            read: position.read_seq,
        }
    }
}

/// A held message: its digest, with one bit that says whether the holder wrote it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry(u64);

impl Entry {
    pub fn new(message: &Message, holder: &Username) -> Self {
        let own = u64::from(message.sender == *holder);
        Self(digest_of_message(message) & !1 | own)
    }

    const fn is_own(self) -> bool {
        self.0 & 1 == 1
    }
}

/// One conversation, as far as it is held.
#[derive(Clone, Debug)]
pub struct Timeline {
    pub kind: ConversationKind,
    pub name: String,
    pub members: Vec<Username>,
    /// The end that the holder knows of.
    pub last_seq: Seq,
    pub positions: BTreeMap<Username, Position>,
    /// The holder's own, which may not be told yet.
    pub read: Seq,
    /// Whether the first window is here. Until then everything waits.
    pub loaded: bool,
    /// The `seq` of the first held message.
    pub first: Seq,
    pub log: Vec<Entry>,
    /// What came ahead of a gap.
    pub ahead: BTreeMap<Seq, Entry>,
}

impl Timeline {
    fn new(kind: ConversationKind) -> Self {
        Self {
            kind,
            name: String::new(),
            members: Vec::new(),
            last_seq: Seq::ZERO,
            positions: BTreeMap::new(),
            read: Seq::ZERO,
            loaded: false,
            first: Seq(1),
            log: Vec::new(),
            ahead: BTreeMap::new(),
        }
    }

    /// Up to here everything is held.
    pub const fn end(&self) -> Seq {
        Seq(self.first.0 + self.log.len() as u64 - 1)
    }

    pub fn is_complete(&self) -> bool {
        self.loaded && self.ahead.is_empty() && self.end() == self.last_seq
    }

    /// Messages of others behind the read position.
    pub fn unread(&self) -> u64 {
        let skipped = (self.read.0 + 1).saturating_sub(self.first.0);
        let skipped = usize::try_from(skipped).unwrap_or(usize::MAX);
        let held = self.log.iter().skip(skipped).chain(self.ahead.values());
        held.filter(|entry| !entry.is_own()).count() as u64
    }

    /// False when another message has this place already.
    fn place(&mut self, seq: Seq, entry: Entry) -> bool {
        self.last_seq = self.last_seq.max(seq);
        if seq < self.first {
            return true;
        }
        if self.loaded && seq <= self.end() {
            let index = usize::try_from(seq.0 - self.first.0).unwrap_or(usize::MAX);
            return self.log.get(index) == Some(&entry);
        }
        let before = self.ahead.insert(seq, entry);
        self.close();
        before.is_none_or(|before| before == entry)
    }

    /// Takes over from what waits ahead whatever follows now.
    fn close(&mut self) {
        while self.loaded
            && let Some(first) = self.ahead.first_entry()
            && *first.key() <= Seq(self.first.0 + self.log.len() as u64)
        {
            let (seq, entry) = first.remove_entry();
            if seq.0 == self.first.0 + self.log.len() as u64 {
                self.log.push(entry);
            }
        }
    }

    fn advance(&mut self, member: &Username, holder: &Username, position: Position) {
        let known = self.positions.entry(member.clone()).or_default();
        known.delivered = known.delivered.max(position.delivered);
        known.read = known.read.max(position.read);
        if member == holder {
            self.read = self.read.max(position.read);
        }
    }
}

/// A conversation of which nothing is known but a message of it.
fn begun_by(message: &Message) -> Timeline {
    let Some(receiver) = &message.receiver else {
        return Timeline::new(ConversationKind::Group);
    };
    let mut timeline = Timeline::new(ConversationKind::Private);
    timeline.members = vec![message.sender.clone(), receiver.clone()];
    timeline.members.sort();
    timeline.loaded = message.seq == Seq(1);
    timeline
}

/// What became of a message that came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Placed {
    Well,
    /// Something before it is missing.
    BehindGap,
    /// Its conversation is not known.
    Unknown,
    /// Another message was held in its place.
    Conflict,
}

/// Everything that one client holds.
#[derive(Clone, Debug)]
pub struct Held {
    pub holder: Username,
    pub timelines: BTreeMap<ConversationId, Timeline>,
    /// What came by an event since the last list was asked for: an older list does not know it.
    joined: HashSet<ConversationId>,
    /// Groups that were left since.
    left: HashSet<ConversationId>,
}

impl Held {
    pub fn new(holder: Username) -> Self {
        Self {
            holder,
            timelines: BTreeMap::new(),
            joined: HashSet::new(),
            left: HashSet::new(),
        }
    }

    /// To be called before the list is asked for.
    pub fn begin_list(&mut self) {
        self.joined.clear();
        self.left.clear();
    }

    /// Takes over the answer. What is not in it any more, the person has left.
    pub fn list(&mut self, list: &[Conversation]) {
        let listed: HashSet<&ConversationId> = list.iter().map(|each| &each.id).collect();
        let joined = &self.joined;
        self.timelines
            .retain(|id, _| listed.contains(id) || joined.contains(id));
        for conversation in list {
            if !self.left.contains(&conversation.id) {
                self.take(conversation);
            }
        }
    }

    /// For a client that fetches nothing: what is not loaded comes by events, from the first
    /// message on that its person has not received.
    pub fn begin_with_events(&mut self) {
        let holder = &self.holder;
        for timeline in self.timelines.values_mut().filter(|it| !it.loaded) {
            let own = timeline.positions.get(holder).copied();
            let next = own.unwrap_or_default().delivered.next();
            let waits = timeline.ahead.keys().next().copied();
            timeline.first = waits.map_or(next, |first| first.min(next));
            timeline.loaded = true;
            timeline.close();
        }
    }

    /// A group has come, by an event.
    pub fn join(&mut self, conversation: &Conversation) {
        self.joined.insert(conversation.id.clone());
        self.left.remove(&conversation.id);
        self.take(conversation);
    }

    pub fn leave(&mut self, group: &ConversationId) {
        self.left.insert(group.clone());
        self.joined.remove(group);
        self.timelines.remove(group);
    }

    /// A group has another name or other members. False when it is not known.
    pub fn change(&mut self, change: &GroupChanged) -> bool {
        let Some(timeline) = self.timelines.get_mut(&change.group_id) else {
            return false;
        };
        timeline.name.clone_from(&change.name);
        timeline.members.clone_from(&change.members);
        timeline
            .positions
            .retain(|member, _| change.members.contains(member));
        for position in &change.positions {
            timeline.advance(&position.username, &self.holder, position.into());
        }
        true
    }

    fn take(&mut self, conversation: &Conversation) {
        let timeline = self
            .timelines
            .entry(conversation.id.clone())
            .or_insert_with(|| Timeline::new(conversation.kind));
        timeline.name.clone_from(&conversation.name);
        timeline.members.clone_from(&conversation.members);
        timeline
            .positions
            .retain(|member, _| conversation.members.contains(member));
        timeline.last_seq = timeline.last_seq.max(conversation.last_seq);
        for position in &conversation.positions {
            timeline.advance(&position.username, &self.holder, position.into());
        }
        if conversation.last_seq == Seq::ZERO {
            timeline.loaded = true;
            timeline.close();
        }
    }

    /// Puts a message where it belongs.
    pub fn place(&mut self, message: &Message) -> Placed {
        let id = &message.conversation_id;
        let known = self.timelines.contains_key(id);
        if !known {
            if self.left.contains(id) {
                return Placed::Well;
            }
            self.joined.insert(id.clone());
            self.timelines.insert(id.clone(), begun_by(message));
        }
        let entry = Entry::new(message, &self.holder);
        let Some(timeline) = self.timelines.get_mut(id) else {
            return Placed::Unknown;
        };
        if !timeline.place(message.seq, entry) {
            Placed::Conflict
        } else if !known {
            Placed::Unknown
        } else if timeline.is_complete() {
            Placed::Well
        } else {
            Placed::BehindGap
        }
    }

    /// The newest page, which begins a window. One that is here already stays.
    pub fn begin_window(&mut self, id: &ConversationId, page: &[Message]) {
        if let Some(timeline) = self.timelines.get_mut(id)
            && !timeline.loaded
        {
            timeline.first = page.first().map_or(Seq(1), |message| message.seq);
            timeline.loaded = true;
            for message in page {
                timeline.place(message.seq, Entry::new(message, &self.holder));
            }
            timeline.close();
        }
    }

    /// A page that ends where the window begins.
    pub fn extend_window(&mut self, id: &ConversationId, page: &[Message]) {
        let Some(timeline) = self.timelines.get_mut(id) else {
            return;
        };
        let Some((first, last)) = page.first().zip(page.last()) else {
            return;
        };
        if timeline.loaded && last.seq.next() == timeline.first {
            let holder = &self.holder;
            let mut log: Vec<Entry> = page.iter().map(|it| Entry::new(it, holder)).collect();
            log.append(&mut timeline.log);
            timeline.log = log;
            timeline.first = first.seq;
        }
    }

    /// False when the conversation is not known.
    pub fn receipt(&mut self, receipt: &Receipt) -> bool {
        let Some(timeline) = self.timelines.get_mut(&receipt.conversation_id) else {
            return false;
        };
        if timeline.members.contains(&receipt.username) {
            let position = Position {
                delivered: receipt.delivered_seq,
                read: receipt.read_seq,
            };
            timeline.advance(&receipt.username, &self.holder, position);
        }
        true
    }

    /// The holder has read up to `seq`.
    pub fn read(&mut self, id: &ConversationId, seq: Seq) {
        if let Some(timeline) = self.timelines.get_mut(id) {
            timeline.read = timeline.read.max(seq);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::fixtures::{conversation, message, name};

    fn held() -> Held {
        let mut held = Held::new(name("alice"));
        held.list(&[conversation("c", &["alice", "bob"], 0)]);
        held
    }

    fn only(held: &Held) -> &Timeline {
        held.timelines.values().next().expect("a timeline")
    }

    #[test]
    fn what_comes_behind_a_gap_waits_until_it_is_filled() {
        let mut held = held();
        assert_eq!(held.place(&message("c", 1, "bob", "one")), Placed::Well);
        assert_eq!(
            held.place(&message("c", 3, "bob", "three")),
            Placed::BehindGap
        );
        assert_eq!(only(&held).end(), Seq(1));
        assert_eq!(held.place(&message("c", 2, "bob", "two")), Placed::Well);
        assert!(only(&held).is_complete());
        assert_eq!(only(&held).end(), Seq(3));
    }

    #[test]
    fn the_same_message_again_is_well_and_another_in_its_place_is_a_conflict() {
        let mut held = held();
        held.place(&message("c", 1, "bob", "one"));
        assert_eq!(held.place(&message("c", 1, "bob", "one")), Placed::Well);
        assert_eq!(
            held.place(&message("c", 1, "bob", "other")),
            Placed::Conflict
        );
    }

    #[test]
    fn unread_are_the_messages_of_others_behind_the_position() {
        let mut held = held();
        for (seq, sender) in [(1, "bob"), (2, "alice"), (3, "bob")] {
            held.place(&message("c", seq, sender, "text"));
        }
        assert_eq!(only(&held).unread(), 2);
        held.read(&ConversationId::from_trusted("c"), Seq(2));
        assert_eq!(only(&held).unread(), 1);
    }

    #[test]
    fn a_window_grows_in_both_directions() {
        let mut held = Held::new(name("alice"));
        let id = ConversationId::from_trusted("c");
        held.list(&[conversation("c", &["alice", "bob"], 5)]);
        let all: Vec<Message> = (1..=6)
            .map(|seq| message("c", seq, "bob", "text"))
            .collect();
        assert_eq!(held.place(&all[5]), Placed::BehindGap);
        held.begin_window(&id, &all[3..5]);
        assert_eq!((only(&held).first, only(&held).end()), (Seq(4), Seq(6)));
        held.extend_window(&id, &all[..3]);
        assert_eq!((only(&held).first, only(&held).end()), (Seq(1), Seq(6)));
        assert_eq!(only(&held).unread(), 6);
    }

    #[test]
    fn an_older_list_neither_removes_a_new_group_nor_brings_back_one_that_was_left() {
        let mut held = held();
        held.begin_list();
        held.join(&conversation("new", &["alice", "carol"], 0));
        held.leave(&ConversationId::from_trusted("c"));
        held.list(&[conversation("c", &["alice", "bob"], 0)]);
        let ids: Vec<&str> = held.timelines.keys().map(ConversationId::as_str).collect();
        assert_eq!(ids, ["new"]);
    }
}
