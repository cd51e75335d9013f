//! A password's field, with a button that shows what was typed.

use leptos::prelude::*;

use crate::{
    dynamic::{on, text},
    language::translate,
    reactive::Observable,
};

#[component]
pub fn PasswordField(
    /// Also its name in a form.
    id: &'static str,
    label: &'static str,
    autocomplete: &'static str,
    /// The ids of what is said about it.
    described_by: String,
    /// What is said about it right under it.
    notes: AnyView,
) -> impl IntoView {
    let shown = Observable::new(false);
    let choose = move |shown_word: &'static str, hidden_word: &'static str| {
        text(move || (if shown.get() { shown_word } else { hidden_word }).to_owned())
    };
    view! {
        <div class="field">
            <label class="field-label" for=id>
                {label}
            </label>
            <div class="password-field">
                <input
                    id=id
                    class="field-input"
                    name=id
                    type=choose("text", "password")
                    autocomplete=autocomplete
                    autocapitalize="none"
                    spellcheck="false"
                    aria-describedby=described_by
                />
                <button
                    type="button"
                    class="password-toggle"
                    aria-label=choose(translate("Hide password"), translate("Show password"))
                    on:click=on(move |_| shown.update(|shown| *shown = !*shown))
                >
                    {choose(translate("Hide"), translate("Show"))}
                </button>
            </div>
            {notes}
        </div>
    }
}
