//! Whether a conversation may notify.

use leptos::{ev::Event, prelude::*};

use crate::{
    dynamic::on,
    language::translate,
    persistence,
    reactive::expect_context,
    state::{AppState, recipient::Recipient},
};

/// A box to tick. What it says holds in this browser, for whoever is signed in.
#[component]
pub fn Mute(recipient: Recipient) -> impl IntoView {
    let state = expect_context::<AppState>();
    let key = state
        .viewer()
        .map(|viewer| persistence::muted(&viewer, &recipient.path()));
    let is_muted = key
        .as_deref()
        .is_some_and(|key| persistence::choice(key).is_some());
    let change = move |event: Event| {
        if let Some(key) = &key {
            let choice = event_target_checked(&event).then_some("yes");
            persistence::keep_choice(key, choice);
        }
    };
    view! {
        <label class="choice-label">
            <input type="checkbox" role="switch" prop:checked=is_muted on:change=on(change)/>
            <span>{translate("Mute in this browser")}</span>
        </label>
    }
}
