//! Puts binary attachments back where the JSON has placeholders for them.

use serde_json::Value;

use super::{Body, DecodeError, Packet};

impl Packet {
    /// Replaces each placeholder in the arguments by its attachment, as the array of its bytes:
    /// JSON's way of writing them, which serde reads into a `Vec<u8>`.
    ///
    /// Each attachment is used once; a placeholder for one that is not there is an error.
    pub fn inline_attachments(&mut self) -> Result<(), DecodeError> {
        let (Body::Event {
            arguments,
            attachments,
            ..
        }
        | Body::Ack {
            arguments,
            attachments,
            ..
        }) = &mut self.body
        else {
            return Ok(());
        };
        if attachments.is_empty() {
            return Ok(());
        }
        let mut available: Vec<Option<Vec<u8>>> = attachments.drain(..).map(Some).collect();
        arguments
            .iter_mut()
            .try_for_each(|argument| inline(argument, &mut available))
    }
}

/// The parser bounds how deep a value nests, and with it this recursion.
fn inline(value: &mut Value, available: &mut [Option<Vec<u8>>]) -> Result<(), DecodeError> {
    if let Some(index) = placeholder(value) {
        let bytes = usize::try_from(index)
            .ok()
            .and_then(|index| available.get_mut(index))
            .and_then(Option::take)
            .ok_or(DecodeError::Attachments)?;
        *value = Value::Array(bytes.into_iter().map(Value::from).collect());
        return Ok(());
    }
    match value {
        Value::Array(items) => items
            .iter_mut()
            .try_for_each(|item| inline(item, available)),
        Value::Object(members) => members
            .values_mut()
            .try_for_each(|member| inline(member, available)),
        _ => Ok(()),
    }
}

/// The number of the attachment that this value stands for, if it does.
fn placeholder(value: &Value) -> Option<u64> {
    let members = value.as_object()?;
    if members.get("_placeholder") != Some(&Value::Bool(true)) {
        return None;
    }
    // A placeholder without a usable number stands for an attachment that cannot be there.
    Some(
        members
            .get("num")
            .and_then(Value::as_u64)
            .unwrap_or(u64::MAX),
    )
}
