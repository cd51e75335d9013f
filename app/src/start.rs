//! From the first byte to the mounted app: who is signed in is known before anything is shown.

use js_sys::{Promise, Reflect};
use leptos::prelude::*;
use serde::Deserialize;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;

use crate::{
    api::{self, ApiError, SignedIn},
    navigation::Navigation,
    reactive::spawn,
    routes::Pages,
    socket::Service,
    state::AppState,
};

/// What the shell's inline script left in `window.natterSession`.
#[derive(Deserialize)]
struct EarlyAnswer {
    /// 0 when no answer came.
    status: u16,
    token: Option<String>,
    body: String,
}

/// Starts the client: the one call of the wasm entry.
pub fn start() {
    spawn(async {
        let answer = early_session().await;
        let state = AppState::new();
        let service = Service::start(state);
        let actions = service.actions();
        service.begin(answer);
        if let Some(skeleton) = document().get_element_by_id("skeleton") {
            skeleton.remove();
        }
        leptos::mount::mount_to_body(move || {
            provide_context(state);
            provide_context(actions);
            provide_context(Navigation::start());
            view! { <Pages/> }
        });
    });
}

/// The answer to the question that the shell asked while the client was on its way.
async fn early_session() -> Result<SignedIn, ApiError> {
    match read_early_answer().await {
        Some(EarlyAnswer {
            status,
            token,
            body,
        }) => api::read_session(status, token, &body),
        // A shell without the script, or one that could not run it.
        None => api::session().await,
    }
}

async fn read_early_answer() -> Option<EarlyAnswer> {
    let promise = Reflect::get(&window(), &"natterSession".into()).ok()?;
    let answer = JsFuture::from(promise.dyn_into::<Promise>().ok()?)
        .await
        .ok()?;
    compact_json::read(&answer.as_string()?).ok()
}
