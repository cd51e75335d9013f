//! The state machine of one client: what happens, and what is to be done about it.
//!
//! It does no I/O. Whoever drives it tells it the time and what has happened ([`Input`]) and
//! carries out what it asks for ([`Action`]). Time is a [`Duration`] since any fixed moment.

use std::collections::VecDeque;
use std::mem;
use std::time::Duration;

use crate::backoff::Reconnection;
use crate::engine::{self, Frame};
use crate::error::{AckError, AuthError, EmitError};
use crate::event::{ConnectionEvent, DisconnectReason, State};
use crate::json::Json;
use crate::packet::{Body, Decoder, Packet};
use crate::pending::Pending;

/// What arrives from the server, packet by packet.
mod incoming;
#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests;

/// Names one line of a transport. What still arrives from an earlier line is ignored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LineId(u32);

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

/// What stays the same for the life of a client.
#[derive(Clone, Debug)]
pub struct Config {
    /// The namespace, beginning with `/`.
    pub namespace: String,
    /// Whether, how soon and how often a lost connection is tried again.
    pub reconnection: Reconnection,
    /// How long one attempt may take, from the question for authentication to the server's answer.
    pub connect_timeout: Duration,
    /// How long the server may take to acknowledge an event.
    pub ack_timeout: Duration,
    /// What is kept for the next connection.
    pub buffer: Buffer,
}

/// What has happened.
#[derive(Debug)]
pub enum Input<'a> {
    /// The program wants to be connected.
    Connect,
    /// The program wants to be disconnected.
    Disconnect,
    /// There is reason to think that the network is back, or that time has passed unnoticed.
    ReconnectNow,
    /// The platform says that the network is gone.
    NetworkLost,
    /// The moment of [`Connection::next_deadline`] has come. Too early does no harm.
    Timeout,
    /// The answer to [`Action::Authorise`].
    Authorised {
        /// The line of the question.
        line: LineId,
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
        /// To be given back with the answer.
        line: LineId,
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
        /// The line that it arrived on.
        line: LineId,
        /// The name of the event.
        name: String,
        /// Its first argument, or null.
        payload: Json,
        /// The id to acknowledge it with, if the server asks for that.
        ack: Option<u64>,
    },
    /// An event of the program has been acknowledged, or never will be.
    Acknowledged {
        /// The id that [`Connection::emit`] gave.
        id: u64,
        /// The first argument of the acknowledgement, or null.
        result: Result<Json, AckError>,
    },
    /// Tell the program about a change of the connection.
    Notify(ConnectionEvent),
}

/// The state of one client.
#[derive(Debug)]
pub struct Connection {
    config: Config,
    phase: Phase,
    /// The line of the current attempt or connection, else of the last one.
    line: LineId,
    /// Failed attempts since the last success.
    attempt: u32,
    next_ack: u64,
    /// Events that wait for their acknowledgement, with the moment when it is too late. Ids and
    /// moments both only ever grow, so the first is the next to time out.
    unacknowledged: Pending<Duration>,
    /// Events for the next connection, oldest first.
    held: VecDeque<Held>,
    decoder: Decoder,
    actions: VecDeque<Action>,
}

/// An event that waits for a connection.
#[derive(Debug)]
struct Held {
    body: Body,
    ack: Option<u64>,
    until: Duration,
}

#[derive(Debug)]
enum Phase {
    Disconnected,
    /// The program has been asked what to authenticate with.
    Authorising {
        deadline: Duration,
    },
    /// The line is being opened; the server's handshake is awaited.
    Opening {
        deadline: Duration,
        auth: Option<Json>,
    },
    /// The namespace has been asked for; the server's answer is awaited.
    Joining {
        deadline: Duration,
        heartbeat: Heartbeat,
        /// Events that came before the answer: a server may emit while it still decides.
        early: Vec<Packet>,
    },
    Connected {
        id: String,
        heartbeat: Heartbeat,
    },
    Waiting {
        delay: Duration,
        until: Duration,
    },
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
    /// A client that is not connected.
    pub fn new(config: Config) -> Self {
        Self {
            config,
            phase: Phase::Disconnected,
            line: LineId::default(),
            attempt: 0,
            next_ack: 0,
            unacknowledged: Pending::new(),
            held: VecDeque::new(),
            decoder: Decoder::default(),
            actions: VecDeque::new(),
        }
    }

