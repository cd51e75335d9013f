//! Reads text and binary frames, holding a packet back until its attachments are there.

use std::borrow::Cow;

use serde::Deserialize;

use super::{
    Body, DecodeError, MAX_ATTACHMENT_BYTES, MAX_ATTACHMENTS, MAX_TEXT_BYTES, Packet, Parser,
};
use crate::arguments::Arguments;
use crate::json::Json;

/// Turns the frames of one connection into packets. After an error the connection is of no use.
#[derive(Debug, Default)]
pub struct Decoder {
    parser: Parser,
    incomplete: Option<Incomplete>,
}

/// A packet that still waits for attachments.
#[derive(Debug)]
struct Incomplete {
    packet: Packet,
    expected: usize,
    bytes: usize,
}

impl Decoder {
    /// For what this parser writes.
    pub fn new(parser: Parser) -> Self {
        Self {
            parser,
            incomplete: None,
        }
    }

    /// Reads a text frame: a whole packet, or the beginning of one with attachments.
    pub fn text(&mut self, text: &str) -> Result<Option<Packet>, DecodeError> {
        match self.parser {
            Parser::Json => {}
            #[cfg(feature = "msgpack")]
            Parser::MessagePack => return Err(DecodeError::Text),
        }
        if self.incomplete.is_some() {
            return Err(DecodeError::Attachments);
        }
        let (packet, expected) = decode_text(text)?;
        if expected == 0 {
            return Ok(Some(packet));
        }
        self.incomplete = Some(Incomplete {
            packet,
            expected,
            bytes: 0,
        });
        Ok(None)
    }

    /// Reads a binary frame: the next attachment, with the last of which the packet is complete, or
    /// with MessagePack a whole packet.
    pub fn binary(&mut self, bytes: &[u8]) -> Result<Option<Packet>, DecodeError> {
        match self.parser {
            Parser::Json => {}
            #[cfg(feature = "msgpack")]
            Parser::MessagePack => return super::msgpack::decode(bytes).map(Some),
        }
        let mut incomplete = self.incomplete.take().ok_or(DecodeError::Attachments)?;
        incomplete.bytes = incomplete.bytes.saturating_add(bytes.len());
        if incomplete.bytes > MAX_ATTACHMENT_BYTES {
            return Err(DecodeError::TooLarge);
        }
        if let Body::Event { arguments, .. } | Body::Ack { arguments, .. } =
            &mut incomplete.packet.body
        {
            arguments.attachments.push(bytes.to_vec());
            if arguments.attachments.len() == incomplete.expected {
                return Ok(Some(incomplete.packet));
            }
        }
        self.incomplete = Some(incomplete);
        Ok(None)
    }
}

/// Reads the text of a packet, and how many attachments are to follow.
fn decode_text(text: &str) -> Result<(Packet, usize), DecodeError> {
    if text.len() > MAX_TEXT_BYTES {
        return Err(DecodeError::TooLarge);
    }
    let mut rest = text.chars();
    let kind = rest.next().ok_or(DecodeError::UnknownType)?;
    if !('0'..='6').contains(&kind) {
        return Err(DecodeError::UnknownType);
    }
    let mut rest = rest.as_str();

    let mut expected = 0;
    if matches!(kind, '5' | '6') {
        let (count, after) = number(rest)?;
        rest = after.strip_prefix('-').ok_or(DecodeError::Header)?;
        let count = count
            .filter(|count| *count > 0)
            .ok_or(DecodeError::Header)?;
        if count > MAX_ATTACHMENTS as u64 {
            return Err(DecodeError::TooLarge);
        }
        expected = count as usize;
    }

    let mut namespace = "/";
    if rest.starts_with('/') {
        (namespace, rest) = rest.split_once(',').unwrap_or((rest, ""));
    }

    let (id, json) = number(rest)?;
    let packet = Packet {
        namespace: namespace.to_owned(),
        body: body(kind, id, json)?,
    };
    Ok((packet, expected))
}

/// Reads the digits at the beginning, if there are any, and gives what follows them.
fn number(text: &str) -> Result<(Option<u64>, &str), DecodeError> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, rest) = text.split_at_checked(digits).ok_or(DecodeError::Header)?;
    if number.is_empty() {
        return Ok((None, rest));
    }
    let number = number.parse().map_err(|_| DecodeError::Header)?;
    Ok((Some(number), rest))
}

/// Each type of packet has its own shape of payload.
pub(super) fn body(kind: char, id: Option<u64>, json: &str) -> Result<Body, DecodeError> {
    Ok(match kind {
        '0' if json.is_empty() => Body::Connect(None),
        '0' if json.starts_with('{') => {
            object(json)?;
            Body::Connect(Some(Json::trusted(json)))
        }
        '1' if json.is_empty() => Body::Disconnect,
        '2' | '5' => {
            let mut values = array(json)?.into_iter();
            let name = values.next().ok_or(DecodeError::Payload)?;
            Body::Event {
                name: event_name(name)?,
                arguments: arguments(values),
                ack: id,
            }
        }
        '3' | '6' => Body::Ack {
            arguments: arguments(array(json)?.into_iter()),
            id: id.ok_or(DecodeError::Header)?,
        },
        '4' if json.starts_with('"') => Body::ConnectError {
            message: parse(json)?,
            data: None,
        },
        '4' => {
            let mut message = None;
            let mut data = None;
            for (name, value) in object(json)? {
                match &*name {
                    "message" => message = Some(parse(value)?),
                    // `null` says as much as nothing.
                    "data" if value != "null" => data = Some(Json::trusted(value)),
                    _ => {}
                }
            }
            Body::ConnectError {
                message: message.ok_or(DecodeError::Payload)?,
                data,
            }
        }
        _ => return Err(DecodeError::Payload),
    })
}

fn array(json: &str) -> Result<Vec<&str>, DecodeError> {
    compact_json::split_array(json).map_err(|_| DecodeError::Payload)
}

fn arguments<'a>(values: impl Iterator<Item = &'a str>) -> Arguments {
    Arguments {
        values: values.map(Json::trusted).collect(),
        attachments: Vec::new(),
    }
}

fn object(json: &str) -> Result<Vec<(Cow<'_, str>, &str)>, DecodeError> {
    compact_json::split_object(json).map_err(|_| DecodeError::Payload)
}

fn parse<'a, T: Deserialize<'a>>(json: &'a str) -> Result<T, DecodeError> {
    compact_json::read(json).map_err(|_| DecodeError::Payload)
}

/// Servers may name events by numbers too; here they are the same as their digits.
fn event_name(json: &str) -> Result<String, DecodeError> {
    match json.as_bytes().first() {
        Some(b'"') => parse(json),
        Some(b'-' | b'0'..=b'9') => Ok(json.to_owned()),
        _ => Err(DecodeError::Payload),
    }
}
