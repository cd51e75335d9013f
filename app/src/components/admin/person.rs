//! What one can do about one person: another role, a new password, the end of their sessions or of
//! their account.

use leptos::{ev::Event, prelude::*};
use protocol::{
    Role, Username,
    administration::{ManagedPerson, NewLink, PersonChange},
};

use super::{
    link::LinkCard,
    people::{one_of, role_name},
    person_questions::{Deactivate, SignOut},
};
use crate::{
    components::{
        fetched::Fetched,
        form::{attempt::Attempt, outcome::Said},
        modal::{Cancel, Modal, modal},
        moment::moment,
    },
    dynamic::{flag, on, part, text},
    language::{fill, translate},
    reactive::{Computed, Observable, Stored, expect_context},
    requests::Requests,
    state::AppState,
};

/// The place of the dialog about whoever is chosen, and of the questions that it leads to.
#[component]
pub fn PersonDialogs(
    held: Computed<Vec<ManagedPerson>>,
    people: Fetched<Vec<ManagedPerson>>,
    chosen: Observable<Option<Username>>,
    dialog: Modal,
) -> impl IntoView {
    part(move || match chosen.get() {
        Some(username) => {
            let person = one_of(held, username.clone());
            view! { <PersonDialog username person people dialog/> }.into_any()
        }
        None => ().into_any(),
    })
}

/// Everything about one person, while their dialog is open.
#[derive(Clone, Copy)]
pub struct Open {
    pub person: Computed<Option<ManagedPerson>>,
    pub people: Fetched<Vec<ManagedPerson>>,
    pub requests: Requests,
    pub attempt: Attempt,
    pub link: Observable<Option<NewLink>>,
    pub signs_out: Modal,
    pub deactivates: Modal,
}

#[component]
fn PersonDialog(
    username: Username,
    person: Computed<Option<ManagedPerson>>,
    people: Fetched<Vec<ManagedPerson>>,
    dialog: Modal,
) -> impl IntoView {
    let open = Open {
        person,
        people,
        requests: expect_context::<Requests>(),
        attempt: Attempt::new("person", &[]),
        link: Observable::new(None),
        signs_out: Modal::new(),
        deactivates: Modal::new(),
    };
    let name = person.with_untracked(|it| {
        it.as_ref()
            .map_or_else(|| username.to_string(), |it| it.display_name.clone())
    });
    let state = expect_context::<AppState>();
    let is_owner = state.session.with_untracked(|session| {
        let session = session.session();
        session.is_some_and(|session| session.role == Role::Owner)
    });
    let (of_content, of_sign_out) = (username.clone(), username.clone());
    view! {
        {modal(
            dialog,
            "person",
            name.clone(),
            move || dialog.close(),
            move || {
                // A link is for once, and so is what was said.
                open.link.set(None);
                open.attempt.forget();
                content(open, &of_content, is_owner, dialog)
            },
        )}
        <SignOut open username=of_sign_out name=name.clone()/>
        <Deactivate open username name/>
    }
}

fn content(open: Open, username: &Username, is_owner: bool, dialog: Modal) -> AnyView {
    view! {
        <div class="dialog-body">
            {facts(open.person)}
            {is_owner.then(|| view! { <RoleChoice open username=username.clone()/> })}
            <ResetLink open username=username.clone()/>
            <div class="form-actions">
                <button type="button" class="button" on:click=on(move |_| open.signs_out.show())>
                    {translate("Sign out everywhere")}
                </button>
                <Activity open username=username.clone()/>
            </div>
        </div>
        <div class="dialog-actions">
            <Said attempt=open.attempt/>
            <Cancel modal=dialog label=translate("Close")/>
        </div>
    }
    .into_any()
}

