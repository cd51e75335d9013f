//! What goes on beside the chat and comes with the later file: nothing of it is needed to begin.

use leptos::prelude::*;

/// Suggestions while one writes.
mod completion;
/// The icon of the tab.
mod icon;
/// Keeps what a page without a server shows.
mod keeper;
/// What one can do without a mouse.
pub mod keys;
/// Mentions of whoever reads.
mod mention;
/// What happened to a group.
mod notes;
/// Notifications.
pub mod notify;
/// Shows what was kept.
mod restore;
/// Who is writing.
pub mod typing;
/// Another version of the app.
mod version;

pub use completion::put_in;
pub use restore::Restore;

/// Beside the chat, or a page that somebody has gone to from there.
#[component]
pub fn Background() -> impl IntoView {
    // What is made up is neither kept nor told.
    #[cfg(all(debug_assertions, target_arch = "wasm32"))]
    if crate::gallery::is_asked_for() {
        return ().into_any();
    }
    icon::start();
    keeper::start();
    keys::start();
    mention::start();
    notes::start();
    notify::start();
    typing::start();
    view! {
        <completion::Completions/>
        <version::NewVersion/>
    }
    .into_any()
}
