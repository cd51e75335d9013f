//! Admitting connections, and closing those on which nothing moves.
//!
//! A connection keeps its place until it is closed, also as a WebSocket: what counts is the stream.

use std::{
    future::{Ready, ready},
    io::{self, IoSlice},
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use axum_server::accept::Accept;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    time::{Instant, Sleep},
};

use crate::{
    http::visitor::TrustedProxies,
    services::{
        limits::Network,
        places::{Full, Place, Places},
    },
};

/// Who may come in.
#[derive(Clone, Debug)]
pub struct Admission {
    places: Places,
    proxies: TrustedProxies,
    idle: Duration,
}

impl Admission {
    /// Lets in as many as there are `places`. What comes through a trusted proxy is not counted for
    /// the proxy's network, because everybody comes from there.
    pub const fn new(places: Places, proxies: TrustedProxies, idle: Duration) -> Self {
        Self {
            places,
            proxies,
            idle,
        }
    }

    fn admit(&self, stream: TcpStream) -> io::Result<Connection> {
        let peer = stream.peer_addr()?.ip();
        let network = (!self.proxies.trusts(peer.to_canonical())).then(|| Network::of(peer));
        let place = self.places.take(network).map_err(io::Error::other)?;
        // Packets of a chat are small, and none is to wait for the next.
        stream.set_nodelay(true)?;
        Ok(Connection {
            stream,
            idle: Idle::new(self.idle),
            _place: place,
        })
    }
}

/// Whether a connection was not admitted because there was no place for it.
pub(super) fn is_full(error: &io::Error) -> bool {
    let cause = error.get_ref();
    cause.is_some_and(|cause| cause.downcast_ref::<Full>().is_some())
}

impl<S> Accept<TcpStream, S> for Admission {
    type Stream = Connection;
    type Service = S;
    type Future = Ready<io::Result<(Connection, S)>>;

    fn accept(&self, stream: TcpStream, service: S) -> Self::Future {
        ready(self.admit(stream).map(|connection| (connection, service)))
    }
}

/// A connection that fails when nothing has moved on it for too long.
#[derive(Debug)]
pub struct Connection {
    stream: TcpStream,
    idle: Idle,
    _place: Place,
}

/// A clock that is only set anew when it rings: moving a timer at every packet would cost more than
/// the packet.
#[derive(Debug)]
struct Idle {
    longest: Duration,
    moved: Instant,
    clock: Pin<Box<Sleep>>,
}

impl Idle {
    fn new(longest: Duration) -> Self {
        Self {
            longest,
            moved: Instant::now(),
            clock: Box::pin(tokio::time::sleep(longest)),
        }
    }

    /// Passes on what came of reading or writing; an error in place of waiting on for too long.
    fn watch<T>(
        &mut self,
        context: &mut Context<'_>,
        outcome: Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if outcome.is_ready() {
            self.moved = Instant::now();
            return outcome;
        }
        while self.clock.as_mut().poll(context).is_ready() {
            let end = self.moved + self.longest;
            if end <= Instant::now() {
                let error =
                    io::Error::new(io::ErrorKind::TimedOut, "nothing has moved for too long");
                return Poll::Ready(Err(error));
            }
            self.clock.as_mut().reset(end);
        }
        Poll::Pending
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let outcome = Pin::new(&mut self.stream).poll_read(context, buffer);
        self.idle.watch(context, outcome)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.idle.watch(context, outcome)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.stream).poll_write_vectored(context, slices);
        self.idle.watch(context, outcome)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use tokio::{io::AsyncReadExt, net::TcpListener};

    use super::*;

    async fn connected(admission: &Admission) -> (TcpStream, io::Result<Connection>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let client = TcpStream::connect(address).await.expect("a connection");
        let (server, _) = listener.accept().await.expect("a connection");
        (client, admission.admit(server))
    }

    fn admission(proxies: &[&str], idle: Duration) -> Admission {
        let proxies: Vec<_> = proxies
            .iter()
            .map(|proxy| proxy.parse().expect("a network"))
            .collect();
        Admission::new(Places::new(3, Some(1)), TrustedProxies::new(&proxies), idle)
    }

    #[tokio::test]
    async fn one_network_gets_so_many_connections_and_a_trusted_proxy_more() {
        let minute = Duration::from_secs(60);
        let direct = admission(&[], minute);
        let (_client, first) = connected(&direct).await;
        let first = first.expect("a place");
        let (_client, second) = connected(&direct).await;
        assert!(is_full(&second.expect_err("no place")));
        drop(first);
        let (_client, again) = connected(&direct).await;
        again.expect("a place again");

        let proxied = admission(&["127.0.0.0/8"], minute);
        let (_client, first) = connected(&proxied).await;
        let (_client, second) = connected(&proxied).await;
        assert!(first.is_ok() && second.is_ok());
    }

    #[tokio::test]
    async fn a_connection_on_which_nothing_moves_fails() {
        let (mut client, server) = connected(&admission(&[], Duration::from_millis(50))).await;
        let mut server = server.expect("a place");
        tokio::io::AsyncWriteExt::write_all(&mut client, b"!")
            .await
            .expect("a byte is sent");
        server.read_u8().await.expect("what was sent");
        let error = server.read_u8().await.expect_err("nothing more comes");
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    }
}
