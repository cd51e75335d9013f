//! Taking connections and serving HTTP on them, with or without TLS, so that no number of slow or
//! silent clients keeps the others out. What a client may take is said in [`Bounds`].

use std::{io, net::SocketAddr, time::Duration};

use axum::Router;
use axum_server::{Handle, Server, tls_rustls::RustlsAcceptor};
use tokio::{net::TcpListener, task::JoinHandle};

use crate::seldom::Seldom;

/// Admitting connections, and closing those on which nothing moves.
mod connection;
/// The certificate: reading it, and reading it again when it changes.
pub mod tls;

pub use connection::Admission;

/// Most bytes of a request's head, and of what waits to be written to one connection.
const MAX_BUFFER: usize = 64 * 1024;
/// Most requests that one HTTP/2 connection carries at the same time.
const MAX_STREAMS: u32 = 64;
/// What an HTTP/2 client may send of one body before somebody reads it (RFC 9113, section 5.2).
const STREAM_WINDOW: u32 = 64 * 1024;
/// The same for all bodies of a connection.
const CONNECTION_WINDOW: u32 = 256 * 1024;

/// What the listeners put up with, together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Most connections. A WebSocket is one, and a page opens up to six more for a moment; an idle
    /// one costs some 10 KB, so that this many cost 200 MB. Fewer if the system gives fewer file
    /// descriptors.
    pub connections: usize,
    /// Most connections of one network, where people have accounts and no proxy stands between: a
    /// tenth, so that it takes ten networks to keep others out, and enough for some hundred people
    /// behind one address.
    pub connections_of_network: usize,
    /// Most sessions of sockets. A session that polls holds no connection, so it has a bound of its
    /// own, which is the same for the same reasons.
    pub sessions: usize,
    /// Most sessions of sockets of one network, where people have accounts.
    pub sessions_of_network: usize,
    /// How long a client may take for a TLS handshake, for a request's head, and between two requests.
    pub head: Duration,
    /// How long a request to `/web`, or a packet sent by polling, may take with its body.
    pub request: Duration,
    /// How long nothing may move on a connection. Whoever has a socket answers a ping every 25 s.
    pub idle: Duration,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            connections: 20_000,
            connections_of_network: 2_000,
            sessions: 20_000,
            sessions_of_network: 2_000,
            head: Duration::from_secs(10),
            request: Duration::from_secs(30),
            idle: Duration::from_secs(120),
        }
    }
}

/// File descriptors for everything but connections: the database, pages, the runtime itself.
const OTHER_DESCRIPTORS: u64 = 256;

impl Bounds {
    /// Takes no more connections than there are file descriptors. Otherwise none would be left for
    /// the database, and a connection that is refused would wait in place of being closed.
    pub fn fit(&mut self, descriptors: Option<u64>) {
        let Some(descriptors) = descriptors else {
            return;
        };
        let left = descriptors.saturating_sub(OTHER_DESCRIPTORS).max(1);
        let left = usize::try_from(left).unwrap_or(usize::MAX);
        self.connections = self.connections.min(left);
        self.connections_of_network = self.connections_of_network.min(left.div_ceil(2));
    }
}

/// A listener at work.
#[derive(Debug)]
pub struct Serving {
    handle: Handle<SocketAddr>,
    task: JoinHandle<io::Result<()>>,
}

/// Serves `router` to whoever `admission` lets in, until told to stop.
pub fn serve(
    listener: TcpListener,
    router: Router,
    admission: Admission,
    tls: Option<&tls::Certificate>,
    bounds: &Bounds,
) -> Serving {
    let handle = Handle::new();
    let mut server = Server::<SocketAddr>::from_listener(listener)
        .handle(handle.clone())
        // Covers what comes before hyper knows which protocol is spoken, and HTTP/2.
        .first_request_timeout(bounds.head)
        .accept_error_handler(report());
    let http = server.http_builder();
    // hyper counts from the end of the answer before, so this ends idle connections too. At most
    // 100 headers pass, which is its default; more are answered with 431 (RFC 6585).
    http.http1()
        .header_read_timeout(bounds.head)
        .max_buf_size(MAX_BUFFER);
    http.http2()
        .max_concurrent_streams(MAX_STREAMS)
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .max_send_buf_size(MAX_BUFFER)
        .max_header_list_size(16 * 1024);
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    let task = match tls {
        None => tokio::spawn(server.acceptor(admission).serve(service)),
        Some(certificate) => {
            let acceptor = RustlsAcceptor::new(certificate.config())
                .handshake_timeout(bounds.head)
                .acceptor(admission);
            tokio::spawn(server.acceptor(acceptor).serve(service))
        }
    };
    Serving { handle, task }
}

impl Serving {
    /// Takes no more connections, and closes each after what it is being answered.
    pub fn stop(&self) {
        self.handle.graceful_shutdown(None);
    }

    /// Waits for the end of what is being answered, for at most `patience`.
    pub async fn finish(mut self, patience: Duration) {
        if tokio::time::timeout(patience, &mut self.task)
            .await
            .is_err()
        {
            self.handle.shutdown();
            self.task.abort();
        }
    }
}

/// Logs what goes wrong before there is a request: at most once a minute where it is the server that
/// cannot take connections, for it tries again at once.
fn report() -> impl Fn(Option<&SocketAddr>, &io::Error) + Send + Sync {
    let cannot_accept = Seldom::new(Duration::from_secs(60));
    let full = Seldom::new(Duration::from_secs(60));
    move |peer, error| {
        let Some(peer) = peer else {
            if cannot_accept.now() {
                tracing::error!(%error, "connections cannot be taken");
            }
            return;
        };
        if connection::is_full(error) && full.now() {
            tracing::warn!(%peer, %error, "connections are refused");
        } else {
            tracing::debug!(%peer, %error, "a connection came to nothing");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_as_many_connections_as_descriptors_leave_and_one_network_gets_half() {
        let mut bounds = Bounds::default();
        bounds.fit(None);
        bounds.fit(Some(1_000_000));
        assert_eq!(bounds, Bounds::default());
        bounds.fit(Some(1_024));
        assert_eq!(bounds.connections, 768);
        assert_eq!(bounds.connections_of_network, 384);
    }
}
