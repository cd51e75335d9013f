//! The service worker, which opens the app without a server and fetches other versions of it.

use leptos::prelude::*;
use wasm_bindgen::{JsValue, closure::Closure};

use crate::{
    browser::{call, invoke, member, set_member, workers},
    dynamic::{on, when},
    reactive::{Observable, Stored, effect, spawn},
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
    spawn(async move {
        // There is none where a page is not served securely, and nothing to register in development.
        if let Ok(found) = call(&workers(), "register", &WORKER.into()).await {
            follow(&found, is_ready);
            registration.try_set_value(found);
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
                        <span>"A new version is ready."</span>
                        <button type="button" on:click=on(reload)>
                            "Reload"
                        </button>
                    }
                        .into_any()
                },
            )}
        </div>
    }
}

/// Says so once a worker waits in whose place another one works.
fn follow(registration: &JsValue, is_ready: Observable<bool>) {
    let registration = registration.clone();
    let look = {
        let registration = registration.clone();
        move |_: JsValue| {
            let waits = member(&registration, "waiting").is_object();
            if waits && member(&workers(), "controller").is_object() {
                is_ready.set(true);
            }
        }
    };
    look(JsValue::UNDEFINED);
    let found = {
        let registration = registration.clone();
        Closure::<dyn Fn(JsValue)>::new(move |_| {
            let look = Closure::<dyn Fn(JsValue)>::new(look.clone());
            let installing = member(&registration, "installing");
            set_member(&installing, "onstatechange", look.as_ref());
            look.forget();
        })
    };
    set_member(&registration, "onupdatefound", found.as_ref());
    // As long as the page.
    found.forget();
}

/// Lets the other version take over, and loads the page anew once it has. What is typed is kept.
fn take(registration: &JsValue) {
    let reload = Closure::<dyn Fn(JsValue)>::new(|_| {
        let _ = window().location().reload();
    });
    set_member(&workers(), "oncontrollerchange", reload.as_ref());
    reload.forget();
    let waiting = member(registration, "waiting");
    let _ = invoke(&waiting, "postMessage", &TAKE_OVER.into());
}
