//! What was written and is not known to be stored: sent in order, one at a time for each
//! conversation, and again with the same client id until the server has answered.
//!
//! The browser keeps it for all tabs of a person. Each tab holds a copy, which it merges with what
//! is kept whenever another has changed that.

use std::sync::Arc;

use protocol::{ClientId, Message, Timestamp, Username};
use serde::{Deserialize, Serialize};

use super::recipient::Recipient;

/// A message on its way, as it is kept in the browser too.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Envelope {
    pub client_id: ClientId,
    pub to: Recipient,
    pub text: String,
    /// When it was written, by the clock of this device.
    pub written_at: Timestamp,
    /// Its place in the line. Two of the same moment are told apart by this.
    pub place: u64,
    /// Why the server did not take it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refusal: Option<String>,
}

/// One try to send an envelope. An answer to an earlier try changes nothing any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    pub envelope: Arc<Envelope>,
    pub number: u32,
}

/// How many that have left the line are remembered: more than can leave it while the browser reads.
const REMEMBERED: usize = 256;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outbox {
    /// In the order of their places.
    items: Vec<Item>,
    /// What has left the line lately, so that nothing that was read before brings it back.
    gone: Vec<ClientId>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Item {
    envelope: Arc<Envelope>,
    state: State,
    attempts: u32,
    /// The browser has it, so that it is another tab's doing when it is not there any more.
    kept: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// It is being kept, and not sent before that is done.
    Keeping,
    Waiting,
    InFlight,
    /// It was not answered, or another tab has sent it, and pauses before it is sent again.
    Resting,
    Refused,
}

impl Outbox {
    /// Puts a text in the line. It is sent once it is [`kept`](Self::kept).
    pub fn enqueue(
        &mut self,
        client_id: ClientId,
        to: Recipient,
        text: String,
        written_at: Timestamp,
    ) -> Arc<Envelope> {
        let envelope = Arc::new(Envelope {
            client_id,
            to,
            text,
            written_at,
            place: self.next_place(written_at),
            refusal: None,
        });
        self.insert(Item::new(envelope.clone(), State::Keeping));
        envelope
    }

    /// Takes over what a page left behind that ended too early. It is sent once it is kept.
    pub fn take_over(&mut self, envelope: Envelope) {
        self.insert(Item::new(Arc::new(envelope), State::Keeping));
    }

    /// The browser has it, or cannot keep anything: it may be sent.
    pub fn kept(&mut self, client_id: ClientId, kept: bool) {
        if let Some(item) = self.find(client_id) {
            item.kept = kept;
            if item.state == State::Keeping {
                item.state = State::Waiting;
            }
        }
    }

    /// Takes in what all tabs have kept. True if that changes what is shown.
    ///
    /// What was kept and is not there any more, another tab has sent, unless it was refused and
    /// given up. The server's word will come here too, and only if it does not for long is the
    /// message sent again, which is always right: these are the attempts to [`wake`](Self::wake).
    pub fn merge(&mut self, all: Vec<Envelope>) -> (bool, Vec<Attempt>) {
        let before = self.items.len();
        let mut elsewhere = Vec::new();
        self.items.retain_mut(|item| {
            let client_id = item.envelope.client_id;
            if !item.kept || all.iter().any(|it| it.client_id == client_id) {
                return true;
            }
            if item.state == State::Waiting {
                elsewhere.push(item.attempt(State::Resting));
            }
            item.state != State::Refused
        });
        let mut changed = self.items.len() < before;
        for envelope in all {
            changed |= self.take_in(envelope);
        }
        (changed, elsewhere)
    }

    /// Takes in one envelope as it is kept; true if there is something new about it.
    fn take_in(&mut self, envelope: Envelope) -> bool {
        let mut news = Item::new(Arc::new(envelope), State::Waiting);
        news.kept = true;
        let place = self.position(news.envelope.client_id);
        if let Some(item) = place.and_then(|place| self.items.get_mut(place)) {
            item.kept = true;
            if matches!(item.state, State::Keeping | State::InFlight)
                || !news.envelope.is_newer_than(&item.envelope)
            {
                return false;
            }
            news.attempts = item.attempts;
        }
        if let Some(place) = place {
            self.items.remove(place);
        }
        self.insert(news)
    }

    /// How many messages the server is not known to have, refused ones included.
    pub fn count(&self) -> usize {
        self.items.len()
    }

    /// There is something that may be sent now.
    pub fn has_ready(&self) -> bool {
        self.next().is_some()
    }

    /// Something is sent and not answered yet.
    pub fn is_under_way(&self) -> bool {
        self.items.iter().any(|it| it.state == State::InFlight)
    }

    /// What may be sent now.
    pub fn take_next(&mut self) -> Vec<Attempt> {
        let mut attempts = Vec::new();
        while let Some(item) = self.next().and_then(|place| self.items.get_mut(place)) {
            attempts.push(item.attempt(State::InFlight));
        }
        attempts
    }

    /// The server holds this message; true when it was one of ours.
    pub fn stored(&mut self, message: &Message, viewer: &Username) -> bool {
        message.sender == *viewer && self.remove(message.client_id)
    }

    /// The server refused it for good. Returns it with the reason, for keeping.
    pub fn refuse(&mut self, attempt: &Attempt, reason: String) -> Option<Arc<Envelope>> {
        let item = self.answered(attempt)?;
        item.state = State::Refused;
        let envelope = Envelope {
            refusal: Some(reason),
            ..(*item.envelope).clone()
        };
        item.envelope = Arc::new(envelope);
        Some(item.envelope.clone())
    }

    /// No answer came, or one that says "later". True when it should be tried again after a pause.
    pub fn rest(&mut self, attempt: &Attempt) -> bool {
        let item = self.answered(attempt);
        let found = item.is_some();
        if let Some(item) = item {
            item.state = State::Resting;
        }
        found
    }

    /// The pause is over.
    pub fn wake(&mut self, attempt: &Attempt) {
        if let Some(item) = self.find(attempt.envelope.client_id)
            && item.state == State::Resting
            && item.attempts == attempt.number
        {
            item.state = State::Waiting;
            // One that is not kept any more is not to be taken for sent once more.
            item.kept = false;
        }
    }

    /// The line broke, or came back: nothing is under way, everything may be sent.
    pub fn begin_again(&mut self) {
        for item in &mut self.items {
            if matches!(item.state, State::InFlight | State::Resting) {
                item.state = State::Waiting;
            }
        }
    }

    /// Sends a refused message again, at the end of the line.
    pub fn retry(&mut self, client_id: ClientId, now: Timestamp) -> Option<Arc<Envelope>> {
        let place = self.next_place(now);
        let item = self.refused(client_id)?;
        let again = Arc::new(Envelope {
            place,
            written_at: now,
            refusal: None,
            ..(*item.envelope).clone()
        });
        let before = self.position(client_id)?;
        self.items.remove(before);
        self.insert(Item::new(again.clone(), State::Keeping));
        Some(again)
    }

    /// Gives a refused message up.
    pub fn discard(&mut self, client_id: ClientId) -> bool {
        self.refused(client_id).is_some() && self.remove(client_id)
    }

    /// Another tab has given this one up; true if it was in the line.
    pub fn discarded(&mut self, client_id: ClientId) -> bool {
        self.remove(client_id)
    }

    /// What waits for one conversation, in the order in which it will be sent.
    pub fn waiting_for(&self, to: &Recipient) -> impl Iterator<Item = &Arc<Envelope>> {
        self.items
            .iter()
            .map(|item| &item.envelope)
            .filter(move |envelope| envelope.to == *to)
    }

    /// The first that may be sent: of each conversation the first, unless one is under way.
    fn next(&self) -> Option<usize> {
        let mut each = self.items.iter().enumerate();
        each.position(|(place, item)| {
            let mut others = self.items.iter().enumerate();
            item.state == State::Waiting
                && !others.any(|(at, other)| {
                    let is_first = at < place && other.state != State::Refused;
                    (is_first || other.state == State::InFlight)
                        && other.envelope.to == item.envelope.to
                })
        })
    }

    /// Puts an item in its place; false if it is in the line already, or has left it.
    fn insert(&mut self, item: Item) -> bool {
        let client_id = item.envelope.client_id;
        if self.position(client_id).is_some() || self.gone.contains(&client_id) {
            return false;
        }
        let before = |it: &Item| it.envelope.place <= item.envelope.place;
        let at = self.items.partition_point(before);
        self.items.insert(at, item);
        true
    }

    fn position(&self, client_id: ClientId) -> Option<usize> {
        let mut items = self.items.iter();
        items.position(|item| item.envelope.client_id == client_id)
    }

    fn find(&mut self, client_id: ClientId) -> Option<&mut Item> {
        let place = self.position(client_id)?;
        self.items.get_mut(place)
    }

    /// Takes it out of the line for good; true if it was there.
    fn remove(&mut self, client_id: ClientId) -> bool {
        if self.gone.len() == REMEMBERED {
            self.gone.remove(0);
        }
        self.gone.push(client_id);
        let place = self.position(client_id);
        place.map(|place| self.items.remove(place)).is_some()
    }

    /// The item that an answer belongs to, if it is to the newest try.
    fn answered(&mut self, attempt: &Attempt) -> Option<&mut Item> {
        self.find(attempt.envelope.client_id)
            .filter(|item| item.state == State::InFlight && item.attempts == attempt.number)
    }

    fn refused(&mut self, client_id: ClientId) -> Option<&mut Item> {
        self.find(client_id)
            .filter(|item| item.state == State::Refused)
    }

    /// Behind everything in the line, and behind what another tab has written until now.
    fn next_place(&self, now: Timestamp) -> u64 {
        let last = self
            .items
            .iter()
            .map(|item| item.envelope.place)
            .max()
            .unwrap_or(0);
        u64::try_from(now.0).unwrap_or(0).max(last + 1)
    }
}

impl Envelope {
    /// Whether it is the later of two states of one message: the place grows with each retry, and a
    /// refusal comes after it.
    fn is_newer_than(&self, other: &Self) -> bool {
        let age = |it: &Self| (it.place, it.refusal.is_some());
        age(self) > age(other)
    }
}

impl Item {
    fn new(envelope: Arc<Envelope>, state: State) -> Self {
        let is_refused = envelope.refusal.is_some();
        Self {
            envelope,
            state: if is_refused { State::Refused } else { state },
            attempts: 0,
            kept: false,
        }
    }

    /// The next try, which leaves it in this state.
    fn attempt(&mut self, state: State) -> Attempt {
        self.state = state;
        self.attempts += 1;
        Attempt {
            envelope: self.envelope.clone(),
            number: self.attempts,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::fixtures::{NOON, client_id, message, username};

    fn bob() -> Recipient {
        Recipient::Person(username("bob"))
    }

    fn carol() -> Recipient {
        Recipient::Person(username("carol"))
    }

    /// Writes a message that is kept at once.
    fn write(outbox: &mut Outbox, number: u128, to: Recipient) {
        outbox.enqueue(client_id(number), to, number.to_string(), Timestamp(NOON));
        outbox.kept(client_id(number), true);
    }

    /// What the browser would have of this.
    fn kept(outbox: &Outbox) -> Vec<Envelope> {
        let items = outbox.items.iter();
        items.map(|item| (*item.envelope).clone()).collect()
    }

    fn line(outbox: &Outbox, to: &Recipient) -> Vec<String> {
        let waiting = outbox.waiting_for(to);
        waiting.map(|envelope| envelope.text.clone()).collect()
    }

    fn texts(attempts: &[Attempt]) -> Vec<&str> {
        attempts
            .iter()
            .map(|attempt| attempt.envelope.text.as_str())
            .collect()
    }

    #[test]
    fn each_conversation_has_one_message_in_flight() {
        let mut outbox = Outbox::default();
        write(&mut outbox, 1, bob());
        write(&mut outbox, 2, bob());
        write(&mut outbox, 3, carol());
        assert_eq!(texts(&outbox.take_next()), ["1", "3"]);
        assert_eq!(texts(&outbox.take_next()), [""; 0]);
        assert!(outbox.stored(&message(1, "alice", "1"), &username("alice")));
        assert_eq!(texts(&outbox.take_next()), ["2"]);
    }

    #[test]
    fn after_a_lost_line_it_is_sent_again_under_the_same_client_id() {
        let mut outbox = Outbox::default();
        write(&mut outbox, 1, bob());
        let first = outbox.take_next().remove(0);
        outbox.begin_again();
        let second = outbox.take_next().remove(0);
        assert_eq!(first.envelope.client_id, second.envelope.client_id);
        assert!(
            !outbox.rest(&first),
            "an answer to an earlier try changes nothing"
        );
        assert!(outbox.rest(&second));
    }

    #[test]
    fn one_that_rests_holds_up_those_behind_it() {
        let mut outbox = Outbox::default();
        write(&mut outbox, 1, bob());
        write(&mut outbox, 2, bob());
        let attempt = outbox.take_next().remove(0);
        assert!(outbox.rest(&attempt));
        assert_eq!(texts(&outbox.take_next()), [""; 0]);
        outbox.wake(&attempt);
        assert_eq!(texts(&outbox.take_next()), ["1"]);
    }

    #[test]
    fn a_refused_message_lets_the_next_pass_and_can_be_retried_behind_it() {
        let mut outbox = Outbox::default();
        write(&mut outbox, 1, bob());
        write(&mut outbox, 2, bob());
        let attempt = outbox.take_next().remove(0);
        let refused = outbox
            .refuse(&attempt, "Too long.".to_owned())
            .expect("the item");
        assert_eq!(refused.refusal.as_deref(), Some("Too long."));
        assert_eq!(texts(&outbox.take_next()), ["2"]);
        assert!(outbox.retry(client_id(1), Timestamp(NOON)).is_some());
        assert_eq!(line(&outbox, &bob()), ["2", "1"]);
    }

    #[test]
    fn only_a_refused_message_can_be_deleted() {
        let mut outbox = Outbox::default();
        write(&mut outbox, 1, bob());
        assert!(!outbox.discard(client_id(1)));
        let attempt = outbox.take_next().remove(0);
        outbox.refuse(&attempt, "Too long.".to_owned());
        assert!(outbox.discard(client_id(1)));
        assert_eq!(line(&outbox, &bob()), [""; 0]);
    }

    #[test]
    fn somebody_elses_message_with_the_same_client_id_takes_nothing_from_the_line() {
        let mut outbox = Outbox::default();
        write(&mut outbox, 1, bob());
        assert!(!outbox.stored(&message(1, "bob", "1"), &username("alice")));
    }

    #[test]
    fn nothing_is_sent_before_it_is_kept_and_everything_if_it_cannot_be() {
        let mut outbox = Outbox::default();
        outbox.enqueue(client_id(1), bob(), "1".to_owned(), Timestamp(NOON));
        write(&mut outbox, 2, bob());
        assert!(!outbox.has_ready(), "the second does not overtake");
        assert_eq!(line(&outbox, &bob()), ["1", "2"], "it shows all the same");
        outbox.kept(client_id(1), false);
        assert!(outbox.has_ready());
        assert_eq!(texts(&outbox.take_next()), ["1"]);
        let (changed, elsewhere) = outbox.merge(Vec::new());
        assert!(!changed, "it was never there, so nobody has taken it away");
        assert_eq!(texts(&elsewhere), ["2"]);
    }

    #[test]
    fn what_an_earlier_page_left_comes_back_in_order_and_once() {
        let mut earlier = Outbox::default();
        write(&mut earlier, 1, bob());
        write(&mut earlier, 2, bob());
        let mut left = kept(&earlier);
        left.reverse();
        let mut outbox = Outbox::default();
        for envelope in left.clone() {
            outbox.take_over(envelope);
        }
        assert!(!outbox.has_ready(), "it is kept first");
        outbox.merge(left.clone());
        outbox.merge(left);
        assert_eq!(line(&outbox, &bob()), ["1", "2"]);
        outbox.kept(client_id(1), true);
        assert_eq!(texts(&outbox.take_next()), ["1"]);
    }

    #[test]
    fn what_other_tabs_have_kept_is_sent_in_the_order_of_writing() {
        let (mut first, mut second) = (Outbox::default(), Outbox::default());
        write(&mut first, 1, bob());
        second.merge(kept(&first));
        write(&mut second, 2, bob());
        first.merge(kept(&second));
        write(&mut first, 3, bob());
        let mut third = Outbox::default();
        assert!(third.merge(kept(&first)).0);
        assert!(!third.merge(kept(&first)).0, "once is enough");
        for text in ["1", "2", "3"] {
            let attempts = third.take_next();
            assert_eq!(texts(&attempts), [text]);
            let number = text.parse().expect("a number");
            assert!(third.stored(&message(number, "alice", text), &username("alice")));
        }
        assert!(!third.has_ready());
    }

    #[test]
    fn an_earlier_message_of_another_tab_does_not_make_two_in_flight() {
        let mut other = Outbox::default();
        write(&mut other, 1, bob());
        let mut outbox = Outbox::default();
        let later = Timestamp(NOON + 1);
        outbox.enqueue(client_id(2), bob(), "2".to_owned(), later);
        outbox.kept(client_id(2), true);
        outbox.take_next();
        let mut all = kept(&other);
        all.extend(kept(&outbox));
        assert!(outbox.merge(all).0);
        assert_eq!(line(&outbox, &bob()), ["1", "2"]);
        assert!(!outbox.has_ready());
        assert!(outbox.stored(&message(2, "alice", "2"), &username("alice")));
        assert_eq!(texts(&outbox.take_next()), ["1"]);
    }

    #[test]
    fn what_was_stored_does_not_come_back_from_an_older_reading() {
        let mut outbox = Outbox::default();
        write(&mut outbox, 1, bob());
        let read = kept(&outbox);
        assert!(outbox.stored(&message(1, "alice", "1"), &username("alice")));
        assert!(!outbox.merge(read).0);
        assert_eq!(line(&outbox, &bob()), [""; 0]);
        // The word of the server can be here before this tab has read that there was a message.
        assert!(!outbox.stored(&message(2, "alice", "2"), &username("alice")));
        let mut other = Outbox::default();
        write(&mut other, 2, bob());
        assert!(!outbox.merge(kept(&other)).0);
    }

    #[test]
    fn what_another_tab_has_sent_stays_in_sight_until_the_server_says_so() {
        let mut outbox = Outbox::default();
        write(&mut outbox, 1, bob());
        let (changed, elsewhere) = outbox.merge(Vec::new());
        assert!(!changed);
        assert_eq!(line(&outbox, &bob()), ["1"]);
        assert!(!outbox.has_ready());
        // If the server does not say so, it is asked.
        outbox.wake(&elsewhere[0]);
        assert_eq!(outbox.merge(Vec::new()), (false, Vec::new()));
        assert_eq!(texts(&outbox.take_next()), ["1"]);
    }

    #[test]
    fn what_another_tab_removes_while_it_is_in_flight_here_is_answered_here() {
        let mut outbox = Outbox::default();
        write(&mut outbox, 1, bob());
        let attempt = outbox.take_next().remove(0);
        assert_eq!(outbox.merge(Vec::new()), (false, Vec::new()));
        assert!(outbox.is_under_way());
        assert!(outbox.rest(&attempt), "its answer counts");
        assert!(!outbox.is_under_way());
        // Given up by hand it goes at once, whatever its state.
        assert!(outbox.discarded(client_id(1)));
        assert!(!outbox.discarded(client_id(1)));
        assert_eq!(line(&outbox, &bob()), [""; 0]);
    }

    #[test]
    fn a_refusal_and_a_retry_in_one_tab_are_seen_in_the_other() {
        let (mut first, mut second) = (Outbox::default(), Outbox::default());
        write(&mut first, 1, bob());
        let written = kept(&first);
        second.merge(written.clone());
        let attempt = first.take_next().remove(0);
        first.refuse(&attempt, "Too long.".to_owned());
        let refused = kept(&first);
        assert!(second.merge(refused.clone()).0);
        assert!(!second.has_ready());
        assert!(!second.merge(written).0, "an older state changes nothing");
        assert_eq!(kept(&second), refused);

        assert!(second.retry(client_id(1), Timestamp(NOON)).is_some());
        assert!(!second.merge(refused).0);
        assert!(first.merge(kept(&second)).0);
        assert_eq!(texts(&first.take_next()), ["1"]);
    }

    #[test]
    fn a_refused_message_that_one_tab_gives_up_is_gone_from_the_other() {
        let mut first = Outbox::default();
        write(&mut first, 1, bob());
        let attempt = first.take_next().remove(0);
        first.refuse(&attempt, "Too long.".to_owned());
        let mut second = Outbox::default();
        second.merge(kept(&first));
        assert!(first.discard(client_id(1)));
        assert_eq!(second.merge(kept(&first)), (true, Vec::new()));
        assert_eq!(line(&second, &bob()), [""; 0]);
    }
}
