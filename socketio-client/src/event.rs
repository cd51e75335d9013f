//! What a program sees of the connection: its state and its changes.

use std::time::Duration;

use crate::json::Json;

/// Where the connection stands.
#[derive(Clone, Debug, PartialEq)]
pub enum State {
    /// Not connected, and no attempt is made until `connect()`.
    Disconnected,
    /// An attempt is under way.
    Connecting,
    /// Events can be sent and received.
    Connected,
    /// The last attempt failed or the line was lost; the next attempt follows after the delay.
    Waiting {
        /// The number of the attempt that follows, from 1. Starts anew with each success.
        attempt: u32,
        /// The whole delay before it.
        delay: Duration,
    },
}

/// A change of the connection.
#[derive(Clone, Debug, PartialEq)]
pub enum ConnectionEvent {
    /// The server has accepted the connection to the namespace.
    Connected {
        /// The server's id for this connection; another one after each reconnection.
        id: String,
        /// The server has kept what was missed since the last connection, and sends it now.
        recovered: bool,
    },
    /// An accepted connection has ended. Attempts that were never accepted end with
    /// [`ConnectError`](Self::ConnectError) instead.
    Disconnected {
        /// Why it ended.
        reason: DisconnectReason,
    },
    /// An attempt to connect has failed.
    ConnectError {
        /// What happened: the server's own words when it refused.
        message: String,
        /// What the server sent along with its refusal.
        data: Option<Json>,
        /// The server answered, and the answer is no. No further attempt is made until
        /// `connect()` is called.
        refused: bool,
    },
    /// The next attempt follows after the delay.
    Waiting {
        /// The number of the attempt that follows, from 1.
        attempt: u32,
        /// The whole delay before it.
        delay: Duration,
    },
}

/// Why an accepted connection ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DisconnectReason {
    /// `disconnect()` was called.
    Client,
    /// The server ended it on purpose. No attempt to reconnect is made.
    Server,
    /// The transport closed.
    TransportClosed,
    /// The server's heartbeat stayed away.
    PingTimeout,
    /// The server sent what is no valid packet, or more than the limits allow.
    Protocol,
}
