//! What waits for an answer, by the id of the question.

use std::collections::VecDeque;

/// A map whose keys only ever grow.
#[derive(Debug)]
pub(crate) struct Pending<T>(VecDeque<(u64, T)>);

impl<T> Pending<T> {
    pub(crate) const fn new() -> Self {
        Self(VecDeque::new())
    }

    /// Adds an entry. Its id is larger than every one before.
    pub(crate) fn push(&mut self, id: u64, value: T) {
        self.0.push_back((id, value));
    }

    pub(crate) fn remove(&mut self, id: u64) -> Option<T> {
        let place = self.0.binary_search_by_key(&id, |(id, _)| *id).ok()?;
        self.0.remove(place).map(|(_, value)| value)
    }

    pub(crate) fn first(&self) -> Option<&(u64, T)> {
        self.0.front()
    }

    pub(crate) fn pop_first(&mut self) -> Option<(u64, T)> {
        self.0.pop_front()
    }
}
