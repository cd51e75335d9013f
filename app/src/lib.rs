//! Everything a person sees of Natter.
//!
//! Pages are made of components, components show state, and the socket service changes state.
//! Components never touch the socket or `/web`: they say what a person asks for as a
//! [`Command`](state::actions::Command).

// What only the socket service uses has no user where that is not built.
#![cfg_attr(not(target_arch = "wasm32"), allow(dead_code))]

/// Which address is shown, and how one gets to another without loading the page anew.
mod navigation;
/// Which page an address shows, who may see it, and the list of routes that the server knows.
mod routes;
/// The served page around the empty body.
mod shell;

/// What the pages are made of, one file each.
mod components;
/// Login, chat, and the page for an address that leads nowhere.
mod pages;

/// What goes on beside the chat.
mod background;
/// The parts of a view that change.
mod dynamic;
/// Pages that are fetched when they are first opened.
mod later;
mod list;
/// What is kept in the browser.
mod persistence;
/// Values that views follow.
mod reactive;
/// What the client knows, as plain data. The server's tests hold it against the real server.
pub mod state;

/// Typed calls to `/web`.
mod api;
/// Every component in every state, for whoever works on them.
#[cfg(all(debug_assertions, target_arch = "wasm32"))]
mod gallery;
/// What the settings and the administration ask of the server.
mod requests;
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
/// What is said, in the language of whoever reads it.
mod language;
/// Light and dark.
mod theme;

pub use language::COOKIE as LANGUAGE_COOKIE;
#[cfg(not(target_arch = "wasm32"))]
pub use language::Language;
pub use routes::ROUTES;
pub use shell::{Assets, Entrance, service_worker, shell};
#[cfg(target_arch = "wasm32")]
pub use start::start;
