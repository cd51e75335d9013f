//! The dialog about the group that is open: its name, who is in it, and the way out of it.

use leptos::{
    ev::{Event, SubmitEvent},
    html,
    prelude::*,
};
use protocol::{Conversation, ConversationId, Username};

use super::mute::Mute;
use crate::{
    browser,
    components::{
        ask_first::AskFirst,
        avatar::Avatar,
        form::{
            attempt::Attempt,
            field::{Field, typed},
            outcome::{Said, Submit},
        },
        modal::Modal,
        person_list::{PersonList, SHOWN},
    },
    dynamic::{on, part, text, when},
    language::{counted, fill, number, translate},
    later::{OpenDialog, close, show},
    list::{Key, list},
    navigation::Navigation,
    reactive::{Computed, Observable, Stored, effect, expect_context},
    requests::line::Line,
    state::{
        AppState,
        recipient::Recipient,
        search::{folded, occurs},
    },
};

/// From how many members on there is a field to find one in.
const MANY: usize = 12;

/// What the parts of the dialog share.
#[derive(Clone, Copy)]
struct Group {
    id: Stored<ConversationId>,
    /// As it is now; as it was, once it is gone.
    now: Computed<Option<Conversation>>,
    line: Line,
    adds: Observable<bool>,
    /// Who is about to be taken out.
    chosen: Observable<Option<Username>>,
    removes: Modal,
    leaves: Modal,
    attempt: Attempt,
}

impl Group {
    fn members(self) -> Vec<Username> {
        self.now
            .with(|now| now.as_ref().map(|now| now.members.clone()))
            .unwrap_or_default()
    }

    fn name(self) -> String {
        self.now
            .with(|now| now.as_ref().map(|now| now.name.clone()))
            .unwrap_or_default()
    }

    fn is_maker(self, username: &Username) -> bool {
        let maker = |now: &Conversation| now.created_by.as_ref() == Some(username);
        self.now.with(|now| now.as_ref().is_some_and(maker))
    }
}

#[component]
pub fn GroupDialog(id: ConversationId) -> impl IntoView {
    let state = expect_context::<AppState>();
    let open = expect_context::<OpenDialog>();
    let dialog = NodeRef::<html::Dialog>::new();
    let recipient = Recipient::Group(id.clone());
    let is_there = {
        let recipient = recipient.clone();
        Computed::new(move |_| {
            let list = state.conversations;
            list.with(|list| list.get(&recipient).is_some())
        })
    };
    let group = Group {
        id: Stored::new(id),
        now: Computed::new(move |before: Option<&Option<Conversation>>| {
            let now = state.conversations.with(|list| {
                let entry = list.get(&recipient);
                entry.map(|entry| entry.conversation.clone())
            });
            now.or_else(|| before.cloned().flatten())
        }),
        line: expect_context::<Line>(),
        adds: Observable::new(false),
        chosen: Observable::new(None),
        removes: Modal::new(),
        leaves: Modal::new(),
        attempt: Attempt::new("group", &["name"]),
    };
    effect(move || {
        if is_there.get() {
            show(dialog);
        } else {
            // Left, here or on another device, or taken out.
            close(dialog);
            open.close();
        }
    });

    view! {
        <dialog
            node_ref=dialog
            class="dialog"
            aria-labelledby="group-title"
            on:close=on(move |_| open.close())
        >
            <div class="dialog-parts">
                // Not the field under it, which would bring up a keyboard.
                <h2 id="group-title" class="dialog-title" dir="auto" tabindex="-1" autofocus>
                    {text(move || group.name())}
                </h2>
                {part(move || if group.adds.get() {
                    view! { <AddMembers group/> }.into_any()
                } else {
                    view! { <Details group dialog/> }.into_any()
                })}
            </div>
        </dialog>
        {part(move || match group.chosen.get() {
            Some(username) => view! { <RemoveQuestion group username/> }.into_any(),
            None => ().into_any(),
        })}
        <LeaveQuestion group/>
    }
}

