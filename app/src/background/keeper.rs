//! Keeps what a page without a server shows, a moment after it has changed.

use std::time::Duration;

use leptos::prelude::*;

use crate::{
    persistence::offline,
    reactive::{Stored, effect, spawn},
    state::{AppState, offline::Snapshot},
};

/// What changes within this time is written once.
const PAUSE: Duration = Duration::from_secs(2);

#[derive(Clone, Copy)]
struct Keeper {
    state: AppState,
    /// What was kept last, here or by the page before.
    kept: Stored<Option<Snapshot>>,
    is_due: Stored<bool>,
}

/// Begins to follow the lists.
pub fn start() {
    let keeper = Keeper {
        state: expect_context::<AppState>(),
        kept: Stored::new(None),
        is_due: Stored::new(false),
    };
    spawn(async move {
        let before = offline::read().await;
        if !keeper.kept.is_gone() && keeper.kept.with_value(Option::is_none) {
            keeper.kept.set_value(before);
        }
    });
    effect(move || {
        keeper.state.conversations.track();
        keeper.state.people.track();
        keeper.wait();
    });
}

impl Keeper {
    fn wait(self) {
        if self.is_due.get_value() {
            return;
        }
        self.is_due.set_value(true);
        set_timeout(
            move || {
                // Not for a chat that was left meanwhile.
                if !self.is_due.is_gone() {
                    self.is_due.set_value(false);
                    self.keep();
                }
            },
            PAUSE,
        );
    }

    fn keep(self) {
        let snapshot = self
            .kept
            .with_value(|before| Snapshot::take(self.state, before.as_ref()));
        let Some(snapshot) = snapshot else { return };
        if self
            .kept
            .with_value(|before| before.as_ref() == Some(&snapshot))
        {
            return;
        }
        self.kept.set_value(Some(snapshot.clone()));
        spawn(async move { offline::keep(&snapshot).await });
    }
}
