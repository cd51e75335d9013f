//! The state machine of one client: what happens, and what is to be done about it.
//!
//! A connection has one line to the server and any number of sockets, one for each namespace. It
//! does no I/O. Whoever drives it tells it the time and what has happened ([`Input`]) and
//! carries out what it asks for ([`Action`]). Time is a [`Duration`] since any fixed moment.

use std::time::Duration;

use crate::arguments::Arguments;
use crate::backoff::Reconnection;
use crate::engine::{self, Frame, Handshake};
use crate::error::{AckError, AuthError, EmitError};
use crate::event::{ConnectionEvent, DisconnectReason, State};
use crate::json::Json;
use crate::packet::{Decoder, Parser};

/// What a connection asks for, and the numbers that it gives.
mod output;
/// What a socket still has to send, and what it waits for an answer to.
mod queue;
/// One namespace of a connection: its attempts to connect, and what is sent and received.
mod socket;
#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests;

use output::Output;
use socket::Socket;

/// Names one line of a transport. What still arrives from an earlier line is ignored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LineId(u32);

/// Names one socket of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SocketId(u32);

/// Names one attempt of a socket to connect, and the connection that comes of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AttemptId(u32);

/// How much is kept while there is no connection. Nothing is, unless a program asks for it: what
/// must not be lost needs more than memory.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Buffer {
    /// Most events that are kept. One more is refused.
    pub capacity: usize,
    /// How long an event may be kept. After that nobody is interested in it any more.
    pub max_age: Duration,
}

/// What is to become of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Emission {
    /// It is sent, or kept as [`Buffer`] says.
    Plain,
    /// It is sent now or not at all.
    Volatile,
    /// As `Plain`, and the server is asked to acknowledge it.
    Asking,
}

/// What stays the same for the life of a connection.
#[derive(Clone, Debug)]
pub struct Config {
    /// Whether, how soon and how often a lost connection is tried again.
    pub reconnection: Reconnection,
    /// How long one attempt may take, from the question for authentication to the server's answer.
    pub connect_timeout: Duration,
    /// How packets are written and read.
    pub parser: Parser,
}

/// What stays the same for the life of a socket.
#[derive(Clone, Debug)]
pub struct SocketConfig {
    /// The namespace, beginning with `/`.
    pub namespace: String,
    /// How long the server may take to acknowledge an event.
    pub ack_timeout: Duration,
    /// What is kept for the next connection.
    pub buffer: Buffer,
    /// How often an event is sent again that the server does not acknowledge. With it events are
    /// sent one at a time, each after the one before it is acknowledged, and are kept until then.
    pub retries: Option<u32>,
}

/// What has happened.
#[derive(Debug)]
pub enum Input<'a> {
    /// The program wants a socket to be connected.
    Connect {
        /// The socket.
        socket: SocketId,
    },
    /// The program wants a socket to be disconnected.
    Disconnect {
        /// The socket.
        socket: SocketId,
    },
    /// There is reason to think that the network is back, or that time has passed unnoticed.
    ReconnectNow,
    /// The platform says that the network is gone.
    NetworkLost,
    /// The moment of [`Connection::next_deadline`] has come. Too early does no harm.
    Timeout,
    /// The answer to [`Action::Authorise`].
    Authorised {
        /// The attempt that was asked for.
        attempt: AttemptId,
        /// What to authenticate with, if anything.
        result: Result<Option<Json>, AuthError>,
    },
    /// A frame has arrived.
    Frame {
        /// The line that it arrived on.
        line: LineId,
        /// The frame.
        frame: Frame<'a>,
    },
    /// A line could not be opened this time, or has closed.
    Closed {
        /// The line.
        line: LineId,
        /// What happened, for people.
        message: String,
    },
    /// A line cannot be opened, and trying again would change nothing: the address is wrong.
    Unopenable {
        /// The line.
        line: LineId,
        /// What is wrong, for people.
        message: String,
    },
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Ask the program what to authenticate with, and answer with [`Input::Authorised`].
    Authorise {
        /// The socket.
        socket: SocketId,
        /// To be given back with the answer.
        attempt: AttemptId,
    },
    /// Open a line.
    Open {
        /// Its name.
        line: LineId,
    },
    /// Send a frame on a line.
    Send {
        /// The line.
        line: LineId,
        /// The frame.
        frame: Frame<'static>,
    },
    /// Close a line, after what was sent on it.
    Close {
        /// The line.
        line: LineId,
    },
    /// Tell the program about an event of the server.
    Event {
        /// The socket.
        socket: SocketId,
        /// The connection that it arrived by.
        attempt: AttemptId,
        /// The name of the event.
        name: String,
        /// What it says.
        arguments: Arguments,
        /// The id to acknowledge it with, if the server asks for that.
        ack: Option<u64>,
    },
    /// Tell the program about an event of its own that is being sent: see
    /// [`Connection::report_outgoing`].
    Outgoing {
        /// The socket.
        socket: SocketId,
        /// The name of the event.
        name: String,
        /// What it says.
        arguments: Arguments,
    },
    /// An event of the program has been acknowledged, or never will be.
    Acknowledged {
        /// The id that [`Connection::emit`] gave, or one that nobody waits for.
        id: u64,
        /// What the acknowledgement says.
        result: Result<Arguments, AckError>,
    },
    /// Tell the program about a change of a socket's connection.
    Notify {
        /// The socket.
        socket: SocketId,
        /// The change.
        event: ConnectionEvent,
    },
}

