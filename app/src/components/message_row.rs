//! One row of a timeline: a message, or the line that begins a day.

use leptos::prelude::*;
use protocol::ClientId;

use super::{
    avatar::{Avatar, hue},
    message_text::MessageText,
    who_has_it::AskedMessage,
};
use crate::{
    dates,
    dynamic::{flag, on, part, still, text, when},
    language::{translate, translate_answer},
    later::{LaterDialog, LaterPart},
    reactive::{Computed, Observable, Stored, expect_context},
    state::{
        AppState,
        actions::{Actions, Command},
        conversations::Entry,
        receipts::{Progress, Tick},
        recipient::Recipient,
        rows::{Body, MessageRow, Row},
    },
};

/// What all rows of one conversation share.
#[derive(Clone, Copy)]
pub struct RowContext {
    state: AppState,
    actions: Stored<Actions>,
    progress: Computed<Progress>,
    /// More than two people write here, so that each row has to say who.
    is_group: bool,
    recipient: Stored<Recipient>,
}

impl RowContext {
    pub fn new(state: AppState, recipient: Stored<Recipient>) -> Self {
        let progress = Computed::new(move |_| {
            state.conversations.with(|list| {
                recipient
                    .with_value(|it| list.get(it).map(Entry::progress))
                    .unwrap_or_default()
            })
        });
        Self {
            state,
            actions: Stored::new(expect_context::<Actions>()),
            progress,
            is_group: recipient.with_value(|it| matches!(it, Recipient::Group(_))),
            recipient,
        }
    }
}

/// The line that begins a day.
#[component]
pub fn DateLine(row: Observable<Row>) -> impl IntoView {
    let state = expect_context::<AppState>();
    let line = move || {
        row.with(|row| match row {
            Row::Date { at, .. } => dates::day_line(*at, state.today.get()),
            _ => String::new(),
        })
    };
    view! { <li class="date-line">{text(line)}</li> }
}

/// A message. Who wrote it and what it says never change; the rest is followed.
#[component]
pub fn MessageRowView(row: Observable<Row>, context: RowContext) -> impl IntoView {
    let Row::Message(first_seen) = row.get_untracked() else {
        return None;
    };
    let own = first_seen.own;
    let author = match &first_seen.body {
        Body::Stored(message) => Some(message.sender.clone()),
        Body::Pending(_) => context.state.viewer(),
    };
    let words = first_seen.body.text().to_owned();
    let follow = move |part: fn(&MessageRow) -> bool| {
        Computed::new(move |_| row.with(|row| matches!(row, Row::Message(row) if part(row))))
    };
    let first = follow(|row| row.first);
    let last = follow(|row| row.last);
    let at = Computed::new(move |_| {
        row.with(|row| match row {
            Row::Message(row) => row.body.at(),
            _ => first_seen.body.at(),
        })
    });
    let id = author
        .as_ref()
        .map_or_else(String::new, |author| author.as_str().to_owned());
    let name = Computed::new(move |_| match &author {
        _ if own => translate("You").to_owned(),
        Some(author) => context
            .state
            .people
            .with(|people| people.display_name(author)),
        None => String::new(),
    });
    let shows_author = context.is_group && !own;
    let avatar = shows_author.then(|| {
        let id = id.clone();
        view! {
            <span class="message-avatar">
                {when(move || first.get(), move || view! { <Avatar name id=id.clone()/> }.into_any())}
            </span>
        }
    });
    let hue = hue(&id).to_string();
    let open = own.then(|| Observable::new(false));
    let own_tick = open.map(|open| {
        let tick = tick(row, context);
        view! { <TickMark tick open/> }
    });
    let receipts = open.map(|open| {
        let close = Callback::new(move |()| open.set(false));
        when(
            move || open.get(),
            move || {
                provide_context(AskedMessage {
                    row,
                    recipient: context.recipient,
                });
                view! { <LaterDialog dialog=LaterPart::WhoHasIt on_close=close/> }.into_any()
            },
        )
    });

    Some(view! {
        <li
            class="message"
            data-own=own.to_string()
            data-first=flag(move || first.get())
            data-last=flag(move || last.get())
        >
            {avatar}
            <div class="message-bubble">
                {part(move || {
                    if shows_author && first.get() {
                        view! {
                            <span class="message-author" dir="auto" style:--hue=hue.clone()>
                                {text(move || name.get())}
                            </span>
                        }
                            .into_any()
                    } else {
                        let name = text(move || name.with(|name| [name, ": "].concat()));
                        view! { <span class="message-author visually-hidden">{name}</span> }
                            .into_any()
                    }
                })}
                <MessageText words/>
                <span class="message-meta">
                    <time
                        datetime=text(move || dates::machine(at.get()))
                        title=text(move || dates::moment(at.get()))
                    >
                        {text(move || dates::time(at.get()))}
                    </time>
                    {own_tick}
                </span>
                {receipts}
                {own.then(|| view! { <Failure row context/> })}
            </div>
        </li>
    })
}

/// What is known about an own message.
fn tick(row: Observable<Row>, context: RowContext) -> Computed<Tick> {
    Computed::new(move |_| {
        row.with(|row| match row {
            Row::Message(MessageRow {
                body: Body::Stored(message),
                ..
            }) => context.progress.get().tick(message),
            Row::Message(MessageRow {
                body: Body::Pending(envelope),
                ..
            }) if envelope.refusal.is_some() => Tick::NotSent,
            _ => Tick::Waiting,
        })
    })
}

/// The tick of an own message. It can be tapped to see who has the message, and when they had read it.
#[component]
fn TickMark(
    tick: Computed<Tick>,
    /// Whether it is shown who has it; nobody can ask where there is nothing to show.
    open: Observable<bool>,
) -> impl IntoView {
    let label = move || translate(tick.get().label()).to_owned();
    let mark = view! {
        <span
            class="tick"
            role="img"
            aria-label=text(label)
            title=text(label)
            data-state=text(move || tick.get().name().to_owned())
        ></span>
    };
    // There from the start, because what is added to the timeline is read out.
    let cannot_ask = move || matches!(tick.get(), Tick::Waiting | Tick::NotSent);
    view! {
        <button
            type="button"
            class="tick-button"
            disabled=cannot_ask
            aria-expanded=flag(move || open.get())
            on:click=on(move |_| open.update(|open| *open = !*open))
        >
            {mark}
            {still("<span class='visually-hidden'>: {who has it}</span>")}
        </button>
    }
}

/// Why a message was not taken, and the two ways on from there.
#[component]
fn Failure(row: Observable<Row>, context: RowContext) -> impl IntoView {
    let refusal = Computed::new(move |_| {
        row.with(|row| match row {
            Row::Message(MessageRow {
                body: Body::Pending(envelope),
                ..
            }) => envelope
                .refusal
                .clone()
                .map(|refusal| (envelope.client_id, refusal)),
            _ => None,
        })
    });
    let run = move |command: fn(ClientId) -> Command, client_id| {
        context
            .actions
            .with_value(|actions| actions.run(command(client_id)));
    };
    part(move || {
        let Some((client_id, sentence)) = refusal.get() else {
            return ().into_any();
        };
        view! {
            <span class="message-failed">
                {still("<span>{Not sent.}</span>")}
                " "
                <span>{translate_answer(sentence)}</span>
                <button type="button" on:click=on(move |_| run(Command::Retry, client_id))>
                    {translate("Retry")}
                </button>
                <button type="button" on:click=on(move |_| run(Command::Discard, client_id))>
                    {translate("Delete")}
                </button>
            </span>
        }
        .into_any()
    })
}
