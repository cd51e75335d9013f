//! What is shown when there is no server, in a database of its own: one snapshot, whosever it is.

use std::rc::Rc;

use js_sys::Array;
use wasm_bindgen::{JsCast, JsValue};

use super::database::{self, Database, Question};
use crate::state::offline::Snapshot;

const NAME: &str = "natter.offline";
const KEY: &str = "snapshot";

/// A connection to it. As long as there is one the database cannot be deleted.
#[derive(Clone, Debug)]
pub struct Offline(Rc<Database>);

impl Offline {
    pub fn open() -> Self {
        Self(Rc::new(Database::open(NAME)))
    }

    /// Puts a snapshot in the place of the one before. Where nothing can be kept, nothing is shown
    /// later.
    pub async fn keep(&self, snapshot: &Snapshot) {
        if let Ok(json) = compact_json::write(snapshot) {
            let _ = self.0.ask(Question::Put, KEY.into(), json.into()).await;
        }
    }

    pub async fn read(&self) -> Option<Snapshot> {
        let found = self.0.ask(Question::Read, KEY.into(), JsValue::NULL);
        let found: Array = found.await.ok()?.dyn_into().ok()?;
        // What another version has kept in another shape is as good as nothing.
        compact_json::read(&found.get(0).as_string()?).ok()
    }

    pub fn close(&self) {
        self.0.close();
    }
}

/// Nobody is signed in any more: nothing of theirs is shown to whoever comes next.
pub fn forget() {
    database::delete(NAME);
}
