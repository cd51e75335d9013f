//! The dialog in which a group gets its name and its members.

use leptos::{
    ev::{Event, KeyboardEvent, SubmitEvent},
    html,
    prelude::*,
};
use protocol::{GroupName, Username};

use super::{avatar::Avatar, sidebar::nobody_else};
use crate::{
    dynamic::{Key, flag, list, on, text, when},
    later::{OpenDialog, close, show},
    navigation::Navigation,
    reactive::{Computed, Observable, effect},
    state::{
        AppState,
        actions::{Actions, Command, GroupError, NewGroup},
        recipient::Recipient,
        search::occurs,
    },
};

#[component]
pub fn NewGroupDialog() -> impl IntoView {
    let actions = expect_context::<Actions>();
    let navigation = expect_context::<Navigation>();
    let open = expect_context::<OpenDialog>();
    let dialog = NodeRef::<html::Dialog>::new();
    let name = NodeRef::<html::Input>::new();
    let search = Observable::new(String::new());
    let members = Observable::new(Vec::<Username>::new());
    let busy = Observable::new(false);
    let error = Observable::new(None::<GroupError>);

    effect(move || show(dialog));
    let done = Callback::new(move |result: Result<protocol::Conversation, GroupError>| {
        busy.set(false);
        match result {
            Ok(conversation) => {
                close(dialog);
                navigation.go(&Recipient::Group(conversation.id).path());
            }
            Err(refusal) => error.set(Some(refusal)),
        }
    });
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() {
            return;
        }
        let typed = name
            .get_untracked()
            .map(|field| field.value())
            .unwrap_or_default();
        let chosen: Vec<String> =
            members.with_untracked(|it| it.iter().map(|each| each.as_str().to_owned()).collect());
        match check(&typed, &chosen) {
            Ok(name) => {
                busy.set(true);
                error.set(None);
                let group = NewGroup {
                    name: name.as_str().to_owned(),
                    members: chosen,
                    done,
                };
                actions.run(Command::CreateGroup(group));
            }
            Err(refusal) => error.set(Some(refusal)),
        }
    };
    effect(move || {
        let field = error.with(|error| error.as_ref().map(|error| error.field.clone()));
        if let (Some(Some(field)), Some(input)) = (field, name.get_untracked())
            && field == "name"
        {
            let _ = input.focus();
        }
    });
    let wrong = move |field: Option<&'static str>| {
        error.with(|error| {
            let error = error.as_ref()?;
            let known = error
                .field
                .as_deref()
                .filter(|it| matches!(*it, "name" | "members"));
            (known == field).then(|| error.message.clone())
        })
    };

    view! {
        <dialog
            node_ref=dialog
            class="dialog"
            aria-labelledby="new-group-title"
            on:close=on(move |_| open.close())
        >
            <form novalidate on:submit=on(submit)>
                <h2 id="new-group-title" class="dialog-title">
                    "New group"
                </h2>
                <div class="dialog-body">
                    <div class="field">
                        <label class="field-label" for="group-name">
                            "Group name"
                        </label>
                        <input
                            node_ref=name
                            id="group-name"
                            class="field-input"
                            autocomplete="off"
                            autofocus
                            aria-describedby="group-name-error"
                            aria-invalid=flag(move || wrong(Some("name")).is_some())
                        />
                        <p id="group-name-error" class="field-error" role="alert">
                            {text(move || wrong(Some("name")).unwrap_or_default())}
                        </p>
                    </div>
                    <div class="field">
                        <label class="field-label" for="group-search">
                            "Find people"
                        </label>
                        <input
                            type="search"
                            id="group-search"
                            class="field-input"
                            autocomplete="off"
                            spellcheck="false"
                            on:input=on(move |event: Event| search.set(event_target_value(&event)))
                            on:keydown=on(move |event: KeyboardEvent| {
                                // Looking for somebody is not the end of the form.
                                if event.key() == "Enter" {
                                    event.prevent_default();
                                }
                            })
                        />
                    </div>
                    <PersonList search members/>
                    <p class="field-error" role="alert">
                        {text(move || wrong(Some("members")).or_else(|| wrong(None)).unwrap_or_default())}
                    </p>
                </div>
                <div class="dialog-actions">
                    <button type="button" class="button" on:click=on(move |_| close(dialog))>
                        "Cancel"
                    </button>
                    <button
                        type="submit"
                        class="button button-primary"
                        aria-busy=flag(move || busy.get())
                    >
                        {text(move || (if busy.get() { "Creating…" } else { "Create group" }).to_owned())}
                    </button>
                </div>
            </form>
        </dialog>
    }
}

/// Everybody who can be in the group, each with a box to tick. Who is chosen stays chosen while
/// somebody else is looked for.
#[component]
fn PersonList(search: Observable<String>, members: Observable<Vec<Username>>) -> impl IntoView {
    let state = expect_context::<AppState>();
    let found = Computed::new(move |_| {
        let typed = search.get();
        state.people.with(|people| {
            let found = people.iter();
            let found = found.filter(|user| occurs(&typed, &user.display_name));
            found.map(|user| user.username.clone()).collect::<Vec<_>>()
        })
    });
    let keys = move || {
        let key = |username: &Username| Key::Recipient(Recipient::Person(username.clone()));
        found.with(|found| found.iter().map(key).collect())
    };
    let option = move |key: Key| match key {
        Key::Recipient(Recipient::Person(username)) => {
            view! { <PersonOption username members/> }.into_any()
        }
        _ => ().into_any(),
    };
    view! {
        <div class="person-list" role="group" aria-label="Members">
            {list(keys, option)}
            {when(
                move || found.with(Vec::is_empty),
                move || {
                    let sentence = text(move || search.with(|it| nobody_found(it)));
                    view! { <p class="sidebar-empty">{sentence}</p> }.into_any()
                },
            )}
        </div>
    }
}

#[component]
fn PersonOption(username: Username, members: Observable<Vec<Username>>) -> impl IntoView {
    let state = expect_context::<AppState>();
    let id = username.as_str().to_owned();
    let name = {
        let username = username.clone();
        Computed::new(move |_| state.people.with(|people| people.display_name(&username)))
    };
    let is_chosen = members.with_untracked(|members| members.contains(&username));
    let choose = move |event: Event| {
        members.update(|members| {
            members.retain(|each| *each != username);
            if event_target_checked(&event) {
                members.push(username.clone());
            }
        });
    };
    view! {
        <label class="person-option">
            <input type="checkbox" prop:checked=is_chosen on:change=on(choose)/>
            <Avatar name id/>
            <span dir="auto">{text(move || name.get())}</span>
        </label>
    }
}

/// Why the list is empty.
fn nobody_found(search: &str) -> String {
    match search.trim() {
        "" => nobody_else().to_owned(),
        search => ["Nobody is called “", search, "”."].concat(),
    }
}

/// What can be said without asking the server.
fn check(name: &str, members: &[String]) -> Result<GroupName, GroupError> {
    let name = GroupName::parse(name).map_err(|error| GroupError {
        message: error.message,
        field: error.field,
    })?;
    if members.is_empty() {
        let message = "Choose at least one person.".to_owned();
        return Err(GroupError {
            message,
            field: Some("members".to_owned()),
        });
    }
    Ok(name)
}
