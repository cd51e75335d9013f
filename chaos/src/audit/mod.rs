//! The audit: what clients attempted and were told, against what is stored and what they show.
//!
//! Pure: it is given the stored history one conversation at a time, so that a long run fits into
//! memory, and gives back what is wrong, a sentence each.

/// What can be found.
mod findings;
/// A small world without faults, for tests to plant some.
#[cfg(test)]
pub mod fixtures;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap, HashSet};

use protocol::{ClientId, Conversation, ConversationId, ConversationKind, Message, Seq, Username};

pub use findings::{Finding, Kind};

use crate::{
    held::{Entry, Held, Position, Timeline},
    ledger::{Confirmed, Digest, Ledger, Place, Target, digest_of_message, digest_of_text},
};

/// A client at the end of the run.
#[derive(Clone, Debug)]
pub struct Client {
    pub name: String,
    pub held: Held,
    /// What it could not send.
    pub unsent: usize,
}

/// What a browser shows at the end.
#[derive(Clone, Debug)]
pub struct Page {
    pub person: Username,
    /// By the names of the conversations.
    pub unread: BTreeMap<String, u64>,
    /// The texts of some of them, as far as they are on the page.
    pub timelines: BTreeMap<String, Vec<String>>,
}

/// What a fresh client of each person is told.
pub type Lists = BTreeMap<Username, Vec<Conversation>>;

/// What was audited, and what is wrong.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    pub conversations: usize,
    /// Stored messages that were looked at.
    pub stored: usize,
    /// Messages that had been acknowledged.
    pub acknowledged: usize,
    pub findings: Vec<Finding>,
}

impl Outcome {
    pub fn count(&self, kind: Kind) -> usize {
        self.findings
            .iter()
            .filter(|finding| finding.kind == kind)
            .count()
    }
}

/// An audit under way.
#[derive(Debug)]
pub struct Audit<'a> {
    ledger: &'a Ledger,
    clients: &'a [Client],
    pages: &'a [Page],
    /// Each conversation as each of its members is told of it.
    views: BTreeMap<&'a ConversationId, BTreeMap<&'a Username, &'a Conversation>>,
    seen: HashMap<ClientId, Place>,
    seen_typed: HashMap<Digest, Place>,
    audited: HashSet<ConversationId>,
    outcome: Outcome,
}

impl<'a> Audit<'a> {
    pub fn new(
        ledger: &'a Ledger,
        clients: &'a [Client],
        pages: &'a [Page],
        lists: &'a Lists,
    ) -> Self {
        let mut views: BTreeMap<_, BTreeMap<_, _>> = BTreeMap::new();
        for (person, list) in lists {
            for conversation in list {
                let seen = views.entry(&conversation.id).or_default();
                seen.insert(person, conversation);
            }
        }
        let outcome = Outcome {
            acknowledged: ledger.acknowledged,
            findings: ledger.observed.clone(),
            ..Outcome::default()
        };
        Self {
            ledger,
            clients,
            pages,
            views,
            seen: HashMap::new(),
            seen_typed: HashMap::new(),
            audited: HashSet::new(),
            outcome,
        }
    }

    /// The conversations to be audited, each with a person who can read it.
    pub fn conversations(&self) -> Vec<(ConversationId, Username)> {
        self.views
            .iter()
            .filter_map(|(id, views)| Some(((*id).clone(), (*views.keys().next()?).clone())))
            .collect()
    }

    /// Audits one conversation by its whole history, oldest first.
    pub fn conversation(&mut self, id: &ConversationId, history: &[Message]) {
        self.audited.insert(id.clone());
        self.outcome.conversations += 1;
        self.outcome.stored += history.len();
        self.sequence(id, history);
        for message in history {
            self.message(message);
        }
        self.order(history);
        let views = self.views.get(id).cloned().unwrap_or_default();
        for (person, view) in &views {
            self.view(person, view, history);
        }
        if let Some(view) = views.values().next() {
            self.delivered_flags(view, history);
        }
        for page in self.pages {
            if let Some(view) = views.get(&page.person) {
                self.page(page, view, history);
            }
        }
        for client in self.clients {
            let view = views.get(&client.held.holder);
            let timeline = client.held.timelines.get(id);
            match (view, timeline) {
                (Some(view), Some(timeline)) => self.timeline(client, timeline, view, history),
                (Some(_), None) => self.disagree(client, id, "does not show it"),
                (None, Some(_)) => {
                    self.disagree(client, id, "shows it, but its person is not in it")
                }
                (None, None) => {}
            }
        }
    }