    /// Takes note of what has happened at the moment `now`.
    ///
    /// `random` is a number from 0 to 1, for the jitter of a delay. What is to be done comes out
    /// of [`next_action`](Self::next_action).
    pub fn handle(&mut self, now: Duration, random: f64, input: Input<'_>) {
        let lost = match input {
            Input::Connect => {
                if matches!(self.phase, Phase::Disconnected) {
                    self.attempt = 0;
                    self.begin(now);
                }
                Ok(())
            }
            Input::Disconnect => {
                self.disconnect();
                Ok(())
            }
            Input::ReconnectNow => self.check_time(now).inspect(|()| {
                if matches!(self.phase, Phase::Waiting { .. }) {
                    self.begin(now);
                }
            }),
            Input::NetworkLost if self.has_line() => Err(Loss::new(
                DisconnectReason::TransportClosed,
                "The network is gone.",
            )),
            Input::NetworkLost => Ok(()),
            Input::Timeout => self.check_time(now),
            Input::Authorised { line, result } if line == self.line => self.authorised(result),
            Input::Frame { line, frame } if line == self.line && self.has_line() => {
                self.receive(now, &frame)
            }
            Input::Closed { line, message } if line == self.line && self.has_line() => {
                Err(Loss::new(DisconnectReason::TransportClosed, message))
            }
            Input::Unopenable { line, message } if line == self.line && self.has_line() => {
                self.give_up(message);
                Ok(())
            }
            // They come from an earlier line.
            Input::Authorised { .. }
            | Input::Frame { .. }
            | Input::Closed { .. }
            | Input::Unopenable { .. } => Ok(()),
        };
        if let Err(loss) = lost {
            self.lose(now, random, loss);
        }
    }

    /// What is to be done next, in this order. To be called until it gives `None`.
    pub fn next_action(&mut self) -> Option<Action> {
        self.actions.pop_front()
    }

    /// The moment at which [`Input::Timeout`] is due.
    pub fn next_deadline(&self) -> Option<Duration> {
        let phase = match &self.phase {
            Phase::Disconnected => None,
            Phase::Authorising { deadline } | Phase::Opening { deadline, .. } => Some(*deadline),
            Phase::Joining {
                deadline,
                heartbeat,
                ..
            } => Some(heartbeat.deadline.min(*deadline)),
            Phase::Connected { heartbeat, .. } => Some(heartbeat.deadline),
            Phase::Waiting { until, .. } => Some(*until),
        };
        let ack = self.unacknowledged.first().map(|(_, deadline)| *deadline);
        let held = self.held.front().map(|held| held.until);
        [phase, ack, held].into_iter().flatten().min()
    }

    /// Where the connection stands.
    pub fn state(&self) -> State {
        match &self.phase {
            Phase::Disconnected => State::Disconnected,
            Phase::Authorising { .. } | Phase::Opening { .. } | Phase::Joining { .. } => {
                State::Connecting
            }
            Phase::Connected { .. } => State::Connected,
            Phase::Waiting { delay, .. } => State::Waiting {
                attempt: self.attempt,
                delay: *delay,
            },
        }
    }

    /// The server's id for this connection, while connected.
    pub fn id(&self) -> Option<&str> {
        match &self.phase {
            Phase::Connected { id, .. } => Some(id),
            _ => None,
        }
    }

