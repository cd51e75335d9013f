//! The list of conversations: what the server told, and what events have changed since.

use protocol::{
    Changes, Conversation, ConversationId, ConversationKind, Cursor, Message, Receipt, Seq,
    Username,
    events::{DeliveryStatus, GroupChanged},
    receipt::Position,
};

use super::{receipts::Progress, recipient::Recipient, unread::Unread};

/// The conversations of one person, newest activity first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Conversations {
    entries: Vec<Entry>,
    /// Counts snapshots asked for, and stamps what came by event in between.
    revision: u64,
    /// The newest snapshot that was taken over.
    applied: u64,
    /// From where on to ask for what has changed.
    cursor: Option<Cursor>,
    /// Groups that were left, each with the revision: an answer that was under way still has them.
    left: Vec<(ConversationId, u64)>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub recipient: Recipient,
    pub conversation: Conversation,
    unread: Unread,
    progress: Progress,
    /// The revision at which it last moved to the top.
    active_at: u64,
    /// The revision at which an event last told its name and members.
    changed_at: u64,
}

/// What became of an event that speaks of a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Known {
    Yes,
    /// The list lacks something that only the server can tell: fetch it.
    No,
}

impl Entry {
    fn new(conversation: Conversation, viewer: &Username) -> Option<Self> {
        let recipient = Recipient::of_conversation(&conversation, viewer)?;
        let read_seq = position(&conversation, viewer).map_or(Seq::ZERO, |at| at.read_seq);
        let unread = Unread::told(conversation.unread, read_seq, conversation.last_seq);
        let progress = Progress::of(&conversation, viewer);
        Some(Self {
            recipient,
            conversation,
            unread,
            progress,
            active_at: 0,
            changed_at: 0,
        })
    }

    /// Messages of others that were not read yet.
    pub fn unread(&self) -> u64 {
        self.unread.count()
    }

    /// Up to where everything is read, here or on another device.
    pub const fn read_seq(&self) -> Seq {
        self.unread.read_seq()
    }

    /// How far the other members have got.
    pub const fn progress(&self) -> Progress {
        self.progress
    }

    fn receive(&mut self, message: &Message, viewer: &Username) {
        self.move_over_own(message, viewer);
        let conversation = &mut self.conversation;
        if message.sender != *viewer {
            self.unread.add(message.seq);
        }
        conversation.last_seq = conversation.last_seq.max(message.seq);
        if conversation
            .last_message
            .as_ref()
            .is_none_or(|last| last.seq <= message.seq)
        {
            conversation.last_message = Some(message.clone());
        }
    }

    /// Whoever writes holds and has read what they wrote, if nothing of others lies between. The
    /// server thinks the same, and says nothing of it.
    fn move_over_own(&mut self, message: &Message, viewer: &Username) {
        let before = message.seq.previous();
        let positions = &mut self.conversation.positions;
        if let Some(at) = positions
            .iter_mut()
            .find(|at| at.username == message.sender)
        {
            if at.delivered_seq == before {
                at.delivered_seq = message.seq;
            }
            if at.read_seq == before {
                at.read_seq = message.seq;
            }
        }
        if message.sender == *viewer && self.unread.read_seq() == before {
            self.unread.read_to(message.seq);
        }
    }

    fn move_position(&mut self, username: &Username, delivered: Seq, read: Seq, viewer: &Username) {
        let positions = &mut self.conversation.positions;
        match positions.iter_mut().find(|at| at.username == *username) {
            Some(at) => {
                at.delivered_seq = at.delivered_seq.max(delivered);
                at.read_seq = at.read_seq.max(read);
            }
            None => positions.push(Position {
                username: username.clone(),
                delivered_seq: delivered,
                read_seq: read,
            }),
        }
        if username == viewer {
            self.unread.read_to(read);
        }
    }

    /// What an older entry knew from events that this one, fresh from the server, may lack. It was
    /// asked for at revision `number`.
    fn catch_up_with(&mut self, older: &Self, number: u64, viewer: &Username) {
        if older.changed_at >= number {
            self.conversation.name = older.conversation.name.clone();
            self.conversation.members = older.conversation.members.clone();
        }
        if let Some(last) = &older.conversation.last_message {
            self.receive(last, viewer);
        }
        self.unread.catch_up_with(&older.unread);
        for at in &older.conversation.positions {
            if self.conversation.members.contains(&at.username) {
                self.move_position(&at.username, at.delivered_seq, at.read_seq, viewer);
            }
        }
        self.believe_sums(
            older.conversation.all_delivered_seq,
            older.conversation.all_read_seq,
        );
        self.progress = Progress::of(&self.conversation, viewer);
        self.active_at = older.active_at;
        self.changed_at = older.changed_at;
    }

