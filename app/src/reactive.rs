//! Values that views follow.
//!
//! Thin types over leptos' signals, with its names for what one does with them. A signal of leptos
//! is compiled anew for each type of value and each closure that reads it. These keep every value
//! behind one type, so that a browser downloads the machinery once and not a hundred times.

use std::{
    any::Any,
    fmt,
    marker::PhantomData,
    pin::Pin,
    sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard},
};

use leptos::{
    prelude::{
        ArcMemo, ArcTrigger, Effect, GetValue, Notify, ReadUntracked, StoredValue, Track,
        on_cleanup,
    },
    reactive::graph::{Subscriber, ToAnySubscriber},
};

/// What can be followed from anywhere in the page.
pub trait Value: Send + Sync + 'static {}
impl<T: Send + Sync + 'static> Value for T {}

type Erased = dyn Any + Send + Sync;

/// A value that tells whoever has read it that it has changed. It goes when its owner goes.
pub struct Observable<T> {
    cell: StoredValue<Cell>,
    of: PhantomData<fn() -> T>,
}

/// An [`Observable`] that lives as long as somebody holds it.
pub struct ArcObservable<T> {
    cell: Cell,
    of: PhantomData<fn() -> T>,
}

/// A value that follows from others. It is computed when it is read after one of them has changed,
/// and tells its readers only if it is another one than before. It goes when its owner goes.
pub struct Computed<T> {
    memo: StoredValue<ArcMemo<Computation>>,
    of: PhantomData<fn() -> T>,
}

/// A value that nobody follows, for closures that are copied. It goes when its owner goes.
pub struct Stored<T> {
    value: StoredValue<Arc<Erased>>,
    of: PhantomData<fn() -> T>,
}

impl<T: Value> Observable<T> {
    pub fn new(value: T) -> Self {
        ArcObservable::new(value).into()
    }

    fn held(self) -> Option<ArcObservable<T>> {
        let cell = self.cell.try_get_value()?;
        let of = PhantomData;
        Some(ArcObservable { cell, of })
    }

    pub fn track(self) {
        alive(self.held()).cell.changed.track();
    }

    pub fn with<U>(self, read: impl FnOnce(&T) -> U) -> U {
        alive(self.held()).with(read)
    }

    pub fn with_untracked<U>(self, read: impl FnOnce(&T) -> U) -> U {
        alive(self.held()).with_untracked(read)
    }

    /// Nothing happens if the value is gone; so it is with every change.
    pub fn set(self, value: T) {
        self.update(|held| *held = value);
    }

    pub fn update(self, change: impl FnOnce(&mut T)) {
        self.try_update(change);
    }

    pub fn try_update<U>(self, change: impl FnOnce(&mut T) -> U) -> Option<U> {
        Some(self.held()?.update(change))
    }

    /// Tells whoever follows the value only if `change` says so.
    pub fn try_maybe_update<U>(self, change: impl FnOnce(&mut T) -> (bool, U)) -> Option<U> {
        Some(self.held()?.maybe_update(change))
    }
}

impl<T: Value + Clone> Observable<T> {
    pub fn get(self) -> T {
        self.with(T::clone)
    }

    pub fn get_untracked(self) -> T {
        self.with_untracked(T::clone)
    }
}

impl<T: Value> ArcObservable<T> {
    pub fn new(value: T) -> Self {
        Self {
            cell: Cell {
                value: Arc::new(RwLock::new(value)),
                changed: ArcTrigger::new(),
            },
            of: PhantomData,
        }
    }

    pub fn with<U>(&self, read: impl FnOnce(&T) -> U) -> U {
        self.cell.changed.track();
        self.with_untracked(read)
    }

    pub fn with_untracked<U>(&self, read: impl FnOnce(&T) -> U) -> U {
        read(&locked(&self.cell.value))
    }

    pub fn set(&self, value: T) {
        self.update(|held| *held = value);
    }

    pub fn update<U>(&self, change: impl FnOnce(&mut T) -> U) -> U {
        self.maybe_update(|held| (true, change(held)))
    }

    /// Tells whoever follows the value only if `change` says so.
    pub fn maybe_update<U>(&self, change: impl FnOnce(&mut T) -> (bool, U)) -> U {
        let (tell, answer) = change(&mut locked_for_writing(&self.cell.value));
        if tell {
            self.cell.changed.notify();
        }
        answer
    }
}

