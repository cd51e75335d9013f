//! One connection and everything that shares it: carries out what the state machine asks for, and
//! calls the program back without any lock.
//!
//! What the transport is to do happens under the lock, so that frames leave in the order of the
//! calls. What the program is to be told goes through a queue that one caller at a time empties:
//! a callback that calls the client adds to the queue and returns.

use std::collections::VecDeque;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Weak};
use std::time::Duration;

use futures_channel::oneshot;

use super::listener::{Callback, Listeners, News, Topic};
use super::namespace::{AuthProvider, Namespace};
use super::{Ack, Listener};
use crate::arguments::Arguments;
use crate::connection::{Action, AttemptId, Config, Connection, Emission, Input, LineId, SocketId};
use crate::error::{AckError, AuthError, EmitError};
use crate::event::{ConnectionEvent, State};
use crate::pending::Pending;
use crate::session::{Session, SessionAction, SessionInput, TransportChoice};
use crate::sync::{Lock, guarded};
use crate::transport::{Endpoint, Platform, Transport};

/// Most sessions of a client: the current one, and some that send what was left.
const MAX_SESSIONS: usize = 4;

/// The end of an acknowledgement, for whoever waits for it.
pub(super) type AckSender = oneshot::Sender<Result<Arguments, AckError>>;
pub(super) type AckReceiver = oneshot::Receiver<Result<Arguments, AckError>>;

/// What the clients of one connection share.
#[derive(Clone)]
pub(crate) struct Manager(Arc<Lock<Core>>);

/// What the transport, the listeners and the acknowledgements hold: it keeps no client alive.
#[derive(Clone)]
pub(crate) struct WeakManager(Weak<Lock<Core>>);

/// Everything that changes. No code of the program runs while it is locked.
struct Core {
    connection: Connection,
    transport: Platform,
    transports: TransportChoice,
    /// The last attempt ended while its WebSocket had neither been opened nor refused.
    websocket_hangs: bool,
    /// The session of each line, until everything that was sent on it has left.
    sessions: Vec<(LineId, Session)>,
    auth: Vec<(SocketId, AuthProvider)>,
    listeners: Listeners,
    /// Who waits for the acknowledgement of an event, by its id.
    waiting: Pending<AckSender>,
    /// What the program is still to be told.
    deliveries: VecDeque<Delivery>,
    /// Somebody further up the stack, or on another thread, is telling it.
    delivering: bool,
}

/// What the program is to be told.
enum Delivery {
    Authorise {
        socket: SocketId,
        attempt: AttemptId,
    },
    Event {
        socket: SocketId,
        attempt: AttemptId,
        name: String,
        arguments: Arguments,
        ack: Option<u64>,
    },
    Outgoing {
        socket: SocketId,
        name: String,
        arguments: Arguments,
    },
    Acknowledged {
        waiting: AckSender,
        result: Result<Arguments, AckError>,
    },
    Connection {
        socket: SocketId,
        event: ConnectionEvent,
    },
}

impl WeakManager {
    pub(super) fn upgrade(&self) -> Option<Manager> {
        self.0.upgrade().map(Manager)
    }

    /// Tells the clients what has happened to the transport of a line, if they are still there.
    #[cfg_attr(not(any(feature = "native", feature = "web")), expect(dead_code))]
    pub(crate) fn hear(&self, line: LineId, news: SessionInput<'_>) {
        if let Some(manager) = self.upgrade() {
            manager.hear(line, news);
        }
    }

    /// Tells the clients what has happened, if they are still there.
    pub(crate) fn handle(&self, input: Input<'_>) {
        if let Some(manager) = self.upgrade() {
            manager.handle(input);
        }
    }
}

impl Manager {
    pub(super) fn new(endpoint: Endpoint, config: Config, transports: TransportChoice) -> Self {
        Self(Arc::new_cyclic(|weak| {
            Lock::new(Core {
                connection: Connection::new(config),
                transport: Platform::new(endpoint, WeakManager(weak.clone())),
                transports,
                websocket_hangs: false,
                sessions: Vec::new(),
                auth: Vec::new(),
                listeners: Listeners::default(),
                waiting: Pending::new(),
                deliveries: VecDeque::new(),
                delivering: false,
            })
        }))
    }

