//! The form that sets a new password by a link.

use leptos::{ev::SubmitEvent, prelude::*};
use protocol::{Secret, Username, join::ResetRequest};

use crate::{
    api, browser,
    components::{
        field::FormError,
        new_password::{NewPassword, complaint},
        woven::woven,
    },
    dynamic::{flag, on, text},
    language::translate,
    pages::entry::Entry,
    reactive::effect,
};

#[component]
pub fn PasswordForm(
    /// Whose password it is.
    username: Option<Username>,
    token: Option<Secret>,
    /// Who is signed in here at the moment.
    viewer: Option<String>,
) -> impl IntoView {
    let entry = Entry::new(Some("/"));
    let username = username.map(|it| it.to_string()).unwrap_or_default();
    let owner = view! { <strong>{username.clone()}</strong> }.into_any();
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let password = browser::typed("password");
        if let Some(complaint) = complaint(&password) {
            return entry.refuse("password", complaint);
        }
        if let Some(token) = token.clone() {
            let password = Secret::new(password);
            entry.start("/web/reset", api::json(&ResetRequest { token, password }));
        }
    };
    effect(|| browser::focus_soon("#password"));

    view! {
        <h1 class="login-title">{translate("Set a new password")}</h1>
        <p class="login-lead">
            {woven(
                translate("For the account {name}, which is signed out everywhere else then."),
                vec![("name", owner)],
            )}
        </p>
        {viewer.map(|viewer| view! {
            <p role="status">
                {woven(
                    translate("You are signed in as {name}. Afterwards you are signed in with this account."),
                    vec![("name", view! { <bdi>{viewer}</bdi> }.into_any())],
                )}
            </p>
        })}
        <form class="login-form" novalidate on:submit=on(submit)>
            // For whatever keeps passwords: it has to know whose this one is.
            <input hidden name="username" autocomplete="username" value=username/>
            <NewPassword id="password" label=translate("New password") refusal=entry.refusal/>
            <FormError fields=&["password"] refusal=entry.refusal/>
            <button
                type="submit"
                class="button button-primary"
                aria-busy=flag(move || entry.busy.get())
            >
                {text(move || (if entry.busy.get() { translate("Setting…") } else { translate("Set password") }).to_owned())}
            </button>
        </form>
    }
}
