//! Passkeys: signing in by a fingerprint, a face or a PIN of the device.

use leptos::{html, prelude::*};
use protocol::account::{Account, Passkey};

use super::dated;
use crate::{
    browser,
    components::{
        ask_first::AskFirst,
        fetched::Fetched,
        form::{
            attempt::Attempt,
            field::{Field, clear, typed},
            outcome::{Said, Submit},
        },
        modal::Modal,
        page::{Section, today},
    },
    dynamic::{on, part},
    language::{fill, translate},
    reactive::{Computed, Observable, expect_context},
    requests::{Requests, passkeys},
};

#[component]
pub fn Passkeys(account: Computed<Account>, changed: Fetched<Account>) -> impl IntoView {
    let added = Attempt::new("passkeys", &["name"]);
    // The one that is to be removed.
    let chosen = Observable::new(None::<Passkey>);
    let dialog = Modal::new();
    let held = Computed::new(move |_| account.with(|account| account.passkeys.clone()));
    let remove = move |passkey: Passkey| {
        chosen.set(Some(passkey));
        dialog.show();
    };
    view! {
        <Section
            id="passkeys-title"
            title=translate("Passkeys")
            lead=translate("Sign in by fingerprint, face or PIN of a device instead of a password. Nobody can guess or steal them by a false page.")
        >
            {part(move || {
                if held.with(Vec::is_empty) {
                    return ().into_any();
                }
                let today = today();
                let rows = held.get().into_iter().map(|passkey| row(passkey, today, remove));
                view! { <ul class="rows">{rows.collect_view()}</ul> }.into_any()
            })}
            {match passkeys::hindrance() {
                Some(why) => view! { <p class="quiet">{why}</p> }.into_any(),
                None => view! { <AddPasskey attempt=added changed/> }.into_any(),
            }}
            {part(move || match chosen.get() {
                Some(passkey) => view! { <RemovePasskey passkey dialog changed said=added/> }.into_any(),
                None => ().into_any(),
            })}
        </Section>
    }
}

fn row(passkey: Passkey, today: i64, remove: impl Fn(Passkey) + 'static) -> AnyView {
    let label = fill(translate("Remove {name}"), &[("name", &passkey.name)]);
    let added = ("added", passkey.created_at);
    let times = match passkey.last_used_at {
        Some(at) => dated(
            translate("Added {added}, last used {used}"),
            today,
            &[added, ("used", at)],
        ),
        None => dated(translate("Added {added}, not used yet"), today, &[added]),
    };
    view! {
        <li class="row">
            <div class="row-text">
                <strong dir="auto">{passkey.name.clone()}</strong>
                <span class="quiet">{times}</span>
            </div>
            <button
                type="button"
                class="button"
                aria-label=label
                on:click=on(move |_| remove(passkey.clone()))
            >
                {translate("Remove")}
            </button>
        </li>
    }
    .into_any()
}

#[component]
fn AddPasskey(attempt: Attempt, changed: Fetched<Account>) -> impl IntoView {
    let requests = expect_context::<Requests>();
    let name = NodeRef::<html::Input>::new();
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        attempt.run(
            requests.add_passkey(typed(name)),
            move |passkey: Passkey| {
                clear(name);
                changed.update(|account| account.passkeys.push(passkey));
                translate("Added. You can sign in with it from now on.").to_owned()
            },
        );
    };
    view! {
        <form id="passkeys" class="form" novalidate on:submit=on(submit)>
            <Field
                attempt
                name="name"
                label=translate("Name of a new passkey")
                input=name
                hint=translate("So that you know later which one it is: “my phone”, “the blue key”.")
            />
            <div class="form-actions">
                <Submit attempt label=translate("Add a passkey") busy=translate("Your browser asks…")/>
                <Said attempt/>
            </div>
        </form>
    }
}

#[component]
fn RemovePasskey(
    passkey: Passkey,
    dialog: Modal,
    changed: Fetched<Account>,
    said: Attempt,
) -> impl IntoView {
    let requests = expect_context::<Requests>();
    let attempt = Attempt::new("remove-passkey", &[]);
    let title = fill(translate("Remove “{name}”?"), &[("name", &passkey.name)]);
    let id = passkey.id;
    let yes = Callback::new(move |()| {
        let gone = id.clone();
        attempt.run(requests.remove_passkey(id.clone()), move |()| {
            dialog.close();
            changed.update(|account| account.passkeys.retain(|held| held.id != gone));
            said.say(translate(
                "Removed. It does not open your account any more.",
            ));
            // The button that opened the dialog is gone with its row.
            browser::focus("#passkeys-title");
            String::new()
        });
    });
    view! {
        <AskFirst
            dialog
            id="remove-passkey"
            title
            sentences=vec![
                translate("You cannot sign in with it any more. Your device may go on offering it until you remove it there too.")
                    .to_owned(),
            ]
            verb=translate("Remove")
            busy=translate("Removing…")
            attempt
            yes
        />
    }
}
