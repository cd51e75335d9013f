//! Signing out: at once, or, where something would be lost, after a question.

use std::time::Duration;

use gloo_timers::future::sleep;
use leptos::{html, prelude::*};

use super::entry::UNREACHABLE;
use crate::{
    api::{self, ApiError},
    dynamic::{flag, on, text, when},
    language::{counted, fill, translate},
    later::{OpenDialog, close, show},
    persistence,
    reactive::{Observable, Stored, effect, expect_context, spawn},
    state::{
        AppState,
        actions::{Actions, Command},
        drafts::Drafts,
        outbox::Outbox,
    },
};

/// What takes longer than this is shown to be under way.
const A_MOMENT: Duration = Duration::from_secs(1);

/// Shown where there is something to ask, or something to say.
#[component]
pub fn SignOutDialog() -> impl IntoView {
    let state = expect_context::<AppState>();
    let actions = Stored::new(expect_context::<Actions>());
    let open = expect_context::<OpenDialog>();
    let dialog = NodeRef::<html::Dialog>::new();
    let loss = loss(state);
    let question = question(loss);
    let asks = question.is_some();
    let busy = Observable::new(false);
    let failed = Observable::new(false);
    let is_late = Observable::new(false);
    let sign_out = move || {
        let Some(viewer) = state.viewer() else { return };
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        let actions = actions.get_value();
        spawn(async move {
            match api::logout().await {
                // Without a session they are out as well.
                Ok(()) | Err(ApiError::Unauthorized) => actions.run(Command::SignedOut(viewer)),
                Err(ApiError::Refused(_) | ApiError::Unreachable) => {
                    failed.set(true);
                    busy.set(false);
                }
            }
        });
    };
    if !asks {
        sign_out();
        spawn(async move {
            sleep(A_MOMENT).await;
            is_late.set(true);
        });
    }
    effect(move || {
        if asks || failed.get() || is_late.get() {
            show(dialog);
        }
    });

    view! {
        <dialog
            node_ref=dialog
            class="dialog"
            aria-labelledby="sign-out-title"
            on:close=on(move |_| open.close())
        >
            <h2 id="sign-out-title" class="dialog-title">
                {translate("Sign out")}
            </h2>
            <div class="dialog-body">
                {question.map(|question| view! { <p>{question}</p> })}
                <p class="field-error" role="alert">
                    {when(move || failed.get(), || view! {
                        <span>{translate("You are still signed in.")} " " {translate(UNREACHABLE)}</span>
                    }.into_any())}
                </p>
            </div>
            <div class="dialog-actions">
                <button type="button" class="button" on:click=on(move |_| close(dialog))>
                    {translate("Cancel")}
                </button>
                <button
                    type="button"
                    class="button button-primary"
                    aria-busy=flag(move || busy.get())
                    on:click=on(move |_| sign_out())
                >
                    {text(move || label(busy.get(), asks).to_owned())}
                </button>
            </div>
        </dialog>
    }
}

fn label(busy: bool, deletes: bool) -> &'static str {
    match (busy, deletes) {
        (true, _) => translate("Signing out…"),
        (false, true) => translate("Sign out and delete"),
        (false, false) => translate("Sign out"),
    }
}

/// What would be lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Loss {
    messages: usize,
    drafts: usize,
}

fn loss(state: AppState) -> Loss {
    // Other tabs keep drafts too; where a browser keeps nothing, there are those of this one.
    let kept = state.viewer().map(|viewer| persistence::drafts(&viewer));
    let kept = kept.map_or(0, |drafts| drafts.len());
    Loss {
        messages: state.outbox.with_untracked(Outbox::count),
        drafts: state.drafts.with_value(Drafts::count).max(kept),
    }
}

/// What is asked before that; none where nothing would be lost.
fn question(loss: Loss) -> Option<String> {
    match (loss.messages as u64, loss.drafts as u64) {
        (0, 0) => None,
        (messages, 0) => Some(counted(
            messages,
            "{number} message was not sent yet. Sign out and delete it?",
            "{number} messages were not sent yet. Sign out and delete them?",
        )),
        (0, drafts) => Some(counted(
            drafts,
            "{number} draft is kept in this browser. Sign out and delete it?",
            "{number} drafts are kept in this browser. Sign out and delete them?",
        )),
        (messages, drafts) => {
            let messages = counted(
                messages,
                "{number} message was not sent yet",
                "{number} messages were not sent yet",
            );
            let drafts = counted(
                drafts,
                "{number} draft is kept in this browser",
                "{number} drafts are kept in this browser",
            );
            Some(fill(
                translate("{messages}, and {drafts}. Sign out and delete them?"),
                &[("messages", &messages), ("drafts", &drafts)],
            ))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(messages: usize, drafts: usize) -> Option<String> {
        question(Loss { messages, drafts })
    }

    #[test]
    fn what_would_be_lost_is_counted_in_the_question() {
        assert_eq!(asked(0, 0), None);
        for (messages, drafts, sentence) in [
            (1, 0, "1 message was not sent yet. Sign out and delete it?"),
            (
                2,
                0,
                "2 messages were not sent yet. Sign out and delete them?",
            ),
            (
                0,
                1,
                "1 draft is kept in this browser. Sign out and delete it?",
            ),
            (
                2,
                3,
                "2 messages were not sent yet, and 3 drafts are kept in this browser. Sign out and delete them?",
            ),
        ] {
            assert_eq!(asked(messages, drafts).as_deref(), Some(sentence));
        }
    }
}
