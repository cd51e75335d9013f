//! What one can do without a mouse, wherever the focus is. Nobody needs it in the first second.

use leptos::{ev, prelude::*};
use wasm_bindgen::JsValue;
use web_sys::KeyboardEvent;

use crate::{
    browser,
    later::{LaterPart, OpenConversation, OpenDialog},
    navigation::Navigation,
    persistence,
    reactive::expect_context,
    state::{AppState, listing::Listing},
};

/// The choice to do without the question mark, as whoever speaks to their browser may want to; what it
/// holds is "off".
pub const CHOICE: &str = "keys";
/// Where a question mark is a question mark.
const WRITING: &str = "input:focus, textarea:focus";
/// The button that leads to the end, where what comes is read.
const TO_END: &str = ".pill";

#[derive(Clone, Copy)]
struct Keys {
    state: AppState,
    open: OpenConversation,
    dialog: OpenDialog,
    navigation: Navigation,
}

pub fn start() {
    let keys = Keys {
        state: expect_context::<AppState>(),
        open: expect_context::<OpenConversation>(),
        dialog: expect_context::<OpenDialog>(),
        navigation: expect_context::<Navigation>(),
    };
    let pressed = window_event_listener(ev::keydown, move |event| {
        if browser::finds(".chat") {
            keys.pressed(&event);
        }
    });
    on_cleanup(move || pressed.remove());
}

impl Keys {
    fn pressed(self, event: &KeyboardEvent) {
        let control = event.ctrl_key() || event.meta_key();
        let (alt, shift) = (event.alt_key(), event.shift_key());
        let key = event.key();
        let finds = control && !alt && !shift && key.eq_ignore_ascii_case("k");
        if finds {
            // Not the browser's own search, whatever is open.
            event.prevent_default();
        }
        if browser::is_busy() {
            // Whatever is open has the keys.
            return;
        }
        match key.as_str() {
            _ if finds => self.dialog.open(LaterPart::Switcher),
            "ArrowDown" | "ArrowUp" if alt && !control => {
                event.prevent_default();
                self.step(key == "ArrowDown", shift);
            }
            "Escape" if !alt && !control => go_to_end(),
            "?" if !alt && !control && is_wanted() => {
                event.prevent_default();
                self.dialog.open(LaterPart::Keys);
            }
            _ => {}
        }
    }

    /// Goes to the next conversation or the one before, or the next that has something unread.
    fn step(self, forward: bool, unread: bool) {
        let Some(viewer) = self.state.viewer() else {
            return;
        };
        let listing = self.state.conversations.with_untracked(|conversations| {
            let people = self.state.people;
            people.with_untracked(|people| Listing::new(conversations, people, &viewer, ""))
        });
        let current = self.open.0.get_untracked();
        let next = if unread {
            listing.next_unread(current.as_ref(), forward)
        } else {
            listing.neighbour(current.as_ref(), forward)
        };
        if let Some(next) = next {
            self.navigation.go(&next.path());
        }
    }
}

/// Whether a question mark is meant for the page.
fn is_wanted() -> bool {
    !browser::finds(WRITING) && persistence::choice(CHOICE).is_none()
}

fn go_to_end() {
    if let Ok(Some(button)) = document().query_selector(TO_END) {
        let _ = browser::invoke(&button, "click", &JsValue::UNDEFINED);
        if !browser::is_touch() {
            browser::focus(".composer-input");
        }
    }
}
