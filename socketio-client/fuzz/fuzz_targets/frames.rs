//! Whatever frames a server sends: no panic, nothing above the limits, and what was understood is
//! written and read again as the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use socketio_client::Args;
use socketio_client::engine::{self, Frame};
use socketio_client::packet::{Decoder, MAX_ATTACHMENTS, Packet, msgpack};

/// Between two frames of an input. One that begins with a `#` is a binary one.
const SEPARATOR: u8 = 0x1e;
/// Begins an input that is one packet of MessagePack.
const MESSAGEPACK: &[u8] = b"%";

fuzz_target!(|input: &[u8]| {
    if let Some(bytes) = input.strip_prefix(MESSAGEPACK) {
        if let Ok(packet) = msgpack::decode(bytes) {
            check_messagepack(&packet);
        }
        return;
    }
    let mut decoder = Decoder::default();
    for part in input.split(|byte| *byte == SEPARATOR) {
        let frame = match (part.strip_prefix(b"#"), std::str::from_utf8(part)) {
            (Some(bytes), _) => Frame::Binary(bytes.into()),
            (None, Ok(text)) => Frame::Text(text.into()),
            (None, Err(_)) => return,
        };
        let Ok(packet) = engine::decode(&frame) else {
            return;
        };
        assert_eq!(engine::decode(&engine::encode(&packet)), Ok(packet.clone()));
        let decoded = match packet {
            engine::Packet::Message(text) => decoder.text(&text),
            engine::Packet::Binary(bytes) => decoder.binary(&bytes),
            _ => continue,
        };
        match decoded {
            Ok(Some(packet)) => check(&packet),
            Ok(None) => {}
            Err(_) => return,
        }
    }
});

fn check(packet: &Packet) {
    let mut decoder = Decoder::default();
    let mut again = decoder.text(&packet.encode());
    if let Some(arguments) = packet.arguments() {
        assert!(arguments.attachments().len() <= MAX_ATTACHMENTS);
        for attachment in arguments.attachments() {
            assert_eq!(again, Ok(None));
            again = decoder.binary(attachment);
        }
        // They may be of any shape; asking must be safe.
        let _one = arguments.read::<serde_json::Value>();
        let _several = arguments.read::<Args<(u8, String, Vec<u8>)>>();
    }
    assert_eq!(again, Ok(Some(packet.clone())));
}

/// As [`check`]. A server may write what looks like a placeholder and is none: then what is written
/// again are bytes.
fn check_messagepack(packet: &Packet) {
    let mut placeholders = 0;
    let mut attachments = 0;
    if let Some(arguments) = packet.arguments() {
        let texts = arguments.values().iter().map(|value| value.as_str());
        placeholders = texts.map(|text| text.matches("_placeholder").count()).sum();
        attachments = arguments.attachments().len();
        assert!(attachments <= MAX_ATTACHMENTS);
        let _one = arguments.read::<serde_json::Value>();
        let _several = arguments.read::<Args<(u8, String, Vec<u8>)>>();
    }
    let again = msgpack::decode(&msgpack::encode(packet));
    if placeholders == attachments {
        assert_eq!(again, Ok(packet.clone()));
    }
}
