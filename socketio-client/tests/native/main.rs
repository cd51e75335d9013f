//! The client against a real server, natively: what the stories cannot tell because the server has to
//! go away, threads, runtimes, and obstacles on the way.

mod server;
#[expect(dead_code, reason = "the stories need all of it")]
#[path = "../stories/support.rs"]
mod support;

mod callbacks;
mod connecting;
mod network;
mod reconnecting;
mod table;
#[cfg(feature = "tls")]
mod tls;
mod transports;