/// The state of one line and its sockets.
#[derive(Debug)]
pub struct Connection {
    config: Config,
    line: Line,
    sockets: Vec<Socket>,
    next_socket: u32,
    decoder: Decoder,
    out: Output,
}

/// The line of a connection: there is one while a socket needs it.
#[derive(Clone, Copy, Debug)]
enum Line {
    None,
    /// The server's handshake is awaited.
    Opening,
    Open(Heartbeat),
}

/// By when the server's next ping is due.
#[derive(Clone, Copy, Debug)]
struct Heartbeat {
    window: Duration,
    deadline: Duration,
}

/// Why an attempt or a connection ended against the program's will.
struct Loss {
    reason: DisconnectReason,
    message: String,
}

impl Loss {
    fn new(reason: DisconnectReason, message: impl Into<String>) -> Self {
        Self {
            reason,
            message: message.into(),
        }
    }
}

impl Connection {
    /// A connection without sockets.
    pub fn new(config: Config) -> Self {
        Self {
            decoder: Decoder::new(config.parser),
            out: Output::new(config.parser),
            config,
            line: Line::None,
            sockets: Vec::new(),
            next_socket: 0,
        }
    }

    /// Whether there is a socket for a namespace. On one line a namespace can be joined once.
    pub fn has_namespace(&self, namespace: &str) -> bool {
        self.socket_of(namespace).is_some()
    }

    /// Adds a socket, which is not connected. Of two for the same namespace only the first would
    /// get what arrives: see [`has_namespace`](Self::has_namespace).
    pub fn add(&mut self, config: SocketConfig) -> SocketId {
        let id = SocketId(self.next_socket);
        self.next_socket = self.next_socket.wrapping_add(1);
        self.sockets.push(Socket::new(id, config));
        id
    }

    /// Disconnects a socket and forgets it.
    pub fn remove(&mut self, socket: SocketId) {
        self.with(socket, |each, out| each.disconnect(out));
        self.sockets.retain(|each| each.id != socket);
        self.settle();
    }

    /// Takes note of what has happened at the moment `now`.
    ///
    /// `random` is a number from 0 to 1, for the jitter of a delay. What is to be done comes out
    /// of [`next_action`](Self::next_action).
    pub fn handle(&mut self, now: Duration, random: f64, input: Input<'_>) {
        let deadline = now.saturating_add(self.config.connect_timeout);
        let lost = match input {
            Input::Connect { socket } => {
                self.with(socket, |each, out| each.connect(deadline, out));
                Ok(())
            }
            Input::Disconnect { socket } => {
                self.with(socket, |each, out| each.disconnect(out));
                Ok(())
            }
            Input::ReconnectNow => self.check_time(now, random).inspect(|()| {
                for socket in &mut self.sockets {
                    socket.hurry(deadline, &mut self.out);
                }
            }),
            Input::NetworkLost => Err(Loss::new(
                DisconnectReason::TransportClosed,
                "The network is gone.",
            )),
            Input::Timeout => self.check_time(now, random),
            Input::Authorised { attempt, result } => {
                self.authorised(now, random, attempt, result);
                Ok(())
            }
            Input::Frame { line, frame } if self.is_current(line) => self.receive(now, &frame),
            Input::Closed { line, message } if self.is_current(line) => {
                Err(Loss::new(DisconnectReason::TransportClosed, message))
            }
            Input::Unopenable { line, message } if self.is_current(line) => {
                for socket in self.sockets.iter_mut().filter(|each| each.needs_line()) {
                    socket.give_up(&message, None, false, &mut self.out);
                }
                Ok(())
            }
            // They come from an earlier line.
            Input::Frame { .. } | Input::Closed { .. } | Input::Unopenable { .. } => Ok(()),
        };
        if let Err(loss) = lost {
            self.lose(now, random, &loss);
        }
        self.settle();
    }

