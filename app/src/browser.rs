//! Small things that only a browser can tell or do.

use protocol::{ClientId, Timestamp};
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

/// The moment, by the clock of this device.
pub fn now() -> Timestamp {
    // Whole milliseconds well below 2^53.
    #[allow(clippy::cast_possible_truncation)]
    Timestamp(js_sys::Date::now() as i64)
}

/// A random UUID, version 4. Made from random bytes, because `crypto.randomUUID` is missing where
/// a page is not served securely.
pub fn new_client_id() -> ClientId {
    let mut bytes = [0; 16];
    let filled = leptos::prelude::window()
        .crypto()
        .and_then(|crypto| crypto.get_random_values_with_u8_array(&mut bytes));
    if filled.is_err() {
        for byte in &mut bytes {
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
            {
                *byte = (js_sys::Math::random() * 256.0) as u8;
            }
        }
    }
    ClientId::new(uuid::Builder::from_random_bytes(bytes).into_uuid())
}

/// A number from 0 up to 1.
pub fn random() -> f64 {
    js_sys::Math::random()
}

/// True where a finger is the main pointer, so that focus in a field brings up a keyboard.
pub fn is_touch() -> bool {
    matches("(pointer: coarse)")
}

fn matches(query: &str) -> bool {
    let list = leptos::prelude::window().match_media(query).ok().flatten();
    list.is_some_and(|list| list.matches())
}

/// Puts the focus on the first element that a selector finds, without scrolling.
pub fn focus(selector: &str) {
    let found = leptos::prelude::document()
        .query_selector(selector)
        .ok()
        .flatten();
    if let Some(element) = found.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
        let options = web_sys::FocusOptions::new();
        options.set_prevent_scroll(true);
        let _ = element.focus_with_options(&options);
    }
}
