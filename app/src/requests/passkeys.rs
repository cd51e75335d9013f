//! What the browser and its authenticator do for a passkey (<https://www.w3.org/TR/webauthn-3/>).
//!
//! By name and not by bindings: the functions that take and give JSON are newer than those.

use js_sys::Object;
use leptos::prelude::window;
use wasm_bindgen::JsValue;

use super::Refusal;
use crate::{
    browser::{call, is_function, member, set_member},
    language::translate,
};

/// Why there can be no passkey here; `None` where there can.
pub fn hindrance() -> Option<&'static str> {
    let window = window();
    let host = member(&member(&window, "location"), "hostname").as_string();
    if !member(&window, "isSecureContext").is_truthy() {
        return Some(translate(
            "Passkeys need a secure connection. Open this page by https:// to add one.",
        ));
    }
    if is_bare_address(&host.unwrap_or_default()) {
        return Some(translate(
            "Passkeys belong to a name, and this page was opened by a number. Open it by its name to add one.",
        ));
    }
    let class = member(&window, "PublicKeyCredential");
    let prototype = member(&class, "prototype");
    let can = is_function(&class, "parseCreationOptionsFromJSON")
        && is_function(&class, "parseRequestOptionsFromJSON")
        && is_function(&prototype, "toJSON");
    (!can).then_some(translate(
        "This browser cannot make passkeys. A newer one can.",
    ))
}

/// Makes a passkey. Takes and gives JSON.
pub async fn create(options: &str) -> Result<String, Refusal> {
    let made = credential("create", "parseCreationOptionsFromJSON", options).await;
    made.map_err(|error| {
        let is_there = member(&error, "name").as_string().as_deref() == Some("InvalidStateError");
        Refusal::saying(if is_there {
            translate("There is a passkey for your account on this device already.")
        } else {
            translate("No passkey was made: it was cancelled, or it took too long. Try again.")
        })
    })
}

/// Proves that one has a passkey. Takes and gives JSON.
pub async fn get(options: &str) -> Result<String, Refusal> {
    let given = credential("get", "parseRequestOptionsFromJSON", options).await;
    given.map_err(|_| {
        Refusal::saying(translate(
            "Your passkey was not used: it was cancelled, or it took too long. Try again.",
        ))
    })
}

async fn credential(method: &str, parse: &str, options: &str) -> Result<String, JsValue> {
    let window = window();
    let class = member(&window, "PublicKeyCredential");
    let json = member(&window, "JSON");
    let options = call(&json, "parse", &JsValue::from_str(options)).await?;
    let public_key = call(&class, parse, &options).await?;
    let wanted = Object::new();
    set_member(&wanted, "publicKey", &public_key);
    let credentials = member(&window.navigator(), "credentials");
    let credential = call(&credentials, method, &wanted).await?;
    // By its own `toJSON`, which knows what of it the server needs.
    let text = call(&json, "stringify", &credential).await?;
    text.as_string().ok_or(text)
}

/// Whether a host is an IP address and no name.
fn is_bare_address(host: &str) -> bool {
    host.contains(':')
        || host
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_told_from_names() {
        for host in ["127.0.0.1", "[::1]", "192.168.0.10"] {
            assert!(is_bare_address(host), "{host}");
        }
        for host in ["localhost", "chat.example", "10.example"] {
            assert!(!is_bare_address(host), "{host}");
        }
    }
}
