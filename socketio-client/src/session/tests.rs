use super::payload::{base64_length, push_base64, push_packet};
use super::*;
use crate::packet::MAX_ATTACHMENT_BYTES;

const OPEN: &str = r#"0{"sid":"abc","upgrades":["websocket"],"pingInterval":25000,"pingTimeout":20000,"maxPayload":100}"#;

/// A session whose actions the test looks at.
struct Fixture {
    session: Session,
}

impl Fixture {
    fn new(choice: TransportChoice) -> Self {
        let mut session = Session::new(choice);
        session.open();
        Self { session }
    }

    /// A session that has been begun by polling, with its next GET in flight.
    fn polling(choice: TransportChoice) -> Self {
        let mut fixture = Self::new(choice);
        fixture.actions();
        fixture.answer_get(OPEN);
        fixture
    }

    /// A session with a WebSocket that works, and the GET still in flight.
    fn probed() -> Self {
        let mut fixture = Self::polling(TransportChoice::PollingThenWebSocket);
        fixture.handle(SessionInput::WebSocketOpened);
        assert_eq!(fixture.frame("3probe"), []);
        fixture
    }

    fn handle(&mut self, input: SessionInput<'_>) -> Vec<SessionAction> {
        self.session.handle(input);
        self.actions()
    }

    fn actions(&mut self) -> Vec<SessionAction> {
        std::iter::from_fn(|| self.session.next_action()).collect()
    }

    fn send(&mut self, packet: &str) -> Vec<SessionAction> {
        self.session.send(text(packet));
        self.actions()
    }

    fn send_binary(&mut self, bytes: &[u8]) -> Vec<SessionAction> {
        self.session.send(binary(bytes));
        self.actions()
    }

    fn close(&mut self) -> Vec<SessionAction> {
        self.session.close();
        self.actions()
    }

    fn get(&self) -> RequestId {
        self.session.get.expect("a GET in flight")
    }

    fn post(&self) -> RequestId {
        self.session.post.expect("a POST in flight")
    }

    fn answer_get(&mut self, body: &str) -> Vec<SessionAction> {
        self.respond(self.get(), Ok(body))
    }

    fn answer_post(&mut self) -> Vec<SessionAction> {
        self.respond(self.post(), Ok("ok"))
    }

    fn respond(
        &mut self,
        request: RequestId,
        result: Result<&str, HttpFailure>,
    ) -> Vec<SessionAction> {
        let result = result.map(str::to_owned);
        self.handle(SessionInput::Response { request, result })
    }

    fn frame(&mut self, frame: &str) -> Vec<SessionAction> {
        self.handle(SessionInput::WebSocketFrame(text(frame)))
    }

    fn lose_websocket(&mut self) -> Vec<SessionAction> {
        self.handle(SessionInput::WebSocketClosed {
            message: "gone".to_owned(),
        })
    }
}

fn binary(bytes: &[u8]) -> Frame<'static> {
    Frame::Binary(Cow::Owned(bytes.to_vec()))
}

fn deliver(packet: &str) -> SessionAction {
    SessionAction::Deliver(text(packet))
}

fn on_websocket(packet: &str) -> SessionAction {
    SessionAction::SendWebSocket(text(packet))
}

fn closed(message: &str) -> SessionAction {
    SessionAction::Closed {
        message: message.to_owned(),
    }
}

fn get(request: RequestId) -> SessionAction {
    SessionAction::Get {
        request,
        sid: Some("abc".to_owned()),
    }
}

fn abort(request: RequestId) -> SessionAction {
    SessionAction::Abort { request }
}

/// The bodies that the actions post.
fn posted(actions: &[SessionAction]) -> Vec<&str> {
    fn body(action: &SessionAction) -> Option<&str> {
        match action {
            SessionAction::Post { sid, body, .. } if sid == "abc" => Some(body),
            _ => None,
        }
    }
    actions.iter().filter_map(body).collect()
}

#[test]
fn polling_begins_without_an_id_and_goes_on_with_the_one_that_the_server_gives() {
    let mut fixture = Fixture::new(TransportChoice::PollingOnly);
    let request = fixture.get();
    assert_eq!(
        fixture.actions(),
        [SessionAction::Get { request, sid: None }]
    );
    let actions = fixture.answer_get(&[OPEN, "40"].join("\x1e"));
    assert_ne!(fixture.get(), request);
    assert_eq!(actions, [deliver(OPEN), deliver("40"), get(fixture.get())]);
}