    fn believe_sums(&mut self, delivered: Seq, read: Seq) {
        let conversation = &mut self.conversation;
        conversation.all_delivered_seq = conversation.all_delivered_seq.max(delivered);
        conversation.all_read_seq = conversation.all_read_seq.max(read);
    }
}

impl Conversations {
    /// Begins a snapshot: the number under which its answer is taken over.
    pub fn begin_snapshot(&mut self) -> u64 {
        self.revision += 1;
        self.revision
    }

    /// Takes a snapshot over, unless a later one was faster. What events said since it was asked
    /// for stays.
    pub fn apply_snapshot(
        &mut self,
        number: u64,
        snapshot: Vec<Conversation>,
        cursor: Option<Cursor>,
        viewer: &Username,
    ) {
        if number <= self.applied || number > self.revision {
            return;
        }
        self.begin_answer(number, cursor);
        let before = std::mem::take(&mut self.entries);
        let mut fresh: Vec<Entry> = snapshot
            .into_iter()
            .filter(|each| !self.was_left(&each.id))
            .filter_map(|each| Entry::new(each, viewer))
            .collect();
        // In reverse, because each that was active since goes to the top in turn.
        for older in before.into_iter().rev() {
            let is_newer = older.active_at >= number;
            let place = fresh
                .iter()
                .position(|each| each.recipient == older.recipient);
            match place {
                Some(place) => {
                    fresh[place].catch_up_with(&older, number, viewer);
                    if is_newer {
                        fresh[..=place].rotate_right(1);
                    }
                }
                None if is_newer => fresh.insert(0, older),
                None => {}
            }
        }
        self.entries = fresh;
    }

    /// From where on to ask for what has changed, once a snapshot was taken over.
    pub const fn cursor(&self) -> Option<Cursor> {
        self.cursor
    }

    /// Takes over what has changed since [`cursor`](Self::cursor), unless a later answer was faster.
    /// What events said since it was asked for stays. `No` when only a snapshot will do.
    pub fn apply_changes(&mut self, number: u64, changes: Changes, viewer: &Username) -> Known {
        if number <= self.applied || number > self.revision {
            return Known::Yes;
        }
        if changes.reset {
            self.cursor = None;
            return Known::No;
        }
        self.begin_answer(number, Some(changes.cursor));
        for id in &changes.left {
            let since = self.by_id(id).map_or(0, |entry| entry.active_at);
            // One that was come back to meanwhile stays.
            if since < number {
                self.entries.retain(|entry| entry.conversation.id != *id);
            }
        }
        // The newest activity comes first, so each that was active goes to the top in turn.
        for conversation in changes.conversations.into_iter().rev() {
            if self.was_left(&conversation.id) {
                continue;
            }
            let Some(mut fresh) = Entry::new(conversation, viewer) else {
                continue;
            };
            match self.place(&fresh.recipient) {
                Some(place) => {
                    let older = &self.entries[place];
                    let is_active = fresh.conversation.last_seq > older.conversation.last_seq;
                    fresh.catch_up_with(older, number, viewer);
                    self.entries[place] = fresh;
                    if is_active {
                        self.entries[..=place].rotate_right(1);
                    }
                }
                None => self.entries.insert(0, fresh),
            }
        }
        Known::Yes
    }

    /// An answer that was asked for at revision `number` is taken over. What was left before that is
    /// not in it.
    fn begin_answer(&mut self, number: u64, cursor: Option<Cursor>) {
        self.applied = number;
        self.cursor = cursor;
        self.left.retain(|(_, revision)| *revision >= number);
    }

    fn was_left(&self, id: &ConversationId) -> bool {
        self.left.iter().any(|(left, _)| left == id)
    }

    pub fn is_loaded(&self) -> bool {
        self.applied > 0
    }

