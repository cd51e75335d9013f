//! Pages that a first visit does not need.
//!
//! `cargo leptos build --split` moves what only [`there::view`] reaches into a module of its own,
//! which the shell's loader fetches when such a page is first opened. It is one program in two
//! files: the second works in the memory of the first and calls its functions, so contexts,
//! signals and types are the same on both sides. Without `--split` everything is in one file.

use leptos::prelude::*;

use crate::{
    dynamic::{on, part},
    reactive::{Observable, spawn},
};

/// Which page; what it needs beside that comes from contexts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum LaterPage {
    Settings,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Code {
    OnItsWay,
    Here,
    Missing,
}

/// A page of these, with a sentence in its place while its code is on the way or if it did not come.
#[component]
pub fn Later(page: LaterPage) -> impl IntoView {
    let code = Observable::new(Code::OnItsWay);
    let fetch = move || {
        code.set(Code::OnItsWay);
        spawn(async move {
            let here = there::fetch().await;
            code.set(if here { Code::Here } else { Code::Missing });
        });
    };
    fetch();

    part(move || match code.get() {
        Code::OnItsWay => view! {
            <main class="not-found">
                <p role="status">"Loading…"</p>
            </main>
        }
        .into_any(),
        Code::Here => there::view(page),
        Code::Missing => view! {
            <main class="not-found">
                <p role="alert">
                    "This page could not be loaded. Check your connection, then try again."
                </p>
                <button type="button" class="button button-primary" on:click=on(move |_| fetch())>
                    "Try again"
                </button>
            </main>
        }
        .into_any(),
    })
}

/// The other file, as seen from the first.
#[cfg(split)]
mod there {
    #![allow(
        unsafe_code,
        improper_ctypes,
        improper_ctypes_definitions,
        reason = "both sides come from one compilation, which splitting takes apart again"
    )]

    use js_sys::Promise;
    use leptos::prelude::AnyView;
    use wasm_bindgen::prelude::wasm_bindgen;
    use wasm_bindgen_futures::JsFuture;

    use super::LaterPage;

    #[wasm_bindgen]
    extern "C" {
        /// What the shell's loader provides. It starts the other file once, however often it is asked.
        #[wasm_bindgen(js_name = natterLater)]
        fn fetch_later() -> Promise;
    }

    // The names are those that `wasm_split_macros` would give to a lazy function. Its own way to load
    // is not used: it costs 2 KB more, and fails when the client itself came only with the second try.
    #[link(wasm_import_module = "__wasm_split_placeholder__")]
    unsafe extern "C" {
        /// Only after [`fetch`] has said yes: before that the table has nothing at its place.
        #[link_name = "__wasm_split_00later00_import_00000000000000000000000000000000"]
        safe fn view_there(page: LaterPage) -> AnyView;
    }

    #[unsafe(export_name = "__wasm_split_00later00_export_00000000000000000000000000000000")]
    extern "C" fn view_here(page: LaterPage) -> AnyView {
        super::pages(page)
    }

    /// Whether the other file is there now.
    pub async fn fetch() -> bool {
        JsFuture::from(fetch_later()).await.is_ok()
    }

    pub fn view(page: LaterPage) -> AnyView {
        view_there(page)
    }
}

/// All in one file.
#[cfg(not(split))]
mod there {
    pub(super) use super::pages as view;

    pub async fn fetch() -> bool {
        true
    }
}

/// The one door to the other file: what is reached through it alone is in there.
fn pages(page: LaterPage) -> AnyView {
    use crate::pages::settings::SettingsPage;

    match page {
        LaterPage::Settings => view! { <SettingsPage/> }.into_any(),
    }
}
