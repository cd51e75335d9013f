//! The icon of the tab, with how much is unread.

use leptos::prelude::*;

use crate::{
    reactive::{Computed, effect, expect_context},
    state::AppState,
};

const PLAIN: &str = "/favicon.svg";
/// The plain one in small, and a red disc with a number in its corner.
const BEGINNING: &str = r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><path fill="#0b6e6a" d="M11 2h10a9 9 0 0 1 9 9v7a9 9 0 0 1-9 9h-7.500l-7 4.300A1 1 0 0 1 5 30.400V26a9 9 0 0 1-3-8v-7a9 9 0 0 1 9-9Z"/><circle cx="21" cy="21" r="11" fill="#ad2318"/><text x="21" y="26" text-anchor="middle" font-family="sans-serif" font-weight="700" font-size="14" fill="#fff">"##;

pub fn start() {
    let state = expect_context::<AppState>();
    let unread = Computed::new(move |_| state.conversations.with(|list| list.unread_total()));
    effect(move || show(unread.get()));
    on_cleanup(|| show(0));
}

fn show(unread: u64) {
    if let Ok(Some(link)) = document().query_selector("link[rel=icon]") {
        let _ = link.set_attribute("href", &address(unread));
    }
}

fn address(unread: u64) -> String {
    let number = match unread {
        0 => return PLAIN.to_owned(),
        1..=9 => unread.to_string(),
        _ => "9+".to_owned(),
    };
    let picture = [BEGINNING, &number, "</text></svg>"].concat();
    let escaped = String::from(js_sys::encode_uri_component(&picture));
    ["data:image/svg+xml,", &escaped].concat()
}
