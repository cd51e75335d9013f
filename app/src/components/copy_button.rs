//! The button that copies a text, and says whether that worked.

use leptos::prelude::*;

use crate::{
    browser,
    dynamic::{on, text, when},
    language::translate,
    reactive::{Observable, Stored, spawn},
};

#[component]
pub fn CopyButton(
    /// What is copied. It is a secret: it stays in memory, and goes with its view.
    #[prop(into)]
    content: String,
) -> impl IntoView {
    let content = Stored::new(content);
    let said = Observable::new("");
    let copy = move |_| {
        let content = content.get_value();
        spawn(async move {
            said.set(if browser::copy(&content).await {
                translate("Copied.")
            } else {
                translate("It could not be copied. Select the text and copy it yourself.")
            });
        });
    };
    view! {
        <button type="button" class="button" on:click=on(copy)>
            {translate("Copy")}
        </button>
        <p class="form-said" role="status">
            {when(
                move || !said.get().is_empty(),
                move || {
                    let sentence = text(move || said.get().to_owned());
                    view! { <span>{sentence}</span> }.into_any()
                },
            )}
        </p>
    }
}
