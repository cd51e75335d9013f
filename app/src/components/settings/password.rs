//! Another password, which ends the other sessions.

use leptos::{html, prelude::*};
use protocol::account::{Account, Device};

use crate::{
    components::{
        fetched::Fetched,
        form::{
            attempt::Attempt,
            field::{Field, clear, typed},
            outcome::{Said, Submit},
        },
        page::Section,
    },
    dynamic::{on, when},
    language::translate,
    reactive::{Computed, expect_context},
    requests::{Refusal, Requests},
};

#[component]
pub fn Password(
    account: Computed<Account>,
    changed: Fetched<Account>,
    devices: Fetched<Vec<Device>>,
) -> impl IntoView {
    let requests = expect_context::<Requests>();
    let attempt = Attempt::new("password", &["current", "new"]);
    let (current, new) = (NodeRef::<html::Input>::new(), NodeRef::<html::Input>::new());
    let has_one = move || account.with(|account| account.has_password);
    let username = account.with_untracked(|account| account.username.as_str().to_owned());
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let has_one = account.with_untracked(|account| account.has_password);
        let (before, after) = (has_one.then(|| typed(current)), typed(new));
        if before.as_ref().is_some_and(String::is_empty) {
            let why = translate("Type the password you have now.");
            return attempt.refuse(Refusal::on("current", why));
        }
        if after.is_empty() {
            return attempt.refuse(Refusal::on("new", translate("Type a new password.")));
        }
        attempt.run(requests.change_password(before, after), move |()| {
            clear(current);
            clear(new);
            changed.fetch();
            devices.fetch();
            translate("Your password is changed, and you are signed out everywhere else.")
                .to_owned()
        });
    };
    view! {
        <Section
            id="password-title"
            title=translate("Password")
            lead=translate("A new password signs you out everywhere else. This browser stays signed in.")
        >
            <form id="password" class="form" novalidate on:submit=on(submit)>
                // For the browser, which keeps a password with the name that it belongs to.
                <input type="text" name="username" autocomplete="username" value=username hidden/>
                {when(
                    has_one,
                    move || view! {
                        <Field
                            attempt
                            name="current"
                            label=translate("Current password")
                            input=current
                            kind="password"
                            autocomplete="current-password"
                        />
                    }
                    .into_any(),
                )}
                <Field
                    attempt
                    name="new"
                    label=translate("New password")
                    input=new
                    kind="password"
                    autocomplete="new-password"
                    hint=translate("At least 8 characters. Several words are easy to remember and hard to guess.")
                />
                <div class="form-actions">
                    <Submit attempt label=translate("Change password") busy=translate("Changing…")/>
                    <Said attempt/>
                </div>
            </form>
        </Section>
    }
}
