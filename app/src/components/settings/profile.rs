//! What others read of one.

use leptos::{html, prelude::*};
use protocol::account::Account;

use crate::{
    components::{
        fetched::Fetched,
        form::{
            attempt::Attempt,
            field::{Field, typed},
            outcome::{Said, Submit},
        },
        page::Section,
    },
    dynamic::on,
    language::translate,
    reactive::{Computed, expect_context},
    requests::Requests,
    state::AppState,
};

#[component]
pub fn Profile(account: Computed<Account>, changed: Fetched<Account>) -> impl IntoView {
    let requests = expect_context::<Requests>();
    let state = expect_context::<AppState>();
    let attempt = Attempt::new("profile", &["displayName"]);
    let name = NodeRef::<html::Input>::new();
    let (username, display_name) = account.with_untracked(|account| {
        let username = account.username.as_str().to_owned();
        (username, account.display_name.clone())
    });
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        attempt.run(requests.rename(typed(name)), move |account| {
            let name = account.display_name.clone();
            state.session.update(|session| session.rename(name));
            changed.set(account);
            translate("Saved. Everybody reads your new name now.").to_owned()
        });
    };
    view! {
        <Section
            id="profile-title"
            title=translate("Profile")
            lead=translate("The name that others read. Your username is how they find you, and stays as it is.")
        >
            <form id="profile" class="form" novalidate on:submit=on(submit)>
                <dl class="facts">
                    <dt>{translate("Username")}</dt>
                    <dd>{username}</dd>
                </dl>
                <Field
                    attempt
                    name="displayName"
                    label=translate("Display name")
                    input=name
                    autocomplete="name"
                    value=display_name
                />
                <div class="form-actions">
                    <Submit attempt label=translate("Save") busy=translate("Saving…")/>
                    <Said attempt/>
                </div>
            </form>
        </Section>
    }
}
