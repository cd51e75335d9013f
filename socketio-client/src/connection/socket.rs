//! One namespace of a connection: its attempts to connect, and what is sent and received.

use std::mem;
use std::time::Duration;

use super::output::Output;
use super::queue::Queue;
use super::{Action, AttemptId, Emission, Loss, SocketConfig, SocketId, protocol};
use crate::arguments::Arguments;
use crate::backoff::Reconnection;
use crate::engine::Members;
use crate::error::{AuthError, EmitError};
use crate::event::{ConnectionEvent, DisconnectReason, State};
use crate::json::Json;
use crate::packet::{Body, Packet};

/// Most events that are kept while the server's answer to the CONNECT is awaited.
const MAX_EARLY_EVENTS: usize = 256;

/// Names that no event may have: servers take such an event for a broken packet.
/// <https://socket.io/docs/v4/emit-cheatsheet/#reserved-events>
const RESERVED_NAMES: [&str; 6] = [
    "connect",
    "connect_error",
    "disconnect",
    "disconnecting",
    "newListener",
    "removeListener",
];

#[derive(Debug)]
pub(super) struct Socket {
    pub(super) id: SocketId,
    pub(super) config: SocketConfig,
    /// Whether the program wants to hear of what it sends.
    pub(super) reports_outgoing: bool,
    phase: Phase,
    /// The current attempt or connection, else the last one.
    pub(super) attempt: AttemptId,
    /// Failed attempts since the last success.
    failures: u32,
    queue: Queue,
    recovery: Recovery,
}

#[derive(Debug)]
enum Phase {
    Disconnected,
    /// The next attempt follows.
    Waiting {
        delay: Duration,
        until: Duration,
    },
    /// The program has been asked what to authenticate with.
    Authorising {
        deadline: Duration,
    },
    /// The line is awaited.
    Ready {
        deadline: Duration,
        auth: Option<Json>,
    },
    /// The namespace has been asked for; the server's answer is awaited.
    Joining {
        deadline: Duration,
        /// Events that came before the answer: a server may emit while it still decides.
        early: Vec<Packet>,
    },
    Connected {
        id: String,
    },
}

/// What a server that keeps what was missed wants to be told: which session it was, and what was
/// received last. Both as JSON.
#[derive(Debug, Default)]
struct Recovery {
    session: Option<String>,
    offset: Option<String>,
}

impl Socket {
    pub(super) fn new(id: SocketId, config: SocketConfig) -> Self {
        Self {
            id,
            queue: Queue::new(&config),
            config,
            reports_outgoing: false,
            phase: Phase::Disconnected,
            attempt: AttemptId::default(),
            failures: 0,
            recovery: Recovery::default(),
        }
    }

    pub(super) fn state(&self) -> State {
        match &self.phase {
            Phase::Disconnected => State::Disconnected,
            Phase::Authorising { .. } | Phase::Ready { .. } | Phase::Joining { .. } => {
                State::Connecting
            }
            Phase::Connected { .. } => State::Connected,
            Phase::Waiting { delay, .. } => State::Waiting {
                attempt: self.failures,
                delay: *delay,
            },
        }
    }

    pub(super) fn server_id(&self) -> Option<&str> {
        match &self.phase {
            Phase::Connected { id } => Some(id),
            _ => None,
        }
    }

    /// Whether there has to be a line for it.
    pub(super) fn needs_line(&self) -> bool {
        matches!(
            self.phase,
            Phase::Ready { .. } | Phase::Joining { .. } | Phase::Connected { .. }
        )
    }

    pub(super) fn next_deadline(&self) -> Option<Duration> {
        let phase = match &self.phase {
            Phase::Disconnected | Phase::Connected { .. } => None,
            Phase::Authorising { deadline }
            | Phase::Ready { deadline, .. }
            | Phase::Joining { deadline, .. } => Some(*deadline),
            Phase::Waiting { until, .. } => Some(*until),
        };
        phase.into_iter().chain(self.queue.next_deadline()).min()
    }

