//! Shows what was kept, when the server cannot be reached.

use leptos::prelude::*;

use crate::{
    browser,
    persistence::offline::{self, Offline},
    reactive::{expect_context, spawn},
    state::{
        AppState,
        actions::{Actions, Command},
        session::SessionState,
    },
};

/// In the place of a chat that nobody is known to be signed in to. What is kept is shown as theirs
/// who was: they can read and write, and the next answer of the server decides.
#[component]
pub fn Restore() -> impl IntoView {
    let state = expect_context::<AppState>();
    let actions = expect_context::<Actions>();
    spawn(async move {
        let offline = Offline::open();
        let snapshot = offline.read().await;
        offline.close();
        let Some(snapshot) = snapshot else { return };
        let is_unknown = state
            .session
            .with_untracked(|session| *session == SessionState::Unknown);
        if !snapshot.is_valid(browser::now()) {
            offline::forget();
        } else if is_unknown {
            let session = snapshot.show(state);
            let token = None;
            actions.run(Command::SignedIn { session, token });
        }
    });
}
