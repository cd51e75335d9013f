//! Which address is shown, and how one gets to another without loading the page anew.

use leptos::{ev, prelude::*};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, HtmlAnchorElement, MouseEvent, UrlSearchParams};

use crate::reactive::Observable;

/// The browser's address bar and history, as a context. Made once; lives as long as the page.
#[derive(Clone, Copy, Debug)]
pub struct Navigation {
    path: Observable<String>,
}

impl Navigation {
    /// Follows the browser's history, and the links of the page.
    pub fn start() -> Self {
        let path = Observable::new(current_path());
        let navigation = Self { path };
        // These listeners stay: their handles are only for taking them away.
        window_event_listener(ev::popstate, move |_| path.set(current_path()));
        window_event_listener(ev::click, move |event| {
            if let Some(path) = link_within_app(&event) {
                event.prevent_default();
                navigation.go(&path);
            }
        });
        navigation
    }

    /// The path of the address, followed.
    pub fn path(self) -> String {
        self.path.get()
    }

    /// A parameter of the address's query.
    pub fn parameter(self, name: &str) -> Option<String> {
        let query = window().location().search().ok()?;
        UrlSearchParams::new_with_str(&query).ok()?.get(name)
    }

    /// Goes to a path; the browser's "back" leads here again.
    pub fn go(self, path: &str) {
        if self.path.with_untracked(|current| current != path) {
            let history = window().history();
            let _ = history.and_then(|it| it.push_state_with_url(&JsValue::NULL, "", Some(path)));
            self.path.set(current_path());
        }
    }

    /// Goes to a path in place of the current one.
    pub fn replace(self, path: &str) {
        let history = window().history();
        let _ = history.and_then(|it| it.replace_state_with_url(&JsValue::NULL, "", Some(path)));
        self.path.set(current_path());
    }
}

fn current_path() -> String {
    window().location().pathname().unwrap_or_default()
}

/// Where a click leads to, if that is an address of this app and nothing asks for more than to
/// go there, such as a key for a new tab.
fn link_within_app(event: &MouseEvent) -> Option<String> {
    let plain = event.button() == 0
        && !event.default_prevented()
        && !(event.alt_key() || event.ctrl_key() || event.meta_key() || event.shift_key());
    if !plain {
        return None;
    }
    let target = event.target()?.dyn_into::<Element>().ok()?;
    let link: HtmlAnchorElement = target.closest("a[href]").ok()??.dyn_into().ok()?;
    let stays = link.target().is_empty() && !link.has_attribute("download");
    let origin = window().location().origin().ok()?;
    (stays && link.origin() == origin).then(|| link.pathname())
}