    /// What can be said once every conversation was looked at.
    pub fn finish(mut self) -> Outcome {
        for (id, attempt) in &self.ledger.messages {
            if let Some(place) = &attempt.acknowledged
                && !self.seen.contains_key(id)
            {
                let what = format!(
                    "{id} of {} was acknowledged as message {} of {} and is not stored",
                    attempt.sender, place.seq, place.conversation
                );
                self.outcome.findings.push(Finding::new(Kind::Lost, what));
            }
        }
        self.groups();
        self.memberships();
        self.typed_and_missing();
        for client in self.clients {
            for id in client.held.timelines.keys() {
                if !self.audited.contains(id) {
                    self.disagree(client, id, "shows it, and nobody is in it");
                }
            }
            if client.unsent > 0 {
                let what = format!("{} could not send {} messages", client.name, client.unsent);
                self.find(Kind::Unsent, what);
            }
        }
        self.outcome
    }

    fn find(&mut self, kind: Kind, what: impl Into<String>) {
        self.outcome.findings.push(Finding::new(kind, what));
    }

    fn disagree(&mut self, client: &Client, id: &ConversationId, what: &str) {
        let what = format!("{}, conversation {id}: {what}", client.name);
        self.find(Kind::Disagreement, what);
    }

    /// `seq` counts from 1 without gaps.
    fn sequence(&mut self, id: &ConversationId, history: &[Message]) {
        let mut expected = Seq(1);
        for message in history {
            if message.seq > expected {
                let what = format!("{id} has no messages from {expected} up to {}", message.seq);
                self.find(Kind::Gap, what);
            } else if message.seq < expected {
                let what = format!("{id} has message {} again, or too late", message.seq);
                self.find(Kind::StoredTwice, what);
            }
            expected = message.seq.next();
        }
    }

    /// Stored once, where it was acknowledged, as it was written.
    fn message(&mut self, message: &Message) {
        let id = message.client_id;
        let place = Place::of(message);
        if let Some(before) = self.seen.insert(id, place.clone()) {
            self.find(
                Kind::StoredTwice,
                format!("{id} is stored as {before:?} and as {place:?}"),
            );
            return;
        }
        let Some(attempt) = self.ledger.messages.get(&id) else {
            self.typed(message, place);
            return;
        };
        let is_target = match &attempt.target {
            Target::Person(receiver) => message.receiver.as_ref() == Some(receiver),
            Target::Group(group) => message.group_id.as_ref() == Some(group),
        };
        if message.sender != attempt.sender || !is_target {
            self.find(
                Kind::Altered,
                format!("{id} has another sender or receiver than it was given"),
            );
        }
        if digest_of_text(&message.text) != attempt.text {
            self.find(
                Kind::Altered,
                format!("{id} has another text than it was given"),
            );
        }
        match &attempt.acknowledged {
            Some(told) if *told != place => {
                let what = format!("{id} was acknowledged as {told:?} and is stored as {place:?}");
                self.find(Kind::Moved, what);
            }
            None if attempt.refused.is_some() => {
                self.find(Kind::Invented, format!("{id} was refused and is stored"));
            }
            _ => {}
        }
    }

    /// A message with an id that no native client made.
    fn typed(&mut self, message: &Message, place: Place) {
        let text = digest_of_text(&message.text);
        let Some(typed) = self.ledger.typed.get(&text) else {
            let what = format!("{place:?}: nobody wrote {}", message.client_id);
            self.find(Kind::Invented, what);
            return;
        };
        if typed.person != message.sender {
            self.find(Kind::Altered, format!("{place:?} has another sender"));
        }
        if let Some(before) = self.seen_typed.insert(text, place.clone()) {
            self.find(
                Kind::StoredTwice,
                format!("{:?} is stored as {before:?} and as {place:?}", typed.text),
            );
        }
    }

    /// What was written in a page waits there until it is stored, unless its writer was taken out
    /// of the group.
    fn typed_and_missing(&mut self) {
        let mut findings = Vec::new();
        for (text, typed) in &self.ledger.typed {
            let is_private = self.views.values().any(|views| {
                views.get(&typed.person).is_some_and(|view| {
                    view.kind == ConversationKind::Private && view.name == typed.to
                })
            });
            if is_private && !self.seen_typed.contains_key(text) {
                let what = format!("{:?}, from {} to {}", typed.text, typed.person, typed.to);
                findings.push(Finding::new(Kind::Unsent, what));
            }
        }
        self.outcome.findings.append(&mut findings);
    }

