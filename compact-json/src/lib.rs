//! Reads and writes JSON (RFC 8259) with serde, in as little code as possible.
//!
//! For programs that are downloaded before they run. What they pay for with the usual parser is
//! mostly the text of its errors: each says what was expected and what was found there, numbers
//! with decimals included. Here an error is an error.
//!
//! What is read is the same as with `serde_json`, but for these: numbers are not keys, and a number
//! too large for an `f64` is an error and never infinity.
//!
//! What is written is the same too, but for numbers with decimals: these can have other digits,
//! though they read back as the same number, and are not keys.
//!
//! Bytes can go beside the text, as Socket.IO sends them: these are the attachments, and in place
//! of each the text has `{"_placeholder":true,"num":0}`, with its place among them.

#![warn(missing_docs)]

/// From text to values.
mod read;
/// Where in the text the reader is.
mod scanner;
/// That something cannot be read.
mod unreadable;
/// From values to text.
mod write;

pub use read::{read, read_beginning, read_with_attachments};
pub use scanner::{MAX_DEPTH, split_array, split_object};
pub use unreadable::Unreadable;
pub use write::{Unwritable, write, write_with_attachments};

#[cfg(test)]
mod tests;
