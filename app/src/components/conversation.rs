//! The conversation that is open: its header, its timeline and what is written into it.

use leptos::prelude::*;

use super::{
    composer::Composer, conversation_header::ConversationHeader, message_list::MessageList,
};
use crate::{
    dynamic::part,
    language::{fill, translate},
    reactive::{Computed, Observable, expect_context},
    state::{
        AppState,
        actions::{Actions, Command},
        recipient::Recipient,
    },
};

/// Made anew for each conversation, so that nothing of one shows in another.
#[component]
pub fn ConversationView(recipient: Recipient) -> impl IntoView {
    let state = expect_context::<AppState>();
    let actions = expect_context::<Actions>();
    actions.run(Command::Open(recipient.clone()));
    on_cleanup({
        let actions = actions.clone();
        let recipient = recipient.clone();
        move || actions.run(Command::Leave(recipient))
    });

    let sent = Observable::new(0);
    let exists = {
        let recipient = recipient.clone();
        Computed::new(move |_| exists(state, &recipient))
    };
    let body = {
        let recipient = recipient.clone();
        part(move || {
            let recipient = recipient.clone();
            if exists.get() {
                view! {
                    <MessageList recipient=recipient.clone() sent/>
                    <Composer recipient on_send=move || sent.update(|sent| *sent += 1)/>
                }
                .into_any()
            } else {
                view! { <p class="empty">{nobody(&recipient)}</p> }.into_any()
            }
        })
    };
    view! {
        <ConversationHeader recipient/>
        {body}
    }
}

/// False once it is known that there is nobody, and no group, of this name.
fn exists(state: AppState, recipient: &Recipient) -> bool {
    let conversation = state.conversations.with(|list| {
        if list.get(recipient).is_some() {
            Some(true)
        } else {
            list.is_loaded().then_some(false)
        }
    });
    match (conversation, recipient) {
        (Some(false), Recipient::Person(username)) => state
            .people
            .with(|people| !people.is_loaded() || people.get(username).is_some()),
        (known, _) => known.unwrap_or(true),
    }
}

fn nobody(recipient: &Recipient) -> String {
    match recipient {
        Recipient::Person(username) => fill(
            translate("There is nobody called “{name}” to write to. Pick somebody from the list."),
            &[("name", username.as_str())],
        ),
        Recipient::Group(_) => translate(
            "There is no such group, or you are not a member of it. Pick another from the list.",
        )
        .to_owned(),
    }
}