/// The name and the members.
#[component]
fn Details(group: Group, dialog: NodeRef<html::Dialog>) -> impl IntoView {
    let name = NodeRef::<html::Input>::new();
    let rename = move |event: SubmitEvent| {
        event.prevent_default();
        let renamed = group.line.rename_group(group.id.get_value(), typed(name));
        let attempt = group.attempt;
        attempt.run(renamed, |_| translate("Saved.").to_owned());
    };
    let add = move |_| {
        group.attempt.forget();
        group.adds.set(true);
        browser::focus_soon("#person-search");
    };
    view! {
        <div class="dialog-body">
            <form id="group" class="form-line" novalidate on:submit=on(rename)>
                <Field
                    attempt=group.attempt
                    name="name"
                    label=translate("Group name")
                    input=name
                    value=group.now.with_untracked(|now| now.as_ref().map(|now| now.name.clone())).unwrap_or_default()
                />
                <Submit
                    attempt=group.attempt
                    label=translate("Rename")
                    busy=translate("Renaming…")
                    class="button"
                />
                <Said attempt=group.attempt/>
            </form>
            <Members group/>
            <Mute recipient=Recipient::Group(group.id.get_value())/>
        </div>
        <div class="dialog-actions">
            <button
                type="button"
                class="button button-danger dialog-aside"
                on:click=on(move |_| group.leaves.show())
            >
                {translate("Leave group")}
            </button>
            <button type="button" id="add-people" class="button" on:click=on(add)>
                {translate("Add people")}
            </button>
            <button type="button" class="button button-primary" on:click=on(move |_| close(dialog))>
                {translate("Done")}
            </button>
        </div>
    }
}

/// Who is in the group, oneself first.
#[component]
fn Members(group: Group) -> impl IntoView {
    let state = expect_context::<AppState>();
    let search = Observable::new(String::new());
    let found = Computed::new(move |_| {
        let typed = search.get();
        let viewer = state.session.with(|it| it.username().cloned());
        let mut members: Vec<(bool, String, Username)> = state.people.with(|people| {
            let named = group.members().into_iter().map(|username| {
                let is_other = Some(&username) != viewer.as_ref();
                (is_other, folded(&people.display_name(&username)), username)
            });
            named.filter(|(_, name, _)| occurs(&typed, name)).collect()
        });
        members.sort_unstable_by(|one, other| (one.0, &one.1).cmp(&(other.0, &other.1)));
        members
            .into_iter()
            .map(|(_, _, username)| username)
            .collect::<Vec<_>>()
    });
    let count = Computed::new(move |_| group.members().len());
    let heading = move || counted(count.get() as u64, "{number} member", "{number} members");
    let keys = move || {
        let key = |username: &Username| Key::Recipient(Recipient::Person(username.clone()));
        found.with(|found| found.iter().take(SHOWN).map(key).collect())
    };
    let row = move |key: Key| match key {
        Key::Recipient(Recipient::Person(username)) => {
            view! { <MemberRow group username/> }.into_any()
        }
        _ => ().into_any(),
    };
    let note = move || match found.with(Vec::len) {
        0 => fill(
            translate("No member is called “{name}”."),
            &[("name", search.get().trim())],
        ),
        found if found > SHOWN => fill(
            translate("And {number} more: type a name to find them."),
            &[("number", &number((found - SHOWN) as u64))],
        ),
        _ => String::new(),
    };
    view! {
        <section aria-labelledby="group-members">
            <h3 id="group-members" class="field-label">
                {text(heading)}
            </h3>
            {when(
                move || count.get() > MANY,
                move || view! {
                    <input
                        type="search"
                        class="field-input"
                        aria-label=translate("Find a member")
                        placeholder=translate("Find a member")
                        autocomplete="off"
                        spellcheck="false"
                        on:input=on(move |event: Event| search.set(event_target_value(&event)))
                    />
                }.into_any(),
            )}
            <ul node_ref=list(keys, row) class="member-list" aria-labelledby="group-members"></ul>
            {when(
                move || !note().is_empty(),
                move || view! { <p class="quiet">{text(note)}</p> }.into_any(),
            )}
        </section>
    }
}

