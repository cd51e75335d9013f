//! The client against a real server, natively.

#[expect(dead_code, reason = "its main function runs when it is an example")]
#[path = "../../examples/echo_server.rs"]
mod echo_server;
mod support;

mod acknowledgements;
mod callbacks;
mod connecting;
mod events;
mod reconnecting;
mod transports;
