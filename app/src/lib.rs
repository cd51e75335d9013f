//! Everything a person sees of Natter.
//!
//! Pages are made of components, components show state, and the socket service changes state.
//! Components never touch the socket or `/web`: they say what a person asks for as a
//! [`Command`](state::actions::Command).

// What only the socket service uses has no user where that is not built.
#![cfg_attr(not(target_arch = "wasm32"), allow(dead_code))]

use leptos::prelude::*;
use leptos_router::components::Router;

/// Which page an address shows, who may see it, and the list of routes that the server knows.
mod routes;
/// The served page around the empty body.
mod shell;

/// What the pages are made of, one file each.
mod components;
/// Login, chat, and the page for an address that leads nowhere.
mod pages;

/// What is kept in the browser.
mod persistence;
/// Values that views follow.
mod reactive;
/// What the client knows, as plain data.
mod state;

/// Typed calls to `/web`.
mod api;
/// The line to the server. It needs a browser; on the server there is nobody to connect.
#[cfg(target_arch = "wasm32")]
mod socket;
/// From the first byte to the mounted app.
#[cfg(target_arch = "wasm32")]
mod start;

/// Small things that only a browser can tell or do.
mod browser;
/// Dates and times as the reader writes them.
mod dates;
/// Light and dark.
mod theme;

pub use shell::{Assets, shell};
#[cfg(target_arch = "wasm32")]
pub use start::start;

use state::{AppState, actions::Actions, session::SignedOut};

/// The whole client. In a browser its state and actions are there already. On the server, which
/// only asks which routes there are, nobody is signed in, and nothing is shown that needs a browser.
#[component]
pub fn App() -> impl IntoView {
    if use_context::<AppState>().is_none() {
        let state = AppState::new();
        state.sign_out(SignedOut::NotYet);
        provide_context(state);
        provide_context(Actions::default());
    }
    view! {
        <Router>
            <routes::Pages/>
        </Router>
    }
}