#[test]
fn a_session_begins_with_the_open_packet_or_not_at_all() {
    for (body, message) in [
        (
            "40",
            "The server sent what cannot be understood: no handshake.",
        ),
        (
            "0{}",
            "The server sent what cannot be understood: an unreadable handshake.",
        ),
        (
            "<html>",
            "The server sent what cannot be understood: an unknown type of packet.",
        ),
        ("1", "The server closed the line."),
        ("", "The server closed the line."),
    ] {
        let mut fixture = Fixture::new(TransportChoice::PollingOnly);
        fixture.actions();
        assert_eq!(fixture.answer_get(body), [closed(message)], "{body}");
        assert!(fixture.session.is_over());
    }
}

#[test]
fn what_is_sent_before_the_handshake_waits_for_it() {
    let mut fixture = Fixture::new(TransportChoice::PollingOnly);
    fixture.actions();
    assert_eq!(fixture.send("4early"), []);
    assert_eq!(posted(&fixture.answer_get(OPEN)), ["4early"]);

    let mut fixture = Fixture::new(TransportChoice::WebSocketOnly);
    fixture.actions();
    assert_eq!(fixture.send("4early"), []);
    assert_eq!(fixture.handle(SessionInput::WebSocketOpened), []);
    assert_eq!(fixture.frame(OPEN), [deliver(OPEN), on_websocket("4early")]);
}

#[test]
fn one_get_follows_the_other() {
    let mut fixture = Fixture::polling(TransportChoice::PollingOnly);
    let first = fixture.get();
    let actions = fixture.answer_get("2\x1e4hello");
    assert_eq!(
        actions,
        [deliver("2"), deliver("4hello"), get(fixture.get())]
    );
    assert_ne!(fixture.get(), first);
    // A noop is nothing to deliver.
    let actions = fixture.answer_get("6");
    assert_eq!(actions, [get(fixture.get())]);
    // An answer counts once.
    assert_eq!(fixture.respond(first, Ok("4hello")), []);
}

#[test]
fn what_is_sent_while_a_post_is_in_flight_goes_out_together_after_it() {
    let mut fixture = Fixture::polling(TransportChoice::PollingOnly);
    assert_eq!(posted(&fixture.send("4a")), ["4a"]);
    assert_eq!(fixture.send("4b"), []);
    assert_eq!(fixture.send("3"), []);
    let actions = fixture.answer_post();
    assert_eq!(posted(&actions), ["4b\x1e3"]);
    assert_eq!(actions.len(), 1);
    assert_eq!(fixture.answer_post(), []);
    assert_eq!(posted(&fixture.send("4c")), ["4c"]);
}

#[test]
fn no_body_is_longer_than_the_server_takes_unless_one_packet_is() {
    let mut fixture = Fixture::polling(TransportChoice::PollingOnly);
    let [half, rest] = [
        ["4", &"x".repeat(49)].concat(),
        ["4", &"y".repeat(48)].concat(),
    ];
    let long = ["4", &"z".repeat(200)].concat();
    fixture.send("4first");
    for packet in [&half, &rest, &half, &half, &long] {
        fixture.send(packet);
    }
    // 50 bytes, the separator and 49 are just what the server takes.
    let actions = fixture.answer_post();
    assert_eq!(posted(&actions), [[&*half, &*rest].join("\x1e")]);
    for body in [&half, &half, &long] {
        assert_eq!(posted(&fixture.answer_post()), [body]);
    }
    assert_eq!(fixture.answer_post(), []);
}

#[test]
fn base64_counts_in_the_length_of_a_body() {
    let mut fixture = Fixture::polling(TransportChoice::PollingOnly);
    fixture.send("4first");
    // Each takes 49 bytes: two and the separator fit, and a byte more does not.
    for length in [36, 36, 36, 37] {
        fixture.send_binary(&vec![0; length]);
    }
    assert_eq!(posted(&fixture.answer_post())[0].len(), 99);
    assert_eq!(posted(&fixture.answer_post())[0].len(), 49);
    assert_eq!(posted(&fixture.answer_post())[0].len(), 53);
}

