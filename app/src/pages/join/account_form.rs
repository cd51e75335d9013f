//! The form that makes an account.

use leptos::{ev::SubmitEvent, prelude::*};
use protocol::{
    Secret, Username,
    join::{JoinRequest, LinkPurpose},
};

use crate::{
    api, browser,
    components::{
        field::{Field, FormError},
        new_password::{NewPassword, complaint},
    },
    dynamic::{flag, on, text},
    language::{translate, translate_answer},
    pages::entry::Entry,
    reactive::effect,
};

const FIELDS: &[&str] = &["username", "displayName", "password"];

#[component]
pub fn AccountForm(
    /// What the link is good for; none where anybody may make an account.
    purpose: Option<LinkPurpose>,
    token: Option<Secret>,
) -> impl IntoView {
    let entry = Entry::new(Some("/"));
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        join(entry, token.clone());
    };
    effect(|| browser::focus_soon("#username"));

    view! {
        <h1 class="login-title">{translate("Make your account")}</h1>
        <p class="login-lead">{lead(purpose)}</p>
        <form class="login-form" novalidate on:submit=on(submit)>
            <Field
                id="username"
                label=translate("Username")
                autocomplete="username"
                hint=translate("You sign in with it. Letters, digits, dots, dashes and underscores.")
                refusal=entry.refusal
            />
            <Field
                id="displayName"
                label=translate("Name")
                autocomplete="name"
                hint=translate("What the others read. Left empty, it is your username.")
                is_prose=true
                refusal=entry.refusal
            />
            <NewPassword id="password" label=translate("Password") refusal=entry.refusal/>
            <FormError fields=FIELDS refusal=entry.refusal/>
            <button
                type="submit"
                class="button button-primary"
                aria-busy=flag(move || entry.busy.get())
            >
                {text(move || (if entry.busy.get() { translate("Creating…") } else { translate("Create account") }).to_owned())}
            </button>
        </form>
        <p class="login-links">
            <a href="/login">{translate("Sign in to an account that you have")}</a>
        </p>
    }
}

fn lead(purpose: Option<LinkPurpose>) -> &'static str {
    match purpose {
        Some(LinkPurpose::Owner) => translate(
            "Nobody is here yet. The account that you make now owns this chat and lets the others in.",
        ),
        Some(_) => {
            translate("You are invited. Choose how you sign in, and what the others call you.")
        }
        None => translate("Choose how you sign in, and what the others call you."),
    }
}

fn join(entry: Entry, token: Option<Secret>) {
    let username = browser::typed("username");
    if let Err(error) = Username::parse(&username) {
        return entry.refuse("username", &translate_answer(error.message));
    }
    let password = browser::typed("password");
    if let Some(complaint) = complaint(&password) {
        return entry.refuse("password", complaint);
    }
    let display_name = browser::typed("displayName");
    let request = JoinRequest {
        token,
        username,
        display_name: Some(display_name).filter(|name| !name.trim().is_empty()),
        password: Secret::new(password),
    };
    entry.start("/web/join", api::json(&request));
}