impl<T: Value + PartialEq> Computed<T> {
    /// `compute` gets the value before, if there was one.
    pub fn new(compute: impl Fn(Option<&T>) -> T + Send + Sync + 'static) -> Self {
        let memo = new_memo(Box::new(move |before| {
            let old = before.as_ref().and_then(|it| it.0.downcast_ref());
            let new = compute(old);
            if old == Some(&new) {
                None
            } else {
                Some(Arc::new(new))
            }
        }));
        let of = PhantomData;
        Self { memo, of }
    }
}

impl<T: Value> Computed<T> {
    pub fn track(self) {
        compute(self.memo, true);
    }

    pub fn with<U>(self, read: impl FnOnce(&T) -> U) -> U {
        let held = compute(self.memo, true);
        read(alive(held.as_ref().and_then(|it| it.0.downcast_ref())))
    }

    pub fn with_untracked<U>(self, read: impl FnOnce(&T) -> U) -> U {
        alive(self.try_with_untracked(read))
    }

    /// `None` once it is gone.
    pub fn try_with_untracked<U>(self, read: impl FnOnce(&T) -> U) -> Option<U> {
        compute(self.memo, false)?.0.downcast_ref().map(read)
    }
}

impl<T: Value + Clone> Computed<T> {
    pub fn get(self) -> T {
        self.with(T::clone)
    }

    pub fn get_untracked(self) -> T {
        self.with_untracked(T::clone)
    }
}

impl<T: Value> Stored<T> {
    pub fn new(value: T) -> Self {
        Self {
            value: StoredValue::new(Arc::new(RwLock::new(value))),
            of: PhantomData,
        }
    }

    pub fn with_value<U>(self, read: impl FnOnce(&T) -> U) -> U {
        read(&locked(&alive(self.value.try_get_value())))
    }

    /// Nothing happens if the value is gone; so it is with every change.
    pub fn set_value(self, value: T) {
        self.update_value(|held| *held = value);
    }

    pub fn update_value(self, change: impl FnOnce(&mut T)) {
        if let Some(value) = self.value.try_get_value() {
            change(&mut locked_for_writing(&value));
        }
    }

    pub fn is_gone(self) -> bool {
        self.value.try_get_value().is_none()
    }
}

impl<T: Value + Clone> Stored<T> {
    pub fn get_value(self) -> T {
        self.with_value(T::clone)
    }
}

/// What somebody further up has provided. Leptos's own says what is missing and where, in words that
/// bring all of formatting into the download.
pub fn expect_context<T: Clone + 'static>() -> T {
    leptos::prelude::use_context().unwrap_or_else(|| missing())
}

#[cold]
fn missing() -> ! {
    panic!("nobody has provided this context")
}

/// Runs once the view is there, and again whenever something that it has read has changed.
pub fn effect(run: impl Fn() + 'static) {
    let run: Box<dyn Fn(Option<()>)> = Box::new(move |_| run());
    Effect::new(run);
}

/// Carries a future out beside everything else, also before anything is mounted.
pub fn spawn(future: impl Future<Output = ()> + 'static) {
    let future: Pin<Box<dyn Future<Output = ()>>> = Box::pin(future);
    wasm_bindgen_futures::spawn_local(future);
}

/// A value behind its lock, and who is to hear of it.
#[derive(Clone)]
struct Cell {
    value: Arc<Erased>,
    changed: ArcTrigger,
}

fn locked<T: Value>(value: &Arc<Erased>) -> RwLockReadGuard<'_, T> {
    let lock = alive(value.downcast_ref::<RwLock<T>>());
    lock.read().unwrap_or_else(PoisonError::into_inner)
}

fn locked_for_writing<T: Value>(value: &Arc<Erased>) -> RwLockWriteGuard<'_, T> {
    let lock = alive(value.downcast_ref::<RwLock<T>>());
    lock.write().unwrap_or_else(PoisonError::into_inner)
}

/// What a memo holds: never changed, only replaced.
#[derive(Clone)]
struct Computation(Arc<Erased>);

/// `None` when nothing is new.
type Compute = Box<dyn Fn(Option<&Computation>) -> Option<Arc<Erased>> + Send + Sync>;

fn new_memo(compute: Compute) -> StoredValue<ArcMemo<Computation>> {
    let memo = ArcMemo::new_owning(move |before: Option<Computation>| {
        match (compute(before.as_ref()), before) {
            (Some(new), _) => (Computation(new), true),
            (None, Some(before)) => (before, false),
            (None, None) => (Computation(Arc::new(())), true),
        }
    });
    // What it has read would remember it for as long as that is there, though it is gone.
    let gone = memo.clone();
    on_cleanup(move || gone.clear_sources(&gone.to_any_subscriber()));
    StoredValue::new(memo)
}

