//! Coming and going, and the end of a session while its socket is open.

use std::sync::{Arc, Mutex, PoisonError};

use protocol::events::{ServerEvent, SessionEnded};
use socketioxide::extract::SocketRef;
use tokio::task::AbortHandle;

use super::{Context, authenticate::Connection, slow};

/// The task that ends a socket with its session; stopped when the socket goes first.
#[derive(Clone, Debug, Default)]
struct EndOfSession(Arc<Mutex<Option<AbortHandle>>>);

impl EndOfSession {
    fn take(&self) -> Option<AbortHandle> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn set(&self, handle: AbortHandle) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(handle);
    }
}

/// Takes note of the socket's going.
pub(super) fn register(context: &Arc<Context>, socket: &SocketRef, connection: &Connection) {
    let end_of_session = EndOfSession::default();
    socket.extensions.insert(end_of_session.clone());
    let context = Arc::clone(context);
    let connection = connection.clone();
    socket.on_disconnect(move |_: SocketRef| {
        let context = Arc::clone(&context);
        let connection = connection.clone();
        let end_of_session = end_of_session.clone();
        async move {
            if let Some(task) = end_of_session.take() {
                task.abort();
            }
            context
                .services
                .presence
                .left(&connection.person, connection.id);
        }
    });
}

/// Counts the socket as here, and ends it when its session ends.
pub(super) async fn arrived(context: &Context, socket: &SocketRef, connection: &Connection) {
    context
        .services
        .presence
        .arrived(&connection.person, connection.id)
        .await;
    let ending = tokio::spawn(end_with_session(socket.clone(), connection.clone()));
    if let Some(end_of_session) = socket.extensions.get::<EndOfSession>() {
        end_of_session.set(ending.abort_handle());
    }
    if !socket.connected() {
        // It went before it had quite come, and its going may have been noted first.
        ending.abort();
        context
            .services
            .presence
            .left(&connection.person, connection.id);
    }
}

async fn end_with_session(socket: SocketRef, connection: Connection) {
    tokio::time::sleep(connection.signed_in.remaining()).await;
    let ended = SessionEnded {
        response: "Your session has ended. Sign in again to go on.".to_owned(),
    };
    if let Err(error) = socket.emit(ServerEvent::TOKEN_EXPIRED, &ended) {
        tracing::debug!(%error, "a socket ends without hearing that its session has ended");
    }
    slow::close(socket).await;
}
