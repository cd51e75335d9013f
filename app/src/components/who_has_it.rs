//! Who has read an own message and when, who has it, and who does not.

use leptos::prelude::*;
use protocol::{
    Conversation, Message, Username,
    receipt::{LARGE_GROUP, ReadTime},
};

use crate::{
    dates,
    dynamic::text,
    reactive::{Computed, Observable, Stored, effect, expect_context, spawn},
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
    pub row: Observable<Row>,
    pub recipient: Stored<Recipient>,
}

#[component]
pub fn WhoHasIt() -> impl IntoView {
    let state = expect_context::<AppState>();
    let AskedMessage { row, recipient } = expect_context::<AskedMessage>();
    let times = Observable::new(Vec::<ReadTime>::new());
    let read_at = move |username: &Username| {
        times.with(|times| {
            let time = times.iter().find(|time| time.username == *username)?;
            Some(dates::recent(time.at, state.today.get()))
        })
    };
    let sentences = move || {
        about(state, row, recipient, |conversation, message| {
            state.people.with(|people| {
                let name = |username: &Username| people.display_name(username);
                who_has(conversation, message, &name, &read_at)
            })
        })
        .unwrap_or_default()
    };
    ask_for_times(state, row, recipient, times);
    ask_for_positions(state, recipient);
    view! { <span class="message-receipts">{text(sentences)}</span> }
}

/// Looks at a message that is stored, and at its conversation.
fn about<T>(
    state: AppState,
    row: Observable<Row>,
    recipient: Stored<Recipient>,
    look: impl FnOnce(&Conversation, &Message) -> T,
) -> Option<T> {
    row.with(|row| match row {
        Row::Message(MessageRow {
            body: Body::Stored(message),
            ..
        }) => state.conversations.with(|list| {
            let entry = recipient.with_value(|it| list.get(it))?;
            Some(look(&entry.conversation, message))
        }),
        _ => None,
    })
}

/// Asks when the message was read, and again whenever somebody has got so far.
fn ask_for_times(
    state: AppState,
    row: Observable<Row>,
    recipient: Stored<Recipient>,
    times: Observable<Vec<ReadTime>>,
) {
    let asked = Computed::new(move |_| {
        about(state, row, recipient, |conversation, message| {
            let positions = conversation.positions.iter();
            let readers = positions.filter(|at| at.read_seq >= message.seq).count();
            (conversation.id.clone(), message.seq, readers)
        })
    });
    effect(move || {
        let Some((id, seq, 1..)) = asked.get() else {
            return;
        };
        spawn(async move {
            if let Ok(read) = groups::read_times(&id, seq).await {
                times.set(read);
            }
        });
    });
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