    /// A message was stored, by whomever.
    pub fn receive(&mut self, message: &Message, viewer: &Username) -> Known {
        let Some(recipient) = Recipient::of_message(message, viewer) else {
            return Known::Yes;
        };
        let mut known = Known::Yes;
        if self.get(&recipient).is_none() {
            let Recipient::Person(other) = &recipient else {
                return Known::No;
            };
            let mut members = vec![viewer.clone(), other.clone()];
            members.sort_unstable_by(|one, other| one.as_str().cmp(other.as_str()));
            let begun = Conversation {
                id: message.conversation_id.clone(),
                kind: ConversationKind::Private,
                name: other.as_str().to_owned(),
                members,
                created_by: None,
                last_message: None,
                unread: 0,
                last_seq: Seq::ZERO,
                positions: Vec::new(),
                all_delivered_seq: Seq::ZERO,
                all_read_seq: Seq::ZERO,
            };
            // A first message tells all there is to know; a later one does not.
            if message.seq > Seq(1) {
                known = Known::No;
            }
            self.entries.extend(Entry::new(begun, viewer));
        }
        let revision = self.revision;
        if let Some(place) = self.place(&recipient) {
            let entry = &mut self.entries[place];
            let is_newest = message.seq > entry.conversation.last_seq;
            entry.receive(message, viewer);
            if is_newest {
                entry.active_at = revision;
                self.entries[..=place].rotate_right(1);
            }
        }
        known
    }

    /// A member's positions moved.
    pub fn receipt(&mut self, receipt: &Receipt, viewer: &Username) -> Known {
        let Some(entry) = self.by_id(&receipt.conversation_id) else {
            return Known::No;
        };
        entry.move_position(
            &receipt.username,
            receipt.delivered_seq,
            receipt.read_seq,
            viewer,
        );
        entry.believe_sums(receipt.all_delivered_seq, receipt.all_read_seq);
        entry.progress = Progress::of(&entry.conversation, viewer);
        if entry.unread.is_guessed() {
            return Known::No;
        }
        Known::Yes
    }

    /// Messages that waited have reached their receiver.
    pub fn delivery(&mut self, status: &DeliveryStatus, viewer: &Username) -> Known {
        let Some(entry) = self.by_id(&status.response.conversation_id) else {
            return Known::No;
        };
        entry.move_position(&status.receiver, status.up_to_seq, Seq::ZERO, viewer);
        if status.response.delivered {
            entry.believe_sums(status.response.seq, Seq::ZERO);
        }
        entry.progress = Progress::of(&entry.conversation, viewer);
        Known::Yes
    }

    /// A group was made, here or elsewhere.
    pub fn add_group(&mut self, conversation: Conversation, viewer: &Username) {
        let Some(mut entry) = Entry::new(conversation, viewer) else {
            return;
        };
        let id = &entry.conversation.id;
        self.left.retain(|(left, _)| left != id);
        if self.get(&entry.recipient).is_none() {
            entry.active_at = self.revision;
            entry.changed_at = self.revision;
            self.entries.insert(0, entry);
        }
    }

    /// A group has another name or other members.
    pub fn change_group(&mut self, change: GroupChanged, viewer: &Username) -> Known {
        let revision = self.revision;
        let Some(entry) = self.by_id(&change.group_id) else {
            return Known::No;
        };
        entry.changed_at = revision;
        let conversation = &mut entry.conversation;
        conversation.name = change.name;
        conversation.members = change.members;
        let members = &conversation.members;
        conversation
            .positions
            .retain(|at| members.contains(&at.username));
        for at in change.positions {
            entry.move_position(&at.username, at.delivered_seq, at.read_seq, viewer);
        }
        entry.believe_sums(change.all_delivered_seq, change.all_read_seq);
        entry.progress = Progress::of(&entry.conversation, viewer);
        Known::Yes
    }

    /// Where every member of a large group stands, which is told only to who asks.
    pub fn tell_positions(
        &mut self,
        id: &ConversationId,
        positions: Vec<Position>,
        viewer: &Username,
    ) {
        if let Some(entry) = self.by_id(id) {
            for at in positions {
                entry.move_position(&at.username, at.delivered_seq, at.read_seq, viewer);
            }
            entry.progress = Progress::of(&entry.conversation, viewer);
        }
    }

    /// The viewer is no member any more.
    pub fn leave(&mut self, id: &ConversationId) {
        self.left.push((id.clone(), self.revision));
        self.entries.retain(|entry| entry.conversation.id != *id);
    }

    /// Everything up to `seq` was read here. Some(id) when that was news, for the server to hear.
    pub fn mark_read(&mut self, recipient: &Recipient, seq: Seq) -> Option<ConversationId> {
        let place = self.place(recipient)?;
        let entry = &mut self.entries[place];
        entry
            .unread
            .read_to(seq)
            .then(|| entry.conversation.id.clone())
    }

