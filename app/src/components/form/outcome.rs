//! The button of a form, and the line beside it that says what happened.

use leptos::prelude::*;

use super::attempt::Attempt;
use crate::dynamic::{flag, text, when};

#[component]
pub fn Submit(
    attempt: Attempt,
    /// What the button does.
    label: &'static str,
    /// While it is being done.
    busy: &'static str,
    #[prop(default = "button button-primary")] class: &'static str,
) -> impl IntoView {
    view! {
        <button type="submit" class=class aria-busy=flag(move || attempt.is_busy())>
            {text(move || if attempt.is_busy() { busy } else { label }.to_owned())}
        </button>
    }
}

/// What became of the last try: a status when it worked, an alert when it did not.
#[component]
pub fn Said(attempt: Attempt) -> impl IntoView {
    view! {
        <p class="form-said" role="status">
            {when(
                move || attempt.done().is_some(),
                move || {
                    let sentence = text(move || attempt.done().unwrap_or_default());
                    view! { <span>{sentence}</span> }.into_any()
                },
            )}
        </p>
        <p class="field-error" role="alert">
            {when(
                move || attempt.wrong_at_all().is_some(),
                move || {
                    let sentence = text(move || attempt.wrong_at_all().unwrap_or_default());
                    view! { <span>{sentence}</span> }.into_any()
                },
            )}
        </p>
    }
}