    /// The program wants to be connected.
    pub(super) fn connect(&mut self, deadline: Duration, out: &mut Output) {
        if matches!(self.phase, Phase::Disconnected) {
            self.failures = 0;
            self.begin(deadline, out);
        }
    }

    /// Makes the next attempt now if one is waited for.
    pub(super) fn hurry(&mut self, deadline: Duration, out: &mut Output) {
        if matches!(self.phase, Phase::Waiting { .. }) {
            self.begin(deadline, out);
        }
    }

    /// Begins an attempt.
    fn begin(&mut self, deadline: Duration, out: &mut Output) {
        self.attempt = out.next_attempt();
        self.phase = Phase::Authorising { deadline };
        out.push(Action::Authorise {
            socket: self.id,
            attempt: self.attempt,
        });
    }

    /// The program has said what to authenticate with, or that it cannot.
    pub(super) fn authorised(
        &mut self,
        result: Result<Option<Json>, AuthError>,
        out: &mut Output,
    ) -> Result<(), Loss> {
        let Phase::Authorising { deadline } = self.phase else {
            return Ok(());
        };
        match result {
            Ok(auth) => {
                self.phase = Phase::Ready { deadline, auth };
                Ok(())
            }
            Err(error) if error.is_final() => {
                self.give_up(error.message(), None, false, out);
                Ok(())
            }
            Err(error) => Err(Loss::new(
                DisconnectReason::TransportClosed,
                error.message(),
            )),
        }
    }

    /// The line is open: asks for the namespace if that is what was waited for.
    pub(super) fn join(&mut self, out: &mut Output) {
        if let Phase::Ready { deadline, auth } = &mut self.phase {
            let (deadline, auth) = (*deadline, auth.take());
            self.phase = Phase::Joining {
                deadline,
                early: Vec::new(),
            };
            let auth = self.recovery.added_to(auth);
            out.send(&self.config.namespace, Body::Connect(auth));
        }
    }

    /// Looks for everything that the time `now` makes due. `deadline` is that of an attempt which
    /// begins now.
    pub(super) fn check_time(
        &mut self,
        now: Duration,
        deadline: Duration,
        out: &mut Output,
    ) -> Result<(), Loss> {
        self.queue.check_time(now, out);
        self.send_next(now, out);
        match &self.phase {
            Phase::Waiting { until, .. } if *until <= now => {
                self.begin(deadline, out);
                Ok(())
            }
            Phase::Authorising { deadline }
            | Phase::Ready { deadline, .. }
            | Phase::Joining { deadline, .. }
                if *deadline <= now =>
            {
                Err(Loss::new(
                    DisconnectReason::TransportClosed,
                    "The server did not answer in time.",
                ))
            }
            _ => Ok(()),
        }
    }

    /// The program wants to be disconnected.
    pub(super) fn disconnect(&mut self, out: &mut Output) {
        if let Phase::Connected { .. } = self.phase {
            out.send(&self.config.namespace, Body::Disconnect);
        }
        // Whoever disconnects on purpose does not send what is left.
        self.queue.clear(out);
        if let Phase::Connected { .. } = self.end(out) {
            out.notify(
                self.id,
                ConnectionEvent::Disconnected {
                    reason: DisconnectReason::Client,
                },
            );
        }
    }

    /// The attempt has failed or the connection is lost: the next attempt follows, if there is one.
    pub(super) fn lose(
        &mut self,
        now: Duration,
        random: f64,
        reconnection: &Reconnection,
        loss: &Loss,
        out: &mut Output,
    ) {
        let event = match self.end(out) {
            Phase::Connected { .. } => ConnectionEvent::Disconnected {
                reason: loss.reason,
            },
            _ => ConnectionEvent::ConnectError {
                message: loss.message.clone(),
                data: None,
                refused: false,
            },
        };
        out.notify(self.id, event);
        let attempt = self.failures.saturating_add(1);
        if let Some(delay) = reconnection.delay_before(attempt, random) {
            self.failures = attempt;
            self.phase = Phase::Waiting {
                delay,
                until: now.saturating_add(delay),
            };
            out.notify(self.id, ConnectionEvent::Waiting { attempt, delay });
        }
    }

