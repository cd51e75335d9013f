//! What a connection asks for, and the numbers that it gives.

use std::collections::VecDeque;

use super::{Action, AttemptId, LineId, SocketId};
use crate::arguments::Arguments;
use crate::engine;
use crate::error::AckError;
use crate::event::ConnectionEvent;
use crate::packet::{Body, Packet, Parser};

/// Shared by the sockets of one connection.
#[derive(Debug, Default)]
pub(super) struct Output {
    parser: Parser,
    /// The line of the connection, or the last one if there is none.
    pub(super) line: LineId,
    pub(super) actions: VecDeque<Action>,
    next_ack: u64,
    next_attempt: u32,
}

impl Output {
    pub(super) fn new(parser: Parser) -> Self {
        Self {
            parser,
            ..Self::default()
        }
    }

    pub(super) fn push(&mut self, action: Action) {
        self.actions.push_back(action);
    }

    /// An id for an acknowledgement. Each is larger than the one before.
    pub(super) fn next_ack(&mut self) -> u64 {
        let id = self.next_ack;
        self.next_ack += 1;
        id
    }

    pub(super) fn next_attempt(&mut self) -> AttemptId {
        self.next_attempt = self.next_attempt.wrapping_add(1);
        AttemptId(self.next_attempt)
    }

    pub(super) fn next_line(&mut self) -> LineId {
        self.line = LineId(self.line.0.wrapping_add(1));
        self.line
    }

    pub(super) fn notify(&mut self, socket: SocketId, event: ConnectionEvent) {
        self.push(Action::Notify { socket, event });
    }

    pub(super) fn acknowledged(&mut self, id: u64, result: Result<Arguments, AckError>) {
        self.push(Action::Acknowledged { id, result });
    }

    /// Sends a packet to a namespace.
    pub(super) fn send(&mut self, namespace: &str, body: Body) {
        let packet = Packet {
            namespace: namespace.to_owned(),
            body,
        };
        match self.parser {
            Parser::Json => {}
            #[cfg(feature = "msgpack")]
            Parser::MessagePack => {
                let bytes = crate::packet::msgpack::encode(&packet);
                self.send_engine(&engine::Packet::Binary(bytes.into()));
                return;
            }
        }
        let text = packet.encode();
        self.send_engine(&engine::Packet::Message(text.into()));
        if let Body::Event { arguments, .. } | Body::Ack { arguments, .. } = packet.body {
            for bytes in arguments.attachments {
                self.send_engine(&engine::Packet::Binary(bytes.into()));
            }
        }
    }

    pub(super) fn send_engine(&mut self, packet: &engine::Packet<'_>) {
        let frame = engine::encode(packet);
        self.push(Action::Send {
            line: self.line,
            frame,
        });
    }
}
