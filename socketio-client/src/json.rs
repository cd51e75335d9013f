//! JSON as it is on the wire.

use std::fmt;

use compact_json::{Unreadable, Unwritable};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// A JSON value, kept as its text: it is read once, into the type that the program wants.
#[derive(Clone, PartialEq, Eq)]
pub struct Json(String);

impl Json {
    /// Writes a value. An error where JSON has no way to write it, like a map with keys that are
    /// no strings.
    pub fn write(value: &(impl Serialize + ?Sized)) -> Result<Self, Unwritable> {
        compact_json::write(value).map(Self)
    }

    /// Reads the value.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, Unreadable> {
        compact_json::read(&self.0)
    }

    /// The text, which is well-formed.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Takes over a text that is known to be well-formed.
    pub(crate) fn trusted(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}

/// `null`
impl Default for Json {
    fn default() -> Self {
        Self::trusted("null")
    }
}

impl fmt::Debug for Json {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(all(test, not(target_arch = "wasm32")))]
impl From<serde_json::Value> for Json {
    fn from(value: serde_json::Value) -> Self {
        Self::trusted(value.to_string())
    }
}