#[test]
fn binary_messages_are_base64_in_both_directions() {
    let mut fixture = Fixture::polling(TransportChoice::PollingOnly);
    assert_eq!(posted(&fixture.send_binary(&[1, 2, 3, 255])), ["bAQID/w=="]);
    let actions = fixture.answer_get("4text\x1ebAQID/w==\x1eb");
    assert_eq!(
        actions[..3],
        [
            deliver("4text"),
            SessionAction::Deliver(binary(&[1, 2, 3, 255])),
            SessionAction::Deliver(binary(&[])),
        ]
    );
}

#[test]
fn base64_is_that_of_the_standard() {
    for (bytes, base64) in [
        ("", ""),
        ("f", "Zg=="),
        ("fo", "Zm8="),
        ("foo", "Zm9v"),
        ("foob", "Zm9vYg=="),
        ("fooba", "Zm9vYmE="),
        ("foobar", "Zm9vYmFy"),
    ] {
        let mut text = String::new();
        push_base64(&mut text, bytes.as_bytes());
        assert_eq!(text, base64);
        assert_eq!(read_base64(base64).as_deref(), Some(bytes.as_bytes()));
    }
    for base64 in [
        "A", "AA", "AAA", "A===", "====", "AA=A", "AA-_", "AAé", "AAAAA",
    ] {
        assert_eq!(read_base64(base64), None, "{base64}");
    }
}

#[test]
fn an_unreadable_attachment_ends_the_session_after_what_came_before_it() {
    let mut fixture = Fixture::polling(TransportChoice::PollingOnly);
    assert_eq!(
        fixture.answer_get("4before\x1eb?\x1e4after"),
        [
            deliver("4before"),
            closed("The server sent what cannot be understood: an unreadable attachment."),
        ]
    );
}

#[test]
fn an_upgrade_keeps_the_order_of_both_directions() {
    let mut fixture = Fixture::new(TransportChoice::PollingThenWebSocket);
    fixture.actions();
    let actions = fixture.answer_get(OPEN);
    let sid = Some("abc".to_owned());
    assert_eq!(
        actions,
        [
            deliver(OPEN),
            SessionAction::OpenWebSocket { sid },
            get(fixture.get())
        ]
    );

    // While the WebSocket is probed, requests carry the packets.
    assert_eq!(posted(&fixture.send("4c1")), ["4c1"]);
    assert_eq!(
        fixture.handle(SessionInput::WebSocketOpened),
        [on_websocket("2probe")]
    );
    let actions = fixture.answer_get("4s1");
    assert_eq!(actions, [deliver("4s1"), get(fixture.get())]);
    assert_eq!(fixture.send("4c2"), []);
    assert_eq!(posted(&fixture.answer_post()), ["4c2"]);

    // The WebSocket works: nothing new is requested.
    assert_eq!(fixture.frame("3probe"), []);
    assert_eq!(fixture.send("4c3"), []);
    assert_eq!(fixture.frame("4not yet"), []);
    assert_eq!(fixture.answer_get("4s2\x1e6"), [deliver("4s2")]);
    assert_eq!(fixture.send("4c4"), []);
    assert_eq!(
        fixture.answer_post(),
        [on_websocket("5"), on_websocket("4c3"), on_websocket("4c4")]
    );

    // The WebSocket carries everything.
    assert_eq!(fixture.frame("4s3"), [deliver("4s3")]);
    assert_eq!(fixture.send("4c5"), [on_websocket("4c5")]);
    assert_eq!(
        fixture.send_binary(&[1]),
        [SessionAction::SendWebSocket(binary(&[1]))]
    );
    assert_eq!(
        fixture.handle(SessionInput::WebSocketFrame(binary(&[2]))),
        [SessionAction::Deliver(binary(&[2]))]
    );
    assert_eq!(fixture.lose_websocket(), [closed("gone")]);
}

#[test]
fn an_upgrade_also_waits_for_a_get_that_ends_last() {
    let mut fixture = Fixture::polling(TransportChoice::PollingThenWebSocket);
    fixture.send("4a");
    fixture.handle(SessionInput::WebSocketOpened);
    assert_eq!(fixture.frame("3probe"), []);
    assert_eq!(fixture.answer_post(), []);
    assert_eq!(
        fixture.answer_get("4last"),
        [deliver("4last"), on_websocket("5")]
    );
}

