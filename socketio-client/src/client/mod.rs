//! The handle and what it is made of: listeners, acknowledgements, the order of callbacks.

use std::fmt;
use std::sync::Arc;

use crate::arguments::{Arguments, FromArguments, ToArguments};
use crate::connection::{Emission, Input, SocketId};
use crate::error::{EmitError, NamespaceInUse};
use crate::event::{ConnectionEvent, State};
use crate::sync::MaybeSend;

/// Acknowledgements in both directions.
mod ack;
/// The settings of a connection.
mod builder;
/// Callbacks of the program, each for as long as its guard lives.
mod listener;
/// One connection and everything that shares it.
mod manager;
/// The settings of one namespace.
mod namespace;
/// Events as types.
mod typed;

pub use ack::{Ack, AckFuture};
pub use builder::Builder;
pub use listener::Listener;
use listener::{News, Topic};
use manager::Manager;
pub(crate) use manager::WeakManager;
pub use namespace::Namespace;
pub use typed::Event;

/// A Socket.IO client for one namespace.
///
/// A handle: clones are the same client, and when the last of them is dropped the client
/// disconnects. Callbacks may call every method of it. They run one after the other, in the order
/// in which things happened, and never inside one another; natively on whichever thread brings the
/// news, so they must not block.
///
/// A callback that holds a clone of the client keeps it alive until its [`Listener`] is dropped.
#[derive(Clone)]
pub struct Client {
    socket: Arc<Socket>,
}

/// One socket of a connection, for as long as this lives.
struct Socket {
    manager: Manager,
    id: SocketId,
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.manager.remove(self.id);
    }
}

impl Client {
    /// The settings of a client for a namespace at `origin`, like `https://chat.example`. In the
    /// browser an empty origin is the page's own; natively `https` takes the feature `tls`. The
    /// namespace is its name, or a [`Namespace`] with settings of its own.
    pub fn builder(origin: impl Into<String>, namespace: impl Into<Namespace>) -> Builder {
        Builder::new(origin.into(), namespace.into())
    }

    fn first(manager: Manager, namespace: Namespace) -> Self {
        let id = manager.add(namespace);
        Self {
            socket: Arc::new(Socket { manager, id }),
        }
    }

    /// A client for another namespace over the same connection, not connected yet. Both connect and
    /// disconnect by themselves; there is a connection for as long as one of them needs it.
    pub fn namespace(&self, namespace: impl Into<Namespace>) -> Result<Self, NamespaceInUse> {
        let manager = self.socket.manager.clone();
        let id = manager.add_new(namespace.into()).ok_or(NamespaceInUse)?;
        Ok(Self {
            socket: Arc::new(Socket { manager, id }),
        })
    }

    /// Connects, and from then on reconnects as the settings say. While an attempt is under way,
    /// while one is waited for and while connected it does nothing.
    ///
    /// Natively to be called within a Tokio runtime, which must have I/O and time enabled.
    pub fn connect(&self) {
        let socket = self.socket.id;
        self.socket.manager.handle(Input::Connect { socket });
    }

    /// Disconnects. Everything that waits for an acknowledgement gets
    /// [`AckError::Disconnected`], and no attempt is made until [`connect`](Self::connect).
    pub fn disconnect(&self) {
        let socket = self.socket.id;
        self.socket.manager.handle(Input::Disconnect { socket });
    }

    /// Makes the next attempt at once if one is waited for. While connected it looks whether the
    /// server's heartbeat is overdue.
    pub fn reconnect_now(&self) {
        self.socket.manager.handle(Input::ReconnectNow);
    }

    /// Where the connection stands.
    pub fn state(&self) -> State {
        self.socket.manager.state(self.socket.id)
    }

    /// Whether events can be sent and received.
    pub fn is_connected(&self) -> bool {
        self.state() == State::Connected
    }

    /// Whether it is connected, or will be without a further [`connect`](Self::connect) as soon as
    /// the server can be reached.
    pub fn is_active(&self) -> bool {
        self.state() != State::Disconnected
    }

    /// The server's id for this connection, while connected.
    pub fn id(&self) -> Option<String> {
        self.socket.manager.server_id(self.socket.id)
    }

