//! The button that copies a text, and says whether that worked.

use leptos::prelude::*;

use crate::{
    browser,
    dynamic::{on, text},
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
                "Copied."
            } else {
                "It could not be copied. Select the text and copy it yourself."
            });
        });
    };
    view! {
        <button type="button" class="button" on:click=on(copy)>
            "Copy"
        </button>
        <span class="form-said" role="status">
            {text(move || said.get().to_owned())}
        </span>
    }
}
