//! Signing in: by username and password or with a passkey, or by name alone.

use leptos::{ev::SubmitEvent, prelude::*};
use protocol::{LoginRequest, Secret};

use super::entry::Entry;
use crate::{
    api, browser,
    components::password_field::PasswordField,
    dynamic::{flag, on, part, text},
    later::{LaterDialog, LaterPart},
    reactive::{Observable, effect},
    state::{AppState, session::SignedOut},
};

#[component]
pub fn LoginPage() -> impl IntoView {
    let state = expect_context::<AppState>();
    let entry = Entry::new(None);
    let has_accounts = browser::has_accounts();
    let reason = move || {
        let why = state.session.with(|session| session.signed_out());
        why.and_then(SignedOut::sentence)
    };
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        sign_in(entry, has_accounts);
    };
    effect(|| browser::focus_soon("#username"));

    view! {
        <main class="login">
            <div class="login-card">
                <h1 class="login-title">"Natter"</h1>
                <p class="login-lead">
                    {if has_accounts {
                        "Messages between people. Sign in to go on."
                    } else {
                        "Messages between people. Sign in with your username."
                    }}
                </p>
                <p class="login-reason" role="status">
                    // An element and not a bare text, which would leave an empty one behind.
                    {part(move || match reason() {
                        Some(reason) => view! { <span>{reason}</span> }.into_any(),
                        None => ().into_any(),
                    })}
                </p>
                <form class="login-form" novalidate on:submit=on(submit)>
                    <div class="field">
                        <label class="field-label" for="username">
                            "Username"
                        </label>
                        <input
                            id="username"
                            class="field-input"
                            name="username"
                            autocomplete="username webauthn"
                            autocapitalize="none"
                            spellcheck="false"
                            enterkeyhint="go"
                            maxlength="100"
                            aria-describedby="login-error"
                        />
                    </div>
                    {if has_accounts {
                        view! {
                            <PasswordField
                                id="password"
                                label="Password"
                                autocomplete="current-password"
                                described_by="login-error".to_owned()
                                notes=().into_any()
                            />
                        }
                            .into_any()
                    } else {
                        ().into_any()
                    }}
                    <p id="login-error" class="field-error" role="alert">
                        {text(move || entry.refusal.with(|it| it.as_ref().map(|it| it.sentence.clone()).unwrap_or_default()))}
                    </p>
                    <button
                        type="submit"
                        class="button button-primary"
                        aria-busy=flag(move || entry.busy.get())
                    >
                        {text(move || (if entry.busy.get() { "Signing in…" } else { "Sign in" }).to_owned())}
                    </button>
                </form>
                {if has_accounts { other_ways(entry) } else { ().into_any() }}
            </div>
        </main>
    }
}

fn sign_in(entry: Entry, has_accounts: bool) {
    let username = browser::typed("username");
    if username.trim().is_empty() {
        return entry.refuse("username", "Type your username.");
    }
    let password = has_accounts.then(|| Secret::new(browser::typed("password")));
    if password.as_ref().is_some_and(|it| it.reveal().is_empty()) {
        return entry.refuse("password", "Type your password.");
    }
    entry.start(
        "/web/login",
        api::json(&LoginRequest { username, password }),
    );
}

/// What there is where people have accounts: a passkey, a way back in, and a way in.
fn other_ways(entry: Entry) -> AnyView {
    let tries = Observable::new(0_u32);
    provide_context(entry);
    // What does not apply is hidden by the style sheet, which knows the root element too.
    view! {
        <button
            type="button"
            class="button login-passkey"
            on:click=on(move |_| tries.update(|tries| *tries += 1))
        >
            "Sign in with a passkey"
        </button>
        {part(move || match tries.get() {
            0 => ().into_any(),
            _ => view! { <LaterDialog dialog=LaterPart::Passkey on_close=Callback::new(|()| {})/> }.into_any(),
        })}
        <p class="login-links">
            <a href="/recover">"Lost your password?"</a>
            <a class="login-create" href="/join">
                "Create an account"
            </a>
        </p>
    }
    .into_any()
}
