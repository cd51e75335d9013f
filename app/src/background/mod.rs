//! What goes on beside the chat and comes with the later file: nothing of it is needed to begin.

use leptos::prelude::*;

/// Suggestions while one writes.
mod completion;
/// The icon of the tab.
mod icon;
/// Keeps what a page without a server shows.
mod keeper;
/// Mentions of whoever reads.
mod mention;
/// Notifications.
pub mod notify;
/// Shows what was kept.
mod restore;
/// Who is writing.
pub mod typing;
/// Another version of the app.
mod version;

pub use restore::Restore;

/// Beside a chat that somebody is signed in to.
#[component]
pub fn Background() -> impl IntoView {
    icon::start();
    keeper::start();
    mention::start();
    notify::start();
    typing::start();
    view! {
        <completion::Completions/>
        <version::NewVersion/>
    }
}
