//! How the app looks and which language it speaks, in this browser.

use leptos::{ev::Event, prelude::*};
use wasm_bindgen::JsValue;

use crate::{
    browser,
    components::page::Section,
    dynamic::on,
    language::{self, LANGUAGES, translate},
    reactive::spawn,
    theme::{Density, Theme},
};

/// For the language that the browser is set to.
const AUTOMATIC: &str = "";

#[component]
pub fn Appearance() -> impl IntoView {
    let theme = |value: &str| {
        let theme = match value {
            "light" => Theme::Light,
            "dark" => Theme::Dark,
            _ => Theme::System,
        };
        theme.keep();
        theme.apply();
    };
    let density = |value: &str| {
        let density = if value == "compact" {
            Density::Compact
        } else {
            Density::Roomy
        };
        density.keep();
        density.apply();
    };
    let languages = std::iter::once((AUTOMATIC, translate("Like the browser"))).chain(LANGUAGES);
    view! {
        <Section
            id="appearance-title"
            title=translate("Appearance")
            lead=translate("How Natter looks and which language it speaks, in this browser.")
        >
            <div class="form">
                {choice(
                    "theme",
                    translate("Theme"),
                    vec![
                        ("system", translate("Like the system")),
                        ("light", translate("Light")),
                        ("dark", translate("Dark")),
                    ],
                    Theme::chosen().attribute().unwrap_or("system"),
                    theme,
                )}
                {choice(
                    "density",
                    translate("Density"),
                    vec![("roomy", translate("Roomy")), ("compact", translate("Compact"))],
                    Density::chosen().attribute().unwrap_or("roomy"),
                    density,
                )}
                {choice(
                    "language",
                    translate("Language"),
                    languages.collect(),
                    &language::chosen().unwrap_or_default(),
                    |tag| speak(tag.to_owned()),
                )}
            </div>
        </Section>
    }
}

/// A choice of one out of a few.
fn choice(
    id: &'static str,
    label: &'static str,
    options: Vec<(&'static str, &'static str)>,
    chosen: &str,
    choose: impl Fn(&str) + Send + Sync + 'static,
) -> AnyView {
    let options = options.into_iter().map(|(value, name)| {
        let selected = value == chosen;
        // A language is written in itself.
        let lang = LANGUAGES
            .iter()
            .any(|(tag, _)| *tag == value)
            .then_some(value);
        view! { <option value=value selected=selected lang=lang>{name}</option> }
    });
    view! {
        <div class="field">
            <label class="field-label" for=id>
                {label}
            </label>
            <div class="field-line">
                <select
                    id=id
                    class="field-input"
                    on:change=on(move |event: Event| choose(&event_target_value(&event)))
                >
                    {options.collect_view()}
                </select>
            </div>
        </div>
    }
    .into_any()
}

/// Keeps the choice, and loads the page anew in that language: what is typed and what waits to be sent
/// is there again afterwards.
fn speak(tag: String) {
    language::choose(&tag);
    spawn(async move {
        renew_kept_pages().await;
        let _ = window().location().reload();
    });
}

/// The page that is kept for when there is no server is to speak the same language.
async fn renew_kept_pages() {
    let caches = browser::member(&window(), "caches");
    if !caches.is_object() {
        return;
    }
    let Ok(names) = browser::call(&caches, "keys", &JsValue::UNDEFINED).await else {
        return;
    };
    for name in js_sys::Array::from(&names).iter() {
        if let Ok(cache) = browser::call(&caches, "open", &name).await {
            // Without a line it stays as it is until the next version.
            let _ = browser::call(&cache, "add", &"/".into()).await;
        }
    }
}
