//! What was written and is not known to be stored: sent in order, one at a time for each
//! conversation, and again with the same client id until the server has answered.

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

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outbox {
    items: Vec<Item>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Item {
    envelope: Arc<Envelope>,
    state: State,
    attempts: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Waiting,
    InFlight,
    /// It was not answered, and pauses before it is sent again.
    Resting,
    Refused,
}

impl Outbox {
    /// Puts a text in the line.
    pub fn enqueue(
        &mut self,
        client_id: ClientId,
        to: Recipient,
        text: String,
        written_at: Timestamp,
    ) -> Arc<Envelope> {
        let envelope = Envelope {
            client_id,
            to,
            text,
            written_at,
            place: self.next_place(written_at),
            refusal: None,
        };
        self.push(envelope)
    }

    /// Takes over what an earlier page left behind.
    pub fn restore(&mut self, envelopes: Vec<Envelope>) {
        let mut in_order: Vec<Envelope> = Vec::with_capacity(envelopes.len());
        for envelope in envelopes {
            let at = in_order.partition_point(|each| each.place <= envelope.place);
            in_order.insert(at, envelope);
        }
        for envelope in in_order {
            if self.find(envelope.client_id).is_none() {
                self.push(envelope);
            }
        }
    }

    /// What may be sent now: of each conversation the first, unless one is under way.
    pub fn take_next(&mut self) -> Vec<Attempt> {
        let mut busy: Vec<Recipient> = Vec::new();
        let mut next = Vec::new();
        for item in &mut self.items {
            if item.state == State::Refused || busy.contains(&item.envelope.to) {
                continue;
            }
            busy.push(item.envelope.to.clone());
            if item.state == State::Waiting {
                item.state = State::InFlight;
                item.attempts += 1;
                next.push(Attempt {
                    envelope: item.envelope.clone(),
                    number: item.attempts,
                });
            }
        }
        next
    }

    /// The server holds this message; true when it was one of ours.
    pub fn stored(&mut self, message: &Message, viewer: &Username) -> bool {
        let before = self.items.len();
        if message.sender == *viewer {
            self.items
                .retain(|item| item.envelope.client_id != message.client_id);
        }
        self.items.len() < before
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
        let refused = self.remove_refused(client_id)?;
        let place = self.next_place(now);
        let envelope = Envelope {
            place,
            written_at: now,
            refusal: None,
            ..(*refused).clone()
        };
        Some(self.push(envelope))
    }

    /// Gives a refused message up.
    pub fn discard(&mut self, client_id: ClientId) -> bool {
        self.remove_refused(client_id).is_some()
    }

    /// What waits for one conversation, in the order in which it will be sent.
    pub fn waiting_for(&self, to: &Recipient) -> impl Iterator<Item = &Arc<Envelope>> {
        self.items
            .iter()
            .map(|item| &item.envelope)
            .filter(move |envelope| envelope.to == *to)
    }

    fn push(&mut self, envelope: Envelope) -> Arc<Envelope> {
        let state = if envelope.refusal.is_some() {
            State::Refused
        } else {
            State::Waiting
        };
        let envelope = Arc::new(envelope);
        self.items.push(Item {
            envelope: envelope.clone(),
            state,
            attempts: 0,
        });
        envelope
    }

    fn find(&mut self, client_id: ClientId) -> Option<&mut Item> {
        self.items
            .iter_mut()
            .find(|item| item.envelope.client_id == client_id)
    }

    /// The item that an answer belongs to, if it is to the newest try.
    fn answered(&mut self, attempt: &Attempt) -> Option<&mut Item> {
        self.find(attempt.envelope.client_id)
            .filter(|item| item.state == State::InFlight && item.attempts == attempt.number)
    }

    fn remove_refused(&mut self, client_id: ClientId) -> Option<Arc<Envelope>> {
        let place = self.items.iter().position(|item| {
            item.envelope.client_id == client_id && item.state == State::Refused
        })?;
        Some(self.items.remove(place).envelope)
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

    fn write(outbox: &mut Outbox, number: u128, to: Recipient) {
        outbox.enqueue(client_id(number), to, number.to_string(), Timestamp(NOON));
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
        let order: Vec<_> = outbox
            .waiting_for(&bob())
            .map(|each| each.text.as_str())
            .collect();
        assert_eq!(order, ["2", "1"]);
    }

    #[test]
    fn only_a_refused_message_can_be_deleted() {
        let mut outbox = Outbox::default();
        write(&mut outbox, 1, bob());
        assert!(!outbox.discard(client_id(1)));
        let attempt = outbox.take_next().remove(0);
        outbox.refuse(&attempt, "Too long.".to_owned());
        assert!(outbox.discard(client_id(1)));
        assert_eq!(outbox, Outbox::default());
    }

    #[test]
    fn somebody_elses_message_with_the_same_client_id_takes_nothing_from_the_line() {
        let mut outbox = Outbox::default();
        write(&mut outbox, 1, bob());
        assert!(!outbox.stored(&message(1, "bob", "1"), &username("alice")));
    }

    #[test]
    fn what_an_earlier_page_left_comes_back_in_order_and_once() {
        let mut earlier = Outbox::default();
        write(&mut earlier, 1, bob());
        write(&mut earlier, 2, bob());
        let mut kept: Vec<Envelope> = earlier
            .waiting_for(&bob())
            .map(|envelope| (**envelope).clone())
            .collect();
        kept.reverse();
        let mut outbox = Outbox::default();
        outbox.restore(kept.clone());
        outbox.restore(kept);
        assert_eq!(outbox.waiting_for(&bob()).count(), 2);
        assert_eq!(texts(&outbox.take_next()), ["1"]);
    }
}
