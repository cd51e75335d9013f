//! What a timeline says above its messages, or in their place: that more is on its way, that it did
//! not come, or that there is nothing yet.

use leptos::prelude::*;

use crate::{
    reactive::{Computed, Observable, Stored},
    state::{
        AppState, listing,
        recipient::Recipient,
        timeline::{Loading, Timeline},
    },
};

/// Above the first message while there are earlier ones. It is there before they are asked for, so
/// that nothing moves when they are.
#[component]
pub fn EarlierNotice(
    loading: Computed<Loading>,
    on_again: impl Fn() + Copy + Send + Sync + 'static,
) -> impl IntoView {
    view! {
        <p class="timeline-start">
            {move || match loading.get() {
                Loading::Failed => {
                    view! { <Missed sentence="Earlier messages could not be loaded. " on_again/> }
                        .into_any()
                }
                _ => "Earlier messages…".into_any(),
            }}
        </p>
    }
}

/// In place of messages, until there are any.
#[component]
pub fn EmptyNotice(
    timeline: Observable<Timeline>,
    recipient: Stored<Recipient>,
    on_again: impl Fn() + Copy + Send + Sync + 'static,
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
    move || match what.get() {
        (true, _) => view! {
            <p class="timeline-empty">
                "No messages yet. Say hello to " <bdi>{name}</bdi> "."
            </p>
        }
        .into_any(),
        (false, Loading::Failed) => view! {
            <p class="timeline-loading">
                <Missed sentence="The messages could not be loaded. " on_again/>
            </p>
        }
        .into_any(),
        (false, _) => view! { <p class="timeline-loading">"Loading…"</p> }.into_any(),
    }
}

/// A page that did not come, and the way to ask again.
#[component]
fn Missed(sentence: &'static str, on_again: impl Fn() + 'static) -> impl IntoView {
    view! {
        {sentence}
        <button type="button" class="button button-quiet" on:click=move |_| on_again()>
            "Try again"
        </button>
    }
}
