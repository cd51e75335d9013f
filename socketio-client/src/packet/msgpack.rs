//! MessagePack: a whole packet as one binary message, with bytes in their places.
//!
//! A packet is a map of `type`, `nsp`, `data` and `id`, as npm's `socket.io-msgpack-parser` has it.
//! Everywhere else a packet is JSON with attachments: here the one is made into the other.
//! <https://github.com/msgpack/msgpack/blob/master/spec.md>

use std::mem;

use super::decoder::body;
use super::{Body, DecodeError, MAX_TEXT_BYTES, Packet};
use reader::Reader;
use writer::Writer;

/// From MessagePack to JSON.
mod reader;
#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests;
/// From JSON to MessagePack.
mod writer;

/// Writes a packet.
pub fn encode(packet: &Packet) -> Vec<u8> {
    let (kind, _, id, payload) = packet.parts();
    // There are no binary types: bytes can be anywhere.
    let kind = match kind {
        '5' => 2,
        '6' => 3,
        kind => kind.to_digit(10).unwrap_or_default(),
    };
    let has_data = !payload.is_empty();
    let attachments = packet
        .arguments()
        .map_or(&[][..], |each| each.attachments());
    let mut writer = Writer::new(attachments);
    writer.map(2 + usize::from(has_data) + usize::from(id.is_some()));
    writer.text("type");
    writer.unsigned(kind.into());
    writer.text("nsp");
    writer.text(&packet.namespace);
    if has_data {
        writer.text("data");
        writer.json(&payload);
    }
    if let Some(id) = id {
        writer.text("id");
        writer.unsigned(id);
    }
    writer.into_bytes()
}

/// Reads a packet. The limits are those of text and attachments, for the message itself and for
/// what becomes of it.
pub fn decode(bytes: &[u8]) -> Result<Packet, DecodeError> {
    if bytes.len() > MAX_TEXT_BYTES {
        return Err(DecodeError::TooLarge);
    }
    let mut reader = Reader::new(bytes);
    let (mut kind, mut namespace, mut id, mut data) = (None, None, None, None);
    let mut attachments = Vec::new();
    for _ in 0..reader.map()? {
        let name = reader.text()?;
        let value = reader.json()?;
        let bytes = mem::take(&mut reader.attachments);
        match name {
            "type" => kind = value,
            "nsp" => namespace = value,
            "id" => id = value,
            "data" => (data, attachments) = (value, bytes),
            // The official client adds what the server has no use for; a server may do the same.
            _ => {}
        }
    }
    reader.end()?;

    let kind = kind.and_then(|kind| kind.parse().ok());
    let kind = kind.filter(|kind| ('0'..='6').contains(kind));
    let namespace = namespace.and_then(|json| compact_json::read::<String>(&json).ok());
    let id = id.map(|digits| digits.parse()).transpose();
    let mut body = body(
        kind.ok_or(DecodeError::UnknownType)?,
        id.map_err(|_| DecodeError::Header)?,
        &data.unwrap_or_default(),
    )?;
    match &mut body {
        Body::Event { arguments, .. } | Body::Ack { arguments, .. } => {
            arguments.attachments = attachments;
        }
        _ if attachments.is_empty() => {}
        _ => return Err(DecodeError::Attachments),
    }
    let namespace = namespace.filter(|namespace| namespace.starts_with('/'));
    Ok(Packet {
        namespace: namespace.ok_or(DecodeError::Header)?,
        body,
    })
}
