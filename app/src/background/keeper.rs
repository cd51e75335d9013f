//! Keeps what a page without a server shows, a moment after it has changed, and when the page goes out of
//! sight or its line goes down.

use std::time::Duration;

use leptos::prelude::*;

use crate::{
    persistence::offline::Offline,
    reactive::{Stored, effect, expect_context, spawn},
    state::{AppState, connection::Connection, offline::Snapshot},
};

/// What changes within this time is written once: all of it is written anew, which takes a while.
const PAUSE: Duration = Duration::from_secs(5);

#[derive(Clone, Copy)]
struct Keeper {
    state: AppState,
    is_due: Stored<bool>,
    offline: StoredValue<Offline, LocalStorage>,
}

/// Begins to follow the lists.
pub fn start() {
    let keeper = Keeper {
        state: expect_context::<AppState>(),
        is_due: Stored::new(false),
        offline: StoredValue::new_local(Offline::open()),
    };
    on_cleanup(move || {
        keeper.offline.try_with_value(Offline::close);
    });
    effect(move || {
        keeper.state.conversations.track();
        keeper.state.people.track();
        keeper.wait();
    });
    // Whoever does not look may be about to leave. Without a line this is what the page shows once it is loaded anew,
    // and nothing changes that would have it kept.
    effect(move || {
        let is_line_up = keeper.state.connection.get() == Connection::Connected;
        if !keeper.state.visible.get() || !is_line_up {
            keeper.keep();
        }
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
        let Some(offline) = self.offline.try_get_value() else {
            return;
        };
        spawn(async move {
            // Another tab may have opened other conversations; nothing is awaited between the look at
            // what it has kept and the next write.
            let before = offline.read().await;
            if self.is_due.is_gone() {
                return;
            }
            let snapshot = Snapshot::take(self.state, before.as_ref());
            if let Some(snapshot) = snapshot.filter(|it| before.as_ref() != Some(it)) {
                offline.keep(&snapshot).await;
            }
        });
    }
}
