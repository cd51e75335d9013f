//! Payloads: packets for one request, with binary ones in base64.

use std::collections::VecDeque;

use super::{MAX_OUTGOING_BYTES, MAX_OUTGOING_PACKETS};
use crate::engine::Frame;
use crate::packet::MAX_ATTACHMENT_BYTES;

/// Stands between two packets of a payload. In JSON it is always escaped, so no packet has it.
pub(super) const SEPARATOR: char = '\x1e';
/// Stands before a binary message in a payload.
pub(super) const BASE64_MARK: char = 'b';

/// What waits to be sent.
#[derive(Debug, Default)]
pub(super) struct Outgoing {
    frames: VecDeque<Frame<'static>>,
    /// What the frames take in payloads.
    bytes: usize,
}

impl Outgoing {
    pub(super) fn has_room_for(&self, frame: &Frame<'_>) -> bool {
        self.frames.len() < MAX_OUTGOING_PACKETS
            && self.bytes.saturating_add(length(frame)) <= MAX_OUTGOING_BYTES
    }

    pub(super) fn push(&mut self, frame: Frame<'static>) {
        self.bytes += length(&frame);
        self.frames.push_back(frame);
    }

    pub(super) fn pop(&mut self) -> Option<Frame<'static>> {
        let frame = self.frames.pop_front()?;
        self.bytes -= length(&frame);
        Some(frame)
    }

    /// Takes as many frames as make a payload of at most `max` bytes. The first one is taken
    /// however long it is, because no later payload would have more room for it.
    pub(super) fn payload(&mut self, max: usize) -> Option<String> {
        let mut body = String::new();
        push_packet(&mut body, &self.pop()?);
        while let Some(next) = self.frames.front()
            && body.len() + SEPARATOR.len_utf8() + length(next) <= max
            && let Some(frame) = self.pop()
        {
            body.push(SEPARATOR);
            push_packet(&mut body, &frame);
        }
        Some(body)
    }
}

/// The bytes that a frame takes in a payload.
fn length(frame: &Frame<'_>) -> usize {
    match frame {
        Frame::Text(text) => text.len(),
        Frame::Binary(bytes) => BASE64_MARK.len_utf8() + base64_length(bytes.len()),
    }
}

/// Appends a frame to a payload.
pub(super) fn push_packet(body: &mut String, frame: &Frame<'_>) {
    match frame {
        Frame::Text(text) => body.push_str(text),
        Frame::Binary(bytes) => {
            body.push(BASE64_MARK);
            push_base64(body, bytes);
        }
    }
}

pub(super) const fn base64_length(bytes: usize) -> usize {
    bytes.div_ceil(3).saturating_mul(4)
}

/// Appends bytes in base64: the standard alphabet, padded (RFC 4648, section 4).
pub(super) fn push_base64(text: &mut String, bytes: &[u8]) {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    text.reserve(base64_length(bytes.len()));
    for group in bytes.chunks(3) {
        let byte = |place: usize| group.get(place).map_or(0, |byte| u32::from(*byte));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for place in 0..4 {
            text.push(if place > group.len() {
                '='
            } else {
                char::from(DIGITS[(bits >> (18 - 6 * place)) as usize & 63])
            });
        }
    }
}

/// Reads base64, unless it is longer than that of the largest attachment.
pub(super) fn read_base64(text: &str) -> Option<Vec<u8>> {
    let digits = text.trim_end_matches('=');
    if text.len() > base64_length(MAX_ATTACHMENT_BYTES)
        || !text.len().is_multiple_of(4)
        || text.len() - digits.len() > 2
    {
        return None;
    }
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    for group in digits.as_bytes().chunks(4) {
        let mut bits = 0;
        for (place, &digit) in group.iter().enumerate() {
            bits |= base64_value(digit)? << (18 - 6 * place);
        }
        // Four digits are three bytes; the padding has taken one byte for each digit.
        bytes.extend(&bits.to_be_bytes()[1..group.len()]);
    }
    Some(bytes)
}

fn base64_value(digit: u8) -> Option<u32> {
    let value = match digit {
        b'A'..=b'Z' => digit - b'A',
        b'a'..=b'z' => digit - b'a' + 26,
        b'0'..=b'9' => digit - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    };
    Some(u32::from(value))
}
