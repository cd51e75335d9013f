//! IndexedDB as futures: databases, each with one store of texts by their keys.
//!
//! A browser can refuse all of it, and there are some that never answer. Either is an error here,
//! and nothing waits for it for long.

use js_sys::{Array, Promise};
use leptos::prelude::window;
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    EventTarget, IdbDatabase, IdbOpenDbRequest, IdbRequest, IdbTransaction, IdbTransactionMode,
};

use crate::{browser, reactive::spawn};

/// What waits to be sent.
pub const OUTBOX: &str = "natter";
/// Never to be raised: a page of an earlier version that is still open would block it. Another layout
/// is another name.
const VERSION: u32 = 1;
/// What the store is called in every one of them.
const STORE: &str = "outbox";
/// Longer than this no message waits for a disk.
const PATIENCE_MILLISECONDS: i32 = 2_000;

/// A connection to one of them.
#[derive(Debug)]
pub struct Database {
    opening: Option<(IdbOpenDbRequest, Promise)>,
}

/// What can be asked of the store.
#[derive(Clone, Copy, Debug)]
pub enum Question {
    /// Puts a value in the place of a key.
    Put,
    /// Removes a key, or all in a range of keys.
    Remove,
    /// All values in a range of keys.
    Read,
}

impl Database {
    pub fn open(name: &str) -> Self {
        Self {
            opening: open(name).ok(),
        }
    }

    /// Ends the connection, without which nobody can delete the database. One that is not there yet
    /// ends once it is.
    pub fn close(&self) {
        if let Some((opening, opened)) = self.opening.clone() {
            spawn(async move {
                let _ = JsFuture::from(opened).await;
                if let Ok(database) = opening.result() {
                    let _ = browser::invoke(&database, "close", &JsValue::UNDEFINED);
                }
            });
        }
    }

    /// Does one thing in a transaction of its own, and answers when that is complete.
    pub async fn ask(
        &self,
        question: Question,
        key: JsValue,
        value: JsValue,
    ) -> Result<JsValue, JsValue> {
        let (opening, opened) = self.opening.as_ref().ok_or(JsValue::NULL)?;
        soon(opened).await?;
        let (transaction, request) = begin(opening, question, &key, &value)?;
        soon(&settled(&transaction, "complete")).await?;
        request.result()
    }
}

/// Deletes a database, once nobody is connected to it.
pub fn delete(name: &str) {
    if let Ok(Some(factory)) = window().indexed_db() {
        let _ = browser::invoke(&factory, "deleteDatabase", &name.into());
    }
}

fn open(name: &str) -> Result<(IdbOpenDbRequest, Promise), JsValue> {
    let factory = window().indexed_db()?.ok_or(JsValue::NULL)?;
    let request = factory.open_with_u32(name, VERSION)?;
    let opening = request.clone();
    let create = Closure::<dyn Fn(JsValue)>::new(move |_| {
        if let Ok(database) = opening.result() {
            let database: IdbDatabase = database.unchecked_into();
            let _ = database.create_object_store(STORE);
        }
    });
    request.set_onupgradeneeded(Some(create.as_ref().unchecked_ref()));
    // It is opened once or twice for a page.
    create.forget();
    let opened = settled(&request, "success");
    Ok((request, opened))
}

fn begin(
    opening: &IdbRequest,
    question: Question,
    key: &JsValue,
    value: &JsValue,
) -> Result<(IdbTransaction, IdbRequest), JsValue> {
    let database: IdbDatabase = opening.result()?.unchecked_into();
    let mode = IdbTransactionMode::Readwrite;
    let transaction = database.transaction_with_str_and_mode(STORE, mode)?;
    let store = transaction.object_store(STORE)?;
    let request = match question {
        Question::Put => store.put_with_key(value, key),
        Question::Remove => store.delete(key),
        Question::Read => store.get_all_with_key(key),
    }?;
    Ok((transaction, request))
}

/// Waits for the event that tells of success, or one that tells of failure.
fn settled(target: &EventTarget, success: &str) -> Promise {
    Promise::new(&mut |resolve, reject| {
        for (event, listener) in [(success, &resolve), ("error", &reject), ("abort", &reject)] {
            let _ = target.add_event_listener_with_callback(event, listener);
        }
    })
}

/// Fails if it takes too long.
fn soon(promise: &Promise) -> JsFuture {
    let too_late = Promise::new(&mut |_, reject| {
        let _ = window()
            .set_timeout_with_callback_and_timeout_and_arguments_0(&reject, PATIENCE_MILLISECONDS);
    });
    JsFuture::from(Promise::race(&Array::of2(promise, &too_late)))
}
