//! What is shown when there is no server, in a database of its own: one snapshot, whosever it is.

use js_sys::Array;
use wasm_bindgen::{JsCast, JsValue};

use super::database::{self, Database, Question};
use crate::state::offline::Snapshot;

const NAME: &str = "natter.offline";
const KEY: &str = "snapshot";

/// Puts it in the place of the one before. Where nothing can be kept, nothing is shown later.
pub async fn keep(snapshot: &Snapshot) {
    if let Ok(json) = compact_json::write(snapshot) {
        let _ = ask(Question::Put, json.into()).await;
    }
}

pub async fn read() -> Option<Snapshot> {
    let found: Array = ask(Question::Read, JsValue::NULL)
        .await
        .ok()?
        .dyn_into()
        .ok()?;
    // What another version has kept in another shape is as good as nothing.
    compact_json::read(&found.get(0).as_string()?).ok()
}

/// Nobody is signed in any more: nothing of theirs is shown to whoever comes next.
pub fn forget() {
    database::delete(NAME);
}

async fn ask(question: Question, value: JsValue) -> Result<JsValue, JsValue> {
    let database = Database::open(NAME);
    let answer = database.ask(question, KEY.into(), value).await;
    database.close();
    answer
}
