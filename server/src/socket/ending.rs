//! The end of a session while its socket is open.

use std::{
    collections::{BTreeMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError, atomic::Ordering},
    time::Duration,
};

use protocol::{
    NAMESPACE,
    events::{ServerEvent, SessionEnded},
};
use socketioxide::{SocketIo, extract::SocketRef, socket::Sid};
use tokio::{
    sync::Notify,
    time::{Instant, sleep_until},
};

use super::{Context, authenticate::Connection, slow};
use crate::services::presence::ConnectionId;

/// How soon to look again after a look that has failed.
const LOOK_AGAIN: Duration = Duration::from_millis(500);

/// When an open socket has to be looked at, and which it is, should two be due at the same time.
pub(super) type Due = (Instant, ConnectionId);

/// The open sockets, by when their sessions end.
#[derive(Debug, Default)]
pub(super) struct Ends {
    sockets: Mutex<BTreeMap<Due, Sid>>,
    /// One came that ends before all others.
    sooner: Notify,
}

impl Ends {
    /// A socket has come, which ends with its session.
    pub fn add(&self, socket: &SocketRef, connection: &Connection) {
        self.put(socket, connection, connection.signed_in.remaining());
    }

    fn put(&self, socket: &SocketRef, connection: &Connection, remaining: Duration) {
        let due = (Instant::now() + remaining, connection.id);
        *connection.due() = Some(due);
        let is_first = {
            let mut sockets = self.lock();
            sockets.insert(due, socket.id);
            sockets
                .first_key_value()
                .is_some_and(|(first, _)| *first == due)
        };
        if is_first {
            self.sooner.notify_one();
        }
        if !socket.connected() {
            // It went meanwhile, and its going may have been noted first.
            self.remove(connection);
        }
    }

    /// A socket has gone. Saying so twice does nothing.
    pub fn remove(&self, connection: &Connection) {
        if let Some(due) = connection.due().take() {
            self.lock().remove(&due);
        }
    }

    /// Waits until sockets are due, and takes them out.
    async fn due(&self) -> Vec<Sid> {
        loop {
            let first = self.lock().first_key_value().map(|((at, _), _)| *at);
            let sooner = self.sooner.notified();
            match first {
                Some(at) if at <= Instant::now() => return self.take(at),
                Some(at) => {
                    tokio::select! {
                        () = sleep_until(at) => {}
                        () = sooner => {}
                    }
                }
                None => sooner.await,
            }
        }
    }

    /// Takes out what is due at that time or before.
    fn take(&self, at: Instant) -> Vec<Sid> {
        let mut sockets = self.lock();
        let later = sockets.split_off(&(at, ConnectionId(u64::MAX)));
        std::mem::replace(&mut *sockets, later)
            .into_values()
            .collect()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<Due, Sid>> {
        self.sockets.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Ends each socket when its session is over, which is later than it was thought at first if the
/// session is used meanwhile.
pub(super) async fn run(context: Arc<Context>, io: SocketIo) {
    loop {
        for socket in context.ends.due().await {
            let socket = io.of(NAMESPACE).and_then(|chat| chat.get_socket(socket));
            if let Some(socket) = socket
                && let Some(connection) = socket.extensions.get::<Arc<Connection>>()
            {
                look(&context, socket, connection).await;
            }
        }
    }
}

/// Looks whether a socket's session is over.
async fn look(context: &Context, socket: SocketRef, connection: Arc<Connection>) {
    let session = &connection.signed_in.session_id;
    let again = match context.services.sessions.remaining(session).await {
        Ok(Some(longer)) => longer,
        Ok(None) => {
            tokio::spawn(async move { end(socket, &connection).await });
            return;
        }
        // Not known is not over. Soon it will be known.
        Err(error) => {
            tracing::debug!(%error, "it is not known whether a session has ended");
            LOOK_AGAIN
        }
    };
    context.ends.put(&socket, &connection, again);
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
    let open: Vec<(SocketRef, Arc<Connection>)> = sockets
        .into_iter()
        .filter_map(|socket| {
            let connection = socket.extensions.get::<Arc<Connection>>()?;
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
