//! One Engine.IO session: HTTP long-polling, a WebSocket, or the one and then the other.
//!
//! It stands between the state machine, which knows one line of frames, and a transport, which
//! carries requests and a WebSocket. Like the state machine it does no I/O and reads no clock: what
//! happens is told to it ([`SessionInput`]), what is to be done comes out ([`SessionAction`]).

use std::borrow::Cow;
use std::collections::VecDeque;
use std::mem;

use thiserror::Error;

use crate::engine::{self, Frame, Packet};
use crate::packet::MAX_TEXT_BYTES;

/// Packets for one request, with binary ones in base64.
mod payload;
#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests;

use payload::{BASE64_MARK, Outgoing, SEPARATOR, read_base64};

/// Most bytes that the body of an answer may have. A transport need not read more.
pub const MAX_PAYLOAD_BYTES: usize = 2 * MAX_TEXT_BYTES;
/// Most packets that the body of an answer may have.
pub const MAX_PAYLOAD_PACKETS: usize = 4096;
/// Most bytes that may wait to be sent.
pub const MAX_OUTGOING_BYTES: usize = 16 * 1024 * 1024;
/// Most packets that may wait to be sent.
pub const MAX_OUTGOING_PACKETS: usize = 4096;

const PROBE: &str = "2probe";
const PROBE_ANSWER: &str = "3probe";

/// How a session reaches the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransportChoice {
    /// HTTP long-polling, and a WebSocket as soon as one has been found to work.
    PollingThenWebSocket,
    /// HTTP long-polling.
    PollingOnly,
    /// A WebSocket.
    WebSocketOnly,
    /// A WebSocket, and HTTP long-polling if the server cannot be reached by one.
    WebSocketThenPolling,
}

/// Names one request of a session. Other sessions have requests of the same names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RequestId(u64);

/// Why a request has no answer that could be used. Shown, it is a sentence for people.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum HttpFailure {
    /// The answer has another status than 200.
    #[error("The server answered {0}.")]
    Status(u16),
    /// There is no answer, or not all of it.
    #[error("The server cannot be reached.")]
    Unreachable,
    /// There is no secure connection: the server's certificate is not trusted, or client and server
    /// have no TLS in common. With the reason, for people.
    #[error("The server cannot be reached securely: {0}.")]
    Insecure(String),
    /// The body has more than [`MAX_PAYLOAD_BYTES`].
    #[error("The server's answer is too large.")]
    TooLarge,
}

