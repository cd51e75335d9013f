//! What waits for an answer, by the id of the question.

use std::collections::VecDeque;

/// A map whose keys only ever grow. It takes as much room as there are keys between the first that
/// is left and the last.
#[derive(Debug)]
pub(crate) struct Pending<T> {
    first: u64,
    places: VecDeque<Option<T>>,
}

impl<T> Pending<T> {
    pub(crate) const fn new() -> Self {
        Self {
            first: 0,
            places: VecDeque::new(),
        }
    }

    /// Adds an entry. Its id is larger than every one before.
    pub(crate) fn push(&mut self, id: u64, value: T) {
        if self.places.is_empty() {
            self.first = id;
        }
        while self.first + (self.places.len() as u64) < id {
            self.places.push_back(None);
        }
        self.places.push_back(Some(value));
    }

    pub(crate) fn get_mut(&mut self, id: u64) -> Option<&mut T> {
        self.place(id)?.as_mut()
    }

    pub(crate) fn remove(&mut self, id: u64) -> Option<T> {
        let value = self.place(id)?.take();
        while let Some(None) = self.places.front() {
            self.places.pop_front();
            self.first += 1;
        }
        value
    }

    /// The entries in the order of their ids.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u64, &T)> {
        let ids = self.first..;
        let entries = ids.zip(&self.places);
        entries.filter_map(|(id, value)| Some((id, value.as_ref()?)))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    fn place(&mut self, id: u64) -> Option<&mut Option<T>> {
        let index = usize::try_from(id.checked_sub(self.first)?).ok()?;
        self.places.get_mut(index)
    }
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_is_a_map(steps in prop::collection::vec((any::<bool>(), 0_u64..20), 0..100)) {
            let mut pending = Pending::new();
            let mut map = BTreeMap::new();
            let mut next = 0;
            for (adds, number) in steps {
                if adds {
                    next += number;
                    pending.push(next, number);
                    map.insert(next, number);
                    next += 1;
                } else {
                    let id = next.saturating_sub(number);
                    prop_assert_eq!(pending.get_mut(id), map.get_mut(&id));
                    prop_assert_eq!(pending.remove(id), map.remove(&id));
                }
                prop_assert_eq!(pending.is_empty(), map.is_empty());
                let entries: Vec<_> = pending.iter().map(|(id, value)| (id, *value)).collect();
                let expected: Vec<_> = map.iter().map(|(id, value)| (*id, *value)).collect();
                prop_assert_eq!(entries, expected);
            }
        }
    }
}