    /// What a page shows, against what a fresh one would.
    fn page(&mut self, page: &Page, view: &Conversation, history: &[Message]) {
        let id = &view.id;
        match page.unread.get(&view.name) {
            Some(shown) if *shown == view.unread => {}
            Some(shown) => {
                let what = format!(
                    "{} in a browser, conversation {id}: shows {shown} unread, a fresh client {}",
                    page.person, view.unread
                );
                self.find(Kind::Unread, what);
            }
            None => {
                let what = format!("{} in a browser does not show {id}", page.person);
                self.find(Kind::Disagreement, what);
            }
        }
        let Some(texts) = page.timelines.get(&view.name) else {
            return;
        };
        let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let skipped = history.len().saturating_sub(texts.len());
        let stored = history
            .iter()
            .skip(skipped)
            .map(|message| words(&message.text));
        if texts.is_empty() || !stored.eq(texts.iter().map(|text| words(text))) {
            let what = format!(
                "{} in a browser, conversation {id}: shows {} messages, which are not the last ones",
                page.person,
                texts.len()
            );
            self.find(Kind::Disagreement, what);
        }
    }

    /// What one client wrote stands in the order of its writing.
    fn order(&mut self, history: &[Message]) {
        let mut last: HashMap<usize, u64> = HashMap::new();
        for message in history {
            let attempt = self.ledger.messages.get(&message.client_id);
            let Some(attempt) = attempt.filter(|attempt| !attempt.twice) else {
                continue;
            };
            let before = last.insert(attempt.client, attempt.place);
            if before.is_some_and(|before| before > attempt.place) {
                let what = format!(
                    "message {} of {} was written before the one of the same client ahead of it",
                    message.seq, message.conversation_id
                );
                self.find(Kind::OutOfOrder, what);
            }
        }
    }

    /// A conversation as a fresh client of this person is told of it.
    fn view(&mut self, person: &Username, view: &Conversation, history: &[Message]) {
        let id = &view.id;
        let end = history.last().map_or(Seq::ZERO, |message| message.seq);
        if view.last_seq != end {
            let what = format!(
                "{id} is said to end with {}, and ends with {end}",
                view.last_seq
            );
            self.find(Kind::Gap, what);
        }
        let newest = |message: Option<&Message>| message.map(digest_of_message);
        if newest(view.last_message.as_ref()) != newest(history.last()) {
            let what = format!("{person} is told of another newest message of {id}");
            self.find(Kind::Disagreement, what);
        }
        let Some(own) = view.positions.iter().find(|each| each.username == *person) else {
            self.find(
                Kind::Position,
                format!("{person} is not told where they stand in {id}"),
            );
            return;
        };
        let behind = |message: &&Message| message.seq > own.read_seq && message.sender != *person;
        let counted = history.iter().filter(behind).count() as u64;
        if view.unread != counted {
            let what = format!(
                "{person} is told of {} unread in {id}, there are {counted}",
                view.unread
            );
            self.find(Kind::Unread, what);
        }
        if own.read_seq > own.delivered_seq || own.delivered_seq > end {
            let what = format!(
                "{person} has read up to {} and received up to {} in {id}, which ends with {end}",
                own.read_seq, own.delivered_seq
            );
            self.find(Kind::Position, what);
        }
        let key = (person.clone(), id.clone());
        let confirmed = self.ledger.positions.get(&key).copied().unwrap_or_default();
        self.confirmed(person, id, confirmed, own);
        if own.delivered_seq < end {
            let what = format!(
                "{person} holds all of {id} up to {end}, and counts as having received up to {}",
                own.delivered_seq
            );
            self.find(Kind::Undelivered, what);
        }
    }

    fn confirmed(
        &mut self,
        person: &Username,
        id: &ConversationId,
        confirmed: Confirmed,
        own: &protocol::receipt::Position,
    ) {
        if own.read_seq < confirmed.read || own.delivered_seq < confirmed.delivered {
            let what = format!(
                "{person} was told to stand at {confirmed:?} in {id}, and stands at {} and {}",
                own.delivered_seq, own.read_seq
            );
            self.find(Kind::Position, what);
        }
    }

    /// `delivered` says that every other member has the message.
    fn delivered_flags(&mut self, view: &Conversation, history: &[Message]) {
        if view.positions.len() < view.members.len() {
            return;
        }
        for message in history {
            let mut others = view
                .positions
                .iter()
                .filter(|position| position.username != message.sender);
            let delivered = others.all(|position| position.delivered_seq >= message.seq);
            if message.delivered != delivered {
                let what = format!(
                    "message {} of {} says delivered: {}, the positions say {delivered}",
                    message.seq, view.id, message.delivered
                );
                self.find(Kind::Delivered, what);
            }
        }
    }

