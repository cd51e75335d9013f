//! The outbox as it is kept: in IndexedDB, and in the local storage until it is there.
//!
//! The local storage takes a message while Enter is still being handled, so that no end of the page
//! loses it between the draft and the database. What a page has left there, the next one takes
//! over; so it also does with all that versions before IndexedDB have kept.

use js_sys::Array;
use protocol::{ClientId, Username};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::IdbKeyRange;

use super::{
    database::{Database, Question},
    entries, storage,
};
use crate::state::outbox::Envelope;

const LOCALLY: &str = "natter.outbox.";

/// Keeps an envelope, or keeps it no longer: in the local storage before this returns, and in the
/// database when the answer is there. That is false where there is no database that works; then
/// the envelope stays in the local storage.
pub fn keep(
    database: &'static Database,
    username: &Username,
    client_id: ClientId,
    envelope: Option<&Envelope>,
) -> impl Future<Output = bool> + use<> {
    let key = key(username, &client_id.to_string());
    let place = [LOCALLY, &key].concat();
    let json = envelope.and_then(|envelope| compact_json::write(envelope).ok());
    if let Some(storage) = storage() {
        let _ = match &json {
            Some(json) => storage.set_item(&place, json),
            None => storage.remove_item(&place),
        };
    }
    async move {
        let question = match json {
            Some(_) => Question::Put,
            None => Question::Remove,
        };
        let is_kept = database
            .ask(question, key.into(), json.into())
            .await
            .is_ok();
        if let (Some(storage), true) = (storage(), is_kept) {
            let _ = storage.remove_item(&place);
        }
        is_kept
    }
}

/// Everything of `username` that is in the database; none if that cannot be read.
pub async fn all(database: &Database, username: &Username) -> Option<Vec<Envelope>> {
    let values = database.ask(Question::Read, keys(username)?, JsValue::NULL);
    let values: Array = values.await.ok()?.unchecked_into();
    let mut all = Vec::new();
    for place in 0..values.length() {
        let json = values.get(place).as_string().unwrap_or_default();
        all.extend(compact_json::read(&json));
    }
    Some(all)
}

/// What is in the local storage only: of a page that ended too early, or had no database.
pub fn left_behind(username: &Username) -> Vec<Envelope> {
    let mut left = Vec::new();
    for (_, json) in entries(&[LOCALLY, &key(username, "")].concat()) {
        left.extend(compact_json::read(&json));
    }
    left
}

/// Forgets everything of `username`: in the local storage before this returns, in the database when
/// the answer is there.
pub async fn forget(database: &Database, username: &Username) {
    super::forget(&[LOCALLY, &key(username, "")].concat());
    if let Some(keys) = keys(username) {
        let _ = database.ask(Question::Remove, keys, JsValue::NULL).await;
    }
}

/// All keys of `username` in the database.
fn keys(username: &Username) -> Option<JsValue> {
    let (first, last) = (key(username, ""), key(username, "\u{ffff}"));
    let keys = IdbKeyRange::bound(&first.into(), &last.into()).ok()?;
    Some(keys.into())
}

fn key(username: &Username, id: &str) -> String {
    [username.as_str(), "/", id].concat()
}
