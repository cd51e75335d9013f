//! What a socket still has to send, and what it waits for an answer to.

use std::collections::VecDeque;
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
    kept: VecDeque<Queued>,
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
            kept: VecDeque::new(),
            unacknowledged: Pending::new(),
            earliest: None,
        }
    }

    pub(super) fn is_full(&self) -> bool {
        self.kept.len() >= self.capacity
    }

    /// Keeps an event, after those before it.
    pub(super) fn push(&mut self, now: Duration, body: Body, ack: Option<u64>) {
        self.kept.push_back(Queued {
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
        usize::from(self.kept.front().is_some_and(|first| first.under_way))
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
            return self.kept.pop_front().map(|queued| queued.body);
        }
        let first = self.kept.front_mut().filter(|first| !first.under_way)?;
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
            self.kept.retain(|queued| queued.ack != Some(id));
        }
        awaited
    }

    /// Gives up what has waited too long.
    pub(super) fn check_time(&mut self, now: Duration, out: &mut Output) {
        if self.earliest.is_some_and(|earliest| earliest <= now) {
            let late = |(id, deadline): &(u64, Duration)| (*deadline <= now).then_some(*id);
            let late: Vec<u64> = self.unacknowledged.iter().filter_map(late).collect();
            for id in late {
                self.unanswered(id, AckError::TimedOut, out);
            }
            let deadlines = self.unacknowledged.iter().map(|(_, deadline)| *deadline);
            self.earliest = deadlines.min();
        }
        while self.oldest().is_some_and(|oldest| oldest.until <= now)
            && let Some(old) = self.kept.remove(self.first())
        {
            if let Some(id) = old.ack {
                self.unacknowledged.remove(id);
                let never_sent = old.tries == 0;
                let error = if never_sent {
                    AckError::NotConnected
                } else {
                    AckError::TimedOut
                };
                out.acknowledged(id, Err(error));
            }
        }
    }

    /// No acknowledgement will come for the event as it was sent last.
    fn unanswered(&mut self, id: u64, error: AckError, out: &mut Output) {
        self.unacknowledged.remove(id);
        let again = self.retries.unwrap_or(0);
        let kept = self.kept.iter_mut().find(|queued| queued.ack == Some(id));
        if let Some(queued) = kept
            && queued.under_way
            && queued.tries <= again
        {
            queued.under_way = false;
            return;
        }
        self.kept.retain(|queued| queued.ack != Some(id));
        out.acknowledged(id, Err(error));
    }

    /// The connection has ended: what it left unacknowledged will remain so.
    pub(super) fn disconnected(&mut self, out: &mut Output) {
        let waits = |id: u64| {
            let mut kept = self.kept.iter();
            kept.any(|queued| queued.ack == Some(id) && !queued.under_way)
        };
        let ids = self.unacknowledged.iter().map(|(id, _)| *id);
        let lost: Vec<u64> = ids.filter(|id| !waits(*id)).collect();
        for id in lost {
            self.unanswered(id, AckError::Disconnected, out);
        }
    }

    /// Forgets everything that is kept.
    pub(super) fn clear(&mut self, out: &mut Output) {
        for queued in mem::take(&mut self.kept) {
            if let Some(id) = queued.ack {
                self.unacknowledged.remove(id);
                let error = if queued.under_way {
                    AckError::Disconnected
                } else {
                    AckError::NotConnected
                };
                out.acknowledged(id, Err(error));
            }
        }
    }
}
