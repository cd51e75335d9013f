//! The question before something that does not come back by itself.

use leptos::prelude::*;

use super::{
    form::{
        attempt::Attempt,
        outcome::{Said, Submit},
    },
    modal::{Cancel, Modal, modal},
};

/// The place of the question. It says what will happen, and does nothing until it is answered.
#[component]
pub fn AskFirst(
    dialog: Modal,
    id: &'static str,
    #[prop(into)] title: String,
    /// What will happen, a paragraph each.
    #[prop(into)]
    sentences: Vec<String>,
    /// What the button says, and what while it is being done.
    verb: &'static str,
    busy: &'static str,
    attempt: Attempt,
    /// Runs the attempt, which closes the dialog when it is done.
    yes: Callback<()>,
) -> impl IntoView {
    modal(
        dialog,
        id,
        title,
        move || yes.run(()),
        move || {
            let sentences = sentences.clone();
            // What became of it the last time is of no interest now.
            attempt.forget();
            view! {
                <div class="dialog-body">
                    {sentences
                        .into_iter()
                        .map(|sentence| view! { <p>{sentence}</p> })
                        .collect_view()}
                </div>
                <div class="dialog-actions">
                    <Said attempt/>
                    <Cancel modal=dialog/>
                    <Submit attempt label=verb busy class="button button-danger"/>
                </div>
            }
            .into_any()
        },
    )
}