    /// What is to be done next, in this order. To be called until it gives `None`.
    pub fn next_action(&mut self) -> Option<Action> {
        self.out.actions.pop_front()
    }

    /// The moment at which [`Input::Timeout`] is due.
    pub fn next_deadline(&self) -> Option<Duration> {
        let heartbeat = match &self.line {
            Line::Open(heartbeat) => Some(heartbeat.deadline),
            Line::None | Line::Opening => None,
        };
        let sockets = self.sockets.iter().filter_map(Socket::next_deadline);
        heartbeat.into_iter().chain(sockets).min()
    }

    /// Where the connection of a socket stands.
    pub fn state(&self, socket: SocketId) -> State {
        self.find(socket).map_or(State::Disconnected, Socket::state)
    }

    /// The server's id for the connection of a socket, while connected.
    pub fn server_id(&self, socket: SocketId) -> Option<&str> {
        self.find(socket)?.server_id()
    }

    /// Sends an event, or keeps it for the next connection. If the server is asked to acknowledge
    /// it, the id of the acknowledgement is given back. `random` is as in [`handle`](Self::handle).
    pub fn emit(
        &mut self,
        now: Duration,
        random: f64,
        socket: SocketId,
        name: &str,
        arguments: Arguments,
        emission: Emission,
    ) -> Result<Option<u64>, EmitError> {
        // After a sleep the line may be dead, and the timer that will notice has not run yet.
        if self.next_deadline().is_some_and(|deadline| deadline <= now) {
            self.handle(now, random, Input::Timeout);
        }
        self.with(socket, |each, out| {
            each.emit(now, name, arguments, emission, out)
        })
        .unwrap_or(Err(EmitError::NotConnected))
    }

    /// Gives an acknowledgement that is awaited another time limit, from now.
    pub fn limit(&mut self, now: Duration, socket: SocketId, id: u64, timeout: Duration) {
        let deadline = now.saturating_add(timeout);
        self.with(socket, |each, _| each.limit(id, deadline));
    }

    /// Acknowledges an event that arrived by `attempt`. In another connection the server would
    /// take the id for that of another event.
    pub fn acknowledge(
        &mut self,
        attempt: AttemptId,
        id: u64,
        arguments: Arguments,
    ) -> Result<(), EmitError> {
        let socket = self.sockets.iter().find(|each| each.attempt == attempt);
        let socket = socket.ok_or(EmitError::NotConnected)?;
        socket.acknowledge(id, arguments, &mut self.out)
    }

    /// Asks for [`Action::Outgoing`], or for none.
    pub fn report_outgoing(&mut self, socket: SocketId, wanted: bool) {
        self.with(socket, |each, _| each.reports_outgoing = wanted);
    }

    fn find(&self, socket: SocketId) -> Option<&Socket> {
        self.sockets.iter().find(|each| each.id == socket)
    }

    fn socket_of(&self, namespace: &str) -> Option<usize> {
        let mut sockets = self.sockets.iter();
        sockets.position(|each| each.config.namespace == namespace)
    }

    fn with<T>(
        &mut self,
        socket: SocketId,
        act: impl FnOnce(&mut Socket, &mut Output) -> T,
    ) -> Option<T> {
        let found = self.sockets.iter_mut().find(|each| each.id == socket)?;
        Some(act(found, &mut self.out))
    }

    fn is_current(&self, line: LineId) -> bool {
        line == self.out.line && !matches!(self.line, Line::None)
    }

