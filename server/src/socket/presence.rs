//! Coming and going, and the end of a session while its socket is open.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, PoisonError, atomic::Ordering},
    time::Duration,
};

use protocol::events::{ServerEvent, SessionEnded};
use socketioxide::extract::SocketRef;
use tokio::task::AbortHandle;

use super::{Context, authenticate::Connection, slow};

/// How soon to look again after a look that has failed.
const LOOK_AGAIN: Duration = Duration::from_millis(500);

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
pub(super) async fn arrived(context: &Arc<Context>, socket: &SocketRef, connection: &Connection) {
    context
        .services
        .presence
        .arrived(&connection.person, connection.id)
        .await;
    let ending = tokio::spawn(end_with_session(
        Arc::clone(context),
        socket.clone(),
        connection.clone(),
    ));
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

/// Ends a socket when its session is over, which is later than it was thought at first if the session
/// is used meanwhile.
async fn end_with_session(context: Arc<Context>, socket: SocketRef, connection: Connection) {
    let mut remaining = connection.signed_in.remaining();
    loop {
        tokio::time::sleep(remaining).await;
        match context
            .services
            .sessions
            .remaining(&connection.signed_in.session_id)
            .await
        {
            Ok(Some(longer)) => remaining = longer,
            Ok(None) => break,
            // Not known is not over. Soon it will be known.
            Err(error) => {
                tracing::debug!(%error, "it is not known whether a session has ended");
                remaining = LOOK_AGAIN;
            }
        }
    }
    end(socket, &connection).await;
}

/// Says that the session has ended, and closes the socket.
pub(super) async fn end(socket: SocketRef, connection: &Connection) {
    if connection.ended.swap(true, Ordering::AcqRel) {
        return;
    }
    let ended = SessionEnded {
        response: "Your session has ended. Sign in again to go on.".to_owned(),
    };
    if let Err(error) = socket.emit(ServerEvent::TOKEN_EXPIRED, &ended) {
        tracing::debug!(%error, "a socket ends without hearing that its session has ended");
    }
    slow::close(socket).await;
}

/// Ends every socket whose session has ended before its time.
pub(super) async fn end_revoked(context: &Context, sockets: Vec<SocketRef>) {
    let open: Vec<(SocketRef, Connection)> = sockets
        .into_iter()
        .filter_map(|socket| {
            let connection = socket.extensions.get::<Connection>()?;
            Some((socket, connection))
        })
        .collect();
    let ids: HashSet<String> = open
        .iter()
        .map(|(_, connection)| connection.signed_in.session_id.clone())
        .collect();
    let ids: Vec<String> = ids.into_iter().collect();
    let lasting = loop {
        match context.services.sessions.lasting(&ids).await {
            Ok(lasting) => break lasting,
            Err(error) => {
                tracing::warn!(%error, "it is not known which sessions have ended");
                tokio::time::sleep(LOOK_AGAIN).await;
            }
        }
    };
    let lasting: HashSet<String> = lasting.into_iter().collect();
    for (socket, connection) in open {
        if !lasting.contains(&connection.signed_in.session_id) {
            tokio::spawn(async move { end(socket, &connection).await });
        }
    }
}
