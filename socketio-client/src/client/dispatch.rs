//! Carries out what the state machine asks for, and calls the program back without any lock.
//!
//! What the transport is to do happens under the lock, so that frames leave in the order of the
//! calls. What the program is to be told goes through a queue that one caller at a time empties:
//! a callback that calls the client adds to the queue and returns.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use futures_channel::oneshot;

use super::{Ack, Client, Core};
use crate::connection::{Action, Input, LineId};
use crate::error::{AckError, AuthError, EmitError};
use crate::event::ConnectionEvent;
use crate::json::Json;
use crate::sync::guarded;
use crate::transport::{Platform, Transport};

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

    pub(super) fn emit_json(&self, name: &str, payload: Json) -> Result<(), EmitError> {
        let core = &mut *self.inner.core.lock();
        let now = core.transport.now();
        core.connection.emit(now, name, payload, false)?;
        core.carry_out();
        Ok(())
    }

    pub(super) fn emit_json_with_ack(
        &self,
        name: &str,
        payload: Json,
    ) -> Result<oneshot::Receiver<Result<Json, AckError>>, EmitError> {
        let core = &mut *self.inner.core.lock();
        let now = core.transport.now();
        let (sender, receiver) = oneshot::channel();
        if let Some(id) = core.connection.emit(now, name, payload, true)? {
            core.waiting.push(id, sender);
        }
        core.carry_out();
        Ok(receiver)
    }

    pub(super) fn acknowledge(
        &self,
        line: LineId,
        id: u64,
        payload: Json,
    ) -> Result<(), EmitError> {
        let core = &mut *self.inner.core.lock();
        core.connection.acknowledge(line, id, payload)?;
        core.carry_out();
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
    /// Carries out what the state machine asks for, as far as it is the transport's part.
    fn carry_out(&mut self) {
        while let Some(action) = self.connection.next_action() {
            match action {
                Action::Open { line } => {
                    if let Err(message) = self.transport.open(line) {
                        let now = self.transport.now();
                        let input = Input::Unopenable { line, message };
                        self.connection.handle(now, Platform::random(), input);
                    }
                }
                Action::Send { line, frame } => self.transport.send(line, frame),
                Action::Close { line } => self.transport.close(line),
                Action::Authorise { line } => {
                    self.deliveries.push_back(Delivery::Authorise { line })
                }
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
        let deadline = self.connection.next_deadline();
        self.transport.set_timer(deadline);
    }
}