    /// The program has said what a socket authenticates with, or that it cannot.
    fn authorised(
        &mut self,
        now: Duration,
        random: f64,
        attempt: AttemptId,
        result: Result<Option<Json>, AuthError>,
    ) {
        let (config, out) = (&self.config, &mut self.out);
        // What an earlier attempt asked for is of no use any more.
        let socket = self.sockets.iter_mut().find(|each| each.attempt == attempt);
        if let Some(socket) = socket {
            match socket.authorised(result, out) {
                Ok(()) if matches!(self.line, Line::Open(_)) => socket.join(out),
                Ok(()) => {}
                Err(loss) => socket.lose(now, random, &config.reconnection, &loss, out),
            }
        }
    }

    /// Looks for everything that the time `now` makes due.
    fn check_time(&mut self, now: Duration, random: f64) -> Result<(), Loss> {
        if let Line::Open(heartbeat) = &self.line
            && heartbeat.deadline <= now
        {
            return Err(Loss::new(
                DisconnectReason::PingTimeout,
                "The server's heartbeat stayed away.",
            ));
        }
        let deadline = now.saturating_add(self.config.connect_timeout);
        for socket in &mut self.sockets {
            if let Err(loss) = socket.check_time(now, deadline, &mut self.out) {
                let reconnection = &self.config.reconnection;
                socket.lose(now, random, reconnection, &loss, &mut self.out);
            }
        }
        Ok(())
    }

    /// The line is lost, and with it the connection of every socket that needs it.
    fn lose(&mut self, now: Duration, random: f64, loss: &Loss) {
        self.close();
        let (config, out) = (&self.config, &mut self.out);
        for socket in self.sockets.iter_mut().filter(|each| each.needs_line()) {
            socket.lose(now, random, &config.reconnection, loss, out);
        }
    }

    /// Opens a line if one is needed, and closes one that is not.
    fn settle(&mut self) {
        let needed = self.sockets.iter().any(Socket::needs_line);
        if !needed {
            self.close();
        } else if let Line::None = self.line {
            self.decoder = Decoder::new(self.config.parser);
            self.line = Line::Opening;
            let line = self.out.next_line();
            self.out.push(Action::Open { line });
        }
    }

    fn close(&mut self) {
        if !matches!(self.line, Line::None) {
            self.line = Line::None;
            let line = self.out.line;
            self.out.push(Action::Close { line });
        }
    }

    /// Reads a frame of the current line.
    fn receive(&mut self, now: Duration, frame: &Frame<'_>) -> Result<(), Loss> {
        let decoded = match engine::decode(frame).map_err(protocol)? {
            engine::Packet::Open(handshake) => return self.opened(now, &handshake),
            engine::Packet::Close => {
                return Err(Loss::new(
                    DisconnectReason::TransportClosed,
                    "The server closed the line.",
                ));
            }
            engine::Packet::Ping(data) => {
                if let Line::Open(heartbeat) = &mut self.line {
                    heartbeat.deadline = now.saturating_add(heartbeat.window);
                    self.out.send_engine(&engine::Packet::Pong(data));
                }
                return Ok(());
            }
            engine::Packet::Pong(_) | engine::Packet::Upgrade | engine::Packet::Noop => {
                return Ok(());
            }
            engine::Packet::Message(text) => self.decoder.text(&text),
            engine::Packet::Binary(bytes) => self.decoder.binary(&bytes),
        };
        let Some(packet) = decoded.map_err(protocol)? else {
            return Ok(());
        };
        let place = self.socket_of(packet.path());
        match place.and_then(|place| self.sockets.get_mut(place)) {
            Some(socket) => socket.receive(now, packet, &mut self.out),
            None => Ok(()),
        }
    }

    /// The line is open: ask for the namespaces.
    fn opened(&mut self, now: Duration, handshake: &Handshake) -> Result<(), Loss> {
        if !matches!(self.line, Line::Opening) {
            return Err(protocol("a second handshake"));
        }
        let millis = handshake
            .ping_interval
            .saturating_add(handshake.ping_timeout);
        let window = Duration::from_millis(millis);
        self.line = Line::Open(Heartbeat {
            window,
            deadline: now.saturating_add(window),
        });
        for socket in &mut self.sockets {
            socket.join(&mut self.out);
        }
        Ok(())
    }
}

fn protocol(error: impl ToString) -> Loss {
    let message = [
        "The server sent what cannot be understood: ",
        &error.to_string(),
        ".",
    ]
    .concat();
    Loss::new(DisconnectReason::Protocol, message)
}
