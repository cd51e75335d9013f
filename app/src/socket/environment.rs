//! What the browser tells: its network, whether anybody looks, the change of day.

use gloo_timers::callback::Interval;
use leptos::{ev, prelude::*};
use web_sys::VisibilityState;

use super::Service;
use crate::{browser, dates};

/// How often the day is looked at, and the session.
const MINUTE: u32 = 60_000;

impl Service {
    pub(super) fn watch_environment(&'static self) {
        let state = self.state;
        state.online.set(window().navigator().on_line());
        state.today.set(dates::day(browser::now()));
        self.look();

        // These handles unsubscribe only when they are asked to; they are meant to stay.
        window_event_listener(ev::online, move |_| {
            state.online.set(true);
            self.try_now();
        });
        window_event_listener(ev::offline, move |_| {
            state.online.set(false);
            // A browser can be wrong: the client looks whether the line still works.
            self.try_now();
        });
        window_event_listener(ev::visibilitychange, move |_| self.look());
        // A page that comes back from the browser's memory has an old line and perhaps an old day.
        window_event_listener(ev::pageshow, move |_| self.look());
        Interval::new(MINUTE, move || {
            self.look_at_the_day();
            self.look_at_the_session();
        })
        .forget();
    }

    fn look(&'static self) {
        let visible = document().visibility_state() == VisibilityState::Visible;
        if self.state.visible.get_untracked() != visible {
            self.state.visible.set(visible);
            if visible {
                self.look_at_the_day();
                self.try_now();
            }
        }
    }

    fn look_at_the_day(&self) {
        let today = dates::day(browser::now());
        if self.state.today.get_untracked() != today {
            self.state.today.set(today);
        }
    }
}
