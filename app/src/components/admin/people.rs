//! Everybody who has or had an account.

use leptos::{ev::Event, prelude::*};
use protocol::{Role, Username, administration::ManagedPerson};

use super::person::PersonDialogs;
use crate::{
    components::{avatar::Avatar, fetched::Fetched, modal::Modal, moment::lately, page::today},
    dynamic::{on, part, text, when},
    language::{counted, fill, translate},
    list::{Key, list},
    reactive::{Computed, Observable, expect_context},
    requests::Requests,
    state::{recipient::Recipient, search::occurs},
};

/// How many are shown before one asks for more.
const MANY: usize = 100;

#[component]
pub fn People() -> impl IntoView {
    let requests = expect_context::<Requests>();
    let people = Fetched::new(move || requests.people());
    people.view(move |held| view! { <Table held people/> }.into_any())
}

#[component]
fn Table(held: Computed<Vec<ManagedPerson>>, people: Fetched<Vec<ManagedPerson>>) -> impl IntoView {
    let search = Observable::new(String::new());
    let shown = Observable::new(MANY);
    // Whose dialog is open.
    let chosen = Observable::new(None::<Username>);
    let dialog = Modal::new();
    let found = Computed::new(move |_| {
        let typed = search.get();
        held.with(|people| {
            let found = people.iter().filter(|person| is_meant(person, &typed));
            found.map(|it| it.username.clone()).collect::<Vec<_>>()
        })
    });
    let keys = move || {
        let key = |username: &Username| Key::Recipient(Recipient::Person(username.clone()));
        found.with(|found| found.iter().take(shown.get()).map(key).collect())
    };
    let manage = move |username: Username| {
        chosen.set(Some(username));
        dialog.show();
    };
    let row = move |key: Key| match key {
        Key::Recipient(Recipient::Person(username)) => person_row(held, username, manage),
        _ => ().into_any(),
    };
    let number = move || {
        let number = found.with(Vec::len) as u64;
        counted(number, "{number} person", "{number} people")
    };
    view! {
        <div class="table-tools">
            <input
                type="search"
                class="field-input"
                aria-label=translate("Find a person")
                placeholder=translate("Find a person")
                autocomplete="off"
                spellcheck="false"
                on:input=on(move |event: Event| search.set(event_target_value(&event)))
            />
            <p class="quiet" role="status">
                {text(number)}
            </p>
        </div>
        <table class="table" role="table" aria-label=translate("People")>
            <thead role="rowgroup">
                <tr role="row">
                    {[translate("Name"), translate("Role"), translate("Last seen"), ""]
                        .map(|name| match name {
                            "" => view! { <td role="cell"></td> }.into_any(),
                            name => view! { <th role="columnheader" scope="col">{name}</th> }.into_any(),
                        })
                        .collect_view()}
                </tr>
            </thead>
            <tbody node_ref=list(keys, row) role="rowgroup"></tbody>
        </table>
        {when(
            move || found.with(Vec::len) > shown.get(),
            move || view! {
                <button
                    type="button"
                    class="button"
                    on:click=on(move |_| shown.update(|shown| *shown += MANY))
                >
                    {translate("Show more")}
                </button>
            }
            .into_any(),
        )}
        <PersonDialogs held people chosen dialog/>
    }
}

fn is_meant(person: &ManagedPerson, typed: &str) -> bool {
    occurs(typed, &person.display_name) || occurs(typed, person.username.as_str())
}

fn person_row(
    held: Computed<Vec<ManagedPerson>>,
    username: Username,
    manage: impl Fn(Username) + Copy + Send + Sync + 'static,
) -> AnyView {
    let id = username.as_str().to_owned();
    let person = one_of(held, username.clone());
    let name = Computed::new(move |_| {
        person.with(|it| {
            it.as_ref()
                .map(|it| it.display_name.clone())
                .unwrap_or_default()
        })
    });
    let is_off =
        move || person.with(|it| it.as_ref().is_some_and(|it| it.deactivated_at.is_some()));
    let is_manageable = move || person.with(|it| it.as_ref().is_some_and(|it| it.manageable));
    let role = move || {
        let role = person.with(|it| it.as_ref().map(|it| it.role));
        role_name(role.unwrap_or_default()).to_owned()
    };
    let seen = move || match person.with(|it| it.as_ref().and_then(|it| it.last_seen_at)) {
        Some(at) => lately(at, today()),
        None => ().into_any(),
    };
    view! {
        <tr role="row">
            <td role="cell">
                <div class="person">
                    <Avatar name id=id.clone()/>
                    <div class="row-text">
                        <span class="row-title">
                            <strong dir="auto">{text(move || name.get())}</strong>
                            {when(
                                is_off,
                                || view! { <span class="badge badge-off">{translate("Deactivated")}</span> }.into_any(),
                            )}
                        </span>
                        <span class="quiet">{id}</span>
                    </div>
                </div>
            </td>
            <td role="cell" data-label=translate("Role")>
                {text(role)}
            </td>
            <td role="cell" data-label=translate("Last seen")>
                {part(seen)}
            </td>
            <td role="cell" class="table-end">
                {when(is_manageable, move || manage_button(name, username.clone(), manage))}
            </td>
        </tr>
    }
    .into_any()
}

fn manage_button(
    name: Computed<String>,
    username: Username,
    manage: impl Fn(Username) + 'static,
) -> AnyView {
    view! {
        <button
            type="button"
            class="button"
            aria-label=text(move || name.with(|name| fill(translate("Manage {name}"), &[("name", name)])))
            on:click=on(move |_| manage(username.clone()))
        >
            {translate("Manage")}
        </button>
    }
    .into_any()
}

/// One of the people, as they are now.
pub fn one_of(
    held: Computed<Vec<ManagedPerson>>,
    username: Username,
) -> Computed<Option<ManagedPerson>> {
    Computed::new(move |_| {
        held.with(|people| people.iter().find(|it| it.username == username).cloned())
    })
}

pub fn role_name(role: Role) -> &'static str {
    match role {
        Role::Member => translate("Member"),
        Role::Admin => translate("Admin"),
        Role::Owner => translate("Owner"),
    }
}
