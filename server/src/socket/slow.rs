//! A socket that does not take what it is sent.
//!
//! Once its buffer is full it leaves every room, so that it costs the others nothing and holds no
//! more memory than what is in the buffer. When it takes something again it comes back into its
//! rooms and is told to ask what it has missed. One that never does ends with its heartbeat.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use protocol::events::{Resync, ServerEvent};
use socketioxide::extract::SocketRef;

use super::{Context, authenticate::Connection, subscribe};

/// How long to wait before looking whether it takes something again, at first and at most.
const PAUSES: [Duration; 2] = [Duration::from_millis(500), Duration::from_secs(4)];

/// Takes a slow socket out of its rooms until it takes something again. Saying so twice does nothing.
pub(super) fn lags(context: &Arc<Context>, socket: SocketRef) {
    let Some(connection) = socket.extensions.get::<Connection>() else {
        return;
    };
    if connection.lagging.swap(true, Ordering::AcqRel) {
        return;
    }
    tracing::info!(person = connection.person.id.0, "a socket is too slow");
    socket.leave_all();
    tokio::spawn(come_back(Arc::clone(context), socket, connection));
}

async fn come_back(context: Arc<Context>, socket: SocketRef, connection: Connection) {
    let [mut pause, longest] = PAUSES;
    while socket.connected() {
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(longest);
        if socket.emit(ServerEvent::RESYNC, &Resync {}).is_err() {
            continue;
        }
        // From here on it may lag again, and then somebody else sees to it.
        connection.lagging.store(false, Ordering::Release);
        subscribe::again(&context, &socket, &connection).await;
        // Said again, now that whatever comes later comes live.
        if socket.emit(ServerEvent::RESYNC, &Resync {}).is_err() {
            lags(&context, socket);
        }
        return;
    }
}
