//! Who has read an own message to a group, who has it, and who does not.

use std::sync::Arc;

use leptos::prelude::*;
use protocol::{Username, receipt::LARGE_GROUP};

use crate::{
    dynamic::text,
    reactive::{Computed, Stored, expect_context, spawn},
    requests::groups,
    state::{
        AppState,
        receipts::who_has,
        recipient::Recipient,
        rows::{Body, MessageRow, Row},
    },
};

/// The message that is asked about, as a context.
#[derive(Clone, Copy)]
pub struct AskedMessage {
    pub row: Computed<Option<Arc<Row>>>,
    pub recipient: Stored<Recipient>,
}

#[component]
pub fn WhoHasIt() -> impl IntoView {
    let state = expect_context::<AppState>();
    let AskedMessage { row, recipient } = expect_context::<AskedMessage>();
    let sentences = move || {
        row.with(|row| match row.as_deref() {
            Some(Row::Message(MessageRow {
                body: Body::Stored(message),
                ..
            })) => state.conversations.with(|list| {
                let entry = recipient.with_value(|it| list.get(it));
                entry.map_or_else(String::new, |entry| {
                    state.people.with(|people| {
                        let name = |username: &Username| people.display_name(username);
                        who_has(&entry.conversation, message, &name)
                    })
                })
            }),
            _ => String::new(),
        })
    };
    ask_for_positions(state, recipient);
    view! { <span class="message-receipts">{text(sentences)}</span> }
}

/// Asks where every member of a large group stands: of a small one the server has told, and tells it when
/// somebody moves.
fn ask_for_positions(state: AppState, recipient: Stored<Recipient>) {
    let unknown = state.conversations.with_untracked(|list| {
        let conversation = &recipient.with_value(|it| list.get(it))?.conversation;
        let is_large = conversation.members.len() > LARGE_GROUP;
        is_large.then(|| conversation.id.clone())
    });
    let (Some(id), Some(viewer)) = (unknown, state.viewer()) else {
        return;
    };
    spawn(async move {
        if let Ok(positions) = groups::positions(&id).await {
            state
                .conversations
                .update(|list| list.tell_positions(&id, positions, &viewer));
        }
    });
}