#[test]
fn there_is_no_upgrade_that_either_side_does_not_want() {
    let mut fixture = Fixture::new(TransportChoice::PollingOnly);
    fixture.actions();
    let actions = fixture.answer_get(OPEN);
    assert_eq!(actions, [deliver(OPEN), get(fixture.get())]);

    let mut fixture = Fixture::new(TransportChoice::PollingThenWebSocket);
    fixture.actions();
    let open = OPEN.replace("websocket", "webtransport");
    let actions = fixture.answer_get(&open);
    assert_eq!(actions, [deliver(&open), get(fixture.get())]);
}

#[test]
fn a_probe_that_fails_leaves_polling_as_it_is() {
    // It cannot be opened.
    let mut fixture = Fixture::polling(TransportChoice::PollingThenWebSocket);
    assert_eq!(fixture.lose_websocket(), []);
    polling_goes_on(&mut fixture);

    // It closes without an answer.
    let mut fixture = Fixture::polling(TransportChoice::PollingThenWebSocket);
    fixture.handle(SessionInput::WebSocketOpened);
    assert_eq!(fixture.lose_websocket(), []);
    polling_goes_on(&mut fixture);

    // It gives another answer.
    let mut fixture = Fixture::polling(TransportChoice::PollingThenWebSocket);
    fixture.handle(SessionInput::WebSocketOpened);
    assert_eq!(fixture.frame("3other"), [SessionAction::CloseWebSocket]);
    assert_eq!(fixture.frame("3probe"), []);
    assert_eq!(fixture.lose_websocket(), []);
    polling_goes_on(&mut fixture);
}

#[test]
fn a_websocket_that_closes_while_it_waits_for_requests_leaves_them_going_on() {
    let mut fixture = Fixture::probed();
    assert_eq!(fixture.send("4waits"), []);
    assert_eq!(posted(&fixture.lose_websocket()), ["4waits"]);
    assert_eq!(fixture.answer_post(), []);
    polling_goes_on(&mut fixture);

    // The GET has already ended.
    let mut fixture = Fixture::polling(TransportChoice::PollingThenWebSocket);
    fixture.handle(SessionInput::WebSocketOpened);
    fixture.send("4first");
    fixture.frame("3probe");
    assert_eq!(fixture.answer_get("6"), []);
    let actions = fixture.lose_websocket();
    assert_eq!(actions, [get(fixture.get())]);
    fixture.answer_post();
    polling_goes_on(&mut fixture);
}

/// With one GET and no POST in flight.
fn polling_goes_on(fixture: &mut Fixture) {
    assert_eq!(posted(&fixture.send("4c")), ["4c"]);
    assert_eq!(fixture.answer_post(), []);
    let actions = fixture.answer_get("4s");
    assert_eq!(actions, [deliver("4s"), get(fixture.get())]);
}

#[test]
fn a_websocket_alone_is_one_line() {
    let mut fixture = Fixture::new(TransportChoice::WebSocketOnly);
    let sid = None;
    assert_eq!(fixture.actions(), [SessionAction::OpenWebSocket { sid }]);
    assert_eq!(fixture.handle(SessionInput::WebSocketOpened), []);
    assert_eq!(fixture.frame(OPEN), [deliver(OPEN)]);
    assert_eq!(fixture.send("40"), [on_websocket("40")]);
    assert_eq!(fixture.frame("1"), [deliver("1")]);
    assert_eq!(fixture.lose_websocket(), [closed("gone")]);
    assert_eq!(fixture.lose_websocket(), []);

    let mut fixture = Fixture::new(TransportChoice::WebSocketOnly);
    fixture.actions();
    assert_eq!(fixture.lose_websocket(), [closed("gone")]);
}

#[test]
fn a_websocket_that_does_not_open_gives_way_to_polling() {
    for opens in [false, true] {
        let mut fixture = Fixture::new(TransportChoice::WebSocketThenPolling);
        fixture.actions();
        if opens {
            fixture.handle(SessionInput::WebSocketOpened);
        }
        let actions = fixture.lose_websocket();
        let request = fixture.get();
        assert_eq!(actions, [SessionAction::Get { request, sid: None }]);
        // There is no second WebSocket.
        let actions = fixture.answer_get(OPEN);
        assert_eq!(actions, [deliver(OPEN), get(fixture.get())]);
        polling_goes_on(&mut fixture);
    }
}

