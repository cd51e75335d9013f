//! Whether anybody may make an account. Owners decide, the others read it.

use leptos::{ev::Event, prelude::*};
use protocol::{Role, administration::ServerSettings};
use web_sys::HtmlInputElement;

use crate::{
    browser,
    components::{
        fetched::Fetched,
        form::{attempt::Attempt, outcome::Said},
        page::Section,
    },
    dynamic::{flag, on, text},
    language::{noted, translate},
    reactive::{Computed, expect_context},
    requests::Requests,
    state::AppState,
};

const OPEN: &str = noted("Anybody who has the address of this chat can make an account.");
const CLOSED: &str = noted("Only people with an invitation can make an account.");

#[component]
pub fn Registration() -> impl IntoView {
    let requests = expect_context::<Requests>();
    let state = expect_context::<AppState>();
    let settings = Fetched::new(move || requests.server_settings());
    let is_owner = Computed::new(move |_| {
        state.session.with(|session| {
            let session = session.session();
            session.is_some_and(|session| session.role == Role::Owner)
        })
    });
    view! {
        <Section
            id="registration-title"
            title=translate("Registration")
            lead=translate("Who may make an account. Only owners change it.")
        >
            {settings
                .view(move |held: Computed<ServerSettings>| {
                    let is_open = move || held.with(|held| held.open_registration);
                    match is_owner.get() {
                        true => view! { <Choice held settings/> }.into_any(),
                        false => {
                            let sentence = move || translate(if is_open() { OPEN } else { CLOSED }).to_owned();
                            view! { <p>{text(sentence)}</p> }.into_any()
                        }
                    }
                })}
        </Section>
    }
}

#[component]
fn Choice(held: Computed<ServerSettings>, settings: Fetched<ServerSettings>) -> impl IntoView {
    let requests = expect_context::<Requests>();
    let attempt = Attempt::new("registration", &[]);
    let change = move |event: Event| {
        let wanted = ServerSettings {
            open_registration: event_target_checked(&event),
        };
        // Until the server has said yes, what is shown is what holds.
        let switch = event_target::<HtmlInputElement>(&event);
        browser::set_member(&switch, "checked", &(!wanted.open_registration).into());
        attempt.run(requests.change_server_settings(wanted), move |now| {
            settings.set(now);
            String::new()
        });
    };
    let is_open = move || held.with(|held| held.open_registration);
    view! {
        <div class="choice" id="registration">
            <label class="choice-label">
                <input
                    type="checkbox"
                    role="switch"
                    prop:checked=is_open
                    aria-describedby="registration-now"
                    aria-busy=flag(move || attempt.is_busy())
                    on:change=on(change)
                />
                <span>{translate("Open registration")}</span>
            </label>
            <p id="registration-now" class="quiet" role="status">
                {text(move || translate(if is_open() { OPEN } else { CLOSED }).to_owned())}
            </p>
            <Said attempt/>
        </div>
    }
}
