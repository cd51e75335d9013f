//! The dialog about the conversation that is open.

use leptos::prelude::*;

use crate::{later::OpenConversation, reactive::expect_context, state::recipient::Recipient};

/// The name, the members and the end of a group.
mod group;
/// Whether a conversation may notify.
mod mute;
/// Who somebody is.
mod person;

use group::GroupDialog;
use person::PersonDialog;

#[component]
pub fn Details() -> impl IntoView {
    match expect_context::<OpenConversation>().0.get_untracked() {
        Some(Recipient::Group(id)) => view! { <GroupDialog id/> }.into_any(),
        Some(Recipient::Person(username)) => view! { <PersonDialog username/> }.into_any(),
        None => ().into_any(),
    }
}
