//! The dialog in which a group gets its name and its members.

use leptos::{ev::SubmitEvent, html, prelude::*};
use protocol::{GroupName, User, Username};

use super::avatar::Avatar;
use crate::{
    reactive::{Computed, Observable, effect},
    state::{
        AppState,
        actions::{Actions, Command, GroupError, NewGroup},
        recipient::Recipient,
    },
};

#[component]
pub fn NewGroupDialog(
    on_close: impl Fn() + Copy + Send + Sync + 'static,
    on_created: Callback<Recipient>,
) -> impl IntoView {
    let actions = expect_context::<Actions>();
    let dialog = NodeRef::<html::Dialog>::new();
    let name = NodeRef::<html::Input>::new();
    let search = Observable::new(String::new());
    let members = Observable::new(Vec::<Username>::new());
    let busy = Observable::new(false);
    let error = Observable::new(None::<GroupError>);

    effect(move || {
        if let Some(dialog) = dialog.get()
            && !dialog.open()
        {
            let _ = dialog.show_modal();
        }
    });
    // Closed, and not just taken away: this is what gives the focus back.
    let close = move || {
        if let Some(dialog) = dialog.get_untracked() {
            dialog.close();
        }
    };
    let done = Callback::new(move |result: Result<protocol::Conversation, GroupError>| {
        busy.set(false);
        match result {
            Ok(conversation) => {
                close();
                on_created.run(Recipient::Group(conversation.id));
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
            on:close=move |_| on_close()
        >
            <form novalidate on:submit=submit>
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
                            aria-invalid=move || wrong(Some("name")).map(|_| "true")
                        />
                        <p id="group-name-error" class="field-error" role="alert">
                            {move || wrong(Some("name"))}
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
                            on:input=move |event| search.set(event_target_value(&event))
                            on:keydown=move |event| {
                                // Looking for somebody is not the end of the form.
                                if event.key() == "Enter" {
                                    event.prevent_default();
                                }
                            }
                        />
                    </div>
                    <PersonList search members/>
                    <p class="field-error" role="alert">
                        {move || wrong(Some("members")).or_else(|| wrong(None))}
                    </p>
                </div>
                <div class="dialog-actions">
                    <button type="button" class="button" on:click=move |_| close()>
                        "Cancel"
                    </button>
                    <button
                        type="submit"
                        class="button button-primary"
                        aria-busy=move || busy.get().then_some("true")
                    >
                        {move || if busy.get() { "Creating…" } else { "Create group" }}
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
        let wanted = search.get().trim().to_lowercase();
        state.people.with(|people| {
            let is_found = |user: &&User| user.display_name.to_lowercase().contains(&wanted);
            let named = |user: &User| (user.username.clone(), user.display_name.clone());
            people
                .iter()
                .filter(is_found)
                .map(named)
                .collect::<Vec<_>>()
        })
    });
    let option = move |(username, name): (Username, String)| {
        let id = username.as_str().to_owned();
        let is_chosen = {
            let username = username.clone();
            move || members.with(|members| members.contains(&username))
        };
        let choose = move |event| {
            let username = username.clone();
            members.update(|members| {
                if event_target_checked(&event) {
                    members.push(username);
                } else {
                    members.retain(|each| *each != username);
                }
            });
        };
        view! {
            <label class="person-option">
                <input type="checkbox" prop:checked=is_chosen on:change=choose/>
                <Avatar name=Computed::new({
                    let name = name.clone();
                    move |_| name.clone()
                }) id/>
                <span dir="auto">{name}</span>
            </label>
        }
    };
    view! {
        <div class="person-list" role="group" aria-label="Members">
            <For each=move || found.get() key=|(username, _)| username.clone() children=option/>
            <Show when=move || found.with(Vec::is_empty)>
                <p class="sidebar-empty">
                    {move || search.with(|it| nobody_found(it))}
                </p>
            </Show>
        </div>
    }
}

/// Why the list is empty.
fn nobody_found(search: &str) -> String {
    match search.trim() {
        "" => "Nobody else is here yet. Add people with natter-server users add NAME.".to_owned(),
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