    /// Sends an event, or keeps it for the next connection. If the server is asked to acknowledge
    /// it, the id of the acknowledgement is given back.
    pub fn emit(
        &mut self,
        now: Duration,
        name: &str,
        mut payload: Json,
        emission: Emission,
    ) -> Result<Option<u64>, EmitError> {
        let is_connected = matches!(self.phase, Phase::Connected { .. });
        let buffer = self.config.buffer;
        if !is_connected && (buffer.capacity == 0 || emission == Emission::Volatile) {
            return Err(EmitError::NotConnected);
        }
        if !is_connected && self.held.len() >= buffer.capacity {
            return Err(EmitError::BufferFull);
        }
        let ack = (emission == Emission::Asking).then(|| {
            let id = self.next_ack;
            self.next_ack += 1;
            let deadline = now.saturating_add(self.config.ack_timeout);
            self.unacknowledged.push(id, deadline);
            id
        });
        let attachments = payload.take_attachments();
        let body = Body::Event {
            name: name.to_owned(),
            arguments: vec![payload],
            ack,
            attachments,
        };
        if is_connected {
            self.send(body);
        } else {
            let until = now.saturating_add(buffer.max_age);
            self.held.push_back(Held { body, ack, until });
        }
        Ok(ack)
    }

    /// Acknowledges an event that arrived on `line`. On another line the server would take the
    /// id for that of another event.
    pub fn acknowledge(
        &mut self,
        line: LineId,
        id: u64,
        mut payload: Json,
    ) -> Result<(), EmitError> {
        if line != self.line || !matches!(self.phase, Phase::Connected { .. }) {
            return Err(EmitError::NotConnected);
        }
        let attachments = payload.take_attachments();
        self.send(Body::Ack {
            id,
            arguments: vec![payload],
            attachments,
        });
        Ok(())
    }

    fn has_line(&self) -> bool {
        matches!(
            self.phase,
            Phase::Opening { .. } | Phase::Joining { .. } | Phase::Connected { .. }
        )
    }

    /// Begins an attempt.
    fn begin(&mut self, now: Duration) {
        self.line = LineId(self.line.0.wrapping_add(1));
        self.decoder = Decoder::default();
        let deadline = now.saturating_add(self.config.connect_timeout);
        self.phase = Phase::Authorising { deadline };
        self.actions
            .push_back(Action::Authorise { line: self.line });
    }

    /// The program has said what to authenticate with, or that it cannot.
    fn authorised(&mut self, result: Result<Option<Json>, AuthError>) -> Result<(), Loss> {
        let Phase::Authorising { deadline } = self.phase else {
            return Ok(());
        };
        match result {
            Ok(auth) => {
                self.phase = Phase::Opening { deadline, auth };
                self.actions.push_back(Action::Open { line: self.line });
                Ok(())
            }
            Err(error) if error.is_final() => {
                self.give_up(error.message().to_owned());
                Ok(())
            }
            Err(error) => Err(Loss::new(
                DisconnectReason::TransportClosed,
                error.message(),
            )),
        }
    }

    /// Looks for everything that the time `now` makes due.
    fn check_time(&mut self, now: Duration) -> Result<(), Loss> {
        while let Some(&(id, deadline)) = self.unacknowledged.first()
            && deadline <= now
        {
            self.unacknowledged.pop_first();
            self.held.retain(|held| held.ack != Some(id));
            let result = Err(AckError::TimedOut);
            self.actions.push_back(Action::Acknowledged { id, result });
        }
        while let Some(held) = self.held.pop_front_if(|held| held.until <= now) {
            if let Some(id) = held.ack {
                self.unacknowledged.remove(id);
                let result = Err(AckError::NotConnected);
                self.actions.push_back(Action::Acknowledged { id, result });
            }
        }
        let loss = match &self.phase {
            Phase::Waiting { until, .. } if *until <= now => {
                self.begin(now);
                return Ok(());
            }
            Phase::Authorising { deadline }
            | Phase::Opening { deadline, .. }
            | Phase::Joining { deadline, .. }
                if *deadline <= now =>
            {
                Loss::new(
                    DisconnectReason::TransportClosed,
                    "The server did not answer in time.",
                )
            }
            Phase::Joining { heartbeat, .. } | Phase::Connected { heartbeat, .. }
                if heartbeat.deadline <= now =>
            {
                Loss::new(
                    DisconnectReason::PingTimeout,
                    "The server's heartbeat stayed away.",
                )
            }
            _ => return Ok(()),
        };
        Err(loss)
    }

