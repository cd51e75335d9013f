//! What goes on beside the chat and comes with the later file: nothing of it is needed to begin.

use leptos::prelude::*;

/// Keeps what a page without a server shows.
mod keeper;
/// Shows what was kept.
mod restore;
/// Another version of the app.
mod version;

pub use restore::Restore;

/// Beside a chat that somebody is signed in to.
#[component]
pub fn Background() -> impl IntoView {
    keeper::start();
    view! { <version::NewVersion/> }
}
