//! The handle and what it is made of: listeners, acknowledgements, the order of callbacks.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Weak};

use futures_channel::oneshot;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::connection::{Connection, Emission, Input, LineId};
use crate::error::{AckError, EmitError};
use crate::event::{ConnectionEvent, State};
use crate::json::Json;
use crate::packet::MAX_ATTACHMENTS;
use crate::pending::Pending;
use crate::session::{Session, SessionInput, TransportChoice};
use crate::sync::{Lock, MaybeSend};
use crate::transport::Platform;

/// Acknowledgements in both directions.
mod ack;
/// The settings of a client.
mod builder;
/// Carries out what the state machine asks for, and calls the program back without any lock.
mod dispatch;
/// Callbacks of the program, each for as long as its guard lives.
mod listener;
/// Events as types.
mod typed;

pub use ack::{Ack, AckFuture};
use builder::AuthProvider;
pub use builder::Builder;
use dispatch::Delivery;
pub use listener::Listener;
use listener::Listeners;
pub use typed::Event;

/// A Socket.IO client for one namespace.
///
/// A handle: clones are the same client, and when the last of them is dropped the connection
/// closes. Callbacks may call every method of it. They run one after the other, in the order in
/// which things happened, and never inside one another; natively on whichever thread brings the
/// news, so they must not block.
///
/// A callback that holds a clone of the client keeps it alive until its [`Listener`] is dropped.
#[derive(Clone)]
pub struct Client {
    inner: Arc<Inner>,
}

/// What the transport, the listeners and the acknowledgements hold: it keeps no client alive.
#[derive(Clone)]
pub(crate) struct WeakClient(Weak<Inner>);

struct Inner {
    core: Lock<Core>,
}

/// Everything that changes. No code of the program runs while it is locked.
struct Core {
    connection: Connection,
    transport: Platform,
    transports: TransportChoice,
    /// The last attempt ended while its WebSocket had neither been opened nor refused.
    websocket_hangs: bool,
    /// The session of each line, until everything that was sent on it has left.
    sessions: Vec<(LineId, Session)>,
    auth: Option<AuthProvider>,
    listeners: Listeners,
    /// Who waits for the acknowledgement of an event, by its id.
    waiting: Pending<oneshot::Sender<Result<Json, AckError>>>,
    /// What the program is still to be told.
    deliveries: VecDeque<Delivery>,
    /// Somebody further up the stack, or on another thread, is telling it.
    delivering: bool,
}

impl Client {
    /// The settings of a client for `namespace` at `origin`, like `https://chat.example`. In the
    /// browser an empty origin is the page's own.
    pub fn builder(origin: impl Into<String>, namespace: impl Into<String>) -> Builder {
        Builder::new(origin.into(), namespace.into())
    }

    /// Connects, and from then on reconnects as the settings say. While an attempt is under way,
    /// while one is waited for and while connected it does nothing.
    ///
    /// Natively to be called within a Tokio runtime, which must have I/O and time enabled.
    pub fn connect(&self) {
        self.handle(Input::Connect);
    }

    /// Disconnects. Everything that waits for an acknowledgement gets
    /// [`AckError::Disconnected`], and no attempt is made until [`connect`](Self::connect).
    pub fn disconnect(&self) {
        self.handle(Input::Disconnect);
    }

    /// Makes the next attempt at once if one is waited for. While connected it looks whether the
    /// server's heartbeat is overdue.
    pub fn reconnect_now(&self) {
        self.handle(Input::ReconnectNow);
    }

    /// Where the connection stands.
    pub fn state(&self) -> State {
        self.inner.core.lock().connection.state()
    }

    /// The server's id for this connection, while connected.
    pub fn id(&self) -> Option<String> {
        self.inner.core.lock().connection.id().map(str::to_owned)
    }

    /// Sends an event. It is handed to the transport before this returns, or kept for the next
    /// connection if there is none and [`Builder::buffer`] says so.
    pub fn emit(&self, name: &str, payload: &(impl Serialize + ?Sized)) -> Result<(), EmitError> {
        self.emit_json(name, to_json(payload)?, Emission::Plain)
    }

