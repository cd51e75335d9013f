//! Requests of HTTP long-polling, by the browser's fetch.

use js_sys::Promise;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, RequestInit, Response};

use crate::client::WeakManager;
use crate::connection::LineId;
use crate::session::{HttpFailure, RequestId, SessionInput};

/// Sends a request, a POST if there is a body, and tells the client its answer. The error is a
/// sentence for people.
pub(super) fn send(
    url: &str,
    body: Option<&str>,
    line: LineId,
    request: RequestId,
    client: WeakManager,
) -> Result<AbortController, String> {
    let cannot = || "There is no page that could send requests.".to_owned();
    let window = web_sys::window().ok_or_else(cannot)?;
    let abort = AbortController::new().map_err(|_| cannot())?;
    let init = RequestInit::new();
    init.set_signal(Some(&abort.signal()));
    if let Some(body) = body {
        init.set_method("POST");
        init.set_body(&JsValue::from_str(body));
    }
    let promise = window.fetch_with_str_and_init(url, &init);
    wasm_bindgen_futures::spawn_local(async move {
        let result = answer(promise).await;
        client.hear(line, SessionInput::Response { request, result });
    });
    Ok(abort)
}

async fn answer(promise: Promise) -> Result<String, HttpFailure> {
    let unreachable = |_| HttpFailure::Unreachable;
    let response = JsFuture::from(promise).await.map_err(unreachable)?;
    let response: Response = response.unchecked_into();
    if response.status() != 200 {
        return Err(HttpFailure::Status(response.status()));
    }
    let text = JsFuture::from(response.text().map_err(unreachable)?).await;
    text.map_err(unreachable)?
        .as_string()
        .ok_or(HttpFailure::Unreachable)
}
