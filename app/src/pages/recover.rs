//! Coming back in with a recovery code, which is used up, and a new password.

use leptos::{ev::SubmitEvent, prelude::*};
use protocol::{Secret, account::RecoveryRequest};

use super::entry::Entry;
use crate::{
    api, browser,
    components::{
        field::{Field, FormError},
        new_password::{NewPassword, complaint},
    },
    dynamic::{flag, on, text},
    language::translate,
    reactive::effect,
};

const FIELDS: &[&str] = &["username", "code", "newPassword"];

#[component]
pub fn RecoverPage() -> impl IntoView {
    let entry = Entry::new(None);
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        recover(entry);
    };
    effect(|| browser::focus_soon("#username"));

    view! {
        <main class="login">
            <div class="login-card">
                <h1 class="login-title">{translate("Lost your password?")}</h1>
                <p class="login-lead">
                    {translate("Set a new one with one of your recovery codes. If you have none, ask whoever runs this chat for a link.")}
                </p>
                <form class="login-form" novalidate on:submit=on(submit)>
                    <Field id="username" label=translate("Username") autocomplete="username" refusal=entry.refusal/>
                    <Field
                        id="code"
                        label=translate("Recovery code")
                        autocomplete="off"
                        hint=translate("Each works once.")
                        refusal=entry.refusal
                    />
                    <NewPassword id="newPassword" label=translate("New password") refusal=entry.refusal/>
                    <FormError fields=FIELDS refusal=entry.refusal/>
                    <button
                        type="submit"
                        class="button button-primary"
                        aria-busy=flag(move || entry.busy.get())
                    >
                        {text(move || (if entry.busy.get() { translate("Setting…") } else { translate("Set password and sign in") }).to_owned())}
                    </button>
                </form>
                <p class="login-links">
                    <a href="/login">{translate("Back to signing in")}</a>
                </p>
            </div>
        </main>
    }
}

fn recover(entry: Entry) {
    let username = browser::typed("username");
    let code = browser::typed("code");
    let password = browser::typed("newPassword");
    if username.trim().is_empty() {
        return entry.refuse("username", translate("Type your username."));
    }
    if code.trim().is_empty() {
        return entry.refuse("code", translate("Type one of your recovery codes."));
    }
    if let Some(complaint) = complaint(&password) {
        return entry.refuse("newPassword", complaint);
    }
    let request = RecoveryRequest {
        username,
        code: Secret::new(code),
        new_password: Secret::new(password),
    };
    entry.start("/web/login/recovery", api::json(&request));
}
