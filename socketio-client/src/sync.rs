//! One lock and one marker for both platforms: threads natively, none in the browser.

#[cfg(not(target_arch = "wasm32"))]
mod platform {
    use std::sync::{Mutex, MutexGuard, PoisonError};

    /// `Send`, except in the browser, where there is one thread and everything satisfies it.
    pub trait MaybeSend: Send {}
    impl<T: Send> MaybeSend for T {}

    /// `Sync`, except in the browser, where there is one thread and everything satisfies it.
    pub trait MaybeSync: Sync {}
    impl<T: Sync> MaybeSync for T {}

    /// Guards what several handles share.
    pub(crate) struct Lock<T>(Mutex<T>);

    impl<T> Lock<T> {
        pub(crate) fn new(value: T) -> Self {
            Self(Mutex::new(value))
        }

        /// No code of the program runs under the lock, so a poisoned one is whole all the same.
        pub(crate) fn lock(&self) -> MutexGuard<'_, T> {
            self.0.lock().unwrap_or_else(PoisonError::into_inner)
        }
    }

    /// Runs a callback of the program. One that panics has been reported by the panic hook, and
    /// does not take the connection with it.
    pub(crate) fn guarded(callback: impl FnOnce()) {
        let _reported = std::panic::catch_unwind(std::panic::AssertUnwindSafe(callback));
    }
}

#[cfg(target_arch = "wasm32")]
mod platform {
    use std::cell::{RefCell, RefMut};

    use send_wrapper::SendWrapper;

    /// `Send`, except in the browser, where there is one thread and everything satisfies it.
    pub trait MaybeSend {}
    impl<T> MaybeSend for T {}

    /// `Sync`, except in the browser, where there is one thread and everything satisfies it.
    pub trait MaybeSync {}
    impl<T> MaybeSync for T {}

    /// Guards what several handles share. The wrapper lets handles stand where a framework asks
    /// for `Send`, as long as they stay on their thread.
    pub(crate) struct Lock<T>(SendWrapper<RefCell<T>>);

    impl<T> Lock<T> {
        pub(crate) fn new(value: T) -> Self {
            Self(SendWrapper::new(RefCell::new(value)))
        }

        // Many places call it, and each would check thread and borrow by itself.
        #[inline(never)]
        pub(crate) fn lock(&self) -> RefMut<'_, T> {
            self.0.borrow_mut()
        }
    }

    /// Runs a callback of the program.
    pub(crate) fn guarded(callback: impl FnOnce()) {
        callback();
    }
}

pub(crate) use platform::{Lock, guarded};
pub use platform::{MaybeSend, MaybeSync};
