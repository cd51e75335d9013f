//! State that many look at: a value, and the trigger that tells of its changes.
//!
//! The framework's signals do the same and more, at the price of code for every type they hold;
//! these cost next to nothing, and what is downloaded is code.

use std::{
    ops::Deref,
    sync::{PoisonError, RwLock},
};

use leptos::prelude::{ArcTrigger, Notify, Track};

/// A value that can be followed.
#[derive(Debug, Default)]
pub struct Held<T> {
    value: RwLock<T>,
    changed: ArcTrigger,
}

impl<T> Held<T> {
    pub fn new(value: T) -> Self {
        Self { value: RwLock::new(value), changed: ArcTrigger::new() }
    }

    /// Looks at the value, and follows it: whatever runs this runs again when it has changed.
    pub fn with<R>(&self, look: impl FnOnce(&T) -> R) -> R {
        self.changed.track();
        self.with_untracked(look)
    }

    pub fn with_untracked<R>(&self, look: impl FnOnce(&T) -> R) -> R {
        look(&self.value.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Changes the value and tells everybody who follows it.
    pub fn update<R>(&self, change: impl FnOnce(&mut T) -> R) -> R {
        let outcome = self.update_untold(change);
        self.changed.notify();
        outcome
    }

    /// Changes something that nobody sees.
    pub fn update_untold<R>(&self, change: impl FnOnce(&mut T) -> R) -> R {
        change(&mut self.value.write().unwrap_or_else(PoisonError::into_inner))
    }

    pub fn set(&self, value: T) {
        self.update(|held| *held = value);
    }
}

impl<T: Clone> Held<T> {
    pub fn get(&self) -> T {
        self.with(T::clone)
    }

    pub fn get_untracked(&self) -> T {
        self.with_untracked(T::clone)
    }
}

impl<T: PartialEq> Held<T> {
    /// Changes the value, and tells of it only if it is another one.
    pub fn set_if_new(&self, value: T) {
        if self.with_untracked(|held| *held != value) {
            self.set(value);
        }
    }
}

/// A value that lives as long as the page, and can be handed around like a number.
#[derive(Debug)]
pub struct Shared<T: 'static>(&'static Held<T>);

impl<T> Shared<T> {
    /// Holds a value for good: it is never dropped.
    pub fn new(value: T) -> Self {
        Self(Box::leak(Box::new(Held::new(value))))
    }
}

impl<T: Default> Default for Shared<T> {
    fn default() -> Self {
        Self::new(T::default())
    }
}

impl<T> Clone for Shared<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Shared<T> {}

impl<T> Deref for Shared<T> {
    type Target = Held<T>;

    fn deref(&self) -> &Held<T> {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use leptos::prelude::{Get, Memo, Owner};

    use super::*;

    #[test]
    fn whoever_looked_at_a_value_sees_its_changes() {
        Owner::new().with(|| {
            let number = Shared::new(1);
            let double = Memo::new(move |_| number.with(|number| number * 2));
            assert_eq!(double.get(), 2);
            number.update(|number| *number += 1);
            assert_eq!(double.get(), 4);
        });
    }

    #[test]
    fn a_value_that_is_the_same_is_no_news() {
        Owner::new().with(|| {
            let number = Shared::new(1);
            let looks = Shared::new(0);
            let follower = Memo::new(move |_| {
                looks.update_untold(|looks| *looks += 1);
                number.get()
            });
            follower.get();
            number.set_if_new(1);
            follower.get();
            assert_eq!(looks.get_untracked(), 1);
        });
    }
}