    /// Sends an event if that is possible at this moment. Without a connection it is dropped, also
    /// by a client that keeps events for the next one: for news that are old when they are late.
    pub fn emit_volatile(
        &self,
        name: &str,
        payload: &(impl Serialize + ?Sized),
    ) -> Result<(), EmitError> {
        self.emit_json(name, to_json(payload)?, Emission::Volatile)
    }

    /// Sends an event and asks the server to acknowledge it.
    ///
    /// The event is handed to the transport before this returns, so the order of calls is the
    /// order on the wire, and whoever does not want the answer may drop the future. It ends with
    /// an error when the time limit has passed and when the connection ends.
    pub fn emit_with_ack<A: DeserializeOwned>(
        &self,
        name: &str,
        payload: &(impl Serialize + ?Sized),
    ) -> AckFuture<A> {
        match to_json(payload).and_then(|payload| self.emit_json_with_ack(name, payload)) {
            Ok(receiver) => AckFuture::waiting(receiver),
            Err(error) => AckFuture::failed(error.into()),
        }
    }

    /// Calls back for each event with this name, for as long as the guard lives.
    ///
    /// `T` is the event's first argument; an event without arguments has the payload `null`. The
    /// callback is not called for a payload that `T` does not fit: whoever wants to see
    /// everything takes [`serde_json::Value`].
    pub fn on<T: DeserializeOwned>(
        &self,
        name: &str,
        mut callback: impl FnMut(T) + MaybeSend + 'static,
    ) -> Listener {
        let call = move |payload: &Json, _ack: Option<Ack>| {
            if let Ok(payload) = payload.read() {
                callback(payload);
            }
        };
        self.listen(listener::Callback::event(name, Box::new(call)))
    }

    /// Like [`on`](Self::on), for events that the server may want acknowledged: then the callback
    /// gets an [`Ack`] to answer with, now or later.
    pub fn on_with_ack<T: DeserializeOwned>(
        &self,
        name: &str,
        mut callback: impl FnMut(T, Option<Ack>) + MaybeSend + 'static,
    ) -> Listener {
        let call = move |payload: &Json, ack: Option<Ack>| {
            if let Ok(payload) = payload.read() {
                callback(payload, ack);
            }
        };
        self.listen(listener::Callback::event(name, Box::new(call)))
    }

    /// Calls back for every event of the server, whatever its name, before those that listen for
    /// that name: for logs and the like. `null` stands for a payload that is not there.
    pub fn on_any(&self, callback: impl FnMut(&str, &Json) + MaybeSend + 'static) -> Listener {
        self.listen(listener::Callback::any(Box::new(callback)))
    }

    /// Calls back for each change of the connection, for as long as the guard lives.
    pub fn on_connection(
        &self,
        callback: impl FnMut(ConnectionEvent) + MaybeSend + 'static,
    ) -> Listener {
        self.listen(listener::Callback::connection(Box::new(callback)))
    }

    fn listen(&self, callback: listener::Callback) -> Listener {
        let id = self.inner.core.lock().listeners.add(callback);
        Listener::new(self.downgrade(), id)
    }

    fn downgrade(&self) -> WeakClient {
        WeakClient(Arc::downgrade(&self.inner))
    }
}

impl WeakClient {
    fn upgrade(&self) -> Option<Client> {
        self.0.upgrade().map(|inner| Client { inner })
    }

    /// Tells the client what has happened to the transport of a line, if it is still there.
    pub(crate) fn hear(&self, line: LineId, news: SessionInput<'_>) {
        if let Some(client) = self.upgrade() {
            client.hear(line, news);
        }
    }

    /// Tells the client what has happened, if it is still there.
    pub(crate) fn handle(&self, input: Input<'_>) {
        if let Some(client) = self.upgrade() {
            client.handle(input);
        }
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

fn to_json(payload: &(impl Serialize + ?Sized)) -> Result<Json, EmitError> {
    let json = Json::write(payload).map_err(|error| EmitError::Invalid(error.to_string()))?;
    if json.attachments().len() > MAX_ATTACHMENTS {
        return Err(EmitError::Invalid("too many attachments".to_owned()));
    }
    Ok(json)
}
