use proptest::prelude::*;

use super::*;

/// How a server behaves while a WebSocket is probed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Server {
    /// Polling goes on; once the probe is answered, a GET that has to wait ends with a noop.
    Patient,
    /// From the moment when the WebSocket is open, each GET ends with a noop and messages wait.
    Strict,
    /// It is patient, and the WebSocket closes at a moment before the session has moved.
    Unreliable,
}

/// A server, and the network between it and the session. Whatever is on its way arrives when
/// the test says so.
struct World {
    fixture: Fixture,
    server: Server,
    /// GETs on their way to the server, waiting there, and answered.
    get_sent: Option<RequestId>,
    get_waiting: Option<RequestId>,
    get_answer: Option<(RequestId, String)>,
    post_sent: Option<(RequestId, String)>,
    post_answer: Option<RequestId>,
    websocket: WebSocket,
    to_server: VecDeque<Frame<'static>>,
    to_client: VecDeque<Frame<'static>>,
    /// The server has answered the probe.
    probed: bool,
    /// The client has said that it moves.
    moving: bool,
    /// The server has heard that.
    moved: bool,
    /// What the server still has to say.
    outgoing: VecDeque<Frame<'static>>,
    sent: [Vec<Frame<'static>>; 2],
    received: [Vec<Frame<'static>>; 2],
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum WebSocket {
    Absent,
    Opening,
    Open,
    Gone,
}

const CLIENT: usize = 0;
const SERVER: usize = 1;

impl World {
    fn new(server: Server) -> Self {
        let mut world = Self {
            fixture: Fixture::new(TransportChoice::PollingThenWebSocket),
            server,
            get_sent: None,
            get_waiting: None,
            get_answer: None,
            post_sent: None,
            post_answer: None,
            websocket: WebSocket::Absent,
            to_server: VecDeque::new(),
            to_client: VecDeque::new(),
            probed: false,
            moving: false,
            moved: false,
            outgoing: VecDeque::from([text(OPEN)]),
            sent: Default::default(),
            received: Default::default(),
        };
        world.sent[SERVER].push(text(OPEN));
        world.carry_out();
        world
    }

    /// Carries out what the session asks for.
    fn carry_out(&mut self) {
        for action in self.fixture.actions() {
            match action {
                SessionAction::Get { request, sid } => {
                    let in_flight = self.get_sent.is_some()
                        || self.get_waiting.is_some()
                        || self.get_answer.is_some();
                    assert!(!in_flight && !self.moving);
                    let begun = !self.received[CLIENT].is_empty();
                    assert_eq!(sid.is_some(), begun);
                    self.get_sent = Some(request);
                }
                SessionAction::Post { request, body, .. } => {
                    let in_flight = self.post_sent.is_some() || self.post_answer.is_some();
                    assert!(!in_flight && !self.moving);
                    self.post_sent = Some((request, body));
                }
                SessionAction::OpenWebSocket { .. } => {
                    assert_eq!(self.websocket, WebSocket::Absent);
                    self.websocket = WebSocket::Opening;
                }
                SessionAction::SendWebSocket(frame) => {
                    self.moving |= frame == text("5");
                    self.to_server.push_back(frame);
                }
                SessionAction::Deliver(frame) => self.received[CLIENT].push(frame),
                action @ (SessionAction::Abort { .. }
                | SessionAction::CloseWebSocket
                | SessionAction::Closed { .. }) => panic!("{action:?}"),
            }
        }
    }

    fn input(&mut self, input: SessionInput<'_>) {
        self.fixture.session.handle(input);
        self.carry_out();
    }

    /// Every third message is binary.
    fn message(&self, side: usize) -> Frame<'static> {
        let number = self.sent[side].len();
        if number.is_multiple_of(3) {
            binary(&vec![number as u8; number % 50])
        } else {
            text(&["4", &number.to_string()].concat())
        }
    }

    /// Lets one thing happen, if it can. Says whether it could.
    fn step(&mut self, step: u8) -> bool {
        match step {
            0 => {
                let waiting = self.get_sent.take();
                self.get_waiting = self.get_waiting.or(waiting);
                waiting.is_some()
            }
            1 => self.answer_get(),
            2 => self.get_answer.take().is_some_and(|(request, body)| {
                let result = Ok(body);
                self.input(SessionInput::Response { request, result });
                true
            }),
            3 => self.post_sent.take().is_some_and(|(request, body)| {
                assert!(!self.moved);
                for packet in body.split(SEPARATOR) {
                    let frame = decoded(packet);
                    self.received[SERVER].push(frame);
                }
                self.post_answer = Some(request);
                true
            }),
            4 => self.post_answer.take().is_some_and(|request| {
                let result = Ok("ok".to_owned());
                self.input(SessionInput::Response { request, result });
                true
            }),
            5 if self.websocket == WebSocket::Opening => {
                self.websocket = WebSocket::Open;
                self.input(SessionInput::WebSocketOpened);
                true
            }
            6 => self.to_server.pop_front().is_some_and(|frame| {
                self.hear(frame);
                true
            }),
            7 => self.to_client.pop_front().is_some_and(|frame| {
                self.input(SessionInput::WebSocketFrame(frame));
                true
            }),
            8 if self.moved => self.outgoing.pop_front().is_some_and(|frame| {
                self.to_client.push_back(frame);
                true
            }),
            9 if self.server == Server::Unreliable
                && !self.moving
                && matches!(self.websocket, WebSocket::Opening | WebSocket::Open) =>
            {
                self.websocket = WebSocket::Gone;
                self.to_server.clear();
                self.to_client.clear();
                let message = "gone".to_owned();
                self.input(SessionInput::WebSocketClosed { message });
                true
            }
            _ => false,
        }
    }

    fn answer_get(&mut self) -> bool {
        let begun = self.sent[SERVER].len() > self.outgoing.len();
        let holds_back =
            begun && self.server == Server::Strict && self.websocket == WebSocket::Open;
        let noop = holds_back || (self.probed && self.websocket == WebSocket::Open);
        let count = match (holds_back, begun) {
            (true, _) => 0,
            (_, true) => self.outgoing.len().min(4),
            (_, false) => 1,
        };
        if self.get_waiting.is_none() || (count == 0 && !noop) {
            return false;
        }
        let mut body = String::new();
        for frame in self.outgoing.drain(..count) {
            if !body.is_empty() {
                body.push(SEPARATOR);
            }
            push_packet(&mut body, &frame);
        }
        if count == 0 {
            body.push('6');
        }
        self.get_answer = self.get_waiting.take().map(|request| (request, body));
        true
    }

    /// The server reads a frame of the WebSocket.
    fn hear(&mut self, frame: Frame<'static>) {
        if self.moved {
            self.received[SERVER].push(frame);
        } else if frame == text("2probe") {
            self.probed = true;
            self.to_client.push_back(text("3probe"));
        } else {
            assert_eq!(frame, text("5"));
            assert!(self.post_sent.is_none() && self.get_waiting.is_none());
            self.moved = true;
        }
    }

    fn send(&mut self, side: usize) {
        let frame = self.message(side);
        self.sent[side].push(frame.clone());
        if side == CLIENT {
            self.fixture.session.send(frame);
            self.carry_out();
        } else {
            self.outgoing.push_back(frame);
        }
    }
}

fn decoded(packet: &str) -> Frame<'static> {
    match packet.strip_prefix(BASE64_MARK) {
        Some(base64) => binary(&read_base64(base64).expect("base64")),
        None => text(packet),
    }
}

fn any_server() -> impl Strategy<Value = Server> {
    prop_oneof![
        Just(Server::Patient),
        Just(Server::Strict),
        Just(Server::Unreliable)
    ]
}

proptest! {
    #[test]
    fn every_message_arrives_once_and_in_order_whatever_happens_first_during_an_upgrade(
        server in any_server(),
        steps in prop::collection::vec(0_u8..14, 0..150),
    ) {
        let mut world = World::new(server);
        for step in steps {
            match step {
                10 | 11 => world.send(CLIENT),
                12 | 13 => world.send(SERVER),
                _ => {
                    world.step(step);
                }
            }
        }
        // What is still on its way arrives, and nothing waits for ever.
        let mut rounds = 0;
        while (0..9).filter(|step| world.step(*step)).count() > 0 {
            rounds += 1;
            prop_assert!(rounds < 1000);
        }
        let World { sent, received, websocket, moved, .. } = world;
        prop_assert_eq!(&received[CLIENT], &sent[SERVER]);
        prop_assert_eq!(&received[SERVER], &sent[CLIENT]);
        prop_assert_eq!(moved, websocket == WebSocket::Open);
    }

    #[test]
    fn base64_survives_the_way_there_and_back(bytes in any::<Vec<u8>>()) {
        let mut text = String::new();
        push_base64(&mut text, &bytes);
        prop_assert_eq!(text.len(), base64_length(bytes.len()));
        prop_assert_eq!(read_base64(&text), Some(bytes));
    }

    #[test]
    fn no_sequence_of_inputs_panics_or_ends_a_session_twice(
        choice in prop_oneof![
            Just(TransportChoice::PollingThenWebSocket),
            Just(TransportChoice::PollingOnly),
            Just(TransportChoice::WebSocketOnly),
            Just(TransportChoice::WebSocketThenPolling),
        ],
        steps in prop::collection::vec((0_u8..13, "[0-6b\x1e=A]{0,9}", 0_u64..12), 0..60),
    ) {
        let mut fixture = Fixture::new(choice);
        let mut ended = 0;
        let mut closed = false;
        for (step, body, request) in steps {
            let actions = match step {
                0 | 1 => fixture.respond(RequestId(request), Ok(OPEN)),
                2..=4 => fixture.respond(RequestId(request), Ok(&body)),
                5 => fixture.respond(RequestId(request), Err(HttpFailure::Unreachable)),
                6 => fixture.handle(SessionInput::WebSocketOpened),
                7 => fixture.frame("3probe"),
                8 => fixture.frame(&body),
                9 => fixture.lose_websocket(),
                10 if request == 0 => {
                    closed = true;
                    fixture.close()
                }
                11 => fixture.send_binary(body.as_bytes()),
                _ => fixture.send(&body),
            };
            for action in actions {
                prop_assert!(ended == 0, "{:?}", action);
                match action {
                    SessionAction::Deliver(_) => prop_assert!(!closed),
                    SessionAction::Closed { .. } => {
                        prop_assert!(!closed);
                        ended += 1;
                    }
                    _ => {}
                }
            }
        }
    }
}