    pub(super) fn downgrade(&self) -> WeakManager {
        WeakManager(Arc::downgrade(&self.0))
    }

    /// Adds a socket, even if there is one for its namespace already.
    pub(super) fn add(&self, namespace: Namespace) -> SocketId {
        self.0.lock().add(namespace)
    }

    /// Adds a socket, unless there is one for its namespace already.
    pub(super) fn add_new(&self, namespace: Namespace) -> Option<SocketId> {
        let core = &mut *self.0.lock();
        let taken = core.connection.has_namespace(&namespace.config.namespace);
        (!taken).then(|| core.add(namespace))
    }

    /// Disconnects a socket and forgets everything about it.
    pub(super) fn remove(&self, socket: SocketId) {
        // They are dropped after the lock is released: what they hold may be anything, even another
        // client.
        let (_auth, _listeners) = {
            let core = &mut *self.0.lock();
            core.connection.remove(socket);
            core.carry_out();
            let auth = core.auth.iter().position(|(id, _)| *id == socket);
            let auth = auth.map(|place| core.auth.swap_remove(place));
            (auth, core.listeners.remove_all(socket))
        };
        self.deliver();
    }

    /// Something has happened.
    pub(super) fn handle(&self, input: Input<'_>) {
        self.change(|core| {
            let now = core.transport.now();
            core.connection.handle(now, Platform::random(), input);
        });
    }

    /// Something has happened to the transport of a line.
    fn hear(&self, line: LineId, news: SessionInput<'_>) {
        self.change(|core| {
            if let Some(session) = core.session(line) {
                session.handle(news);
            }
        });
    }

    pub(super) fn emit(
        &self,
        socket: SocketId,
        name: &str,
        arguments: Arguments,
        emission: Emission,
    ) -> Result<(), EmitError> {
        self.change(|core| {
            let now = core.transport.now();
            let random = Platform::random();
            core.connection
                .emit(now, random, socket, name, arguments, emission)
                .map(drop)
        })
    }

    /// Emits an event; gives the id of its acknowledgement, and where it will come out.
    pub(super) fn emit_with_ack(
        &self,
        socket: SocketId,
        name: &str,
        arguments: Arguments,
    ) -> Result<(u64, AckReceiver), EmitError> {
        let (sender, receiver) = oneshot::channel();
        let id = self.change(|core| {
            let now = core.transport.now();
            let (random, emission) = (Platform::random(), Emission::Asking);
            let id = core
                .connection
                .emit(now, random, socket, name, arguments, emission)?;
            let id = id.ok_or(EmitError::NotConnected)?;
            core.waiting.push(id, sender);
            Ok(id)
        })?;
        Ok((id, receiver))
    }

    /// Gives an acknowledgement that is awaited another time limit, from now.
    pub(super) fn limit(&self, socket: SocketId, id: u64, timeout: Duration) {
        self.change(|core| {
            let now = core.transport.now();
            core.connection.limit(now, socket, id, timeout);
        });
    }

    pub(super) fn acknowledge(
        &self,
        attempt: AttemptId,
        id: u64,
        arguments: Arguments,
    ) -> Result<(), EmitError> {
        self.change(|core| core.connection.acknowledge(attempt, id, arguments))
    }

    pub(super) fn state(&self, socket: SocketId) -> State {
        self.0.lock().connection.state(socket)
    }

    pub(super) fn server_id(&self, socket: SocketId) -> Option<String> {
        let core = &*self.0.lock();
        core.connection.server_id(socket).map(str::to_owned)
    }

    pub(super) fn listen(&self, socket: SocketId, topic: Topic, callback: Callback) -> Listener {
        let core = &mut *self.0.lock();
        if topic == Topic::Outgoing {
            core.connection.report_outgoing(socket, true);
        }
        let id = core.listeners.add(socket, topic, callback);
        Listener::new(self.downgrade(), id)
    }

