//! Payloads as they are on the wire.

use std::fmt;

use compact_json::{Unreadable, Unwritable};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// A JSON value, kept as its text: it is read once, into the type that the program wants.
///
/// Bytes, which are what `serde_bytes` and the like make of a `Vec<u8>`, are no part of the text.
/// They travel beside it as binary attachments.
#[derive(Clone, PartialEq, Eq)]
pub struct Json {
    text: String,
    attachments: Vec<Vec<u8>>,
}

impl Json {
    /// Writes a value. An error where JSON has no way to write it, like a map with keys that are
    /// no strings.
    pub fn write(value: &(impl Serialize + ?Sized)) -> Result<Self, Unwritable> {
        let mut attachments = Vec::new();
        let text = compact_json::write_with_attachments(value, &mut attachments)?;
        Ok(Self { text, attachments })
    }

    /// Reads the value. A type that asks for bytes, or for a `Vec<u8>`, gets those of the
    /// attachment that stands there.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, Unreadable> {
        compact_json::read_with_attachments(&self.text, &self.attachments)
    }

    /// The text, which is well-formed. Where an attachment stands it has a placeholder.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// What the placeholders stand for.
    pub fn attachments(&self) -> &[Vec<u8>] {
        &self.attachments
    }

    /// Takes over a text that is known to be well-formed.
    pub(crate) fn trusted(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            attachments: Vec::new(),
        }
    }

    pub(crate) fn with_attachments(self, attachments: Vec<Vec<u8>>) -> Self {
        Self {
            attachments,
            ..self
        }
    }

    pub(crate) fn take_attachments(&mut self) -> Vec<Vec<u8>> {
        std::mem::take(&mut self.attachments)
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
        formatter.write_str(&self.text)
    }
}

#[cfg(all(test, not(target_arch = "wasm32")))]
impl From<serde_json::Value> for Json {
    fn from(value: serde_json::Value) -> Self {
        Self::trusted(value.to_string())
    }
}
