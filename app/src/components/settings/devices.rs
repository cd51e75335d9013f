//! Where one is signed in, and an end to that.

use leptos::prelude::*;
use protocol::account::Device;

use super::dated;
use crate::{
    browser,
    components::{
        ask_first::AskFirst,
        fetched::Fetched,
        form::{attempt::Attempt, outcome::Said},
        modal::Modal,
        page::{Section, today},
    },
    dynamic::{on, part, when},
    language::{fill, translate, translate_answer},
    reactive::{Computed, Stored, expect_context},
    requests::Requests,
    state::actions::{Actions, Command},
};

#[component]
pub fn Devices(devices: Fetched<Vec<Device>>) -> impl IntoView {
    let attempt = Attempt::new("devices", &[]);
    let dialog = Modal::new();
    view! {
        <Section
            id="devices-title"
            title=translate("Devices")
            lead=translate("Where you are signed in. If you do not know one of them, sign it out and change your password.")
        >
            {devices
                .view(move |list| view! { <List list devices attempt dialog/> }.into_any())}
            <EndOthers dialog devices said=attempt/>
        </Section>
    }
}

#[component]
fn List(
    list: Computed<Vec<Device>>,
    devices: Fetched<Vec<Device>>,
    attempt: Attempt,
    dialog: Modal,
) -> impl IntoView {
    let requests = expect_context::<Requests>();
    let actions = Stored::new(expect_context::<Actions>());
    let sign_out = move |device: Device| {
        let is_this = device.current;
        attempt.run(requests.sign_out(device), move |()| {
            if is_this {
                if !actions.is_gone() {
                    actions.get_value().run(Command::CheckSession);
                }
                return String::new();
            }
            devices.fetch();
            browser::focus("#devices-title");
            translate("Signed out there.").to_owned()
        });
    };
    view! {
        {part(move || {
            let today = today();
            let rows = list.get().into_iter().map(|device| row(device, today, sign_out));
            view! { <ul class="rows">{rows.collect_view()}</ul> }.into_any()
        })}
        <div class="form-actions">
            {when(
                move || list.with(|list| list.len() > 1),
                move || view! {
                    <button type="button" class="button" on:click=on(move |_| dialog.show())>
                        {translate("Sign out everywhere else")}
                    </button>
                }
                .into_any(),
            )}
            <Said attempt/>
        </div>
    }
}

fn row(device: Device, today: i64, sign_out: impl Fn(Device) + 'static) -> AnyView {
    let browser = named(&device.browser);
    let label = match device.current {
        true => translate("Sign out of this device").to_owned(),
        false => fill(translate("Sign out {browser}"), &[("browser", &browser)]),
    };
    let badge = device
        .current
        .then(|| view! { <span class="badge">{translate("This device")}</span> });
    let address = device.address.clone();
    let times = dated(
        translate("signed in {since}, seen {seen}"),
        today,
        &[("since", device.created_at), ("seen", device.last_seen_at)],
    );
    view! {
        <li class="row">
            <div class="row-text">
                <span class="row-title">
                    <strong>{browser}</strong>
                    {badge}
                </span>
                <span class="quiet">
                    {address.map(|address| [&address, " · "].concat())}
                    {times}
                </span>
            </div>
            <button
                type="button"
                class="button"
                aria-label=label
                on:click=on(move |_| sign_out(device.clone()))
            >
                {translate("Sign out")}
            </button>
        </li>
    }
    .into_any()
}

/// A browser and its system, which the server says in words such as "Firefox on Linux".
fn named(browser: &str) -> String {
    let (program, system) = match browser.split_once(" on ") {
        Some((program, system)) => (program, Some(system)),
        None => (browser, None),
    };
    // "A program", where it is no browser that the server knows.
    let program = translate_answer(program.to_owned());
    match system {
        Some(system) => fill(
            translate("{browser} on {system}"),
            &[("browser", &program), ("system", system)],
        ),
        None => program,
    }
}

#[component]
fn EndOthers(dialog: Modal, devices: Fetched<Vec<Device>>, said: Attempt) -> impl IntoView {
    let requests = expect_context::<Requests>();
    let attempt = Attempt::new("end-others", &[]);
    let yes = Callback::new(move |()| {
        attempt.run(requests.sign_out_elsewhere(), move |()| {
            dialog.close();
            devices.fetch();
            said.say(translate("You are signed in here and nowhere else."));
            browser::focus("#devices-title");
            String::new()
        });
    });
    view! {
        <AskFirst
            dialog
            id="end-others"
            title=translate("Sign out everywhere else?")
            sentences=vec![
                translate("Every other browser and device is signed out at once. What was typed there and not sent stays there.")
                    .to_owned(),
            ]
            verb=translate("Sign out")
            busy=translate("Signing out…")
            attempt
            yes
        />
    }
}
