//! What a socket still has to send, and what it waits for an answer to.

use std::mem;
use std::time::Duration;

use super::SocketConfig;
use super::output::Output;
use crate::error::AckError;
use crate::packet::Body;
use crate::pending::Pending;

/// Events that are kept, and those that wait for their acknowledgement.
#[derive(Debug)]
pub(super) struct Queue {
    capacity: usize,
    max_age: Duration,
    ack_timeout: Duration,
    /// Most times that an event is sent again. Without it what is kept is sent all at once.
    retries: Option<u32>,
    /// Oldest first.
    kept: Vec<Queued>,
    /// Events that wait for their acknowledgement, with the moment when it is too late.
    unacknowledged: Pending<Duration>,
    /// No such moment is earlier than this one.
    earliest: Option<Duration>,
}

/// An event that is kept.
#[derive(Debug)]
struct Queued {
    body: Body,
    ack: Option<u64>,
    until: Duration,
    /// How often it was sent.
    tries: u32,
    /// Its acknowledgement is awaited.
    under_way: bool,
}

impl Queue {
    pub(super) fn new(config: &SocketConfig) -> Self {
        Self {
            capacity: config.buffer.capacity,
            max_age: config.buffer.max_age,
            ack_timeout: config.ack_timeout,
            retries: config.retries,
            kept: Vec::new(),
            unacknowledged: Pending::new(),
            earliest: None,
        }
    }

    pub(super) fn is_full(&self) -> bool {
        self.kept.len() >= self.capacity
    }

    /// Keeps an event, after those before it.
    pub(super) fn push(&mut self, now: Duration, body: Body, ack: Option<u64>) {
        self.kept.push(Queued {
            body,
            ack,
            until: now.saturating_add(self.max_age),
            tries: 0,
            under_way: false,
        });
    }

    /// The acknowledgement with this id is awaited from now on.
    pub(super) fn expect(&mut self, now: Duration, id: u64) {
        let deadline = now.saturating_add(self.ack_timeout);
        self.unacknowledged.push(id, deadline);
        self.note(deadline);
    }

    /// Changes the moment when an acknowledgement is too late.
    pub(super) fn limit(&mut self, id: u64, deadline: Duration) {
        if let Some(current) = self.unacknowledged.get_mut(id) {
            *current = deadline;
            self.note(deadline);
        }
    }

    /// The place of the first event that is not under way: only the very first can be.
    fn first(&self) -> usize {
        usize::from(self.kept.first().is_some_and(|first| first.under_way))
    }

    fn oldest(&self) -> Option<&Queued> {
        self.kept.get(self.first())
    }

    fn note(&mut self, deadline: Duration) {
        self.earliest = Some(self.earliest.map_or(deadline, |it| it.min(deadline)));
    }

    pub(super) fn next_deadline(&self) -> Option<Duration> {
        let kept = self.oldest().map(|queued| queued.until);
        let awaited = self.earliest.filter(|_| !self.unacknowledged.is_empty());
        awaited.into_iter().chain(kept).min()
    }

    /// What is to be sent next, if something may be.
    pub(super) fn next_to_send(&mut self, now: Duration) -> Option<Body> {
        if self.retries.is_none() {
            return (!self.kept.is_empty()).then(|| self.kept.remove(0).body);
        }
        let first = self.kept.first_mut().filter(|first| !first.under_way)?;
        first.under_way = true;
        first.tries = first.tries.saturating_add(1);
        let body = first.body.clone();
        if let Some(id) = first.ack {
            self.expect(now, id);
        }
        Some(body)
    }

    /// An acknowledgement has come. Says whether it was awaited.
    pub(super) fn answered(&mut self, id: u64) -> bool {
        let awaited = self.unacknowledged.remove(id).is_some();
        if awaited {
            self.forget(id);
        }
        awaited
    }

    fn kept_with(&self, id: u64) -> Option<usize> {
        self.kept.iter().position(|queued| queued.ack == Some(id))
    }

    fn forget(&mut self, id: u64) {
        if let Some(place) = self.kept_with(id) {
            self.kept.remove(place);
        }
    }

    /// The ids of those that wait for their acknowledgement and are chosen.
    fn chosen(&self, choose: &dyn Fn(u64, Duration) -> bool) -> Vec<u64> {
        let ids = self.unacknowledged.iter();
        ids.filter(|(id, deadline)| choose(*id, **deadline))
            .map(|(id, _)| id)
            .collect()
    }

    /// Gives up what has waited too long.
    pub(super) fn check_time(&mut self, now: Duration, out: &mut Output) {
        if self.earliest.is_some_and(|earliest| earliest <= now) {
            for id in self.chosen(&|_, deadline| deadline <= now) {
                self.unanswered(id, AckError::TimedOut, out);
            }
            let deadlines = self.unacknowledged.iter().map(|(_, deadline)| *deadline);
            self.earliest = deadlines.min();
        }
        while self.oldest().is_some_and(|oldest| oldest.until <= now) {
            let old = self.kept.remove(self.first());
            let error = if old.tries == 0 {
                AckError::NotConnected
            } else {
                AckError::TimedOut
            };
            self.give_up(&old, error, out);
        }
    }

    /// No acknowledgement will come for the event as it was sent last.
    fn unanswered(&mut self, id: u64, error: AckError, out: &mut Output) {
        self.unacknowledged.remove(id);
        let again = self.retries.unwrap_or(0);
        if let Some(place) = self.kept_with(id)
            && let Some(queued) = self.kept.get_mut(place)
            && queued.under_way
            && queued.tries <= again
        {
            queued.under_way = false;
            return;
        }
        self.forget(id);
        out.acknowledged(id, Err(error));
    }

    /// The connection has ended: what it left unacknowledged will remain so.
    pub(super) fn disconnected(&mut self, out: &mut Output) {
        let lost = self.chosen(&|id, _| {
            let kept = self.kept_with(id).and_then(|place| self.kept.get(place));
            kept.is_none_or(|queued| queued.under_way)
        });
        for id in lost {
            self.unanswered(id, AckError::Disconnected, out);
        }
    }

    /// Forgets everything that is kept.
    pub(super) fn clear(&mut self, out: &mut Output) {
        for queued in mem::take(&mut self.kept) {
            let error = if queued.under_way {
                AckError::Disconnected
            } else {
                AckError::NotConnected
            };
            self.give_up(&queued, error, out);
        }
    }

    fn give_up(&mut self, queued: &Queued, error: AckError, out: &mut Output) {
        if let Some(id) = queued.ack {
            self.unacknowledged.remove(id);
            out.acknowledged(id, Err(error));
        }
    }
}
