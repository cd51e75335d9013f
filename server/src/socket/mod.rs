//! The Socket.IO namespace of the chat: who may open a socket, what they may emit, and what they
//! are told. Rules live in `services`; this folder turns packets into calls and back.

use std::{
    sync::{Arc, atomic::AtomicU64},
    time::Duration,
};

use protocol::NAMESPACE;
use socketioxide::{
    SocketIo,
    extract::{SocketRef, TryData},
    handler::ConnectHandler,
    layer::SocketIoLayer,
};
use tokio::{sync::mpsc, task::JoinHandle};
use tokio_util::task::TaskTracker;

use crate::{
    http::origin::OriginPolicy,
    services::{DomainEvent, Services},
};

/// Who opens a socket: token or cookie, checked before the CONNECT packet is answered.
pub mod authenticate;
/// The one place that maps a domain event to rooms.
pub mod broadcast;
/// One client event: decode, call the service, acknowledge.
mod dispatch;
/// The end of a session while its socket is open.
mod ending;
/// The id of a polling connection, made too long to guess.
pub mod engine_id;
/// Making groups and changing them.
mod groups;
/// Sending messages, and saying how far one has got.
mod messages;
/// Coming and going, and how often whom is told of it.
mod presence;
/// What waited for somebody while they were away.
mod replay;
/// A socket that does not take what it is sent.
mod slow;
/// A socket that comes: into its rooms without missing or repeating a message.
mod subscribe;

/// How often the server pings, in the open packet. Contract: 25 s.
const PING_INTERVAL: Duration = Duration::from_secs(25);
/// How long it waits for the pong. Contract: 20 s.
const PING_TIMEOUT: Duration = Duration::from_secs(20);
/// Most bytes of one message from a client. Contract: 1,000,000.
const MAX_PAYLOAD: usize = 1_000_000;
/// Bytes that are read from a WebSocket at once, which each of them keeps. Most of what clients send
/// is smaller; what is larger is read in parts.
const READ_BUFFER: usize = 1_024;
/// How long a receiver may take to acknowledge before it is resynced.
const ACK_TIMEOUT: Duration = Duration::from_secs(60);
/// How long a session may take to come into the namespace. Whoever has proved nothing by then is cut
/// off; a client of ours sends its token with the first packet.
pub(crate) const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// Packets that may wait for a slow reader. One commit may release a whole batch of acknowledgements
/// at once. Beyond it see [`slow`]. Each socket holds its own copy of a message, of which the largest
/// has some 80 KB, so that a reader who stops costs at most 40 MB, for as long as a heartbeat.
const OUTGOING_PACKETS: usize = 512;

/// What handlers need.
#[derive(Debug)]
pub(crate) struct Context {
    pub services: Arc<Services>,
    pub broadcast: Arc<broadcast::Broadcast>,
    pub origins: OriginPolicy,
    /// Events that are being carried out; a stopping server waits for them.
    pub in_flight: TaskTracker,
    pub next_connection: AtomicU64,
    ends: ending::Ends,
}

/// The running namespace.
#[derive(Debug)]
pub struct Sockets {
    io: SocketIo,
    context: Arc<Context>,
    tasks: [JoinHandle<()>; 2],
}

/// Registers the namespace. The layer goes around a router and answers `/socket.io/`.
pub fn build(
    services: Arc<Services>,
    events: mpsc::Receiver<DomainEvent>,
    origins: OriginPolicy,
) -> (SocketIoLayer, Sockets) {
    let (layer, io) = SocketIo::builder()
        .ping_interval(PING_INTERVAL)
        .ping_timeout(PING_TIMEOUT)
        .max_payload(MAX_PAYLOAD as u64)
        .ws_read_buffer_size(READ_BUFFER)
        .ws_max_message_size(MAX_PAYLOAD)
        .ws_max_frame_size(MAX_PAYLOAD)
        .max_buffer_size(OUTGOING_PACKETS)
        .ack_timeout(ACK_TIMEOUT)
        .connect_timeout(CONNECT_TIMEOUT)
        .build_layer();
    let broadcast = Arc::new(broadcast::Broadcast::new(io.clone(), Arc::clone(&services)));
    let context = Arc::new(Context {
        services,
        broadcast: Arc::clone(&broadcast),
        origins,
        in_flight: TaskTracker::new(),
        next_connection: AtomicU64::new(0),
        ends: ending::Ends::default(),
    });

    let connected = {
        let context = Arc::clone(&context);
        move |socket: SocketRef| {
            let context = Arc::clone(&context);
            async move { subscribe::connected(context, socket).await }
        }
    };
    let admit = {
        let context = Arc::clone(&context);
        move |socket: SocketRef, TryData(auth): TryData<serde_json::Value>| {
            let context = Arc::clone(&context);
            async move { authenticate::admit(context, socket, auth.ok()).await }
        }
    };
    broadcast.set_context(&context);
    io.ns(NAMESPACE, connected.with(admit));
    let tasks = [
        tokio::spawn(broadcast.run(events)),
        tokio::spawn(ending::run(Arc::clone(&context), io.clone())),
    ];
    (layer, Sockets { io, context, tasks })
}

impl Sockets {
    /// Lets the events that are being carried out finish, for at most `patience`, and closes every
    /// socket.
    pub async fn close(self, patience: Duration) {
        self.context.in_flight.close();
        if tokio::time::timeout(patience, self.context.in_flight.wait())
            .await
            .is_err()
        {
            tracing::warn!("stopping although some events are still being carried out");
        }
        if tokio::time::timeout(patience, self.io.close())
            .await
            .is_err()
        {
            tracing::warn!("stopping although some sockets did not close");
        }
        for task in self.tasks {
            task.abort();
        }
    }
}
