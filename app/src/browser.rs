//! Small things that only a browser can tell or do.

use js_sys::{Function, Object, Promise, Reflect};
use protocol::{ClientId, Timestamp};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{HtmlElement, HtmlInputElement};

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

/// Whether a selector finds anything.
pub fn finds(selector: &str) -> bool {
    let found = leptos::prelude::document().query_selector(selector);
    found.is_ok_and(|found| found.is_some())
}

/// Whether something is open over the page, which then has the keys.
pub fn is_busy() -> bool {
    finds("dialog[open], :popover-open")
}

/// Whether the command key has the place of the control key.
pub fn is_apple() -> bool {
    let platform = member(&leptos::prelude::window().navigator(), "platform").as_string();
    platform.is_some_and(|platform| platform.starts_with("Mac") || platform.starts_with("iP"))
}

/// What the served page says at its root, such as how people sign in.
pub fn told(attribute: &str) -> Option<String> {
    let root = leptos::prelude::document().document_element()?;
    root.get_attribute(attribute)
}

/// The language of the page, as the browser's own region has it: "en-GB" for a page in "en".
pub fn language() -> String {
    let page = told("lang").unwrap_or_default();
    match leptos::prelude::window().navigator().language() {
        Some(own) if own.starts_with(&page) => own,
        _ => page,
    }
}

/// Whether people sign in with accounts, and not by name alone.
pub fn has_accounts() -> bool {
    told("data-sign-in").as_deref() == Some("account")
}

/// Whether anybody may make an account.
pub fn is_open() -> bool {
    told("data-registration").as_deref() == Some("open")
}

/// What is in the field with this id; a field that is not there is empty.
pub fn typed(id: &str) -> String {
    let field = leptos::prelude::document().get_element_by_id(id);
    let field = field.and_then(|field| field.dyn_into::<HtmlInputElement>().ok());
    field.map_or_else(String::new, |field| field.value())
}

/// Replaces the text of the first element that a selector finds.
pub fn write(selector: &str, text: &str) {
    if let Ok(Some(element)) = leptos::prelude::document().query_selector(selector) {
        element.set_text_content(Some(text));
    }
}

/// Marks the field with this id as the one that is wrong, puts the focus there, and marks no other.
/// Fields do not follow that by themselves, so that they are the cheapest kind of view.
pub fn mark_wrong(id: Option<&str>) {
    let document = leptos::prelude::document();
    if let Ok(Some(marked)) = document.query_selector("[aria-invalid]") {
        let _ = marked.remove_attribute("aria-invalid");
    }
    let field = id.and_then(|id| document.get_element_by_id(id));
    if let Some(field) = field.and_then(|field| field.dyn_into::<HtmlElement>().ok()) {
        let _ = field.set_attribute("aria-invalid", "true");
        let _ = field.focus();
    }
}

/// As [`focus`], once what was just changed is on the page.
pub fn focus_soon(selector: &'static str) {
    leptos::prelude::request_animation_frame(move || focus(selector));
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

/// What an object of the browser has under a name; `undefined` if nothing.
///
/// Bindings are part of what every visitor downloads, so pages that few of them see do without.
pub fn member(of: &JsValue, name: &str) -> JsValue {
    Reflect::get(of, &JsValue::from_str(name)).unwrap_or(JsValue::UNDEFINED)
}

/// Gives a member of an object another value.
pub fn set_member(of: &JsValue, name: &str, value: &JsValue) {
    // Objects of the browser are not frozen.
    let _ = Reflect::set(of, &JsValue::from_str(name), value);
}

pub fn is_function(of: &JsValue, name: &str) -> bool {
    member(of, name).is_function()
}

/// Calls a method of an object of the browser.
pub fn invoke(of: &JsValue, method: &str, argument: &JsValue) -> Result<JsValue, JsValue> {
    let method: Function = member(of, method).dyn_into()?;
    method.call1(of, argument)
}

/// Makes an object of a class of the browser.
pub fn construct(class: &str, argument: &JsValue) -> Result<JsValue, JsValue> {
    let window = leptos::prelude::window();
    let reflect = member(&window, "Reflect");
    let construct: Function = member(&reflect, "construct").dyn_into()?;
    let arguments = invoke(&member(&window, "Array"), "of", argument)?;
    construct.call2(&reflect, &member(&window, class), &arguments)
}

/// Where service workers are registered; `undefined` where a page is not served securely.
pub fn workers() -> JsValue {
    member(&leptos::prelude::window().navigator(), "serviceWorker")
}

/// Scrolls as far as it takes to see the first element that a selector finds.
pub fn reveal(selector: &str) {
    let found = leptos::prelude::document().query_selector(selector);
    if let Ok(Some(element)) = found {
        let how = Object::new();
        set_member(&how, "block", &JsValue::from_str("nearest"));
        let _ = invoke(&element, "scrollIntoView", &how);
    }
}

/// Tells the page itself something that else only other tabs are told.
pub fn announce(event: &str) {
    if let Ok(event) = construct("Event", &JsValue::from_str(event)) {
        let _ = invoke(&leptos::prelude::window(), "dispatchEvent", &event);
    }
}

/// Calls a method that not every browser has, or that has no bindings, and waits for what it promises.
pub async fn call(of: &JsValue, method: &str, argument: &JsValue) -> Result<JsValue, JsValue> {
    let answer = invoke(of, method, argument)?;
    JsFuture::from(Promise::resolve(&answer)).await
}

/// Puts a text on the clipboard. False where the browser does not let a page do that.
pub async fn copy(text: &str) -> bool {
    let clipboard = member(&leptos::prelude::window().navigator(), "clipboard");
    let copied = call(&clipboard, "writeText", &JsValue::from_str(text)).await;
    copied.is_ok()
}

/// Whether there is somewhere to share a link to, as on a phone.
pub fn can_share() -> bool {
    is_function(&leptos::prelude::window().navigator(), "share")
}

/// Lets a person choose where to share a link to.
pub async fn share(url: &str) {
    let what = Object::new();
    set_member(&what, "url", &JsValue::from_str(url));
    // Whoever changes their mind has not shared, which is all there is to it.
    let _ = call(&leptos::prelude::window().navigator(), "share", &what).await;
}
