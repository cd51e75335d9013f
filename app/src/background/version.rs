//! The service worker, which opens the app without a server and fetches other versions of it.

use leptos::prelude::*;
use wasm_bindgen::{JsValue, closure::Closure};

use crate::{
    api,
    browser::{call, invoke, member, set_member, workers},
    dynamic::{on, when},
    language::translate,
    reactive::{Observable, Stored, effect, expect_context, spawn},
    state::{AppState, connection::Connection},
};

const WORKER: &str = "/service-worker.js";
/// What `shell/worker.js` does when it is told so.
const TAKE_OVER: &str = "take over";

/// Registers the service worker. When it has another version ready, that is said, and whoever wants
/// it takes it; until then nothing changes under their hands.
#[component]
pub fn NewVersion() -> impl IntoView {
    let state = expect_context::<AppState>();
    let is_ready = Observable::new(false);
    let registration = StoredValue::new_local(JsValue::UNDEFINED);
    let owner = Owner::current().unwrap_or_default();
    spawn(async move {
        // There is none where a page is not served securely, and nothing to register in development.
        let registered = call(&workers(), "register", &WORKER.into()).await;
        if let Ok(found) = registered
            && registration.try_set_value(found.clone()).is_none()
        {
            owner.with(|| follow(&found, is_ready));
        }
    });
    // A server that was restarted may have another version. The browser asks once for each page.
    let connections = Stored::new(0_u32);
    effect(move || {
        if state.connection.with(|it| *it != Connection::Connected) {
            return;
        }
        connections.update_value(|count| *count += 1);
        if connections.get_value() > 1 {
            let registration = registration.get_value();
            spawn(async move {
                // Without an answer it is asked again with the next connection.
                let _ = call(&registration, "update", &JsValue::UNDEFINED).await;
            });
        }
    });
    let reload = move |_| take(&registration.get_value());
    view! {
        <div class="new-version" role="status">
            {when(
                move || is_ready.get(),
                move || {
                    view! {
                        <span>{translate("A new version is ready.")}</span>
                        <button type="button" on:click=on(reload)>
                            {translate("Reload")}
                        </button>
                    }
                        .into_any()
                },
            )}
        </div>
    }
}

/// Says so once a worker waits in whose place another one works, if it has another version than this
/// page.
fn follow(registration: &JsValue, is_ready: Observable<bool>) {
    let look = {
        let registration = registration.clone();
        move || {
            let waiting = member(&registration, "waiting");
            if waiting.is_object() && member(&workers(), "controller").is_object() {
                spawn(async move {
                    if is_of_this_version().await {
                        // The page came from the server, which has it already.
                        take_over(&waiting);
                    } else {
                        is_ready.set(true);
                    }
                });
            }
        }
    };
    let watch = {
        let registration = registration.clone();
        let changed = {
            let look = look.clone();
            Closure::<dyn Fn(JsValue)>::new(move |_| look())
        };
        move || {
            let installing = member(&registration, "installing");
            if installing.is_object() {
                set_member(&installing, "onstatechange", changed.as_ref());
            }
        }
    };
    look();
    watch();
    let found = Closure::<dyn Fn(JsValue)>::new(move |_| watch());
    set_member(registration, "onupdatefound", found.as_ref());
    let registration = registration.clone();
    let held = StoredValue::new_local(found);
    on_cleanup(move || {
        set_member(&registration, "onupdatefound", &JsValue::NULL);
        held.dispose();
    });
}

/// Whether the worker that the server has is for the files that this page has loaded.
async fn is_of_this_version() -> bool {
    let style = document()
        .query_selector("link[rel=stylesheet]")
        .ok()
        .flatten();
    let style = style.and_then(|link| link.get_attribute("href"));
    let worker = api::text(api::Method::Get, WORKER, None).await;
    matches!((style, worker), (Some(style), Ok(worker)) if worker.contains(&style))
}

fn take_over(worker: &JsValue) {
    let _ = invoke(worker, "postMessage", &TAKE_OVER.into());
}

/// Lets the other version take over, and loads the page anew once it has. What is typed is kept.
fn take(registration: &JsValue) {
    let waiting = member(registration, "waiting");
    if !waiting.is_object() {
        // Another tab has taken it.
        let _ = window().location().reload();
        return;
    }
    let reload = Closure::<dyn Fn(JsValue)>::new(|_| {
        let _ = window().location().reload();
    });
    set_member(&workers(), "oncontrollerchange", reload.as_ref());
    // As long as the page, which ends by it.
    reload.forget();
    take_over(&waiting);
}