    /// The attempt has failed, and so would the next.
    pub(super) fn give_up(
        &mut self,
        message: &str,
        data: Option<Json>,
        refused: bool,
        out: &mut Output,
    ) {
        self.end(out);
        let event = ConnectionEvent::ConnectError {
            message: message.to_owned(),
            data,
            refused,
        };
        out.notify(self.id, event);
    }

    /// Gives up what waits for the current connection, and says what the phase was.
    fn end(&mut self, out: &mut Output) -> Phase {
        self.queue.disconnected(out);
        mem::replace(&mut self.phase, Phase::Disconnected)
    }

    /// Sends an event, or keeps it. If the server is asked to acknowledge it, the id of the
    /// acknowledgement is given back.
    pub(super) fn emit(
        &mut self,
        now: Duration,
        name: &str,
        arguments: Arguments,
        emission: Emission,
        out: &mut Output,
    ) -> Result<Option<u64>, EmitError> {
        if RESERVED_NAMES.contains(&name) {
            return Err(EmitError::ReservedName);
        }
        let connected = matches!(self.phase, Phase::Connected { .. });
        let repeated = self.config.retries.is_some() && emission != Emission::Volatile;
        let kept = repeated || !connected;
        if !connected && (self.config.buffer.capacity == 0 || emission == Emission::Volatile) {
            return Err(EmitError::NotConnected);
        }
        if kept && self.queue.is_full() {
            return Err(EmitError::BufferFull);
        }
        let asks = emission == Emission::Asking;
        let ack = (asks || repeated).then(|| out.next_ack());
        let body = Body::Event {
            name: name.to_owned(),
            arguments,
            ack,
        };
        if let Some(id) = ack
            && !repeated
        {
            self.queue.expect(now, id);
        }
        if kept {
            self.queue.push(now, body, ack);
            self.send_next(now, out);
        } else {
            self.send_event(body, out);
        }
        Ok(ack.filter(|_| asks))
    }

    /// Changes how long an acknowledgement may take.
    pub(super) fn limit(&mut self, id: u64, deadline: Duration) {
        self.queue.limit(id, deadline);
    }

    /// Acknowledges an event of the server.
    pub(super) fn acknowledge(
        &self,
        id: u64,
        arguments: Arguments,
        out: &mut Output,
    ) -> Result<(), EmitError> {
        if !matches!(self.phase, Phase::Connected { .. }) {
            return Err(EmitError::NotConnected);
        }
        out.send(&self.config.namespace, Body::Ack { id, arguments });
        Ok(())
    }

    fn send_event(&self, body: Body, out: &mut Output) {
        if self.reports_outgoing
            && let Body::Event {
                name, arguments, ..
            } = &body
        {
            out.push(Action::Outgoing {
                socket: self.id,
                name: name.clone(),
                arguments: arguments.clone(),
            });
        }
        out.send(&self.config.namespace, body);
    }

    /// Sends of what is kept as much as is due: all of it, or with retries one at a time.
    fn send_next(&mut self, now: Duration, out: &mut Output) {
        if !matches!(self.phase, Phase::Connected { .. }) {
            return;
        }
        while let Some(body) = self.queue.next_to_send(now) {
            self.send_event(body, out);
        }
    }