    /// What was read here and the server has not heard of.
    pub fn reads_to_tell(&self, viewer: &Username) -> Vec<(ConversationId, Seq)> {
        let untold = |entry: &&Entry| {
            let told = position(&entry.conversation, viewer).map_or(Seq::ZERO, |at| at.read_seq);
            entry.read_seq() > told
        };
        let each = self.entries.iter().filter(untold);
        each.map(|entry| (entry.conversation.id.clone(), entry.read_seq()))
            .collect()
    }

    /// What the server has, and does not know that this client has.
    pub fn undelivered(&self, viewer: &Username) -> Vec<(Recipient, ConversationId, Seq)> {
        let waiting = |entry: &&Entry| {
            let held =
                position(&entry.conversation, viewer).map_or(Seq::ZERO, |at| at.delivered_seq);
            entry.conversation.last_seq > held
        };
        let each = self.entries.iter().filter(waiting);
        each.map(|entry| {
            let conversation = &entry.conversation;
            (
                entry.recipient.clone(),
                conversation.id.clone(),
                conversation.last_seq,
            )
        })
        .collect()
    }

    pub fn iter(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter()
    }

    pub fn get(&self, recipient: &Recipient) -> Option<&Entry> {
        self.entries
            .iter()
            .find(|entry| entry.recipient == *recipient)
    }

    pub fn unread_total(&self) -> u64 {
        self.entries.iter().map(Entry::unread).sum()
    }

    fn place(&self, recipient: &Recipient) -> Option<usize> {
        self.entries
            .iter()
            .position(|entry| entry.recipient == *recipient)
    }

    fn by_id(&mut self, id: &ConversationId) -> Option<&mut Entry> {
        self.entries
            .iter_mut()
            .find(|entry| entry.conversation.id == *id)
    }
}

