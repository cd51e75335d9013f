//! Socket.IO v5 packets: their types, how they are written, and how frames become packets.
//!
//! A packet is text: a digit for the type, the number of attachments, the namespace, the
//! acknowledgement id and JSON. Its binary attachments follow as binary frames of their own.

use serde_json::{Value, json};
use thiserror::Error;

/// Puts binary attachments back where the JSON has placeholders for them.
mod attachments;
/// Reads text and binary frames, holding a packet back until its attachments are there.
mod decoder;
#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests;

pub use decoder::Decoder;

/// Most bytes that the text of one packet may have.
pub const MAX_TEXT_BYTES: usize = 8 * 1024 * 1024;
/// Most binary attachments that one packet may have.
pub const MAX_ATTACHMENTS: usize = 10;
/// Most bytes that all attachments of one packet may have together.
pub const MAX_ATTACHMENT_BYTES: usize = 1024 * 1024;

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
    Connect(Option<Value>),
    /// One side leaves the namespace.
    Disconnect,
    /// An event, or a binary event if there are attachments.
    Event {
        /// The name of the event.
        name: String,
        /// What follows the name.
        arguments: Vec<Value>,
        /// With an id the sender asks for an acknowledgement.
        ack: Option<u64>,
        /// The binary parts, for which the arguments have placeholders.
        attachments: Vec<Vec<u8>>,
    },
    /// An acknowledgement, or a binary one if there are attachments.
    Ack {
        /// The id that the event came with.
        id: u64,
        /// What the acknowledgement says.
        arguments: Vec<Value>,
        /// The binary parts, for which the arguments have placeholders.
        attachments: Vec<Vec<u8>>,
    },
    /// The server refuses the namespace.
    ConnectError {
        /// Why, in a word or a sentence.
        message: String,
        /// What else the server says about it.
        data: Option<Value>,
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
    /// Text came where an attachment was due, an attachment where none was due, or a placeholder
    /// names an attachment that is not there.
    #[error("attachments do not match")]
    Attachments,
}

impl Packet {
    /// The namespace without the query.
    pub fn path(&self) -> &str {
        self.namespace.split('?').next().unwrap_or_default()
    }

    /// Writes the text of the packet. Attachments follow it, each as a binary frame.
    pub fn encode(&self) -> String {
        let (kind, attachments, id, payload) = match &self.body {
            Body::Connect(auth) => ('0', 0, None, auth.clone()),
            Body::Disconnect => ('1', 0, None, None),
            Body::Event {
                name,
                arguments,
                ack,
                attachments,
            } => {
                let mut array = Vec::with_capacity(arguments.len() + 1);
                array.push(Value::from(name.as_str()));
                array.extend_from_slice(arguments);
                let kind = if attachments.is_empty() { '2' } else { '5' };
                (kind, attachments.len(), *ack, Some(Value::Array(array)))
            }
            Body::Ack {
                id,
                arguments,
                attachments,
            } => {
                let kind = if attachments.is_empty() { '3' } else { '6' };
                (
                    kind,
                    attachments.len(),
                    Some(*id),
                    Some(Value::Array(arguments.clone())),
                )
            }
            Body::ConnectError { message, data } => {
                let payload = match data {
                    Some(data) => json!({ "message": message, "data": data }),
                    None => json!({ "message": message }),
                };
                ('4', 0, None, Some(payload))
            }
        };
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
        if let Some(payload) = payload {
            text.push_str(&payload.to_string());
        }
        text
    }
}
