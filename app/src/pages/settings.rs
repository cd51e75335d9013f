//! What a person can change about themselves, and where they are signed in.

use leptos::prelude::*;
use protocol::{Role, account::Account};

use crate::{
    browser,
    components::{
        fetched::Fetched,
        page::Page,
        settings::{
            appearance::Appearance, deactivate::Deactivate, devices::Devices, passkeys::Passkeys,
            password::Password, privacy::Privacy, profile::Profile, recovery_codes::RecoveryCodes,
            this_browser::ThisBrowser,
        },
    },
    language::translate,
    reactive::{Computed, expect_context},
    requests::Requests,
    state::AppState,
};

#[component]
pub fn SettingsPage() -> impl IntoView {
    let state = expect_context::<AppState>();
    let role = state
        .session
        .with_untracked(|session| session.session().map(|session| session.role));
    let manages = role.is_some_and(|role| role >= Role::Admin) && browser::has_accounts();
    let other = manages.then_some(("/admin", translate("Administration")));
    view! {
        <Page title=translate("Settings") other>
            <Sections/>
        </Page>
    }
}

#[component]
fn Sections() -> impl IntoView {
    let requests = expect_context::<Requests>();
    let fetched = Fetched::new(move || requests.account());
    let devices = Fetched::new(move || requests.devices());
    fetched.view(move |account: Computed<Account>| {
        // Who signs in by name alone has nothing else to sign in with.
        if !browser::has_accounts() {
            return view! {
                <Profile account changed=fetched/>
                <Privacy account changed=fetched/>
                <Appearance/>
                <ThisBrowser/>
                <Devices devices/>
            }
            .into_any();
        }
        view! {
            <Profile account changed=fetched/>
            <Password account changed=fetched devices/>
            <Passkeys account changed=fetched/>
            <RecoveryCodes account changed=fetched/>
            <Privacy account changed=fetched/>
            <Appearance/>
            <ThisBrowser/>
            <Devices devices/>
            <Deactivate/>
        }
        .into_any()
    })
}
