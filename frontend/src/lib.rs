//! The wasm entry: what the served shell calls once the module has loaded.
#![cfg(target_arch = "wasm32")]

use wasm_bindgen::prelude::wasm_bindgen;

/// Starts the client. The name is the one that cargo-leptos and the shell's loader agree on;
/// nothing is hydrated, the body holds a skeleton only.
#[wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    app::start();
}
