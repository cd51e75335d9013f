//! Stands in for the crate of the same name, see `[patch.crates-io]` in the workspace's Cargo.toml.
//!
//! Leptos links the client of its server functions, and that links `wasm-streams`, whose JavaScript
//! classes are exported whether anybody uses them or not: 6 KB of the download. Natter has no server
//! functions, so nothing here is ever called; what cannot be done without those classes gives a
//! stream without content.

use std::fmt;

use futures_util::stream::{self, Stream};
use wasm_bindgen::JsValue;

/// A stream of the browser.
pub struct ReadableStream(web_sys::ReadableStream);

impl ReadableStream {
    /// Takes over a stream of the browser.
    pub const fn from_raw(raw: web_sys::ReadableStream) -> Self {
        Self(raw)
    }

    /// The stream of the browser.
    pub fn into_raw(self) -> web_sys::ReadableStream {
        self.0
    }

    /// A stream without content.
    pub fn from_stream(_: impl Stream<Item = Result<JsValue, JsValue>> + 'static) -> Self {
        Self(JsValue::NULL.into())
    }

    /// A stream without content.
    pub fn into_stream(self) -> impl Stream<Item = Result<JsValue, JsValue>> {
        stream::empty()
    }
}

impl fmt::Debug for ReadableStream {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("ReadableStream")
    }
}
