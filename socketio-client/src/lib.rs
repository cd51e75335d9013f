//! A Socket.IO v5 client over Engine.IO v4, for native programs and for the browser.
//!
//! [`Client`] is the handle that programs use. Below it everything is pure: the codecs and the
//! state machine do no I/O, read no clock and draw no random numbers, so that each of their
//! decisions can be tested without a network. A transport carries their frames.
//!
//! ```no_run
//! # #[cfg(feature = "native")]
//! # async fn example() -> Result<(), socketio_client::AckError> {
//! use serde_json::{Value, json};
//! use socketio_client::Client;
//!
//! let client = Client::builder("http://127.0.0.1:3000", "/").build();
//! let _greetings = client.on("greeting", |greeting: Value| println!("{greeting}"));
//! client.connect();
//! // Once connected:
//! let answer: Value = client.emit_with_ack("hello", &json!({ "name": "Ada" })).await?;
//! # Ok(())
//! # }
//! ```

#![warn(missing_docs)]

/// Engine.IO v4 packets, as the text and binary frames of a WebSocket. Pure.
pub mod engine;
/// Socket.IO v5 packets: namespaces, acknowledgement ids, binary attachments and their limits. Pure.
pub mod packet;

/// One Engine.IO session over HTTP long-polling, a WebSocket, or both. Does no I/O.
pub mod session;

/// How long to wait before the next attempt to connect. Pure.
pub mod backoff;
/// The state machine: handshake, heartbeat, acknowledgements, time limits, reconnecting. Does no I/O.
pub mod connection;

/// The handle and what it is made of: listeners, acknowledgements, the order of callbacks.
mod client;
/// What the state machine needs of the outside world, once per platform.
mod transport;

/// What an event or an acknowledgement says.
mod arguments;
/// What can go wrong with an emit, an acknowledgement or the authentication.
mod error;
/// What a program sees of the connection: its state and its changes.
mod event;
/// JSON as it is on the wire.
mod json;
/// What waits for an answer, by the id of the question.
mod pending;
/// One lock and one marker for both platforms: threads natively, none in the browser.
mod sync;

/// The README's examples, compiled.
#[cfg(all(doctest, feature = "native"))]
#[doc = include_str!("../README.md")]
pub struct Readme;

pub use arguments::{Args, Arguments, FromArguments, ToArguments};
pub use backoff::Reconnection;
pub use client::{Ack, AckFuture, Builder, Client, Event, Listener, Namespace};
pub use error::{AckError, AuthError, EmitError, NamespaceInUse};
pub use event::{ConnectionEvent, DisconnectReason, State};
pub use json::Json;
pub use packet::Parser;
/// For [`Builder::tls`].
#[cfg(all(feature = "tls", not(target_arch = "wasm32")))]
pub use rustls;
pub use session::TransportChoice;
pub use sync::{MaybeSend, MaybeSync};
