//! Engine.IO v4 packets, as the text and binary frames of a WebSocket.
//!
//! A text frame is one digit for the type and then the data; a binary frame is a message as it is.

use std::borrow::Cow;

use thiserror::Error;

/// What a transport carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Frame<'a> {
    /// A text frame.
    Text(Cow<'a, str>),
    /// A binary frame.
    Binary(Cow<'a, [u8]>),
}

impl Frame<'_> {
    /// Makes the frame independent of what it was read from.
    pub fn into_owned(self) -> Frame<'static> {
        match self {
            Self::Text(text) => Frame::Text(Cow::Owned(text.into_owned())),
            Self::Binary(bytes) => Frame::Binary(Cow::Owned(bytes.into_owned())),
        }
    }
}

/// One Engine.IO packet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Packet<'a> {
    /// The server's first packet.
    Open(Handshake),
    /// The sender is about to close the transport.
    Close,
    /// Heartbeat from the server, or a probe with data.
    Ping(Cow<'a, str>),
    /// The answer to a ping, with the ping's data.
    Pong(Cow<'a, str>),
    /// A message of the layer above.
    Message(Cow<'a, str>),
    /// A binary message of the layer above.
    Binary(Cow<'a, [u8]>),
    /// The client moves to a transport that it has probed.
    Upgrade,
    /// Nothing; it ends a pending poll.
    Noop,
}

/// What the server says about the connection when it opens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handshake {
    /// The id of the Engine.IO session. A credential: whoever knows it can poll in its name.
    pub sid: String,
    /// The transports that the session may move to.
    pub upgrades: Vec<String>,
    /// Milliseconds between two pings of the server.
    pub ping_interval: u64,
    /// Milliseconds after which a ping that stays away means that the line is dead.
    pub ping_timeout: u64,
    /// Most bytes that the server takes in one payload.
    pub max_payload: Option<u64>,
}

impl Handshake {
    fn read(json: &str) -> Option<Self> {
        let members = Members::read(json)?;
        let upgrades = match members.get("upgrades") {
            Some(upgrades) => compact_json::split_array(upgrades).ok()?,
            None => Vec::new(),
        };
        Some(Self {
            sid: members.text("sid")?,
            upgrades: upgrades
                .into_iter()
                .map(|upgrade| compact_json::read(upgrade).ok())
                .collect::<Option<_>>()?,
            ping_interval: members.number("pingInterval")?,
            ping_timeout: members.number("pingTimeout")?,
            max_payload: match members.get("maxPayload") {
                None | Some("null") => None,
                Some(_) => Some(members.number("maxPayload")?),
            },
        })
    }

    fn write(&self) -> String {
        // Every string can be written.
        let string = |text: &String| compact_json::write(text).unwrap_or_default();
        let upgrades: Vec<String> = self.upgrades.iter().map(string).collect();
        let mut json = [
            "{\"sid\":",
            &string(&self.sid),
            ",\"upgrades\":[",
            &upgrades.join(","),
            "],\"pingInterval\":",
            &self.ping_interval.to_string(),
            ",\"pingTimeout\":",
            &self.ping_timeout.to_string(),
        ]
        .concat();
        if let Some(max_payload) = self.max_payload {
            json.push_str(",\"maxPayload\":");
            json.push_str(&max_payload.to_string());
        }
        json.push('}');
        json
    }
}

/// The members of an object. Reading the few that matter takes less code than a type would.
pub(crate) struct Members<'a>(Vec<(Cow<'a, str>, &'a str)>);

impl<'a> Members<'a> {
    pub(crate) fn read(json: &'a str) -> Option<Self> {
        compact_json::split_object(json).ok().map(Self)
    }

    /// The JSON of a member. Of several with the same name the last counts, as in JavaScript.
    pub(crate) fn get(&self, name: &str) -> Option<&'a str> {
        let mut members = self.0.iter().rev();
        members
            .find(|(each, _)| each == name)
            .map(|(_, value)| *value)
    }

    pub(crate) fn text(&self, name: &str) -> Option<String> {
        compact_json::read(self.get(name)?).ok()
    }

    fn number(&self, name: &str) -> Option<u64> {
        compact_json::read(self.get(name)?).ok()
    }
}

/// Why a frame is no packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum DecodeError {
    /// The frame is empty.
    #[error("an empty frame")]
    Empty,
    /// The first character names no type of packet.
    #[error("an unknown type of packet")]
    UnknownType,
    /// The open packet's handshake cannot be read.
    #[error("an unreadable handshake")]
    Handshake,
}

