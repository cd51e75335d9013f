//! The timeline: what scrolls, the rows in it, and the pill that leads back to the end.

use leptos::prelude::*;
use protocol::Seq;

use super::{
    message_row::{DateLine, MessageRowView, RowContext},
    scroll::Scroll,
    shown_rows::ShownRows,
    timeline_notices::{EarlierNotice, EmptyNotice},
};
use crate::{
    browser::now,
    dates,
    dynamic::{flag, on, still, text, when},
    language::{counted, translate},
    list::{Key, list},
    reactive::{Computed, Observable, Stored, effect, expect_context},
    state::{
        AppState,
        actions::{Actions, Command},
        conversations::Entry,
        motion::Motion,
        recipient::Recipient,
        rows::{Row, RowKey, lay_out},
        timeline::{Loading, Timeline},
    },
};

/// After the rows of a page have come, a screen reader hears of new ones again.
const QUIET_MILLISECONDS: u64 = 150;

#[component]
pub fn MessageList(
    recipient: Recipient,
    /// Counts what was sent from here: whoever writes wants to see it at the end.
    sent: Observable<u32>,
) -> impl IntoView {
    let state = expect_context::<AppState>();
    let actions = Stored::new(expect_context::<Actions>());
    let run = move |command: Command| actions.with_value(|actions| actions.run(command));
    let timeline = timeline(state, &recipient);
    let place = Observable::new(state.places.with_value(|places| places.get(&recipient)));
    let rows = {
        let recipient = recipient.clone();
        ShownRows::new(move || all_rows(state, timeline, &recipient), place)
    };
    let order = rows.order;
    let recipient = Stored::new(recipient);
    let context = RowContext::new(state, recipient);
    let row = move |key: Key| {
        let Key::Row(key) = key else {
            return ().into_any();
        };
        let Some(row) = rows.get(&key) else {
            return ().into_any();
        };
        match key {
            RowKey::Date(..) => view! { <DateLine row/> }.into_any(),
            RowKey::New => still("<li class='new-line'>{New}</li>").into_any(),
            RowKey::Note(_) => {
                let said = move || match row.get() {
                    Row::Note(note) => note.text.clone(),
                    _ => String::new(),
                };
                view! { <li class="note-line"><span dir="auto">{text(said)}</span></li> }.into_any()
            }
            RowKey::Message(..) => view! { <MessageRowView row context/> }.into_any(),
        }
    };
    let keys = move || order.with(|order| order.iter().cloned().map(Key::Row).collect());
    let scroll = Scroll::new(list(keys, row), order, place);
    let entry = move |part: fn(&Entry) -> u64| {
        Computed::new(move |_| {
            state
                .conversations
                .with(|list| recipient.with_value(|it| list.get(it).map_or(0, part)))
        })
    };
    let unread = entry(Entry::unread);
    let loading = Computed::new(move |_| timeline.with(|it| it.loading()));
    let has_older = Computed::new(move |_| timeline.with(|it| it.has_older()));
    // An event can come after the list is gone, and what it was about with it.
    let is_alive = move || !recipient.is_gone();
    let fetch_near_edges = move || {
        if rows.is_growing.get_untracked() {
            return;
        }
        let state = loading.get_untracked();
        let (top, end) = scroll.near_edges();
        if top && has_older.get_untracked() && state == Loading::Idle {
            run(Command::LoadOlder(recipient.get_value()));
        } else if end && timeline.with_untracked(|it| it.has_newer()) {
            run(Command::LoadNewer(recipient.get_value()));
        }
    };
    let remember = move || {
        let place = scroll.place();
        recipient.with_value(|it| {
            state
                .places
                .update_value(|places| places.remember(it, place));
        });
    };
    let motion = Stored::new(Motion::default());
    let moves = move || motion.update_value(|motion| motion.go_on(now()));
    rows.wait_while(move || {
        let is_way = || scroll.has_way(rows.lacks());
        let mut waits = false;
        motion.update_value(|motion| waits = motion.lets_wait(now(), is_way));
        waits
    });
    let scrolled = move |_| {
        if is_alive() {
            let (_, lacks_below) = rows.lacks();
            let ends_here = !lacks_below && timeline.with_untracked(Timeline::leads_to_end);
            if scroll.take_down(ends_here) {
                moves();
            }
            remember();
            fetch_near_edges();
        }
    };
    effect(move || {
        if scroll.scroller.get().is_some() && scroll.list.get().is_some() {
            scroll.hear(moves);
            scroll.watch(move || {
                // Nobody sees a page that is not full: this is before it is painted.
                if scroll.has_room(rows.lacks()) {
                    rows.fill();
                }
                remember();
                fetch_near_edges();
            });
        }
    });
    // A page that brought too few rows to scroll through is followed by the next.
    effect(move || {
        loading.track();
        if let Ok(frame) = request_animation_frame_with_handle(fetch_near_edges) {
            on_cleanup(move || frame.cancel());
        }
    });
    mark_read(state, timeline, scroll, recipient, run);

    let to_end = move || {
        scroll.go_to_end();
        remember();
        run(Command::JumpToNewest(recipient.get_value()));
    };
    effect(move || {
        if sent.get() > 0 {
            to_end();
        }
    });
    let pill = move |_| {
        to_end();
        // The button goes, and the focus would go with it.
        if let Some(scroller) = scroll.scroller.get_untracked() {
            let _ = scroller.focus();
        }
    };
    let live = quiet_while_loading(loading, rows.is_growing);

    view! {
        <div
            node_ref=scroll.scroller
            class="timeline"
            role="log"
            aria-label=translate("Messages")
            aria-live=text(move || (if live.get() { "polite" } else { "off" }).to_owned())
            aria-relevant="additions"
            aria-busy=flag(move || !matches!(loading.get(), Loading::Idle | Loading::Failed))
            tabindex="0"
            // The place is kept by hand, the same way in every browser.
            style:overflow-anchor="none"
            on:scroll=on(scrolled)
            on:keydown=on(move |_| moves())
        >
            {when(
                move || has_older.get(),
                move || view! {
                    <EarlierNotice loading actions recipient/>
                }.into_any(),
            )}
            {when(
                move || !order.with(|order| order.iter().any(RowKey::is_message)),
                move || view! { <EmptyNotice timeline actions recipient/> }.into_any(),
            )}
            <ol node_ref=scroll.list class="message-list"></ol>
        </div>
        {when(
            move || !scroll.is_at_end() && !order.with(Vec::is_empty),
            move || view! {
                <button type="button" class="pill" on:click=on(pill)>
                    {text(move || match unread.get() {
                        0 => translate("Jump to the newest").to_owned(),
                        unread => counted(unread, "{number} new message", "{number} new messages"),
                    })}
                </button>
            }.into_any(),
        )}
    }
}

