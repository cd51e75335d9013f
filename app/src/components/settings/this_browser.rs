//! What one can choose for one browser: notifications, and a key.

use leptos::{ev::Event, prelude::*};
use wasm_bindgen::JsValue;
use web_sys::HtmlInputElement;

use crate::{
    background::{keys, notify},
    browser::{self, call, member},
    components::page::Section,
    dynamic::{flag, on, text},
    language::{noted, translate},
    persistence,
    reactive::{Observable, spawn},
};

const IMPOSSIBLE: &str = noted(
    "This browser shows no notifications here: that takes HTTPS, or an app that was installed.",
);
const REFUSED: &str = noted(
    "This browser does not let Natter notify you. Allow notifications in its settings for this site.",
);

#[component]
pub fn ThisBrowser() -> impl IntoView {
    let chosen = Observable::new(persistence::choice(notify::CHOICE));
    let complaint = Observable::new("");
    let keep = move |choice: Option<&'static str>| {
        persistence::keep_choice(notify::CHOICE, choice);
        chosen.set(choice.map(ToOwned::to_owned));
    };
    let notify = move |event: Event| {
        complaint.set("");
        if !event_target_checked(&event) {
            keep(None);
            return;
        }
        let switch = event_target::<HtmlInputElement>(&event);
        spawn(async move {
            match ask().await {
                Ok(()) => keep(Some(notify::QUIETLY)),
                Err(sentence) => {
                    complaint.set(sentence);
                    browser::set_member(&switch, "checked", &JsValue::FALSE);
                }
            }
        });
    };
    let sound = move |event: Event| {
        keep(Some(if event_target_checked(&event) {
            notify::ALOUD
        } else {
            notify::QUIETLY
        }));
    };
    let is_on = move || chosen.with(Option::is_some);
    let is_aloud = move || chosen.with(|it| it.as_deref() == Some(notify::ALOUD));
    let holds = |of: &str| persistence::choice(of).is_none();
    let change = |of: &'static str| {
        move |event: Event| {
            let choice = (!event_target_checked(&event)).then_some("off");
            persistence::keep_choice(of, choice);
        }
    };
    let (has_key, change_key) = (holds(keys::CHOICE), change(keys::CHOICE));
    view! {
        <Section
            id="this-browser-title"
            title=translate("This browser")
            lead=translate("What you choose here holds in this browser only. Single conversations are muted in their details.")
        >
            <div class="choices">
                <label class="choice-label">
                    <input type="checkbox" role="switch" prop:checked=is_on on:change=on(notify)/>
                    <span>{translate("Notify me of new messages")}</span>
                </label>
                <p class="field-error" role="alert">
                    {text(move || complaint.get().to_owned())}
                </p>
                <label class="choice-label" data-off=flag(move || !is_on())>
                    <input
                        type="checkbox"
                        role="switch"
                        prop:checked=is_aloud
                        disabled=move || !is_on()
                        on:change=on(sound)
                    />
                    <span>{translate("With a sound")}</span>
                </label>
                <label class="choice-label">
                    <input type="checkbox" role="switch" prop:checked=has_key on:change=on(change_key)/>
                    <span>{translate("The key ? lists the keyboard shortcuts")}</span>
                </label>
            </div>
        </Section>
    }
}

/// Asks the browser whether it lets the page notify; it asks the person.
async fn ask() -> Result<(), &'static str> {
    let notification = member(&window(), "Notification");
    if !notification.is_function() || !browser::workers().is_object() {
        return Err(translate(IMPOSSIBLE));
    }
    let answer = call(&notification, "requestPermission", &JsValue::UNDEFINED).await;
    match answer.ok().and_then(|answer| answer.as_string()).as_deref() {
        Some("granted") => Ok(()),
        _ => Err(translate(REFUSED)),
    }
}