    pub(super) fn unlisten(&self, id: u64) {
        // The callback is dropped after the lock is released: what it holds may be anything, even
        // another listener.
        let _removed = {
            let core = &mut *self.0.lock();
            let removed = core.listeners.remove(id);
            if let Some(entry) = &removed
                && entry.topic == Topic::Outgoing
            {
                let wanted = core.listeners.any(entry.socket, &entry.topic);
                core.connection.report_outgoing(entry.socket, wanted);
            }
            removed
        };
    }

    /// Changes something under the lock, then tells the program what came of it.
    fn change<T>(&self, change: impl FnOnce(&mut Core) -> T) -> T {
        let result = {
            let core = &mut *self.0.lock();
            let result = change(core);
            core.carry_out();
            result
        };
        self.deliver();
        result
    }

    /// Tells the program everything there is to tell, unless somebody else is at it.
    fn deliver(&self) {
        {
            let core = &mut *self.0.lock();
            if core.delivering {
                return;
            }
            core.delivering = true;
        }
        while let Some(delivery) = self.next_delivery() {
            guarded(|| self.deliver_one(delivery));
        }
    }

    /// Finding the queue empty and giving up the turn is one step, so that nothing is left behind.
    fn next_delivery(&self) -> Option<Delivery> {
        let core = &mut *self.0.lock();
        let delivery = core.deliveries.pop_front();
        core.delivering = delivery.is_some();
        delivery
    }

    fn deliver_one(&self, delivery: Delivery) {
        match delivery {
            Delivery::Authorise { socket, attempt } => self.authorise(socket, attempt),
            Delivery::Event {
                socket,
                attempt,
                name,
                arguments,
                ack,
            } => {
                let event = |ack| News::Event {
                    name: &name,
                    arguments: &arguments,
                    ack,
                };
                self.call(socket, &Topic::AnyEvent, &|| event(None));
                let used = Arc::new(AtomicBool::new(false));
                self.call(socket, &Topic::Event(name.clone()), &|| {
                    event(ack.map(|id| Ack::new(self.downgrade(), attempt, id, Arc::clone(&used))))
                });
            }
            Delivery::Outgoing {
                socket,
                name,
                arguments,
            } => self.call(socket, &Topic::Outgoing, &|| News::Event {
                name: &name,
                arguments: &arguments,
                ack: None,
            }),
            // Whoever waited may have lost interest.
            Delivery::Acknowledged { waiting, result } => drop(waiting.send(result)),
            Delivery::Connection { socket, event } => {
                self.call(socket, &Topic::Connection, &|| News::Connection(&event));
            }
        }
    }

    /// Calls every callback of a socket for this topic.
    fn call<'a>(&self, socket: SocketId, topic: &Topic, news: &dyn Fn() -> News<'a>) {
        let mut previous = None;
        loop {
            let next = self.0.lock().listeners.after(previous, socket, topic);
            let Some((id, callback)) = next else {
                return;
            };
            previous = Some(id);
            guarded(|| callback.lock()(news()));
        }
    }

    /// Asks the program what to authenticate with.
    fn authorise(&self, socket: SocketId, attempt: AttemptId) {
        let provider = {
            let core = &*self.0.lock();
            let provider = core.auth.iter().find(|(id, _)| *id == socket);
            provider.map(|(_, provider)| provider.clone())
        };
        let Some(provider) = provider else {
            let result = Ok(None);
            self.handle(Input::Authorised { attempt, result });
            return;
        };
        let question = provider();
        let manager = self.downgrade();
        let answer = async move {
            let result = question.await.map(Some);
            manager.handle(Input::Authorised { attempt, result });
        };
        if let Err(message) = Platform::spawn(Box::pin(answer)) {
            let result = Err(AuthError::stop(message));
            self.handle(Input::Authorised { attempt, result });
        }
    }
}

impl Core {
    fn add(&mut self, namespace: Namespace) -> SocketId {
        let (config, auth) = namespace.into_parts();
        let socket = self.connection.add(config);
        self.auth.extend(auth.map(|auth| (socket, auth)));
        socket
    }

