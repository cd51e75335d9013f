//! What a client has written and not been told to be stored: by receiver in order, one at a time.
//!
//! It is all that a crashed client keeps.

use std::collections::{BTreeMap, VecDeque};

use protocol::ClientId;

use crate::ledger::Target;

#[derive(Clone, Debug)]
pub struct Envelope {
    pub id: ClientId,
    pub target: Target,
    pub text: String,
}

/// One try to send an envelope.
#[derive(Clone, Debug)]
pub struct Attempt {
    pub envelope: Envelope,
    pub number: u64,
}

#[derive(Debug, Default)]
struct Queue {
    waiting: VecDeque<Envelope>,
    /// The try that is under way.
    in_flight: Option<u64>,
}

#[derive(Debug, Default)]
pub struct Outbox {
    queues: BTreeMap<Target, Queue>,
    attempts: u64,
}

impl Outbox {
    pub fn push(&mut self, envelope: Envelope) {
        let queue = self.queues.entry(envelope.target.clone()).or_default();
        queue.waiting.push_back(envelope);
    }

    pub fn len(&self) -> usize {
        self.queues.values().map(|queue| queue.waiting.len()).sum()
    }

    /// The first of each line of which none is under way.
    pub fn take_next(&mut self) -> Vec<Attempt> {
        let mut next = Vec::new();
        for queue in self.queues.values_mut() {
            if let Some(envelope) = queue.waiting.front()
                && queue.in_flight.is_none()
            {
                self.attempts += 1;
                queue.in_flight = Some(self.attempts);
                next.push(Attempt {
                    envelope: envelope.clone(),
                    number: self.attempts,
                });
            }
        }
        next
    }

    /// It is stored, or refused for good.
    pub fn done(&mut self, target: &Target, id: ClientId) {
        let Some(queue) = self.queues.get_mut(target) else {
            return;
        };
        let was_first = queue.waiting.front().is_some_and(|first| first.id == id);
        queue.waiting.retain(|envelope| envelope.id != id);
        if was_first {
            queue.in_flight = None;
        }
    }

    /// A try has come to nothing; the next one may follow.
    pub fn failed(&mut self, attempt: &Attempt) {
        if let Some(queue) = self.queues.get_mut(&attempt.envelope.target)
            && queue.in_flight == Some(attempt.number)
        {
            queue.in_flight = None;
        }
    }

    /// On a new connection nothing is under way.
    pub fn begin_again(&mut self) {
        for queue in self.queues.values_mut() {
            queue.in_flight = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::audit::fixtures::name;

    fn envelope(number: u128, to: &str) -> Envelope {
        Envelope {
            id: ClientId::new(Uuid::from_u128(number)),
            target: Target::Person(name(to)),
            text: String::new(),
        }
    }

    fn next(outbox: &mut Outbox) -> Vec<Attempt> {
        outbox.take_next()
    }

    #[test]
    fn one_is_under_way_to_each_receiver_and_the_next_follows() {
        let mut outbox = Outbox::default();
        for (number, to) in [(1, "bob"), (2, "bob"), (3, "carol")] {
            outbox.push(envelope(number, to));
        }
        let first = next(&mut outbox);
        assert_eq!(first.len(), 2);
        assert!(next(&mut outbox).is_empty());
        outbox.done(&first[0].envelope.target, first[0].envelope.id);
        assert_eq!(next(&mut outbox).len(), 1);
        assert_eq!(outbox.len(), 2);
    }

    #[test]
    fn what_failed_is_tried_again_and_an_older_failure_changes_nothing() {
        let mut outbox = Outbox::default();
        outbox.push(envelope(1, "bob"));
        let first = next(&mut outbox);
        outbox.begin_again();
        assert_eq!(next(&mut outbox).len(), 1);
        outbox.failed(&first[0]);
        assert!(next(&mut outbox).is_empty());
    }
}