#[test]
fn a_websocket_that_has_opened_the_session_takes_it_along() {
    let mut fixture = Fixture::new(TransportChoice::WebSocketThenPolling);
    fixture.actions();
    fixture.handle(SessionInput::WebSocketOpened);
    assert_eq!(fixture.frame(OPEN), [deliver(OPEN)]);
    assert_eq!(fixture.lose_websocket(), [closed("gone")]);
}

#[test]
fn a_close_packet_of_the_server_ends_polling() {
    let mut fixture = Fixture::polling(TransportChoice::PollingThenWebSocket);
    fixture.send("4c");
    let post = fixture.post();
    assert_eq!(
        fixture.answer_get("4last\x1e1\x1e4never"),
        [
            deliver("4last"),
            abort(post),
            SessionAction::CloseWebSocket,
            closed("The server closed the line."),
        ]
    );
    assert!(fixture.session.is_over());
    assert_eq!(fixture.send("4c"), []);
    assert_eq!(fixture.respond(post, Err(HttpFailure::Unreachable)), []);
    assert_eq!(fixture.lose_websocket(), []);
    assert_eq!(fixture.close(), []);
}

#[test]
fn a_request_that_fails_ends_the_session_once() {
    for (failure, message) in [
        (HttpFailure::Status(400), "The server answered 400."),
        (HttpFailure::Unreachable, "The server cannot be reached."),
        (HttpFailure::TooLarge, "The server's answer is too large."),
    ] {
        let mut fixture = Fixture::polling(TransportChoice::PollingOnly);
        fixture.send("4c");
        let (get, post) = (fixture.get(), fixture.post());
        assert_eq!(
            fixture.respond(get, Err(failure)),
            [abort(post), closed(message)]
        );
        assert_eq!(fixture.respond(post, Err(failure)), []);

        let mut fixture = Fixture::polling(TransportChoice::PollingOnly);
        fixture.send("4c");
        let (get, post) = (fixture.get(), fixture.post());
        assert_eq!(
            fixture.respond(post, Err(failure)),
            [abort(get), closed(message)]
        );
    }
    let mut fixture = Fixture::probed();
    assert_eq!(
        fixture.respond(fixture.get(), Err(HttpFailure::Status(502))),
        [
            SessionAction::CloseWebSocket,
            closed("The server answered 502.")
        ]
    );
}

#[test]
fn no_more_waits_to_be_sent_than_the_limits_allow() {
    let overflow = "Too much waits to be sent.";
    let mut fixture = Fixture::polling(TransportChoice::PollingOnly);
    fixture.send("4in flight");
    for _ in 0..MAX_OUTGOING_PACKETS {
        assert_eq!(fixture.send("4"), []);
    }
    let (get, post) = (fixture.get(), fixture.post());
    assert_eq!(
        fixture.send("4"),
        [abort(get), abort(post), closed(overflow)]
    );
    assert_eq!(fixture.send("4"), []);

    let mut fixture = Fixture::polling(TransportChoice::PollingOnly);
    fixture.send("4in flight");
    // What is full is what waits, and what has gone out makes room.
    let quarter = "4".repeat(MAX_OUTGOING_BYTES / 4);
    for _ in 0..4 {
        assert_eq!(fixture.send(&quarter), []);
    }
    assert_eq!(posted(&fixture.answer_post()).len(), 1);
    assert_eq!(fixture.send(&quarter), []);
    assert_eq!(fixture.send("4").last(), Some(&closed(overflow)));
}

