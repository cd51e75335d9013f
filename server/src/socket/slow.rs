//! A socket that does not take what it is sent.
//!
//! Once its buffer is full it leaves every room, so that it costs the others nothing and holds no
//! more memory than what is in the buffer. When it takes something again it comes back into its
//! rooms and is told to ask what it has missed. One that never does ends with its heartbeat.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use futures_util::future::BoxFuture;
use protocol::events::{Resync, ServerEvent};
use socketioxide::extract::SocketRef;

use super::{Context, authenticate::Connection, subscribe};

/// How long to wait before looking whether it takes something again, at first and at most.
const PAUSES: [Duration; 2] = [Duration::from_millis(500), Duration::from_secs(4)];

/// Takes a slow socket out of its rooms until it takes something again. Saying so twice does nothing.
pub(super) async fn lags(context: &Arc<Context>, socket: SocketRef) {
    let Some(connection) = socket.extensions.get::<Arc<Connection>>() else {
        return;
    };
    if !context.broadcast.take_out(&socket, &connection).await {
        return;
    }
    tracing::info!(person = connection.person.id.0, "a socket is too slow");
    tokio::spawn(come_back(Arc::clone(context), socket, connection));
}

/// A future of a named type, because coming back may lead to a replay, and that to here.
fn come_back(
    context: Arc<Context>,
    socket: SocketRef,
    connection: Arc<Connection>,
) -> BoxFuture<'static, ()> {
    Box::pin(take_again(context, socket, connection))
}

async fn take_again(context: Arc<Context>, socket: SocketRef, connection: Arc<Connection>) {
    let [mut pause, longest] = PAUSES;
    while socket.connected() {
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(longest);
        if socket.emit(ServerEvent::RESYNC, &Resync {}).is_err() {
            continue;
        }
        // From here on it may lag again, and then another task sees to it.
        socket.leave_all();
        connection.lagging.store(false, Ordering::Release);
        subscribe::again(&context, &socket, &connection).await;
        // Said again, now that whatever comes later comes live.
        if socket.emit(ServerEvent::RESYNC, &Resync {}).is_err() && socket.connected() {
            lags(&context, socket).await;
        }
        return;
    }
}

/// Closes a socket, also one whose buffer takes no more packets: it hears nothing from now on, and
/// is closed as soon as it can be told.
pub(super) async fn close(socket: SocketRef) {
    socket.leave_all();
    while socket.connected() && socket.clone().disconnect().is_err() {
        tokio::time::sleep(PAUSES[0]).await;
    }
}
