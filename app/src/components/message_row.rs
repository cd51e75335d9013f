//! One row of a timeline: a message, or the line that begins a day.

use leptos::prelude::*;
use protocol::{ClientId, Username};

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

/// A message. Who wrote it and what it says never change; the rest is followed, by as few followers as can be,
/// because a conversation that opens makes those of all rows in view at once.
#[component]
pub fn MessageRowView(row: Observable<Row>, context: RowContext) -> impl IntoView {
    let Row::Message(first_seen) = row.get_untracked() else {
        return None;
    };
    let own = first_seen.own;
    let can_fail = matches!(first_seen.body, Body::Pending(_));
    let words = first_seen.body.text().to_owned();
    let (avatar, author) = match &first_seen.body {
        Body::Stored(message) if !own => by_another(&message.sender, row, context),
        _ => {
            let you = "<span class='message-author visually-hidden'>{You}: </span>";
            (None, still(you).into_any())
        }
    };
    let follow = move |part: fn(&MessageRow) -> bool| flag(move || holds(row, part));
    let sent_at = part(move || {
        let at = row.with(|row| match row {
            Row::Message(row) => row.body.at(),
            _ => first_seen.body.at(),
        });
        view! {
            <time datetime=dates::machine(at) title=dates::moment(at)>
                {dates::time(at)}
            </time>
        }
        .into_any()
    });
    let open = own.then(|| Observable::new(false));
    let own_tick = open.map(|open| {
        let tick = tick(row, context);
        view! { <TickMark tick open/> }
    });
    let receipts = open.map(|open| {
        let close = Callback::new(move |()| open.set(false));
        part(move || {
            if !open.get() {
                return ().into_any();
            }
            provide_context(AskedMessage {
                row,
                recipient: context.recipient,
            });
            view! { <LaterDialog dialog=LaterPart::WhoHasIt on_close=close/> }.into_any()
        })
    });

    Some(view! {
        <li
            class="message"
            data-own=own.to_string()
            data-first=follow(|row| row.first)
            data-last=follow(|row| row.last)
        >
            {avatar}
            <div class="message-bubble">
                {author}
                <MessageText words/>
                <span class="message-meta">{sent_at} {own_tick}</span>
                {receipts}
                {can_fail.then(|| view! { <Failure row context/> })}
            </div>
        </li>
    })
}

fn holds(row: Observable<Row>, part: fn(&MessageRow) -> bool) -> bool {
    row.with(|row| matches!(row, Row::Message(row) if part(row)))
}

/// The picture and the name of whoever else wrote a message. Between two people both know who it was, and only a
/// screen reader says it.
fn by_another(
    author: &Username,
    row: Observable<Row>,
    context: RowContext,
) -> (Option<AnyView>, AnyView) {
    let id = author.as_str().to_owned();
    let hue = hue(&id).to_string();
    let name = {
        let author = author.clone();
        Computed::new(move |_| {
            let people = context.state.people;
            people.with(|people| people.display_name(&author))
        })
    };
    let heard = move || {
        let name = text(move || name.with(|name| [name, ": "].concat()));
        view! { <span class="message-author visually-hidden">{name}</span> }.into_any()
    };
    if !context.is_group {
        return (None, heard());
    }
    let first = Computed::new(move |_| holds(row, |row| row.first));
    let avatar = view! {
        <span class="message-avatar">
            {when(move || first.get(), move || view! { <Avatar name id=id.clone()/> }.into_any())}
        </span>
    };
    let author = part(move || {
        if !first.get() {
            return heard();
        }
        view! {
            <span class="message-author" dir="auto" style:--hue=hue.clone()>
                {text(move || name.get())}
            </span>
        }
        .into_any()
    });
    (Some(avatar.into_any()), author.into_any())
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
    part(move || {
        let tick = tick.get();
        let label = [translate(tick.label()), ": ", translate("who has it")].concat();
        // There from the start, because what is added to the timeline is read out.
        let cannot_ask = matches!(tick, Tick::Waiting | Tick::NotSent);
        view! {
            <button
                type="button"
                class="tick"
                aria-label=label.clone()
                title=label
                data-state=tick.name()
                disabled=cannot_ask
                aria-expanded=open.get().to_string()
                on:click=on(move |_| open.update(|open| *open = !*open))
            ></button>
        }
        .into_any()
    })
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