#[component]
fn MemberRow(group: Group, username: Username) -> impl IntoView {
    let state = expect_context::<AppState>();
    let viewer = state.viewer();
    let is_self = viewer.as_ref() == Some(&username);
    let id = username.as_str().to_owned();
    let name = {
        let username = username.clone();
        Computed::new(
            move |_| match state.session.with(|it| it.session().cloned()) {
                Some(own) if own.username == username => own.display_name,
                _ => state.people.with(|people| people.display_name(&username)),
            },
        )
    };
    let online = {
        let username = username.clone();
        Computed::new(move |_| {
            Some(is_self || state.people.with(|people| people.is_online(&username)))
        })
    };
    let note = {
        let username = username.clone();
        move || {
            match (is_self, group.is_maker(&username)) {
                (true, true) => translate("You, who made this group"),
                (true, false) => translate("You"),
                (false, true) => translate("Made this group"),
                (false, false) if online.get() == Some(true) => translate("Online"),
                _ => translate("Offline"),
            }
            .to_owned()
        }
    };
    let may_remove = move || !is_self && viewer.as_ref().is_some_and(|it| group.is_maker(it));
    let label = move || {
        fill(
            translate("Take {name} out of the group"),
            &[("name", &name.get())],
        )
    };
    view! {
        <li class="member">
            <Avatar name id online/>
            <span class="member-text">
                <span dir="auto">{text(move || name.get())}</span>
                <span class="quiet">{text(note)}</span>
            </span>
            {when(may_remove, move || {
                let username = username.clone();
                let ask = move |_| {
                    group.chosen.set(Some(username.clone()));
                    group.removes.show();
                };
                view! {
                    <button type="button" class="icon-button" aria-label=text(label) on:click=on(ask)>
                        {translate("Remove")}
                    </button>
                }
                .into_any()
            })}
        </li>
    }
}

/// The question before somebody is taken out.
#[component]
fn RemoveQuestion(group: Group, username: Username) -> impl IntoView {
    let state = expect_context::<AppState>();
    let attempt = Attempt::new("remove-member", &[]);
    let name = state
        .people
        .with_untracked(|people| people.display_name(&username));
    let yes = Callback::new(move |()| {
        let removed = group
            .line
            .remove_member(group.id.get_value(), username.clone());
        attempt.run(removed, move |_| {
            group.removes.close();
            String::new()
        });
    });
    view! {
        <AskFirst
            dialog=group.removes
            id="remove-member"
            title=fill(translate("Take {name} out of the group?"), &[("name", &name)])
            sentences=vec![translate("They no longer get what is written here, and the group leaves their list. What they wrote stays.").to_owned()]
            verb=translate("Remove")
            busy=translate("Removing…")
            attempt
            yes
        />
    }
}

/// The question before one leaves.
#[component]
fn LeaveQuestion(group: Group) -> impl IntoView {
    let state = expect_context::<AppState>();
    let navigation = expect_context::<Navigation>();
    let attempt = Attempt::new("leave-group", &[]);
    let mut sentences = vec![
        translate(
            "You no longer get what is written there, and the group leaves your list. What you wrote stays.",
        )
        .to_owned(),
        translate("Any member can take you in again.").to_owned(),
    ];
    if state.viewer().is_some_and(|viewer| group.is_maker(&viewer)) {
        sentences.push(
            translate(
                "You have made this group: nobody can take members out of it once you have left.",
            )
            .to_owned(),
        );
    }
    let yes = Callback::new(move |()| {
        attempt.run(group.line.leave_group(group.id.get_value()), move |left| {
            group.leaves.close();
            // The dialog goes with its group.
            state
                .conversations
                .update(|list| list.leave(&left.group_id));
            navigation.go("/");
            String::new()
        });
    });
    view! {
        <AskFirst
            dialog=group.leaves
            id="leave-group"
            title=translate("Leave this group?")
            sentences
            verb=translate("Leave")
            busy=translate("Leaving…")
            attempt
            yes
        />
    }
}

/// In place of the details: who else is to be in the group.
#[component]
fn AddMembers(group: Group) -> impl IntoView {
    let chosen = Observable::new(Vec::<Username>::new());
    let present = Computed::new(move |_| group.members());
    let attempt = Attempt::new("add-members", &[]);
    let back = move || {
        group.adds.set(false);
        browser::focus_soon("#add-people");
    };
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let members = chosen.get_untracked();
        if members.is_empty() {
            return back();
        }
        let count = members.len() as u64;
        let added = group.line.add_members(group.id.get_value(), members);
        attempt.run(added, move |_| {
            let said = counted(count, "Added {number} person.", "Added {number} people.");
            group.attempt.say(&said);
            back();
            String::new()
        });
    };
    view! {
        <form id="add-members" novalidate on:submit=on(submit)>
            <div class="dialog-body">
                <PersonList chosen present=present/>
                <p class="quiet">{translate("They can read what was written before.")}</p>
            </div>
            <div class="dialog-actions">
                <Said attempt/>
                <button type="button" class="button" on:click=on(move |_| back())>
                    {translate("Back")}
                </button>
                <Submit attempt label=translate("Add") busy=translate("Adding…")/>
            </div>
        </form>
    }
}