    /// Carries out what the state machine and the sessions ask for, as far as it is the
    /// transport's part.
    fn carry_out(&mut self) {
        loop {
            if let Some(action) = self.connection.next_action() {
                self.act(action);
            } else if let Some((line, action)) = self.next_session_action() {
                self.act_for_session(line, action);
            } else {
                break;
            }
        }
        self.sessions.retain(|(_, session)| !session.is_over());
        let deadline = self.connection.next_deadline();
        self.transport.set_timer(deadline);
    }

    fn act(&mut self, action: Action) {
        let delivery = match action {
            Action::Open { line } => {
                self.open(line);
                return;
            }
            Action::Send { line, frame } => {
                if let Some(session) = self.session(line) {
                    session.send(frame);
                }
                return;
            }
            Action::Close { line } => {
                if let Some(session) = self.session(line) {
                    let hangs = session.is_connecting();
                    session.close();
                    self.websocket_hangs = hangs;
                }
                return;
            }
            Action::Acknowledged { id, result } => match self.waiting.remove(id) {
                Some(waiting) => Delivery::Acknowledged { waiting, result },
                None => return,
            },
            Action::Authorise { socket, attempt } => Delivery::Authorise { socket, attempt },
            Action::Event {
                socket,
                attempt,
                name,
                arguments,
                ack,
            } => Delivery::Event {
                socket,
                attempt,
                name,
                arguments,
                ack,
            },
            Action::Outgoing {
                socket,
                name,
                arguments,
            } => Delivery::Outgoing {
                socket,
                name,
                arguments,
            },
            Action::Notify { socket, event } => Delivery::Connection { socket, event },
        };
        self.deliveries.push_back(delivery);
    }

    fn open(&mut self, line: LineId) {
        // A WebSocket that is neither opened nor refused would keep every attempt waiting.
        let transports = match self.transports {
            TransportChoice::WebSocketThenPolling if self.websocket_hangs => {
                TransportChoice::PollingThenWebSocket
            }
            transports => transports,
        };
        let mut session = Session::new(transports);
        session.open();
        self.sessions.push((line, session));
        // Those before it are only sending what is left, and not for ever.
        if self.sessions.len() > MAX_SESSIONS {
            self.sessions.remove(0);
        }
    }

    fn session(&mut self, line: LineId) -> Option<&mut Session> {
        let found = self.sessions.iter_mut().find(|(id, _)| *id == line);
        found.map(|(_, session)| session)
    }

    fn next_session_action(&mut self) -> Option<(LineId, SessionAction)> {
        self.sessions
            .iter_mut()
            .find_map(|(line, session)| Some((*line, session.next_action()?)))
    }

    fn act_for_session(&mut self, line: LineId, action: SessionAction) {
        let begun = match action {
            SessionAction::Get { request, sid } => {
                self.transport.request(line, request, sid.as_deref(), None)
            }
            SessionAction::Post { request, sid, body } => {
                self.transport
                    .request(line, request, Some(&sid), Some(body))
            }
            SessionAction::OpenWebSocket { sid } => {
                self.transport.open_websocket(line, sid.as_deref())
            }
            SessionAction::Abort { request } => {
                self.transport.abort(line, request);
                Ok(())
            }
            SessionAction::SendWebSocket(frame) => {
                self.transport.send_websocket(line, frame);
                Ok(())
            }
            SessionAction::CloseWebSocket => {
                self.transport.close_websocket(line);
                Ok(())
            }
            SessionAction::Deliver(frame) => {
                self.tell_connection(Input::Frame { line, frame });
                Ok(())
            }
            SessionAction::Closed { message } => {
                self.tell_connection(Input::Closed { line, message });
                Ok(())
            }
        };
        if let Err(message) = begun {
            self.tell_connection(Input::Unopenable { line, message });
        }
    }

    fn tell_connection(&mut self, input: Input<'_>) {
        let now = self.transport.now();
        self.connection.handle(now, Platform::random(), input);
    }
}
