//! The form for signing in, as the server sends it: one can type while the client is on its way, which
//! takes it over as it is (`pages/login.rs`).

use leptos::prelude::*;

use crate::{components::password_field::PasswordField, language::translate};

#[component]
pub fn LoginForm(has_accounts: bool) -> impl IntoView {
    let (lead, password) = if has_accounts {
        let field = view! {
            <PasswordField
                id="password"
                label=translate("Password")
                autocomplete="current-password"
                described_by="login-error".to_owned()
                notes=().into_any()
            />
        };
        (
            translate("Messages between people. Sign in to go on."),
            field.into_any(),
        )
    } else {
        (
            translate("Messages between people. Sign in with your username."),
            ().into_any(),
        )
    };
    view! {
        <main class="login">
            <div class="login-card">
                <h1 class="login-title">"Natter"</h1>
                <p class="login-lead">{lead}</p>
                <p class="login-reason" role="status"></p>
                <form class="login-form" novalidate>
                    <div class="field">
                        <label class="field-label" for="username">
                            {translate("Username")}
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
                    {password}
                    <p id="login-error" class="field-error" role="alert"></p>
                    <button id="login-submit" class="button button-primary">
                        {translate("Sign in")}
                    </button>
                </form>
                {has_accounts.then(other_ways)}
            </div>
        </main>
    }
}

/// What there is where people have accounts: a passkey, a way back in, and a way in.
fn other_ways() -> impl IntoView {
    // What does not apply is hidden by the style sheet, which knows the root element too.
    view! {
        <button type="button" class="button login-passkey">
            {translate("Sign in with a passkey")}
        </button>
        <p class="login-links">
            <a href="/recover">{translate("Lost your password?")}</a>
            <a class="login-create" href="/join">
                {translate("Create an account")}
            </a>
        </p>
    }
}
