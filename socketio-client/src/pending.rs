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

    pub(crate) fn get_mut(&mut self, id: u64) -> Option<&mut T> {
        let place = self.place(id)?;
        self.0.get_mut(place).map(|(_, value)| value)
    }

    pub(crate) fn remove(&mut self, id: u64) -> Option<T> {
        let place = self.place(id)?;
        self.0.remove(place).map(|(_, value)| value)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &(u64, T)> {
        self.0.iter()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn place(&self, id: u64) -> Option<usize> {
        self.0.binary_search_by_key(&id, |(id, _)| *id).ok()
    }
}