fn facts(person: Computed<Option<ManagedPerson>>) -> AnyView {
    part(move || {
        let Some(person) = person.get() else {
            return ().into_any();
        };
        let fact = |name: &'static str, value: AnyView| view! { <dt>{name}</dt><dd>{value}</dd> };
        view! {
            <dl class="facts facts-line">
                {fact(translate("Username"), person.username.to_string().into_any())}
                {fact(translate("Here since"), moment(person.created_at))}
                {person.last_seen_at.map(|at| fact(translate("Last seen"), moment(at)))}
                {person.deactivated_at.map(|at| fact(translate("Deactivated"), moment(at)))}
            </dl>
        }
        .into_any()
    })
    .into_any()
}

#[component]
fn RoleChoice(open: Open, username: Username) -> impl IntoView {
    let role = open
        .person
        .with_untracked(|it| it.as_ref().map(|it| it.role));
    let role = role.unwrap_or_default();
    let chosen = Stored::new(role);
    let choose = move |event: Event| {
        let word = event_target_value(&event);
        chosen.set_value(Role::parse(&word).unwrap_or(role));
    };
    let change = move |_| {
        let wanted = chosen.get_value();
        let change = PersonChange {
            role: Some(wanted),
            deactivated: None,
        };
        let asked = open.requests.change_person(username.clone(), change);
        open.attempt.run(asked, move |()| {
            open.people.fetch();
            fill(
                translate("Done. The role is {role} now."),
                &[("role", role_name(wanted))],
            )
        });
    };
    view! {
        <div class="field">
            <label class="field-label" for="person-role">
                {translate("Role")}
            </label>
            <p id="person-role-hint" class="field-hint">
                {translate("Admins invite people and look after members. Owners look after everybody.")}
            </p>
            <div class="field-line">
                <select
                    id="person-role"
                    class="field-input"
                    aria-describedby="person-role-hint"
                    on:change=on(choose)
                >
                    {Role::ALL
                        .map(|each| view! {
                            <option value=each.as_str() selected=each == role>
                                {role_name(each)}
                            </option>
                        })
                        .collect_view()}
                </select>
                <button
                    type="button"
                    class="button"
                    aria-busy=flag(move || open.attempt.is_busy())
                    on:click=on(change)
                >
                    {translate("Change role")}
                </button>
            </div>
        </div>
    }
}

/// Makes a link by which they set a new password, and shows it.
#[component]
fn ResetLink(open: Open, username: Username) -> impl IntoView {
    let make = move |_| {
        let asked = open.requests.make_reset_link(username.clone());
        open.attempt.run(asked, move |link| {
            open.link.set(Some(link));
            String::new()
        });
    };
    view! {
        {part(move || match open.link.with(Clone::clone) {
            Some(link) => {
                let lead = translate("Give it to them and to nobody else: whoever has it sets their password.");
                view! { <LinkCard link id="reset-link" lead/> }.into_any()
            }
            None => ().into_any(),
        })}
        <div class="form-actions">
            <button
                type="button"
                class="button"
                aria-busy=flag(move || open.attempt.is_busy())
                on:click=on(make)
            >
                {translate("Reset password")}
            </button>
        </div>
    }
}

/// The button that takes somebody's right to sign in, or gives it back.
#[component]
fn Activity(open: Open, username: Username) -> impl IntoView {
    let is_off = move || {
        let person = open.person;
        person.with(|it| it.as_ref().is_some_and(|it| it.deactivated_at.is_some()))
    };
    let is_off_now = Computed::new(move |_| is_off());
    let press = move |_| {
        if !is_off_now.get_untracked() {
            return open.deactivates.show();
        }
        let change = PersonChange {
            role: None,
            deactivated: Some(false),
        };
        let asked = open.requests.change_person(username.clone(), change);
        open.attempt.run(asked, move |()| {
            open.people.fetch();
            translate("Reactivated. They can sign in again.").to_owned()
        });
    };
    view! {
        <button
            type="button"
            class=text(move || {
                let class = if is_off_now.get() { "button" } else { "button button-danger" };
                class.to_owned()
            })
            on:click=on(press)
        >
            {text(move || if is_off_now.get() { translate("Reactivate") } else { translate("Deactivate") }.to_owned())}
        </button>
    }
}
