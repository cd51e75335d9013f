//! From the first byte to the mounted app: who is signed in is known before anything is shown.

use leptos::prelude::*;

use crate::{
    api, language, navigation::Navigation, reactive::spawn, routes::Pages, socket::Service,
    state::AppState,
};

/// Starts the client: the one call of the wasm entry.
pub fn start() {
    language::start();
    #[cfg(debug_assertions)]
    if crate::gallery::is_asked_for() {
        crate::gallery::start();
        return;
    }
    spawn(async {
        let answer = api::session().await;
        let state = AppState::new();
        let service = Service::start(state);
        let (actions, line) = (service.actions(), service.line());
        service.begin(answer);
        if let Some(skeleton) = document().get_element_by_id("skeleton") {
            skeleton.remove();
        }
        leptos::mount::mount_to_body(move || {
            provide_context(state);
            provide_context(actions);
            provide_context(line);
            provide_context(Navigation::start());
            view! { <Pages/> }
        });
    });
}
