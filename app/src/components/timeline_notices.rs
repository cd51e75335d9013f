//! What a timeline says above its messages, or in their place: that more is on its way, that it did
//! not come, or that there is nothing yet.

use leptos::prelude::*;

use crate::{
    dynamic::{on, part, still, text},
    language::{fill, translate},
    reactive::{Computed, Observable, Stored, expect_context},
    state::{
        AppState,
        actions::{Actions, Command},
        listing,
        recipient::Recipient,
        timeline::{Loading, Timeline},
    },
};

/// Above the first message while there are earlier ones. It is there before they are asked for, so
/// that nothing moves when they are.
#[component]
pub fn EarlierNotice(
    loading: Computed<Loading>,
    actions: Stored<Actions>,
    recipient: Stored<Recipient>,
) -> impl IntoView {
    let notice = part(move || match loading.get() {
        Loading::Failed => missed(
            translate("Earlier messages could not be loaded."),
            actions,
            Command::LoadOlder(recipient.get_value()),
        ),
        _ => translate("Earlier messages…").into_any(),
    });
    view! { <p class="timeline-start">{notice}</p> }
}

/// In place of messages, until there are any.
#[component]
pub fn EmptyNotice(
    timeline: Observable<Timeline>,
    actions: Stored<Actions>,
    recipient: Stored<Recipient>,
) -> impl IntoView {
    let state = expect_context::<AppState>();
    let name = move || {
        recipient.with_value(|recipient| {
            state.conversations.with(|list| {
                let entry = list.get(recipient);
                state
                    .people
                    .with(|people| listing::name(recipient, entry, people))
            })
        })
    };
    let what = Computed::new(move |_| timeline.with(|it| (it.is_loaded(), it.loading())));
    part(move || match what.get() {
        (true, _) => {
            let sentence = translate("No messages yet. Say hello to {name}.");
            let said = move || fill(sentence, &[("name", &name())]);
            view! { <p class="timeline-empty">{text(said)}</p> }.into_any()
        }
        (false, Loading::Failed) => {
            let again = Command::Open(recipient.get_value());
            let notice = missed(
                translate("The messages could not be loaded."),
                actions,
                again,
            );
            view! { <p class="timeline-loading">{notice}</p> }.into_any()
        }
        (false, _) => still("<p class='timeline-loading'>{Loading…}</p>").into_any(),
    })
}

/// A page that did not come, and the way to ask again.
fn missed(sentence: &'static str, actions: Stored<Actions>, again: Command) -> AnyView {
    let ask = on(move |_| actions.with_value(|actions| actions.run(again.clone())));
    view! {
        {sentence}
        " "
        <button type="button" class="button button-quiet" on:click=ask>
            {translate("Try again")}
        </button>
    }
    .into_any()
}