    /// The program wants to be disconnected.
    fn disconnect(&mut self) {
        if matches!(self.phase, Phase::Connected { .. }) {
            self.send(Body::Disconnect);
        }
        self.drop_held();
        if let Phase::Connected { .. } = self.end() {
            self.notify(ConnectionEvent::Disconnected {
                reason: DisconnectReason::Client,
            });
        }
    }

    /// Whoever disconnects on purpose does not send what is left.
    fn drop_held(&mut self) {
        for held in mem::take(&mut self.held) {
            if let Some(id) = held.ack {
                self.unacknowledged.remove(id);
                let result = Err(AckError::NotConnected);
                self.actions.push_back(Action::Acknowledged { id, result });
            }
        }
    }

    /// The attempt has failed or the connection is lost: the next attempt follows, if there is one.
    fn lose(&mut self, now: Duration, random: f64, loss: Loss) {
        let event = match self.end() {
            Phase::Connected { .. } => ConnectionEvent::Disconnected {
                reason: loss.reason,
            },
            _ => ConnectionEvent::ConnectError {
                message: loss.message,
                data: None,
                refused: false,
            },
        };
        self.notify(event);
        let attempt = self.attempt.saturating_add(1);
        if let Some(delay) = self.config.reconnection.delay_before(attempt, random) {
            self.attempt = attempt;
            self.phase = Phase::Waiting {
                delay,
                until: now.saturating_add(delay),
            };
            self.notify(ConnectionEvent::Waiting { attempt, delay });
        }
    }

    /// The attempt has failed, and so would the next.
    fn give_up(&mut self, message: String) {
        self.end();
        self.notify(ConnectionEvent::ConnectError {
            message,
            data: None,
            refused: false,
        });
    }

    /// Gives up the line and what waits for it, and says what the phase was.
    fn end(&mut self) -> Phase {
        if self.has_line() {
            self.actions.push_back(Action::Close { line: self.line });
        }
        let mut held = Pending::new();
        while let Some((id, deadline)) = self.unacknowledged.pop_first() {
            if self.held.iter().any(|each| each.ack == Some(id)) {
                held.push(id, deadline);
                continue;
            }
            let result = Err(AckError::Disconnected);
            self.actions.push_back(Action::Acknowledged { id, result });
        }
        self.unacknowledged = held;
        mem::replace(&mut self.phase, Phase::Disconnected)
    }

    /// Sends what was kept for this connection.
    fn send_held(&mut self) {
        for held in mem::take(&mut self.held) {
            self.send(held.body);
        }
    }

    /// Sends a packet to the namespace.
    fn send(&mut self, body: Body) {
        let packet = Packet {
            namespace: self.config.namespace.clone(),
            body,
        };
        let text = packet.encode();
        self.send_engine(&engine::Packet::Message(text.into()));
        if let Body::Event { attachments, .. } | Body::Ack { attachments, .. } = packet.body {
            for bytes in attachments {
                self.send_engine(&engine::Packet::Binary(bytes.into()));
            }
        }
    }

    fn send_engine(&mut self, packet: &engine::Packet<'_>) {
        let frame = engine::encode(packet);
        self.actions.push_back(Action::Send {
            line: self.line,
            frame,
        });
    }

    fn notify(&mut self, event: ConnectionEvent) {
        self.actions.push_back(Action::Notify(event));
    }
}
