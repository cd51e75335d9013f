//! Socket.IO v5 packets: their types, how they are written, and how frames become packets.
//!
//! A packet is text: a digit for the type, the number of attachments, the namespace, the
//! acknowledgement id and JSON. Its binary attachments follow as binary frames of their own.

use thiserror::Error;

use crate::arguments::Arguments;
use crate::json::Json;

/// Reads text and binary frames, holding a packet back until its attachments are there.
mod decoder;
/// MessagePack: a whole packet as one binary message, with bytes in their places.
#[cfg(feature = "msgpack")]
pub mod msgpack;
#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests;

pub use decoder::Decoder;

/// Most bytes that the text of one packet may have.
pub const MAX_TEXT_BYTES: usize = 8 * 1024 * 1024;
/// Most binary attachments that one packet may have.
pub const MAX_ATTACHMENTS: usize = 10;
/// Most bytes that all attachments of one packet may have together.
pub const MAX_ATTACHMENT_BYTES: usize = 1024 * 1024;

/// How packets are written. The server has to use the same parser.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Parser {
    /// Text, with binary attachments behind it: what every server understands unless told
    /// otherwise.
    #[default]
    Json,
    /// A binary message for each packet, as npm's `socket.io-msgpack-parser` and socketioxide's
    /// `ParserConfig::msgpack` have it. Needs the feature `msgpack`.
    #[cfg(feature = "msgpack")]
    MessagePack,
}

/// One Socket.IO packet.
#[derive(Clone, Debug, PartialEq)]
pub struct Packet {
    /// The namespace, beginning with `/`; a query may follow its name.
    pub namespace: String,
    /// What is said to the namespace.
    pub body: Body,
}

/// The types of packet. Those with attachments are written as the two binary types.
#[derive(Clone, Debug, PartialEq)]
pub enum Body {
    /// The client asks for a namespace, with what it authenticates with; the server accepts, with
    /// the id of the connection.
    Connect(Option<Json>),
    /// One side leaves the namespace.
    Disconnect,
    /// An event, or a binary event if there are attachments.
    Event {
        /// The name of the event.
        name: String,
        /// What follows the name.
        arguments: Arguments,
        /// With an id the sender asks for an acknowledgement.
        ack: Option<u64>,
    },
    /// An acknowledgement, or a binary one if there are attachments.
    Ack {
        /// The id that the event came with.
        id: u64,
        /// What the acknowledgement says.
        arguments: Arguments,
    },
    /// The server refuses the namespace.
    ConnectError {
        /// Why, in a word or a sentence.
        message: String,
        /// What else the server says about it.
        data: Option<Json>,
    },
}

/// Why a frame belongs to no packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum DecodeError {
    /// The first character names no type of packet.
    #[error("an unknown type of packet")]
    UnknownType,
    /// What stands before the JSON cannot be read.
    #[error("an unreadable header")]
    Header,
    /// The JSON cannot be read, or is not what this type of packet carries.
    #[error("an unreadable payload")]
    Payload,
    /// The packet is larger than the limits allow.
    #[error("a packet above the limits")]
    TooLarge,
    /// Text came where an attachment was due, or an attachment where none was due.
    #[error("attachments do not match")]
    Attachments,
    /// Text came, and the parser is one of binary messages.
    #[cfg(feature = "msgpack")]
    #[error("text in place of a binary packet")]
    Text,
}

impl Packet {
    /// The namespace without the query.
    pub fn path(&self) -> &str {
        self.namespace.split('?').next().unwrap_or_default()
    }

    /// The arguments, of the types that have some.
    pub fn arguments(&self) -> Option<&Arguments> {
        match &self.body {
            Body::Event { arguments, .. } | Body::Ack { arguments, .. } => Some(arguments),
            Body::Connect(_) | Body::Disconnect | Body::ConnectError { .. } => None,
        }
    }

    /// The digit of the type, the number of attachments, the acknowledgement id and the JSON, if
    /// there is some.
    fn parts(&self) -> (char, usize, Option<u64>, String) {
        match &self.body {
            Body::Connect(None) => ('0', 0, None, String::new()),
            Body::Connect(Some(auth)) => ('0', 0, None, auth.as_str().to_owned()),
            Body::Disconnect => ('1', 0, None, String::new()),
            Body::Event {
                name,
                arguments,
                ack,
            } => {
                let attachments = arguments.attachments.len();
                let kind = if attachments == 0 { '2' } else { '5' };
                let payload = array(Some(&string(name)), &arguments.values);
                (kind, attachments, *ack, payload)
            }
            Body::Ack { id, arguments } => {
                let attachments = arguments.attachments.len();
                let kind = if attachments == 0 { '3' } else { '6' };
                let payload = array(None, &arguments.values);
                (kind, attachments, Some(*id), payload)
            }
            Body::ConnectError { message, data } => {
                let mut payload = ["{\"message\":", string(message).as_str()].concat();
                if let Some(data) = data {
                    payload.push_str(",\"data\":");
                    payload.push_str(data.as_str());
                }
                payload.push('}');
                ('4', 0, None, payload)
            }
        }
    }

    /// Writes the text of the packet. Attachments follow it, each as a binary frame.
    pub fn encode(&self) -> String {
        let (kind, attachments, id, payload) = self.parts();
        let mut text = String::from(kind);
        if attachments > 0 {
            text.push_str(&attachments.to_string());
            text.push('-');
        }
        if self.namespace != "/" {
            text.push_str(&self.namespace);
            text.push(',');
        }
        if let Some(id) = id {
            text.push_str(&id.to_string());
        }
        text.push_str(&payload);
        text
    }
}

fn array(name: Option<&Json>, values: &[Json]) -> String {
    let parts: Vec<&str> = name.into_iter().chain(values).map(Json::as_str).collect();
    ["[", &parts.join(","), "]"].concat()
}

/// Every string can be written.
fn string(text: &str) -> Json {
    Json::write(text).unwrap_or_default()
}
