//! Puts binary attachments back where the JSON has placeholders for them.

use super::{Body, DecodeError, Packet};
use crate::json::Json;

/// How every server writes the beginning of a placeholder. Quotes inside of a string are escaped,
/// so this is never part of one.
const PLACEHOLDER: &str = r#"{"_placeholder":true,"num":"#;

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

fn inline(argument: &mut Json, available: &mut [Option<Vec<u8>>]) -> Result<(), DecodeError> {
    let mut parts = argument.as_str().split(PLACEHOLDER);
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (number, after) = part.split_once('}').ok_or(DecodeError::Attachments)?;
        let bytes = number
            .parse()
            .ok()
            .and_then(|index: usize| available.get_mut(index))
            .and_then(Option::take)
            .ok_or(DecodeError::Attachments)?;
        text.push('[');
        for (index, byte) in bytes.iter().enumerate() {
            if index > 0 {
                text.push(',');
            }
            text.push_str(&byte.to_string());
        }
        text.push(']');
        text.push_str(after);
    }
    *argument = Json::trusted(text);
    Ok(())
}
