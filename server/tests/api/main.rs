//! The server as its clients see it: a real one on a free port, with a database of its own, and
//! our own native client. Files are named after the part of the contract that they test.

mod support;

mod delivery;
mod groups;
mod handshake;
mod messages;
mod positions;
mod process;
mod session;
mod storage;