/// The timeline of the conversation, which its opening has brought into being.
fn timeline(state: AppState, recipient: &Recipient) -> Observable<Timeline> {
    let held = state
        .timelines
        .with_value(|timelines| timelines.get(recipient));
    held.unwrap_or_default().into()
}

fn all_rows(
    state: AppState,
    timeline: Observable<Timeline>,
    recipient: &Recipient,
) -> Vec<(RowKey, Row)> {
    let Some(viewer) = state.session.with(|it| it.username().cloned()) else {
        return Vec::new();
    };
    let rows = timeline.with(|timeline| {
        state.outbox.with(|outbox| {
            let waiting = outbox.waiting_for(recipient);
            lay_out(timeline, waiting, &viewer, dates::offset)
        })
    });
    let with_key = |row: Row| (row.key(&viewer), row);
    rows.into_iter().map(with_key).collect()
}

/// Tells what was read: whatever ends in view of somebody who is looking.
fn mark_read(
    state: AppState,
    timeline: Observable<Timeline>,
    scroll: Scroll,
    recipient: Stored<Recipient>,
    run: impl Fn(Command) + 'static,
) {
    let read_seq = Computed::new(move |_| {
        state
            .conversations
            .with(|list| recipient.with_value(|it| list.get(it).map(Entry::read_seq)))
    });
    let seen = Computed::new(move |_| {
        let looks = state.visible.get() && scroll.is_at_end();
        let newest = timeline.with(|it| {
            if it.has_newer() {
                Seq::ZERO
            } else {
                it.last_seq()
            }
        });
        if looks { newest } else { Seq::ZERO }
    });
    effect(move || {
        let seq = seen.get();
        if read_seq.get().is_some_and(|read| read < seq) {
            run(Command::MarkRead {
                recipient: recipient.get_value(),
                seq,
            });
        }
    });
}

/// False while pages come, and until their rows are in place: history is not announced.
fn quiet_while_loading(
    loading: Computed<Loading>,
    is_growing: Observable<bool>,
) -> Observable<bool> {
    let live = Observable::new(false);
    let has_come = Computed::new(move |_| loading.get() == Loading::Idle && !is_growing.get());
    effect(move || {
        if has_come.get() {
            let speak = move || {
                if has_come.try_with_untracked(|it| *it) == Some(true) {
                    live.set(true);
                }
            };
            set_timeout(speak, std::time::Duration::from_millis(QUIET_MILLISECONDS));
        } else {
            live.set(false);
        }
    });
    live
}