fn position<'a>(conversation: &'a Conversation, username: &Username) -> Option<&'a Position> {
    conversation
        .positions
        .iter()
        .find(|at| at.username == *username)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::fixtures::{conversation, group, message, username};

    fn alice() -> Username {
        username("alice")
    }

    fn bob() -> Recipient {
        Recipient::Person(username("bob"))
    }

    fn lunch() -> Recipient {
        Recipient::Group(ConversationId::from_trusted("lunch"))
    }

    fn loaded(snapshot: Vec<Conversation>) -> Conversations {
        let mut conversations = Conversations::default();
        let number = conversations.begin_snapshot();
        conversations.apply_snapshot(number, snapshot, None, &alice());
        conversations
    }

    fn order(conversations: &Conversations) -> Vec<&Recipient> {
        conversations.iter().map(|entry| &entry.recipient).collect()
    }

    #[test]
    fn a_message_moves_its_conversation_to_the_top_and_is_unread() {
        let mut conversations = loaded(vec![group("lunch"), conversation(3, 0, 3)]);
        assert_eq!(
            conversations.receive(&message(4, "bob", "Hello"), &alice()),
            Known::Yes
        );
        assert_eq!(order(&conversations), [&bob(), &lunch()]);
        let entry = conversations.get(&bob()).expect("bob");
        assert_eq!(entry.unread(), 1);
        let preview = entry.conversation.last_message.as_ref().expect("a message");
        assert_eq!(preview.text, "Hello");
    }

    #[test]
    fn an_own_message_is_not_unread() {
        let mut conversations = loaded(vec![conversation(3, 0, 3)]);
        let _ = conversations.receive(&message(4, "alice", "Hello"), &alice());
        assert_eq!(conversations.unread_total(), 0);
    }

    #[test]
    fn a_first_message_begins_a_private_conversation() {
        let mut conversations = loaded(Vec::new());
        assert_eq!(
            conversations.receive(&message(1, "bob", "Hello"), &alice()),
            Known::Yes
        );
        assert_eq!(conversations.get(&bob()).map(Entry::unread), Some(1));
    }

    #[test]
    fn a_later_message_of_an_unknown_conversation_asks_for_the_list() {
        let mut conversations = loaded(Vec::new());
        assert_eq!(
            conversations.receive(&message(7, "bob", "Hello"), &alice()),
            Known::No
        );
        assert!(conversations.get(&bob()).is_some());
    }

    #[test]
    fn reading_in_another_tab_clears_the_count_here() {
        let mut conversations = loaded(vec![conversation(9, 3, 6)]);
        let receipt = Receipt {
            conversation_id: ConversationId::from_trusted("alice-bob"),
            username: alice(),
            delivered_seq: Seq(9),
            read_seq: Seq(9),
            all_delivered_seq: Seq(0),
            all_read_seq: Seq(0),
        };
        assert_eq!(conversations.receipt(&receipt, &alice()), Known::Yes);
        assert_eq!(conversations.unread_total(), 0);
    }

    #[test]
    fn reading_a_part_elsewhere_asks_the_server_how_much_is_left() {
        let mut conversations = loaded(vec![conversation(9, 5, 3)]);
        let receipt = Receipt {
            conversation_id: ConversationId::from_trusted("alice-bob"),
            username: alice(),
            delivered_seq: Seq(9),
            read_seq: Seq(6),
            all_delivered_seq: Seq(0),
            all_read_seq: Seq(0),
        };
        assert_eq!(conversations.receipt(&receipt, &alice()), Known::No);
        let number = conversations.begin_snapshot();
        let told = changes(vec![conversation(9, 2, 6)]);
        assert_eq!(
            conversations.apply_changes(number, told, &alice()),
            Known::Yes
        );
        assert_eq!(conversations.unread_total(), 2);
        assert_eq!(conversations.receipt(&receipt, &alice()), Known::Yes);
    }

    #[test]
    fn a_message_that_came_while_the_list_was_under_way_is_not_lost() {
        let mut conversations = loaded(vec![group("lunch"), conversation(3, 0, 3)]);
        let number = conversations.begin_snapshot();
        let _ = conversations.receive(&message(4, "bob", "Hello"), &alice());
        conversations.apply_snapshot(
            number,
            vec![group("lunch"), conversation(3, 0, 3)],
            None,
            &alice(),
        );
        assert_eq!(order(&conversations), [&bob(), &lunch()]);
        let entry = conversations.get(&bob()).expect("bob");
        assert_eq!((entry.unread(), entry.conversation.last_seq), (1, Seq(4)));
    }

    #[test]
    fn a_stale_list_does_not_win() {
        let mut conversations = loaded(Vec::new());
        let first = conversations.begin_snapshot();
        let second = conversations.begin_snapshot();
        conversations.apply_snapshot(second, vec![conversation(3, 0, 3)], None, &alice());
        conversations.apply_snapshot(first, Vec::new(), None, &alice());
        assert!(conversations.get(&bob()).is_some());
    }

    #[test]
    fn a_conversation_that_the_server_no_longer_lists_is_gone() {
        let mut conversations = loaded(vec![group("lunch"), conversation(3, 0, 3)]);
        let number = conversations.begin_snapshot();
        conversations.apply_snapshot(number, vec![conversation(3, 0, 3)], None, &alice());
        assert_eq!(order(&conversations), [&bob()]);
    }

    #[test]
    fn a_group_made_while_the_list_was_under_way_stays() {
        let mut conversations = loaded(Vec::new());
        let number = conversations.begin_snapshot();
        conversations.add_group(group("lunch"), &alice());
        conversations.apply_snapshot(number, Vec::new(), None, &alice());
        assert_eq!(order(&conversations), [&lunch()]);
    }

    #[test]
    fn what_was_read_without_a_connection_is_told_later() {
        let mut conversations = loaded(vec![conversation(9, 3, 6)]);
        let id = conversations.mark_read(&bob(), Seq(9)).expect("news");
        assert_eq!(conversations.unread_total(), 0);
        assert_eq!(conversations.reads_to_tell(&alice()), [(id, Seq(9))]);
        assert_eq!(conversations.mark_read(&bob(), Seq(9)), None);
    }

    #[test]
    fn messages_that_the_server_believes_undelivered_are_listed() {
        let mut undelivered = conversation(9, 3, 6);
        undelivered.positions[0].delivered_seq = Seq(7);
        let conversations = loaded(vec![undelivered]);
        let waiting = conversations.undelivered(&alice());
        assert_eq!(waiting.len(), 1);
        assert_eq!(waiting[0].2, Seq(9));
    }

    #[test]
    fn a_waiting_message_that_reached_its_receiver_moves_the_ticks() {
        let mut conversations = loaded(vec![conversation(3, 0, 3)]);
        let status = DeliveryStatus {
            response: message(3, "alice", "Hello"),
            up_to_seq: Seq(3),
            receiver: username("bob"),
        };
        assert_eq!(conversations.delivery(&status, &alice()), Known::Yes);
        let progress = conversations.get(&bob()).expect("bob").progress();
        assert_eq!((progress.delivered, progress.read), (Seq(3), Seq(0)));
    }

    fn changes(conversations: Vec<Conversation>) -> Changes {
        Changes {
            cursor: Cursor(8),
            conversations,
            ..Changes::default()
        }
    }

    fn renamed(name: &str) -> GroupChanged {
        GroupChanged {
            group_id: ConversationId::from_trusted("lunch"),
            name: name.to_owned(),
            members: vec![username("alice"), username("bob")],
            positions: Vec::new(),
            all_delivered_seq: Seq(0),
            all_read_seq: Seq(0),
        }
    }

    fn name_of_lunch(conversations: &Conversations) -> &str {
        let entry = conversations.get(&lunch()).expect("the group");
        &entry.conversation.name
    }

    #[test]
    fn what_has_changed_is_taken_over_and_the_rest_stays() {
        let mut list = loaded(vec![group("lunch"), conversation(3, 0, 3)]);
        let number = list.begin_snapshot();
        let told = changes(vec![conversation(5, 2, 3)]);
        assert_eq!(list.apply_changes(number, told, &alice()), Known::Yes);
        assert_eq!(order(&list), [&bob(), &lunch()]);
        assert_eq!(list.get(&bob()).map(Entry::unread), Some(2));
        assert_eq!(list.cursor(), Some(Cursor(8)));
    }

    #[test]
    fn a_position_that_moved_moves_nothing_to_the_top() {
        let mut list = loaded(vec![group("lunch"), conversation(3, 3, 0)]);
        let number = list.begin_snapshot();
        let told = changes(vec![conversation(3, 0, 3)]);
        assert_eq!(list.apply_changes(number, told, &alice()), Known::Yes);
        assert_eq!(order(&list), [&lunch(), &bob()]);
        assert_eq!(list.unread_total(), 0);
    }

    #[test]
    fn too_many_changes_ask_for_the_whole_list() {
        let mut list = loaded(vec![group("lunch")]);
        let number = list.begin_snapshot();
        let reset = Changes {
            reset: true,
            ..Changes::default()
        };
        assert_eq!(list.apply_changes(number, reset, &alice()), Known::No);
        assert_eq!(list.cursor(), None);
        assert_eq!(order(&list), [&lunch()], "what is known is shown meanwhile");
    }

    #[test]
    fn a_group_that_was_left_is_gone_even_if_an_earlier_answer_still_has_it() {
        let mut list = loaded(vec![group("lunch")]);
        let number = list.begin_snapshot();
        list.leave(&ConversationId::from_trusted("lunch"));
        list.apply_snapshot(number, vec![group("lunch")], None, &alice());
        assert!(order(&list).is_empty());
        let number = list.begin_snapshot();
        list.apply_snapshot(number, vec![group("lunch")], None, &alice());
        assert_eq!(order(&list), [&lunch()], "taken in again later");
    }

    #[test]
    fn a_name_that_an_event_told_outlives_an_earlier_answer() {
        let mut list = loaded(vec![group("lunch")]);
        let number = list.begin_snapshot();
        assert_eq!(list.change_group(renamed("Dinner"), &alice()), Known::Yes);
        list.apply_snapshot(number, vec![group("lunch")], None, &alice());
        assert_eq!(name_of_lunch(&list), "Dinner");
        let number = list.begin_snapshot();
        list.apply_snapshot(number, vec![group("lunch")], None, &alice());
        assert_eq!(name_of_lunch(&list), "lunch");
    }

    #[test]
    fn who_has_left_holds_no_tick_up() {
        let mut lunch_with_slow_carol = group("lunch");
        lunch_with_slow_carol.positions = ["alice", "bob", "carol"]
            .map(|name| Position {
                username: username(name),
                delivered_seq: Seq(if name == "carol" { 1 } else { 4 }),
                read_seq: Seq(0),
            })
            .to_vec();
        let mut list = loaded(vec![lunch_with_slow_carol]);
        let progress = |list: &Conversations| list.get(&lunch()).expect("it").progress();
        assert_eq!(progress(&list).delivered, Seq(1));
        assert_eq!(list.change_group(renamed("lunch"), &alice()), Known::Yes);
        assert_eq!(progress(&list).delivered, Seq(4));
    }
}