fn compute(memo: StoredValue<ArcMemo<Computation>>, track: bool) -> Option<Computation> {
    let memo = memo.try_get_value()?;
    if track {
        memo.track();
    }
    memo.try_read_untracked().map(|held| (*held).clone())
}

/// Views and the values that they follow go together, so that what is read is there.
fn alive<T>(held: Option<T>) -> T {
    held.expect("a value outlives whoever reads it")
}

impl<T: Value> From<ArcObservable<T>> for Observable<T> {
    fn from(held: ArcObservable<T>) -> Self {
        Self {
            cell: StoredValue::new(held.cell),
            of: PhantomData,
        }
    }
}

impl<T: Value + Default> Default for Observable<T> {
    fn default() -> Self {
        Self::new(T::default())
    }
}

impl<T: Value + Default> Default for ArcObservable<T> {
    fn default() -> Self {
        Self::new(T::default())
    }
}

impl<T> Clone for ArcObservable<T> {
    fn clone(&self) -> Self {
        Self {
            cell: self.cell.clone(),
            of: PhantomData,
        }
    }
}

/// Copies are handles to the same value.
macro_rules! handle {
    ($($name:ident),*) => {$(
        impl<T> Clone for $name<T> {
            fn clone(&self) -> Self {
                *self
            }
        }
        impl<T> Copy for $name<T> {}
        impl<T> fmt::Debug for $name<T> {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(stringify!($name))
            }
        }
    )*};
}
handle!(Observable, Computed, Stored);

impl<T> fmt::Debug for ArcObservable<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("ArcObservable")
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use leptos::prelude::Owner;

    use super::*;

    #[test]
    fn a_computed_value_follows_and_tells_only_what_is_new() {
        Owner::new().with(|| {
            let source = Observable::new(1);
            let half = Computed::new(move |_| source.get() / 2);
            let computed = Arc::new(AtomicUsize::new(0));
            let count = computed.clone();
            let sentence = Computed::new(move |_| {
                count.fetch_add(1, Ordering::Relaxed);
                half.get().to_string()
            });
            assert_eq!(sentence.get_untracked(), "0");
            source.set(4);
            assert_eq!(sentence.get_untracked(), "2");
            source.set(5);
            assert_eq!(sentence.get_untracked(), "2");
            assert_eq!(computed.load(Ordering::Relaxed), 2);
        });
    }

    #[test]
    fn a_change_that_is_not_told_wakes_nobody() {
        Owner::new().with(|| {
            let source = Observable::new(1);
            let copy = Computed::new(move |_| source.get());
            assert_eq!(copy.get_untracked(), 1);
            let before = source.try_maybe_update(|held| (false, std::mem::replace(held, 2)));
            assert_eq!((before, copy.get_untracked()), (Some(1), 1));
            source.update(|held| *held += 1);
            assert_eq!(copy.get_untracked(), 3);
        });
    }

    #[test]
    fn what_is_gone_is_gone_and_changing_it_does_nothing() {
        let owner = Owner::new();
        let (source, copy, stored) = owner.with(|| {
            let source = Observable::new(1);
            (source, Computed::new(move |_| source.get()), Stored::new(1))
        });
        owner.cleanup();
        source.set(2);
        assert_eq!(source.try_update(|held| *held), None);
        assert_eq!(copy.try_with_untracked(|held| *held), None);
        assert!(stored.is_gone());
    }

    #[test]
    fn what_is_gone_is_remembered_by_nothing_that_it_has_read() {
        Owner::new().with(|| {
            let source = Observable::new(1);
            let comes_and_goes = || {
                let row = Owner::new_root(None);
                row.with(|| Computed::new(move |_| source.get()).get_untracked());
                row.cleanup();
            };
            // What grows by use has grown.
            (0..100).for_each(|_| comes_and_goes());
            let left = allocation_counter::measure(|| (0..1_000).for_each(|_| comes_and_goes()));
            assert!(left.bytes_current < 10_000, "{left:?}");
        });
    }

    #[test]
    fn a_timeline_that_is_held_outlives_its_view() {
        let held = ArcObservable::new(1);
        let owner = Owner::new();
        let in_view = owner.with(|| Observable::from(held.clone()));
        in_view.set(2);
        owner.cleanup();
        assert_eq!(held.with_untracked(|value| *value), 2);
    }
}
