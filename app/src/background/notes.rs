//! Tells what happened to the group that is open, as lines between its messages.

use std::sync::Arc;

use protocol::{
    ConversationId, GroupEvent,
    events::{GroupHappened, ServerEvent},
};

use crate::{
    later::OpenConversation,
    reactive::{Computed, Observable, effect, expect_context, spawn},
    requests::{groups, line::Line},
    state::{
        AppState,
        connection::Connection,
        notes::{Note, note},
        recipient::Recipient,
    },
};

/// Most groups of which it is kept what happened.
const HELD: usize = 30;

/// What is known of the groups that were open last, the last one last.
type Held = Vec<(ConversationId, Vec<GroupEvent>)>;

pub fn start() {
    let state = expect_context::<AppState>();
    let open = expect_context::<OpenConversation>();
    let line = expect_context::<Line>();
    let held = Observable::new(Held::new());
    line.hear(ServerEvent::GROUP_EVENT, move |happened: GroupHappened| {
        held.update(|held| add(held, happened));
    });
    // Anew whenever there is a line again: something may have happened without one.
    let is_connected =
        Computed::new(move |_| state.connection.with(|it| *it == Connection::Connected));
    effect(move || {
        let Some(Recipient::Group(id)) = open.0.get() else {
            return;
        };
        if !is_connected.get() {
            return;
        }
        spawn(async move {
            if let Ok(events) = groups::events(&id).await {
                // Unless the chat was left meanwhile.
                held.try_update(|held| keep(held, id, events));
            }
        });
    });
    effect(move || {
        let (Some(viewer), Some(recipient)) = (state.viewer(), open.0.get()) else {
            return;
        };
        let Recipient::Group(id) = &recipient else {
            return;
        };
        let notes: Option<Vec<Arc<Note>>> = held.with(|held| {
            let (_, events) = held.iter().find(|(group, _)| group == id)?;
            state.people.with(|people| {
                let name = |username: &_| people.display_name(username);
                let notes = events.iter().filter_map(|it| note(it, &viewer, name));
                Some(notes.map(Arc::new).collect())
            })
        });
        let timeline = state.timelines.with_value(|it| it.get(&recipient));
        if let (Some(notes), Some(timeline)) = (notes, timeline) {
            timeline.maybe_update(|timeline| {
                let is_new = timeline.notes() != notes;
                if is_new {
                    timeline.set_notes(notes);
                }
                (is_new, ())
            });
        }
    });
}

fn keep(held: &mut Held, id: ConversationId, events: Vec<GroupEvent>) {
    held.retain(|(group, _)| *group != id);
    held.push((id, events));
    if held.len() > HELD {
        held.remove(0);
    }
}

/// What happens to a group of which nothing is known yet is fetched with the rest of it.
fn add(held: &mut Held, happened: GroupHappened) {
    let group = held
        .iter_mut()
        .find(|(group, _)| *group == happened.group_id);
    if let Some((_, events)) = group
        && events
            .iter()
            .all(|event| event.cursor != happened.event.cursor)
    {
        events.push(happened.event);
        if events.len() > GroupEvent::MAX_EVENTS as usize {
            events.remove(0);
        }
    }
}