/// Reads one frame.
pub fn decode<'a>(frame: &'a Frame<'_>) -> Result<Packet<'a>, DecodeError> {
    let text = match frame {
        Frame::Binary(bytes) => return Ok(Packet::Binary(Cow::Borrowed(bytes))),
        Frame::Text(text) => text,
    };
    // No slice by index: the sentence that its panic would say weighs more than everything here.
    let mut rest = text.chars();
    let kind = rest.next().ok_or(DecodeError::Empty)?;
    let data = rest.as_str();
    Ok(match kind {
        '0' => Packet::Open(Handshake::read(data).ok_or(DecodeError::Handshake)?),
        '1' => Packet::Close,
        '2' => Packet::Ping(Cow::Borrowed(data)),
        '3' => Packet::Pong(Cow::Borrowed(data)),
        '4' => Packet::Message(Cow::Borrowed(data)),
        '5' => Packet::Upgrade,
        '6' => Packet::Noop,
        _ => return Err(DecodeError::UnknownType),
    })
}

/// Writes one packet as a frame.
pub fn encode(packet: &Packet<'_>) -> Frame<'static> {
    let (kind, data) = match packet {
        Packet::Binary(bytes) => return Frame::Binary(Cow::Owned(bytes.to_vec())),
        Packet::Open(handshake) => {
            return Frame::Text(Cow::Owned(["0", &handshake.write()].concat()));
        }
        Packet::Close => ("1", ""),
        Packet::Ping(data) => ("2", &**data),
        Packet::Pong(data) => ("3", &**data),
        Packet::Message(data) => ("4", &**data),
        Packet::Upgrade => ("5", ""),
        Packet::Noop => ("6", ""),
    };
    Frame::Text(Cow::Owned([kind, data].concat()))
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn text(text: &str) -> Frame<'_> {
        Frame::Text(Cow::Borrowed(text))
    }

    #[test]
    fn the_open_packet_of_a_server_is_read() {
        let frame = text(
            r#"0{"sid":"abc","upgrades":["websocket"],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}"#,
        );
        let Ok(Packet::Open(handshake)) = decode(&frame) else {
            panic!("no open packet");
        };
        assert_eq!(handshake.sid, "abc");
        assert_eq!(handshake.upgrades, ["websocket"]);
        assert_eq!(
            (handshake.ping_interval, handshake.ping_timeout),
            (25_000, 20_000)
        );
        assert_eq!(handshake.max_payload, Some(1_000_000));
    }

    #[test]
    fn what_is_no_packet_is_an_error() {
        assert_eq!(decode(&text("")), Err(DecodeError::Empty));
        assert_eq!(decode(&text("7")), Err(DecodeError::UnknownType));
        assert_eq!(decode(&text("é")), Err(DecodeError::UnknownType));
        assert_eq!(decode(&text("0{}")), Err(DecodeError::Handshake));
        assert_eq!(
            decode(&text(r#"0{"sid":"a","pingInterval":-1,"pingTimeout":1}"#)),
            Err(DecodeError::Handshake)
        );
    }

    fn any_packet() -> impl Strategy<Value = Packet<'static>> {
        prop_oneof![
            (
                any::<String>(),
                any::<Vec<String>>(),
                any::<u64>(),
                any::<u64>(),
                any::<Option<u64>>()
            )
                .prop_map(
                    |(sid, upgrades, ping_interval, ping_timeout, max_payload)| {
                        Packet::Open(Handshake {
                            sid,
                            upgrades,
                            ping_interval,
                            ping_timeout,
                            max_payload,
                        })
                    }
                ),
            Just(Packet::Close),
            any::<String>().prop_map(|data| Packet::Ping(Cow::Owned(data))),
            any::<String>().prop_map(|data| Packet::Pong(Cow::Owned(data))),
            any::<String>().prop_map(|data| Packet::Message(Cow::Owned(data))),
            any::<Vec<u8>>().prop_map(|data| Packet::Binary(Cow::Owned(data))),
            Just(Packet::Upgrade),
            Just(Packet::Noop),
        ]
    }

    proptest! {
        #[test]
        fn every_packet_survives_the_way_there_and_back(packet in any_packet()) {
            let frame = encode(&packet);
            prop_assert_eq!(decode(&frame), Ok(packet));
        }

        #[test]
        fn decode_never_panics_on_arbitrary_text(data in any::<String>()) {
            let _ = decode(&Frame::Text(Cow::Owned(data)));
        }

        #[test]
        fn decode_never_panics_on_arbitrary_handshakes(data in "0\\{?[\"a-zA-Z:,0-9{}\\[\\]-]*") {
            let _ = decode(&Frame::Text(Cow::Owned(data)));
        }
    }
}