    /// Sends an event. It is handed to the transport before this returns, or kept for the next
    /// connection if there is none and [`Builder::buffer`] says so.
    pub fn emit(&self, name: &str, payload: &(impl ToArguments + ?Sized)) -> Result<(), EmitError> {
        self.emit_as(name, payload.to_arguments()?, Emission::Plain)
    }

    /// Sends an event if that is possible at this moment. Without a connection it is dropped, also
    /// by a client that keeps events for the next one: for news that are old when they are late.
    pub fn emit_volatile(
        &self,
        name: &str,
        payload: &(impl ToArguments + ?Sized),
    ) -> Result<(), EmitError> {
        self.emit_as(name, payload.to_arguments()?, Emission::Volatile)
    }

    /// Sends an event and asks the server to acknowledge it.
    ///
    /// The event is handed to the transport before this returns, so the order of calls is the
    /// order on the wire, and whoever does not want the answer may drop the future. It ends with
    /// an error when the time limit has passed and when the connection ends.
    pub fn emit_with_ack<A: FromArguments>(
        &self,
        name: &str,
        payload: &(impl ToArguments + ?Sized),
    ) -> AckFuture<A> {
        let arguments = payload.to_arguments();
        AckFuture::new(&self.socket, name, arguments)
    }

    fn emit_as(
        &self,
        name: &str,
        arguments: Arguments,
        emission: Emission,
    ) -> Result<(), EmitError> {
        let Socket { manager, id } = &*self.socket;
        manager.emit(*id, name, arguments, emission)
    }

    /// Calls back for each event with this name, for as long as the guard lives.
    ///
    /// `T` is the event's first argument, or [`Args`](crate::Args) for all of them; an event
    /// without arguments has the payload `null`. The callback is not called for a payload that `T`
    /// does not fit: whoever wants to see everything takes [`serde_json::Value`].
    pub fn on<T: FromArguments>(
        &self,
        name: &str,
        mut callback: impl FnMut(T) + MaybeSend + 'static,
    ) -> Listener {
        self.on_with_ack(name, move |payload, _ack| callback(payload))
    }

    /// Like [`on`](Self::on), for events that the server may want acknowledged: then the callback
    /// gets an [`Ack`] to answer with, now or later.
    pub fn on_with_ack<T: FromArguments>(
        &self,
        name: &str,
        mut callback: impl FnMut(T, Option<Ack>) + MaybeSend + 'static,
    ) -> Listener {
        self.listen(Topic::Event(name.to_owned()), move |news| {
            if let News::Event { arguments, ack, .. } = news
                && let Ok(payload) = arguments.read()
            {
                callback(payload, ack);
            }
        })
    }

    /// Calls back for every event of the server, whatever its name, before those that listen for
    /// that name: for logs and the like.
    pub fn on_any(&self, callback: impl FnMut(&str, &Arguments) + MaybeSend + 'static) -> Listener {
        self.listen_to_all(Topic::AnyEvent, callback)
    }

    /// Calls back for every event as it is sent: one that is kept for the next connection when
    /// there is one, one with retries each time.
    pub fn on_any_outgoing(
        &self,
        callback: impl FnMut(&str, &Arguments) + MaybeSend + 'static,
    ) -> Listener {
        self.listen_to_all(Topic::Outgoing, callback)
    }

    fn listen_to_all(
        &self,
        topic: Topic,
        mut callback: impl FnMut(&str, &Arguments) + MaybeSend + 'static,
    ) -> Listener {
        self.listen(topic, move |news| {
            if let News::Event {
                name, arguments, ..
            } = news
            {
                callback(name, arguments);
            }
        })
    }

    /// Calls back for each change of the connection, for as long as the guard lives.
    pub fn on_connection(
        &self,
        mut callback: impl FnMut(ConnectionEvent) + MaybeSend + 'static,
    ) -> Listener {
        self.listen(Topic::Connection, move |news| {
            if let News::Connection(event) = news {
                callback(event.clone());
            }
        })
    }

    fn listen(
        &self,
        topic: Topic,
        callback: impl FnMut(News<'_>) + MaybeSend + 'static,
    ) -> Listener {
        let Socket { manager, id } = &*self.socket;
        manager.listen(*id, topic, Box::new(callback))
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Client")
            .field("state", &self.state())
            .finish_non_exhaustive()
    }
}