    /// What a client shows, against what a fresh one would.
    fn timeline(
        &mut self,
        client: &Client,
        timeline: &Timeline,
        view: &Conversation,
        history: &[Message],
    ) {
        let id = &view.id;
        if !timeline.loaded {
            self.disagree(client, id, "has not loaded it");
            return;
        }
        if !timeline.ahead.is_empty() {
            let what = format!(
                "misses what lies between {} and {:?}",
                timeline.end(),
                timeline.ahead.keys().next()
            );
            self.disagree(client, id, &what);
        }
        if timeline.end() != view.last_seq || timeline.last_seq != view.last_seq {
            let what = format!(
                "shows it up to {} and knows of {}, it ends with {}",
                timeline.end(),
                timeline.last_seq,
                view.last_seq
            );
            self.disagree(client, id, &what);
        }
        let holder = &client.held.holder;
        let fresh = history
            .iter()
            .skip_while(|message| message.seq < timeline.first);
        let differs = fresh
            .zip(&timeline.log)
            .find(|(message, entry)| Entry::new(message, holder) != **entry);
        if let Some((message, _)) = differs {
            self.disagree(
                client,
                id,
                &format!("shows another message {}", message.seq),
            );
        }
        if view.kind == ConversationKind::Group && timeline.name != view.name {
            let what = format!("shows the name {:?}, not {:?}", timeline.name, view.name);
            self.disagree(client, id, &what);
        }
        if timeline.members != view.members {
            let what = format!("shows the members {:?}", timeline.members);
            self.disagree(client, id, &what);
        }
        if timeline.unread() != view.unread {
            let what = format!(
                "{}, conversation {id}: shows {} unread, a fresh client {}",
                client.name,
                timeline.unread(),
                view.unread
            );
            self.find(Kind::Unread, what);
        }
        self.positions(client, timeline, view, history);
    }

    /// Somebody's own messages move their positions without a word, so positions are the same
    /// when nothing but such messages lies between them.
    fn positions(
        &mut self,
        client: &Client,
        timeline: &Timeline,
        view: &Conversation,
        history: &[Message],
    ) {
        for fresh in &view.positions {
            let member = &fresh.username;
            let over_own = |seq: Seq| {
                let start = usize::try_from(seq.0).unwrap_or(usize::MAX);
                let own = history.iter().skip(start);
                let own = own.take_while(|message| message.sender == *member);
                Seq(seq.0 + own.count() as u64)
            };
            let held = timeline.positions.get(member).copied().unwrap_or_default();
            let held = Position {
                read: if *member == client.held.holder {
                    timeline.read
                } else {
                    held.read
                },
                ..held
            };
            let same = over_own(held.delivered) == over_own(fresh.delivered_seq)
                && over_own(held.read) == over_own(fresh.read_seq);
            if !same {
                let what = format!(
                    "shows {member} at {} and {}, a fresh client at {} and {}",
                    held.delivered, held.read, fresh.delivered_seq, fresh.read_seq
                );
                self.disagree(client, &view.id, &what);
            }
        }
    }

    /// A group that was asked for is there once if it was acknowledged, at most once if not.
    fn groups(&mut self) {
        let mut by_name: HashMap<&str, Vec<&ConversationId>> = HashMap::new();
        for (id, views) in &self.views {
            let group = views
                .values()
                .next()
                .filter(|view| view.kind == ConversationKind::Group);
            if let Some(group) = group {
                // Groups are renamed by adding to the name that they were made with.
                let name = group.name.split(" (").next().unwrap_or_default();
                by_name.entry(name).or_default().push(id);
            }
        }
        let mut findings = Vec::new();
        for attempt in self.ledger.groups.values() {
            let stored = by_name.remove(attempt.name.as_str()).unwrap_or_default();
            if stored.len() > 1 {
                let what = format!(
                    "the group {} is stored {} times",
                    attempt.name,
                    stored.len()
                );
                findings.push(Finding::new(Kind::StoredTwice, what));
            }
            if let Some(told) = &attempt.acknowledged
                && !stored.contains(&told)
            {
                let what = format!(
                    "the group {} was acknowledged and is not stored",
                    attempt.name
                );
                findings.push(Finding::new(Kind::Lost, what));
            }
        }
        for name in by_name.keys() {
            findings.push(Finding::new(
                Kind::Invented,
                format!("nobody asked for the group {name}"),
            ));
        }
        self.outcome.findings.append(&mut findings);
    }

    /// Who was confirmed to have come and cannot have left is there, and the other way round.
    fn memberships(&mut self) {
        let mut findings = Vec::new();
        for ((group, person), asked) in &self.ledger.memberships {
            let views = self.views.get(group);
            let is_member = views.is_some_and(|views| views.contains_key(person));
            if asked.joined && !asked.may_have_left && !is_member {
                let what = format!("{person} joined {group}, and is not in it");
                findings.push(Finding::new(Kind::Lost, what));
            }
            if asked.left && !asked.may_have_joined && is_member {
                let what = format!("{person} left {group}, and is in it");
                findings.push(Finding::new(Kind::Lost, what));
            }
        }
        self.outcome.findings.append(&mut findings);
    }
}
