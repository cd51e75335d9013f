//! Carries out what the state machine asks for, and calls the program back without any lock.
//!
//! What the transport is to do happens under the lock, so that frames leave in the order of the
//! calls. What the program is to be told goes through a queue that one caller at a time empties:
//! a callback that calls the client adds to the queue and returns.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use futures_channel::oneshot;

use super::{Ack, Client, Core};
use crate::connection::{Action, Emission, Input, LineId};
use crate::error::{AckError, AuthError, EmitError};
use crate::event::ConnectionEvent;
use crate::json::Json;
use crate::session::{Session, SessionAction, SessionInput, TransportChoice};
use crate::sync::guarded;
use crate::transport::{Platform, Transport};

/// Most sessions of a client: the current one, and some that send what was left.
const MAX_SESSIONS: usize = 4;

/// What the program is to be told.
pub(super) enum Delivery {
    Authorise {
        line: LineId,
    },
    Event {
        line: LineId,
        name: String,
        payload: Json,
        ack: Option<u64>,
    },
    Acknowledged {
        waiting: oneshot::Sender<Result<Json, AckError>>,
        result: Result<Json, AckError>,
    },
    Connection(ConnectionEvent),
}

impl Client {
    /// Something has happened.
    pub(crate) fn handle(&self, input: Input<'_>) {
        {
            let core = &mut *self.inner.core.lock();
            let now = core.transport.now();
            core.connection.handle(now, Platform::random(), input);
            core.carry_out();
        }
        self.deliver();
    }

    /// Something has happened to the transport of a line.
    pub(crate) fn hear(&self, line: LineId, news: SessionInput<'_>) {
        {
            let core = &mut *self.inner.core.lock();
            if let Some((_, session)) = core.sessions.iter_mut().find(|(id, _)| *id == line) {
                session.handle(news);
            }
            core.carry_out();
        }
        self.deliver();
    }

    pub(super) fn emit_json(
        &self,
        name: &str,
        payload: Json,
        emission: Emission,
    ) -> Result<(), EmitError> {
        {
            let core = &mut *self.inner.core.lock();
            let now = core.transport.now();
            core.connection.emit(now, name, payload, emission)?;
            core.carry_out();
        }
        // It was one too many for the line, perhaps.
        self.deliver();
        Ok(())
    }

    pub(super) fn emit_json_with_ack(
        &self,
        name: &str,
        payload: Json,
    ) -> Result<oneshot::Receiver<Result<Json, AckError>>, EmitError> {
        let (sender, receiver) = oneshot::channel();
        {
            let core = &mut *self.inner.core.lock();
            let now = core.transport.now();
            let emitted = core.connection.emit(now, name, payload, Emission::Asking)?;
            if let Some(id) = emitted {
                core.waiting.push(id, sender);
            }
            core.carry_out();
        }
        self.deliver();
        Ok(receiver)
    }

    pub(super) fn acknowledge(
        &self,
        line: LineId,
        id: u64,
        payload: Json,
    ) -> Result<(), EmitError> {
        {
            let core = &mut *self.inner.core.lock();
            core.connection.acknowledge(line, id, payload)?;
            core.carry_out();
        }
        self.deliver();
        Ok(())
    }

    /// Tells the program everything there is to tell, unless somebody else is at it.
    fn deliver(&self) {
        {
            let core = &mut *self.inner.core.lock();
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
        let core = &mut *self.inner.core.lock();
        let delivery = core.deliveries.pop_front();
        core.delivering = delivery.is_some();
        delivery
    }

    fn deliver_one(&self, delivery: Delivery) {
        match delivery {
            Delivery::Authorise { line } => self.authorise(line),
            Delivery::Event {
                line,
                name,
                payload,
                ack,
            } => self.deliver_event(line, &name, &payload, ack),
            // Whoever waited may have lost interest.
            Delivery::Acknowledged { waiting, result } => drop(waiting.send(result)),
            Delivery::Connection(event) => self.deliver_connection(&event),
        }
    }

    fn deliver_event(&self, line: LineId, name: &str, payload: &Json, ack: Option<u64>) {
        let mut previous = None;
        loop {
            let next = self.inner.core.lock().next_any_callback(previous);
            let Some((id, callback)) = next else {
                break;
            };
            previous = Some(id);
            guarded(|| callback.lock()(name, payload));
        }
        let used = Arc::new(AtomicBool::new(false));
        let mut previous = None;
        loop {
            let next = self.inner.core.lock().next_event_callback(previous, name);
            let Some((id, callback)) = next else {
                return;
            };
            previous = Some(id);
            let ack = ack.map(|id| Ack::new(self.downgrade(), line, id, Arc::clone(&used)));
            guarded(|| callback.lock()(payload, ack));
        }
    }

    fn deliver_connection(&self, event: &ConnectionEvent) {
        let mut previous = None;
        loop {
            let next = self.inner.core.lock().next_connection_callback(previous);
            let Some((id, callback)) = next else {
                return;
            };
            previous = Some(id);
            guarded(|| callback.lock()(event.clone()));
        }
    }

    /// Asks the program what to authenticate with.
    fn authorise(&self, line: LineId) {
        let provider = self.inner.core.lock().auth.clone();
        let Some(provider) = provider else {
            self.handle(Input::Authorised {
                line,
                result: Ok(None),
            });
            return;
        };
        let question = provider();
        let client = self.downgrade();
        let answer = async move {
            let result = question.await.map(Some);
            client.handle(Input::Authorised { line, result });
        };
        if let Err(message) = Platform::spawn(Box::pin(answer)) {
            let result = Err(AuthError::stop(message));
            self.handle(Input::Authorised { line, result });
        }
    }
}

impl Core {
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
        match action {
            Action::Open { line } => {
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
            Action::Send { line, frame } => {
                if let Some(session) = self.session(line) {
                    session.send(frame);
                }
            }
            Action::Close { line } => {
                if let Some(session) = self.session(line) {
                    let hangs = session.is_connecting();
                    session.close();
                    self.websocket_hangs = hangs;
                }
            }
            Action::Authorise { line } => self.deliveries.push_back(Delivery::Authorise { line }),
            Action::Event {
                line,
                name,
                payload,
                ack,
            } => {
                self.deliveries.push_back(Delivery::Event {
                    line,
                    name,
                    payload,
                    ack,
                });
            }
            Action::Acknowledged { id, result } => {
                if let Some(waiting) = self.waiting.remove(id) {
                    self.deliveries
                        .push_back(Delivery::Acknowledged { waiting, result });
                }
            }
            Action::Notify(event) => self.deliveries.push_back(Delivery::Connection(event)),
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
