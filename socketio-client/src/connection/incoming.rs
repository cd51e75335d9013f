//! What arrives from the server, packet by packet.

use std::mem;
use std::time::Duration;

use super::{Action, Connection, Heartbeat, Loss, Phase};
use crate::engine::{self, Frame, Handshake};
use crate::event::{ConnectionEvent, DisconnectReason};
use crate::json::Json;
use crate::packet::{Body, Packet};

/// Most events that are kept while the server's answer to the CONNECT is awaited.
const MAX_EARLY_EVENTS: usize = 256;

impl Connection {
    /// Reads a frame of the current line.
    pub(super) fn receive(&mut self, now: Duration, frame: &Frame<'_>) -> Result<(), Loss> {
        let decoded = match engine::decode(frame).map_err(protocol)? {
            engine::Packet::Open(handshake) => return self.opened(now, &handshake),
            engine::Packet::Close => {
                return Err(Loss::new(
                    DisconnectReason::TransportClosed,
                    "The server closed the line.",
                ));
            }
            engine::Packet::Ping(data) => {
                self.ping(now, &data);
                return Ok(());
            }
            engine::Packet::Pong(_) | engine::Packet::Upgrade | engine::Packet::Noop => {
                return Ok(());
            }
            engine::Packet::Message(text) => self.decoder.text(&text),
            engine::Packet::Binary(bytes) => self.decoder.binary(&bytes),
        };
        match decoded.map_err(protocol)? {
            Some(packet) if packet.path() == self.config.namespace => self.packet(packet),
            _ => Ok(()),
        }
    }

    /// The line is open: ask for the namespace.
    fn opened(&mut self, now: Duration, handshake: &Handshake) -> Result<(), Loss> {
        let Phase::Opening { deadline, auth } = &mut self.phase else {
            return Err(protocol("a second handshake"));
        };
        let millis = handshake
            .ping_interval
            .saturating_add(handshake.ping_timeout);
        let window = Duration::from_millis(millis);
        let (deadline, auth) = (*deadline, auth.take());
        self.phase = Phase::Joining {
            deadline,
            heartbeat: Heartbeat {
                window,
                deadline: now.saturating_add(window),
            },
            early: Vec::new(),
        };
        self.send(Body::Connect(auth));
        Ok(())
    }

    fn ping(&mut self, now: Duration, data: &str) {
        if let Phase::Joining { heartbeat, .. } | Phase::Connected { heartbeat, .. } =
            &mut self.phase
        {
            heartbeat.deadline = now.saturating_add(heartbeat.window);
            self.send_engine(&engine::Packet::Pong(data.into()));
        }
    }

    /// Reads a packet for our namespace. One that makes no sense in the current phase is ignored.
    fn packet(&mut self, packet: Packet) -> Result<(), Loss> {
        match (&mut self.phase, packet.body) {
            (
                Phase::Joining {
                    heartbeat, early, ..
                },
                Body::Connect(answer),
            ) => {
                let id = answer.and_then(|answer| member(&answer, "sid"));
                let id = id.ok_or_else(|| protocol("no id for the connection"))?;
                let (heartbeat, early) = (*heartbeat, mem::take(early));
                self.phase = Phase::Connected {
                    id: id.clone(),
                    heartbeat,
                };
                self.attempt = 0;
                self.notify(ConnectionEvent::Connected { id });
                self.send_held();
                early.into_iter().try_for_each(|packet| self.packet(packet))
            }
            (Phase::Joining { .. }, Body::ConnectError { message, data }) => {
                self.end();
                self.notify(ConnectionEvent::ConnectError {
                    message,
                    data,
                    refused: true,
                });
                Ok(())
            }
            (Phase::Joining { .. }, Body::Disconnect) => {
                self.end();
                let message = "The server ended the connection.".to_owned();
                self.notify(ConnectionEvent::ConnectError {
                    message,
                    data: None,
                    refused: true,
                });
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
                self.end();
                self.notify(ConnectionEvent::Disconnected {
                    reason: DisconnectReason::Server,
                });
                Ok(())
            }
            (
                Phase::Connected { .. },
                Body::Event {
                    name,
                    arguments,
                    ack,
                    attachments,
                },
            ) => {
                let payload = first(arguments, attachments);
                self.actions.push_back(Action::Event {
                    line: self.line,
                    name,
                    payload,
                    ack,
                });
                Ok(())
            }
            (
                Phase::Connected { .. },
                Body::Ack {
                    id,
                    arguments,
                    attachments,
                },
            ) => {
                // An acknowledgement that comes after its time limit has nobody waiting for it.
                if self.unacknowledged.remove(id).is_some() {
                    let result = Ok(first(arguments, attachments));
                    self.actions.push_back(Action::Acknowledged { id, result });
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }
}

/// A text in an object.
fn member(object: &Json, name: &str) -> Option<String> {
    let members = compact_json::split_object(object.as_str()).ok()?;
    let (_, value) = members.into_iter().find(|(each, _)| each == name)?;
    compact_json::read(value).ok()
}

fn first(arguments: Vec<Json>, attachments: Vec<Vec<u8>>) -> Json {
    let first = arguments.into_iter().next().unwrap_or_default();
    first.with_attachments(attachments)
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
