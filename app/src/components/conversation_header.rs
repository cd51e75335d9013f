//! Who the conversation is with, and whether they are here.

use leptos::prelude::*;
use protocol::Username;

use super::avatar::Avatar;
use crate::{
    dates,
    dynamic::{on, still, text},
    language::{counted, fill, translate},
    later::{LaterPart, OpenDialog},
    reactive::{Computed, Stored, expect_context},
    state::{AppState, listing, people::People, recipient::Recipient, session::SessionState},
};

/// Most members that are named.
const NAMED_MEMBERS: usize = 20;

const DETAILS_ICON: &str = r#"<svg viewBox="0 0 20 20" aria-hidden="true" fill="currentColor"><circle cx="4" cy="10" r="1.5"/><circle cx="10" cy="10" r="1.5"/><circle cx="16" cy="10" r="1.5"/></svg>"#;

#[component]
pub fn ConversationHeader(recipient: Recipient) -> impl IntoView {
    let state = expect_context::<AppState>();
    let dialog = expect_context::<OpenDialog>();
    let recipient = Stored::new(recipient);
    let name = Computed::new(move |_| {
        let recipient = recipient.get_value();
        state.conversations.with(|list| {
            state
                .people
                .with(|people| listing::name(&recipient, list.get(&recipient), people))
        })
    });
    let status = Computed::new(move |_| {
        let typing = state.typing.with(|typing| {
            let here = |(place, _): &&(Recipient, String)| recipient.with_value(|it| it == place);
            let typing = typing.as_ref().filter(here);
            typing.map(|(_, sentence)| sentence.clone())
        });
        typing.unwrap_or_else(|| {
            state
                .people
                .with(|people| recipient.with_value(|it| status(state, it, people)))
        })
    });
    let online = Computed::new(move |_| {
        recipient.with_value(|recipient| match recipient {
            Recipient::Person(username) => {
                Some(state.people.with(|people| people.is_online(username)))
            }
            Recipient::Group(_) => None,
        })
    });
    let id = recipient.with_value(|recipient| match recipient {
        Recipient::Person(username) => username.as_str().to_owned(),
        Recipient::Group(id) => id.as_str().to_owned(),
    });
    view! {
        <header class="conversation-header">
            {still("<a class='back' href='/'>{Back to conversations}</a>")}
            <Avatar name id online/>
            <div class="conversation-title">
                <h2 tabindex="-1" dir="auto">
                    {text(move || name.get())}
                </h2>
                <p class="conversation-status" title=text(move || status.get())>
                    {text(move || status.get())}
                </p>
            </div>
            <button
                type="button"
                class="icon-button"
                aria-label=translate("Details")
                on:click=on(move |_| dialog.open(LaterPart::Details))
                inner_html=DETAILS_ICON
            ></button>
        </header>
    }
}

fn status(state: AppState, recipient: &Recipient, people: &People) -> String {
    match recipient {
        Recipient::Person(username) => match people.get(username) {
            Some(user) if user.online => translate("online").to_owned(),
            Some(user) => match user.last_seen_at {
                Some(at) if at.0 > 0 => {
                    let when = dates::recent(at, state.today.get());
                    fill(translate("last seen {when}"), &[("when", &when)])
                }
                _ => translate("offline").to_owned(),
            },
            None => String::new(),
        },
        Recipient::Group(_) => state
            .conversations
            .with(|list| {
                let members = list
                    .get(recipient)
                    .map(|entry| entry.conversation.members.as_slice());
                state
                    .session
                    .with(|session| members.map(|it| named(it, people, session)))
            })
            .unwrap_or_default(),
    }
}

/// "3 members: Alice, Bob, Carol"
fn named(members: &[Username], people: &People, session: &SessionState) -> String {
    let name = |username: &Username| match session.session() {
        Some(own) if own.username == *username => own.display_name.clone(),
        _ => people.display_name(username),
    };
    let names: Vec<String> = members.iter().take(NAMED_MEMBERS).map(name).collect();
    let mut names = names.join(", ");
    if members.len() > NAMED_MEMBERS {
        names = fill(translate("{names} and others"), &[("names", &names)]);
    }
    let number = counted(members.len() as u64, "{number} member", "{number} members");
    [&number, ": ", &names].concat()
}