/// What has happened.
#[derive(Debug)]
pub enum SessionInput<'a> {
    /// A request has ended. Of one that was aborted nothing need be told.
    Response {
        /// The request.
        request: RequestId,
        /// The body of an answer with status 200.
        result: Result<String, HttpFailure>,
    },
    /// The WebSocket is open.
    WebSocketOpened,
    /// A frame has arrived on the WebSocket.
    WebSocketFrame(Frame<'a>),
    /// The WebSocket could not be opened, or has closed.
    WebSocketClosed {
        /// What happened, for people.
        message: String,
    },
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SessionAction {
    /// Ask for what the server has to say. It may take as long as the server likes.
    Get {
        /// To be given back with the answer.
        request: RequestId,
        /// The id of the session; without one the server begins a session.
        sid: Option<String>,
    },
    /// Tell the server something.
    Post {
        /// To be given back with the answer.
        request: RequestId,
        /// The id of the session.
        sid: String,
        /// The payload.
        body: String,
    },
    /// Give a request up. Its answer is of no use any more.
    Abort {
        /// The request.
        request: RequestId,
    },
    /// Open the WebSocket. It happens once in a session.
    OpenWebSocket {
        /// The id of the session that is to move to it; without one the server begins a session.
        sid: Option<String>,
    },
    /// Send a frame on the WebSocket.
    SendWebSocket(Frame<'static>),
    /// Close the WebSocket, after what was sent on it.
    CloseWebSocket,
    /// A packet of the server, as the frame that it is on a WebSocket.
    Deliver(Frame<'static>),
    /// The session has ended, against the program's will. Nothing is delivered after it.
    Closed {
        /// What happened, for people.
        message: String,
    },
}

/// The state of one session.
#[derive(Debug)]
pub struct Session {
    choice: TransportChoice,
    phase: Phase,
    /// The id of the session, once polling has given one.
    sid: Option<String>,
    /// Most bytes that the server takes in one body.
    max_payload: usize,
    /// The request that waits for what the server has to say.
    get: Option<RequestId>,
    /// The request that tells the server something.
    post: Option<RequestId>,
    next_request: u64,
    /// Whether a WebSocket has been asked for and is not known to be closed.
    websocket: bool,
    outgoing: Outgoing,
    actions: VecDeque<SessionAction>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// Not begun.
    New,
    /// The session begins with a WebSocket, on which nothing has arrived yet.
    Connecting,
    /// Requests carry the packets.
    Polling(Probe),
    /// The WebSocket carries the packets.
    WebSocket,
    /// The program has closed the session; requests carry what is left.
    Closing,
    /// Nothing more is to be done.
    Over,
}

/// How far a WebSocket has come beside the requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Probe {
    /// There is none, and none is to come.
    Absent,
    /// It is being opened.
    Opening,
    /// It has been asked for a sign of life.
    Asked,
    /// It works. No request follows those in flight; when they have ended the session moves.
    Answered,
}

impl Session {
    /// A session that has not begun.
    pub fn new(choice: TransportChoice) -> Self {
        Self {
            choice,
            phase: Phase::New,
            sid: None,
            max_payload: usize::MAX,
            get: None,
            post: None,
            next_request: 0,
            websocket: false,
            outgoing: Outgoing::default(),
            actions: VecDeque::new(),
        }
    }

    /// Begins. A second time it does nothing.
    pub fn open(&mut self) {
        if self.phase != Phase::New {
            return;
        }
        match self.choice {
            TransportChoice::PollingThenWebSocket | TransportChoice::PollingOnly => {
                self.begin_polling();
            }
            TransportChoice::WebSocketOnly | TransportChoice::WebSocketThenPolling => {
                self.phase = Phase::Connecting;
                self.open_websocket();
            }
        }
    }

    /// Sends a packet, after those before it. In a session that has ended it does nothing.
    pub fn send(&mut self, packet: Frame<'static>) {
        match self.phase {
            Phase::New | Phase::Closing | Phase::Over => {}
            Phase::WebSocket => self.actions.push_back(SessionAction::SendWebSocket(packet)),
            Phase::Connecting | Phase::Polling(_) => {
                if self.outgoing.has_room_for(&packet) {
                    self.outgoing.push(packet);
                    self.advance();
                } else {
                    self.fail("Too much waits to be sent.".to_owned());
                }
            }
        }
    }

    /// Ends the session, after what was sent. Nothing is delivered any more.
    ///
    /// Requests may be needed until all has been sent: see [`is_over`](Self::is_over).
    pub fn close(&mut self) {
        if self.phase == Phase::Closing {
            return;
        }
        self.actions.retain(|action| {
            !matches!(
                action,
                SessionAction::Deliver(_) | SessionAction::Closed { .. }
            )
        });
        if matches!(self.phase, Phase::Polling(_)) && self.sid.is_some() {
            self.phase = Phase::Closing;
            if let Some(request) = self.get.take() {
                self.actions.push_back(SessionAction::Abort { request });
            }
            self.outgoing.push(engine::encode(&Packet::Close));
            self.advance();
        } else {
            self.end();
        }
    }

    /// Takes note of what has happened. What is to be done comes out of
    /// [`next_action`](Self::next_action).
    pub fn handle(&mut self, input: SessionInput<'_>) {
        match input {
            SessionInput::Response { request, result } => self.responded(request, result),
            // It comes from a WebSocket that has been given up.
            _ if !self.websocket => {}
            SessionInput::WebSocketOpened => {
                if self.phase == Phase::Polling(Probe::Opening) {
                    self.phase = Phase::Polling(Probe::Asked);
                    self.actions
                        .push_back(SessionAction::SendWebSocket(text(PROBE)));
                }
            }
            SessionInput::WebSocketFrame(frame) => self.websocket_frame(frame),
            SessionInput::WebSocketClosed { message } => {
                self.websocket = false;
                self.websocket_closed(message);
            }
        }
    }

    /// What is to be done next, in this order. To be called until it gives `None`.
    pub fn next_action(&mut self) -> Option<SessionAction> {
        self.actions.pop_front()
    }

    /// Whether the session began with a WebSocket and nothing has come of it yet.
    pub fn is_connecting(&self) -> bool {
        self.phase == Phase::Connecting
    }

    /// Whether nothing more will be done. After [`close`](Self::close) a session that is dropped
    /// earlier may leave packets unsent.
    pub fn is_over(&self) -> bool {
        self.phase == Phase::Over && self.actions.is_empty()
    }

    fn begin_polling(&mut self) {
        self.phase = Phase::Polling(Probe::Absent);
        self.start_get();
    }

    fn start_get(&mut self) {
        let request = self.request();
        self.get = Some(request);
        let sid = self.sid.clone();
        self.actions.push_back(SessionAction::Get { request, sid });
    }

    fn request(&mut self) -> RequestId {
        let request = RequestId(self.next_request);
        self.next_request += 1;
        request
    }

    fn open_websocket(&mut self) {
        self.websocket = true;
        let sid = self.sid.clone();
        self.actions.push_back(SessionAction::OpenWebSocket { sid });
    }

    /// Does what has become possible.
    fn advance(&mut self) {
        match self.phase {
            Phase::Polling(Probe::Answered) => {
                if self.get.is_none() && self.post.is_none() {
                    self.phase = Phase::WebSocket;
                    self.actions
                        .push_back(SessionAction::SendWebSocket(engine::encode(
                            &Packet::Upgrade,
                        )));
                    self.send_outgoing();
                }
            }
            Phase::Polling(_) => {
                if self.get.is_none() {
                    self.start_get();
                }
                self.post_outgoing();
            }
            Phase::Closing => {
                self.post_outgoing();
                if self.post.is_none() {
                    self.end();
                }
            }
            Phase::New | Phase::Connecting | Phase::WebSocket | Phase::Over => {}
        }
    }

    /// Sends what waits on the WebSocket.
    fn send_outgoing(&mut self) {
        while let Some(frame) = self.outgoing.pop() {
            self.actions.push_back(SessionAction::SendWebSocket(frame));
        }
    }

    /// Sends what waits as one payload, or as much of it as the server takes, unless the payload
    /// before it is still on its way: it could be overtaken.
    fn post_outgoing(&mut self) {
        if self.post.is_some() {
            return;
        }
        if let Some(sid) = self.sid.clone()
            && let Some(body) = self.outgoing.payload(self.max_payload)
        {
            let request = self.request();
            self.post = Some(request);
            self.actions
                .push_back(SessionAction::Post { request, sid, body });
        }
    }

    /// A request has ended.
    fn responded(&mut self, request: RequestId, result: Result<String, HttpFailure>) {
        let received = if self.get.take_if(|get| *get == request).is_some() {
            result
                .map_err(|failure| failure.to_string())
                .and_then(|body| self.receive(&body))
        } else if self.post.take_if(|post| *post == request).is_some() {
            result.map(drop).map_err(|failure| failure.to_string())
        } else {
            // It was given up.
            return;
        };
        match received {
            Ok(()) => self.advance(),
            // Nobody is left who could be told.
            Err(_) if self.phase == Phase::Closing => self.end(),
            Err(message) => self.fail(message),
        }
    }

    /// Reads a payload. The error is a sentence.
    fn receive(&mut self, body: &str) -> Result<(), String> {
        if body.len() > MAX_PAYLOAD_BYTES {
            return Err(HttpFailure::TooLarge.to_string());
        }
        if body.matches(SEPARATOR).count() >= MAX_PAYLOAD_PACKETS {
            return Err("The server sent too many packets at once.".to_owned());
        }
        // Some servers end the request of a session that they have closed with nothing.
        if body.is_empty() {
            return Err(closed_by_server());
        }
        let mut packets = body.split(SEPARATOR);
        if self.sid.is_none()
            && let Some(first) = packets.next()
        {
            self.opened(first)?;
        }
        for packet in packets {
            self.receive_packet(packet)?;
        }
        Ok(())
    }

    /// Reads the first packet of a session that begins with polling.
    fn opened(&mut self, first: &str) -> Result<(), String> {
        let frame = text(first);
        let handshake = match engine::decode(&frame) {
            Ok(Packet::Open(handshake)) => handshake,
            Ok(Packet::Close) => return Err(closed_by_server()),
            Ok(_) => return Err(not_understood("no handshake")),
            Err(error) => return Err(not_understood(&error.to_string())),
        };
        if let Some(max_payload) = handshake.max_payload {
            self.max_payload = usize::try_from(max_payload).unwrap_or(usize::MAX);
        }
        let upgrades = self.choice == TransportChoice::PollingThenWebSocket
            && handshake.upgrades.iter().any(|each| each == "websocket");
        self.sid = Some(handshake.sid);
        self.actions.push_back(SessionAction::Deliver(frame));
        if upgrades {
            self.phase = Phase::Polling(Probe::Opening);
            self.open_websocket();
        }
        Ok(())
    }

    fn receive_packet(&mut self, packet: &str) -> Result<(), String> {
        let frame = match packet.strip_prefix(BASE64_MARK) {
            Some(base64) => {
                let bytes = read_base64(base64);
                let bytes = bytes.ok_or_else(|| not_understood("an unreadable attachment"))?;
                Frame::Binary(Cow::Owned(bytes))
            }
            None if packet == "1" => return Err(closed_by_server()),
            // It has ended the request, and that was all.
            None if packet == "6" => return Ok(()),
            None => text(packet),
        };
        self.actions.push_back(SessionAction::Deliver(frame));
        Ok(())
    }

    fn websocket_frame(&mut self, frame: Frame<'_>) {
        match self.phase {
            Phase::Connecting => {
                self.phase = Phase::WebSocket;
                self.deliver(frame);
                self.send_outgoing();
            }
            Phase::WebSocket => self.deliver(frame),
            Phase::Polling(Probe::Asked) => {
                if frame == text(PROBE_ANSWER) {
                    self.phase = Phase::Polling(Probe::Answered);
                    self.advance();
                } else {
                    self.phase = Phase::Polling(Probe::Absent);
                    self.close_websocket();
                }
            }
            // Until the session has moved, packets come by polling.
            Phase::New | Phase::Polling(_) | Phase::Closing | Phase::Over => {}
        }
    }

    fn websocket_closed(&mut self, message: String) {
        match self.phase {
            Phase::Connecting if self.choice == TransportChoice::WebSocketThenPolling => {
                self.begin_polling();
            }
            Phase::Connecting | Phase::WebSocket => self.fail(message),
            Phase::Polling(_) => {
                self.phase = Phase::Polling(Probe::Absent);
                self.advance();
            }
            Phase::New | Phase::Closing | Phase::Over => {}
        }
    }

    fn deliver(&mut self, frame: Frame<'_>) {
        self.actions
            .push_back(SessionAction::Deliver(frame.into_owned()));
    }

    fn close_websocket(&mut self) {
        if mem::take(&mut self.websocket) {
            self.actions.push_back(SessionAction::CloseWebSocket);
        }
    }

    /// The session is lost.
    fn fail(&mut self, message: String) {
        self.end();
        self.actions.push_back(SessionAction::Closed { message });
    }

    /// Gives up everything that is still under way.
    fn end(&mut self) {
        for request in [self.get.take(), self.post.take()].into_iter().flatten() {
            self.actions.push_back(SessionAction::Abort { request });
        }
        self.close_websocket();
        self.outgoing = Outgoing::default();
        self.phase = Phase::Over;
    }
}

fn text(text: &str) -> Frame<'static> {
    Frame::Text(Cow::Owned(text.to_owned()))
}

fn closed_by_server() -> String {
    "The server closed the line.".to_owned()
}

fn not_understood(what: &str) -> String {
    ["The server sent what cannot be understood: ", what, "."].concat()
}