#[test]
fn no_answer_is_larger_than_the_limits_allow() {
    let packets = |count: usize| vec!["4"; count].join("\x1e");
    let mut fixture = Fixture::polling(TransportChoice::PollingOnly);
    let actions = fixture.answer_get(&packets(MAX_PAYLOAD_PACKETS));
    assert_eq!(actions.len(), MAX_PAYLOAD_PACKETS + 1);
    assert_eq!(
        fixture.answer_get(&packets(MAX_PAYLOAD_PACKETS + 1)),
        [closed("The server sent too many packets at once.")]
    );

    let mut fixture = Fixture::polling(TransportChoice::PollingOnly);
    assert_eq!(fixture.answer_get(&"4".repeat(MAX_PAYLOAD_BYTES)).len(), 2);
    assert_eq!(
        fixture.answer_get(&"4".repeat(MAX_PAYLOAD_BYTES + 1)),
        [closed("The server's answer is too large.")]
    );

    let attachment = |digits: usize| ["b", &"A".repeat(digits)].concat();
    let most = base64_length(MAX_ATTACHMENT_BYTES);
    let mut fixture = Fixture::polling(TransportChoice::PollingOnly);
    assert_eq!(fixture.answer_get(&attachment(most)).len(), 2);
    assert_eq!(
        fixture.answer_get(&attachment(most + 4)),
        [closed(
            "The server sent what cannot be understood: an unreadable attachment."
        )]
    );
}

#[test]
fn closing_while_polling_sends_what_is_left_and_goodbye() {
    let mut fixture = Fixture::polling(TransportChoice::PollingOnly);
    let get = fixture.get();
    let actions = fixture.close();
    assert_eq!(actions[0], abort(get));
    assert_eq!(posted(&actions), ["1"]);
    assert!(!fixture.session.is_over());
    assert_eq!(fixture.respond(get, Ok("4late")), []);
    assert_eq!(fixture.answer_post(), []);
    assert!(fixture.session.is_over());

    // A POST in flight goes before them.
    let mut fixture = Fixture::polling(TransportChoice::PollingOnly);
    fixture.send("4a");
    fixture.send("41");
    assert_eq!(fixture.close(), [abort(get)]);
    assert_eq!(fixture.send("4never"), []);
    assert_eq!(fixture.close(), []);
    assert_eq!(posted(&fixture.answer_post()), ["41\x1e1"]);
    assert_eq!(
        fixture.respond(fixture.post(), Err(HttpFailure::Unreachable)),
        []
    );
    assert!(fixture.session.is_over());
}

#[test]
fn closing_during_an_upgrade_keeps_the_websocket_until_all_is_sent() {
    // A server may end the session with the WebSocket.
    let mut fixture = Fixture::probed();
    let get = fixture.get();
    assert_eq!(fixture.send("41"), []);
    let actions = fixture.close();
    assert_eq!(actions[0], abort(get));
    assert_eq!(posted(&actions), ["41\x1e1"]);
    assert_eq!(fixture.frame("4late"), []);
    assert_eq!(fixture.answer_post(), [SessionAction::CloseWebSocket]);
    assert!(fixture.session.is_over());
}

#[test]
fn closing_before_the_handshake_is_just_giving_up() {
    let mut fixture = Fixture::new(TransportChoice::PollingOnly);
    fixture.actions();
    let request = fixture.get();
    assert_eq!(fixture.close(), [abort(request)]);
    assert_eq!(fixture.respond(request, Ok(OPEN)), []);
    assert!(fixture.session.is_over());

    let mut fixture = Fixture::new(TransportChoice::WebSocketThenPolling);
    fixture.actions();
    assert_eq!(fixture.close(), [SessionAction::CloseWebSocket]);
    assert_eq!(fixture.lose_websocket(), []);
    assert!(fixture.session.is_over());
}

#[test]
fn closing_on_the_websocket_closes_it_after_what_was_sent() {
    let mut fixture = Fixture::probed();
    fixture.answer_get("6");
    fixture.session.send(text("41"));
    fixture.session.close();
    assert_eq!(
        fixture.actions(),
        [on_websocket("41"), SessionAction::CloseWebSocket]
    );
    assert_eq!(fixture.frame("4late"), []);
    assert!(fixture.session.is_over());
}

#[test]
fn after_closing_nothing_is_delivered_not_even_what_had_arrived() {
    let mut fixture = Fixture::polling(TransportChoice::PollingOnly);
    let request = fixture.get();
    let result = Ok("4arrived".to_owned());
    fixture
        .session
        .handle(SessionInput::Response { request, result });
    let actions = fixture.close();
    assert!(!actions.contains(&deliver("4arrived")));
    assert_eq!(posted(&actions), ["1"]);
}

mod arbitrary {
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
}