    /// Reads a packet. One that makes no sense in the current phase is ignored. An error ends the
    /// line.
    pub(super) fn receive(
        &mut self,
        now: Duration,
        packet: Packet,
        out: &mut Output,
    ) -> Result<(), Loss> {
        match (&mut self.phase, packet.body) {
            (Phase::Joining { early, .. }, Body::Connect(answer)) => {
                let early = mem::take(early);
                self.joined(now, answer, out)?;
                early
                    .into_iter()
                    .try_for_each(|packet| self.receive(now, packet, out))
            }
            (Phase::Joining { .. }, Body::ConnectError { message, data }) => {
                self.give_up(&message, data, true, out);
                Ok(())
            }
            (Phase::Joining { .. }, Body::Disconnect) => {
                self.give_up("The server ended the connection.", None, true, out);
                Ok(())
            }
            (Phase::Joining { early, .. }, body @ Body::Event { .. }) => {
                if early.len() == MAX_EARLY_EVENTS {
                    return Err(protocol("too many events before the connection"));
                }
                early.push(Packet {
                    namespace: packet.namespace,
                    body,
                });
                Ok(())
            }
            (Phase::Connected { .. }, Body::Disconnect) => {
                self.end(out);
                let reason = DisconnectReason::Server;
                out.notify(self.id, ConnectionEvent::Disconnected { reason });
                Ok(())
            }
            (
                Phase::Connected { .. },
                Body::Event {
                    name,
                    arguments,
                    ack,
                },
            ) => {
                self.recovery.received(&arguments);
                out.push(Action::Event {
                    socket: self.id,
                    attempt: self.attempt,
                    name,
                    arguments,
                    ack,
                });
                Ok(())
            }
            (Phase::Connected { .. }, Body::Ack { id, arguments }) => {
                // One that comes after its time limit has nobody waiting for it.
                if self.queue.answered(id) {
                    out.acknowledged(id, Ok(arguments));
                    self.send_next(now, out);
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// The server has accepted.
    fn joined(
        &mut self,
        now: Duration,
        answer: Option<Json>,
        out: &mut Output,
    ) -> Result<(), Loss> {
        let answer = answer.unwrap_or_default();
        let members = Members::read(answer.as_str());
        let id = members.as_ref().and_then(|members| members.text("sid"));
        let id = id.ok_or_else(|| protocol("no id for the connection"))?;
        let session = members.and_then(|members| members.get("pid"));
        let recovered = self.recovery.begin(session);
        self.failures = 0;
        self.phase = Phase::Connected { id: id.clone() };
        out.notify(self.id, ConnectionEvent::Connected { id, recovered });
        self.send_next(now, out);
        Ok(())
    }
}

impl Recovery {
    /// What to authenticate with, and what the server wants to be told beside it. What is no
    /// object has no room for it.
    fn added_to(&self, auth: Option<Json>) -> Option<Json> {
        let Some(session) = &self.session else {
            return auth;
        };
        let mut text = ["{\"pid\":", session].concat();
        if let Some(offset) = &self.offset {
            text.push_str(",\"offset\":");
            text.push_str(offset);
        }
        match &auth {
            None => text.push('}'),
            Some(auth) => {
                let members = auth.as_str().strip_prefix('{');
                let Some(members) = members else {
                    return Some(auth.clone());
                };
                if !members.trim_start().starts_with('}') {
                    text.push(',');
                }
                text.push_str(members);
            }
        }
        Some(Json::trusted(text))
    }

    /// The server has accepted, and named the session if it keeps what will be missed. Says
    /// whether it is the same as before.
    fn begin(&mut self, session: Option<&str>) -> bool {
        let recovered = session.is_some() && self.session.as_deref() == session;
        if !recovered {
            self.offset = None;
        }
        self.session = session.map(str::to_owned);
        recovered
    }

    /// Such a server adds the offset of an event as its last argument.
    fn received(&mut self, arguments: &Arguments) {
        if self.session.is_some()
            && let Some(last) = arguments.values.last()
            && last.as_str().starts_with('"')
        {
            self.offset = Some(last.as_str().to_owned());
        }
    }
}
