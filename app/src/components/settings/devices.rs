//! Where one is signed in, and an end to that.

use leptos::prelude::*;
use protocol::account::Device;

use crate::{
    browser,
    components::{
        ask_first::AskFirst,
        fetched::Fetched,
        form::{attempt::Attempt, outcome::Said},
        modal::Modal,
        moment::lately,
        page::{Section, today},
    },
    dynamic::{on, part, when},
    reactive::{Computed, Stored},
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
            title="Devices"
            lead="Where you are signed in. If you do not know one of them, sign it out and change your password."
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
            "Signed out there.".to_owned()
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
                        "Sign out everywhere else"
                    </button>
                }
                .into_any(),
            )}
            <Said attempt/>
        </div>
    }
}

fn row(device: Device, today: i64, sign_out: impl Fn(Device) + 'static) -> AnyView {
    let label = match device.current {
        true => "Sign out of this device".to_owned(),
        false => ["Sign out ", &device.browser].concat(),
    };
    let badge = device
        .current
        .then(|| view! { <span class="badge">"This device"</span> });
    let address = device.address.clone();
    view! {
        <li class="row">
            <div class="row-text">
                <span class="row-title">
                    <strong>{device.browser.clone()}</strong>
                    {badge}
                </span>
                <span class="quiet">
                    {address.map(|address| [&address, " · "].concat())}
                    "signed in "
                    {lately(device.created_at, today)}
                    ", seen "
                    {lately(device.last_seen_at, today)}
                </span>
            </div>
            <button
                type="button"
                class="button"
                aria-label=label
                on:click=on(move |_| sign_out(device.clone()))
            >
                "Sign out"
            </button>
        </li>
    }
    .into_any()
}

#[component]
fn EndOthers(dialog: Modal, devices: Fetched<Vec<Device>>, said: Attempt) -> impl IntoView {
    let requests = expect_context::<Requests>();
    let attempt = Attempt::new("end-others", &[]);
    let yes = Callback::new(move |()| {
        attempt.run(requests.sign_out_elsewhere(), move |()| {
            dialog.close();
            devices.fetch();
            said.say("You are signed in here and nowhere else.");
            browser::focus("#devices-title");
            String::new()
        });
    });
    view! {
        <AskFirst
            dialog
            id="end-others"
            title="Sign out everywhere else?"
            sentences=vec![
                "Every other browser and device is signed out at once. What was typed there and not sent stays there."
                    .to_owned(),
            ]
            verb="Sign out"
            busy="Signing out…"
            attempt
            yes
        />
    }
}
