use serde_json::json;

use super::*;

/// What an acknowledgement may say, and when it is too late.
mod acknowledgements;
/// Packets of another parser.
#[cfg(feature = "msgpack")]
mod msgpack;
/// Several sockets on one line.
mod namespaces;
/// What is kept for the next connection, and what is sent again.
mod queue;
/// A server that keeps what was missed.
mod recovery;

const OPEN: &str = r#"0{"sid":"engine","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}"#;
const ACCEPT: &str = r#"40/chat,{"sid":"socket"}"#;

/// A connection with one socket and a clock that moves when the test says so.
struct Fixture {
    connection: Connection,
    socket: SocketId,
    now: Duration,
}

fn settings(namespace: &str) -> SocketConfig {
    SocketConfig {
        namespace: namespace.to_owned(),
        ack_timeout: Duration::from_secs(10),
        buffer: Buffer::default(),
        retries: None,
    }
}

impl Fixture {
    fn new() -> Self {
        Self::with(Reconnection::default())
    }

    fn with(reconnection: Reconnection) -> Self {
        Self::configured(reconnection, settings("/chat"))
    }

    fn configured(reconnection: Reconnection, settings: SocketConfig) -> Self {
        Self::speaking(Parser::Json, reconnection, settings)
    }

    fn speaking(parser: Parser, reconnection: Reconnection, settings: SocketConfig) -> Self {
        let mut connection = Connection::new(Config {
            reconnection,
            connect_timeout: Duration::from_secs(20),
            parser,
        });
        Self {
            socket: connection.add(settings),
            connection,
            now: Duration::ZERO,
        }
    }

    fn connected() -> Self {
        let mut fixture = Self::new();
        fixture.connect();
        fixture.accept();
        fixture
    }

    /// Lets the attempt that is under way succeed.
    fn accept(&mut self) {
        self.authorise(Ok(None));
        self.frame(OPEN);
        self.frame(ACCEPT);
        assert_eq!(self.state(), State::Connected);
    }

    fn input(&mut self, input: Input<'_>) -> Vec<Action> {
        self.connection.handle(self.now, 0.5, input);
        self.actions()
    }

    fn actions(&mut self) -> Vec<Action> {
        std::iter::from_fn(|| self.connection.next_action()).collect()
    }

    fn authorise(&mut self, result: Result<Option<Json>, AuthError>) -> Vec<Action> {
        let attempt = self.attempt();
        self.input(Input::Authorised { attempt, result })
    }

    fn frame(&mut self, text: &str) -> Vec<Action> {
        self.frame_of(self.line(), text)
    }

    fn frame_of(&mut self, line: LineId, text: &str) -> Vec<Action> {
        self.input(Input::Frame {
            line,
            frame: Frame::Text(text.into()),
        })
    }

    fn binary(&mut self, bytes: &[u8]) -> Vec<Action> {
        let line = self.line();
        self.input(Input::Frame {
            line,
            frame: Frame::Binary(bytes.into()),
        })
    }

    fn close(&mut self) -> Vec<Action> {
        let line = self.line();
        self.input(Input::Closed {
            line,
            message: "gone".to_owned(),
        })
    }

    fn advance(&mut self, seconds: f64) -> Vec<Action> {
        self.now += Duration::from_secs_f64(seconds);
        self.input(Input::Timeout)
    }

    fn emit(&mut self, ask: bool) -> Result<Option<u64>, EmitError> {
        self.emit_as(if ask {
            Emission::Asking
        } else {
            Emission::Plain
        })
    }

    fn emit_as(&mut self, emission: Emission) -> Result<Option<u64>, EmitError> {
        self.connection.emit(
            self.now,
            0.5,
            self.socket,
            "hello",
            vec![json!("world")].into(),
            emission,
        )
    }

    /// Keeps two events, each for three seconds.
    fn buffering() -> Self {
        let buffer = Buffer {
            capacity: 2,
            max_age: Duration::from_secs(3),
        };
        let settings = SocketConfig {
            buffer,
            ..settings("/chat")
        };
        Self::configured(Reconnection::default(), settings)
    }

    fn state(&self) -> State {
        self.connection.state(self.socket)
    }

    fn line(&self) -> LineId {
        self.connection.out.line
    }

    /// The attempt that is under way, or the last one.
    fn attempt(&self) -> AttemptId {
        self.connection.find(self.socket).unwrap().attempt
    }

    fn connect(&mut self) -> Vec<Action> {
        let socket = self.socket;
        self.input(Input::Connect { socket })
    }

    fn disconnect(&mut self) -> Vec<Action> {
        let socket = self.socket;
        self.input(Input::Disconnect { socket })
    }

    /// What ACCEPT tells the program.
    fn connected_now(&self) -> Action {
        Action::Notify {
            socket: self.socket,
            event: ConnectionEvent::Connected {
                id: "socket".to_owned(),
                recovered: false,
            },
        }
    }

    /// An event of the server, as the program is told.
    fn event(&self, name: &str, arguments: Arguments, ack: Option<u64>) -> Action {
        Action::Event {
            socket: self.socket,
            attempt: self.attempt(),
            name: name.to_owned(),
            arguments,
            ack,
        }
    }

    /// The question that the current attempt begins with.
    fn question(&self) -> Action {
        Action::Authorise {
            socket: self.socket,
            attempt: self.attempt(),
        }
    }

    fn waits(&self) -> bool {
        matches!(self.state(), State::Waiting { .. })
    }
}

/// What the actions send, as text.
fn sent(actions: &[Action]) -> Vec<&str> {
    fn text(action: &Action) -> Option<&str> {
        match action {
            Action::Send {
                frame: Frame::Text(text),
                ..
            } => Some(text),
            _ => None,
        }
    }
    actions.iter().filter_map(text).collect()
}

fn notified(actions: &[Action]) -> Vec<&ConnectionEvent> {
    fn event(action: &Action) -> Option<&ConnectionEvent> {
        match action {
            Action::Notify { event, .. } => Some(event),
            _ => None,
        }
    }
    actions.iter().filter_map(event).collect()
}

fn acknowledged(actions: &[Action]) -> Vec<(u64, Result<Arguments, AckError>)> {
    let ack = |action: &Action| match action {
        Action::Acknowledged { id, result } => Some((*id, result.clone())),
        _ => None,
    };
    actions.iter().filter_map(ack).collect()
}

fn closes(actions: &[Action]) -> bool {
    actions
        .iter()
        .any(|action| matches!(action, Action::Close { .. }))
}

fn connect_error(message: &str, refused: bool) -> ConnectionEvent {
    ConnectionEvent::ConnectError {
        message: message.to_owned(),
        data: None,
        refused,
    }
}

fn waiting(attempt: u32, seconds: f64) -> ConnectionEvent {
    ConnectionEvent::Waiting {
        attempt,
        delay: Duration::from_secs_f64(seconds),
    }
}

#[test]
fn connecting_asks_for_authentication_then_opens_a_line_then_asks_for_the_namespace() {
    let mut fixture = Fixture::new();
    assert_eq!(fixture.state(), State::Disconnected);

    let actions = fixture.connect();
    assert_eq!(actions, [fixture.question()]);
    assert_eq!(fixture.state(), State::Connecting);

    let actions = fixture.authorise(Ok(Some(json!({ "token": "t" }).into())));
    let line = fixture.line();
    assert_eq!(actions, [Action::Open { line }]);
    assert_eq!(sent(&fixture.frame(OPEN)), [r#"40/chat,{"token":"t"}"#]);

    let actions = fixture.frame(ACCEPT);
    assert_eq!(actions, [fixture.connected_now()]);
    assert_eq!(fixture.connection.server_id(fixture.socket), Some("socket"));
    assert_eq!(fixture.state(), State::Connected);
}

#[test]
fn connecting_twice_does_not_open_two_lines() {
    let mut fixture = Fixture::new();
    assert_eq!(fixture.connect().len(), 1);
    assert_eq!(fixture.connect(), []);
    fixture.accept();
    assert_eq!(fixture.connect(), []);
    fixture.close();
    assert!(fixture.waits());
    assert_eq!(fixture.connect(), []);
    assert!(fixture.waits());
}

#[test]
fn a_ping_is_answered_with_its_data_and_moves_the_deadline() {
    let mut fixture = Fixture::connected();
    fixture.advance(44.0);
    assert_eq!(sent(&fixture.frame("2")), ["3"]);
    assert_eq!(sent(&fixture.frame("2probe")), ["3probe"]);
    assert_eq!(fixture.advance(44.9), []);
    assert_eq!(
        fixture.connection.next_deadline(),
        Some(Duration::from_secs(44 + 45))
    );
}

#[test]
fn a_ping_that_stays_away_ends_the_connection_and_another_attempt_follows() {
    let mut fixture = Fixture::connected();
    assert_eq!(fixture.advance(44.9), []);
    // Other packets are no heartbeat.
    fixture.frame(r#"42/chat,["hello"]"#);
    let actions = fixture.advance(0.1);
    assert!(closes(&actions));
    let reason = DisconnectReason::PingTimeout;
    assert_eq!(
        notified(&actions),
        [&ConnectionEvent::Disconnected { reason }, &waiting(1, 1.0)]
    );
}

#[test]
fn a_ping_that_stays_away_before_the_namespace_is_joined_counts_as_well() {
    let mut fixture = Fixture::new();
    fixture.connect();
    fixture.authorise(Ok(None));
    fixture.frame(r#"0{"sid":"engine","pingInterval":1000,"pingTimeout":1000}"#);
    let actions = fixture.advance(2.0);
    assert!(closes(&actions));
    assert!(fixture.waits());
}

#[test]
fn each_phase_of_an_attempt_is_within_the_connect_timeout() {
    for phase in 0..3 {
        let mut fixture = Fixture::new();
        fixture.connect();
        if phase > 0 {
            fixture.authorise(Ok(None));
        }
        if phase > 1 {
            fixture.frame(OPEN);
        }
        assert_eq!(fixture.advance(19.9), [], "phase {phase}");
        let actions = fixture.advance(0.1);
        assert_eq!(closes(&actions), phase > 0, "phase {phase}");
        let error = connect_error("The server did not answer in time.", false);
        assert_eq!(
            notified(&actions),
            [&error, &waiting(1, 1.0)],
            "phase {phase}"
        );
    }
}

#[test]
fn attempts_go_on_with_growing_delays_until_one_succeeds() {
    let mut fixture = Fixture::new();
    fixture.connect();
    for (attempt, delay) in [(1, 1.0), (2, 2.0), (3, 3.5), (4, 3.75)] {
        fixture.authorise(Ok(None));
        let actions = fixture.close();
        assert_eq!(
            notified(&actions),
            [&connect_error("gone", false), &waiting(attempt, delay)]
        );
        assert_eq!(fixture.advance(delay - 0.1), []);
        let actions = fixture.advance(0.1);
        assert_eq!(actions, [fixture.question()]);
    }
    fixture.accept();
    assert!(notified(&fixture.close()).contains(&&waiting(1, 1.0)));
}

#[test]
fn attempts_end_when_their_number_is_used_up() {
    let mut fixture = Fixture::with(Reconnection::never());
    fixture.connect();
    fixture.authorise(Ok(None));
    assert_eq!(notified(&fixture.close()), [&connect_error("gone", false)]);
    assert_eq!(fixture.state(), State::Disconnected);
    assert_eq!(fixture.connection.next_deadline(), None);
}

#[test]
fn a_refusal_by_the_server_is_told_and_not_tried_again() {
    let mut fixture = Fixture::new();
    fixture.connect();
    fixture.authorise(Ok(None));
    fixture.frame(OPEN);
    let actions = fixture.frame(r#"44/chat,{"message":"unauthorized","data":{"code":7}}"#);
    assert!(closes(&actions));
    let refusal = ConnectionEvent::ConnectError {
        message: "unauthorized".to_owned(),
        data: Some(json!({ "code": 7 }).into()),
        refused: true,
    };
    assert_eq!(notified(&actions), [&refusal]);
    assert_eq!(fixture.state(), State::Disconnected);
    assert_eq!(fixture.connect().len(), 1);
}

#[test]
fn failing_to_authenticate_is_a_failed_attempt() {
    let mut fixture = Fixture::new();
    fixture.connect();
    let actions = fixture.authorise(Err(AuthError::new("no token")));
    assert_eq!(
        notified(&actions),
        [&connect_error("no token", false), &waiting(1, 1.0)]
    );
}

#[test]
fn failing_to_authenticate_for_good_ends_reconnecting() {
    let mut fixture = Fixture::new();
    fixture.connect();
    let actions = fixture.authorise(Err(AuthError::stop("signed out")));
    assert_eq!(notified(&actions), [&connect_error("signed out", false)]);
    assert_eq!(fixture.state(), State::Disconnected);
}

#[test]
fn an_address_that_is_wrong_is_not_tried_again() {
    let mut fixture = Fixture::new();
    fixture.connect();
    fixture.authorise(Ok(None));
    let line = fixture.line();
    let actions = fixture.input(Input::Unopenable {
        line,
        message: "bad address".to_owned(),
    });
    assert_eq!(notified(&actions), [&connect_error("bad address", false)]);
    assert_eq!(fixture.state(), State::Disconnected);
}

#[test]
fn the_server_ends_the_connection_for_good() {
    let mut fixture = Fixture::connected();
    let actions = fixture.frame("41/chat,");
    assert!(closes(&actions));
    let reason = DisconnectReason::Server;
    assert_eq!(
        notified(&actions),
        [&ConnectionEvent::Disconnected { reason }]
    );
    assert_eq!(fixture.state(), State::Disconnected);
}

#[test]
fn disconnecting_says_goodbye_and_forgets_what_is_unacknowledged() {
    let mut fixture = Fixture::connected();
    let id = fixture.emit(true).unwrap().unwrap();
    fixture.actions();
    let actions = fixture.disconnect();
    assert_eq!(sent(&actions), ["41/chat,"]);
    assert!(closes(&actions));
    assert_eq!(acknowledged(&actions), [(id, Err(AckError::Disconnected))]);
    let reason = DisconnectReason::Client;
    assert_eq!(
        notified(&actions),
        [&ConnectionEvent::Disconnected { reason }]
    );
    assert_eq!(fixture.connection.next_deadline(), None);
}

#[test]
fn disconnecting_ends_an_attempt_and_the_wait_for_one() {
    let mut fixture = Fixture::new();
    fixture.connect();
    assert_eq!(fixture.disconnect(), []);
    assert_eq!(fixture.authorise(Ok(None)), []);

    fixture.connect();
    fixture.authorise(Ok(None));
    assert_eq!(
        fixture.disconnect(),
        [Action::Close {
            line: fixture.line()
        }]
    );

    fixture.connect();
    fixture.authorise(Ok(None));
    fixture.close();
    assert!(fixture.waits());
    assert_eq!(fixture.disconnect(), []);
    assert_eq!(fixture.advance(60.0), []);
    assert_eq!(fixture.state(), State::Disconnected);
}

#[test]
fn events_are_sent_at_once_and_only_while_connected() {
    let mut fixture = Fixture::new();
    assert_eq!(fixture.emit(false), Err(EmitError::NotConnected));
    fixture.connect();
    assert_eq!(fixture.emit(true), Err(EmitError::NotConnected));
    fixture.actions();
    fixture.accept();
    assert_eq!(fixture.emit(false), Ok(None));
    assert_eq!(fixture.emit(true), Ok(Some(0)));
    assert_eq!(fixture.emit(true), Ok(Some(1)));
    assert_eq!(
        sent(&fixture.actions()),
        [
            r#"42/chat,["hello","world"]"#,
            r#"42/chat,0["hello","world"]"#,
            r#"42/chat,1["hello","world"]"#
        ]
    );
}

#[test]
fn events_of_the_server_arrive_with_their_arguments_and_the_wish_for_an_acknowledgement() {
    let mut fixture = Fixture::connected();
    let arguments = vec![json!({ "a": 1 }), json!(2)].into();
    assert_eq!(
        fixture.frame(r#"42/chat,["news",{"a":1},2]"#),
        [fixture.event("news", arguments, None)]
    );
    assert_eq!(
        fixture.frame(r#"42/chat,5["news"]"#),
        [fixture.event("news", Arguments::default(), Some(5))]
    );

    let answer = vec![json!({ "ok": true }), json!(2)].into();
    let attempt = fixture.attempt();
    fixture.connection.acknowledge(attempt, 5, answer).unwrap();
    assert_eq!(sent(&fixture.actions()), [r#"43/chat,5[{"ok":true},2]"#]);
}

#[test]
fn binary_events_arrive_with_their_attachments_in_place() {
    let mut fixture = Fixture::connected();
    assert_eq!(
        fixture.frame(r#"451-/chat,["file",{"_placeholder":true,"num":0}]"#),
        []
    );
    // A heartbeat in between is no attachment.
    assert_eq!(sent(&fixture.frame("2")), ["3"]);
    let arguments = Arguments {
        values: vec![json!({ "_placeholder": true, "num": 0 }).into()],
        attachments: vec![vec![1, 2, 3]],
    };
    let event = fixture.event("file", arguments, None);
    assert_eq!(fixture.binary(&[1, 2, 3]), [event]);
}

#[test]
fn attachments_follow_the_text_of_their_event() {
    let mut fixture = Fixture::connected();
    let bytes = serde_bytes::ByteBuf::from([1, 2, 3]);
    let arguments = Arguments::one(&[&bytes]).unwrap();
    let emitted = fixture.connection.emit(
        fixture.now,
        0.5,
        fixture.socket,
        "file",
        arguments,
        Emission::Plain,
    );
    assert_eq!(emitted, Ok(None));
    let frames: Vec<_> = fixture
        .actions()
        .into_iter()
        .map(|action| match action {
            Action::Send { frame, .. } => frame,
            other => panic!("{other:?}"),
        })
        .collect();
    let text = r#"451-/chat,["file",[{"_placeholder":true,"num":0}]]"#;
    let binary = Frame::Binary(vec![1, 2, 3].into());
    assert_eq!(frames, [Frame::Text(text.into()), binary]);
}

#[test]
fn events_that_come_before_the_answer_wait_for_it() {
    let mut fixture = Fixture::new();
    fixture.connect();
    fixture.authorise(Ok(None));
    fixture.frame(OPEN);
    assert_eq!(fixture.frame(r#"42/chat,["early"]"#), []);
    let actions = fixture.frame(ACCEPT);
    assert_eq!(
        actions,
        [
            fixture.connected_now(),
            fixture.event("early", Arguments::default(), None),
        ]
    );
}

#[test]
fn events_without_end_before_the_answer_end_the_line() {
    let mut fixture = Fixture::new();
    fixture.connect();
    fixture.authorise(Ok(None));
    fixture.frame(OPEN);
    for _ in 0..256 {
        assert_eq!(fixture.frame(r#"42/chat,["early"]"#), []);
    }
    assert!(closes(&fixture.frame(r#"42/chat,["early"]"#)));
    assert!(fixture.waits());
}

#[test]
fn other_namespaces_are_none_of_our_business() {
    let mut fixture = Fixture::connected();
    for text in ["41", r#"42["hello"]"#, r#"42/other,["hello"]"#, "41/other,"] {
        assert_eq!(fixture.frame(text), [], "{text}");
    }
}

#[test]
fn packets_that_make_no_sense_now_are_ignored() {
    let mut fixture = Fixture::connected();
    for text in [
        "3",
        "5",
        "6",
        ACCEPT,
        r#"44/chat,{"message":"no"}"#,
        r#"43/chat,77[]"#,
    ] {
        assert_eq!(fixture.frame(text), [], "{text}");
    }
    assert_eq!(fixture.state(), State::Connected);
}

#[test]
fn what_cannot_be_understood_ends_the_connection_and_another_attempt_follows() {
    for text in ["", "x", "4", "49", "42/chat,{", OPEN] {
        let mut fixture = Fixture::connected();
        let actions = fixture.frame(text);
        assert!(closes(&actions), "{text}");
        let reason = DisconnectReason::Protocol;
        assert_eq!(
            notified(&actions)[0],
            &ConnectionEvent::Disconnected { reason },
            "{text}"
        );
        assert!(fixture.waits(), "{text}");
    }
    let mut fixture = Fixture::connected();
    assert!(closes(&fixture.binary(&[1])));
}

#[test]
fn a_server_that_gives_no_id_is_not_connected_to() {
    let mut fixture = Fixture::new();
    fixture.connect();
    fixture.authorise(Ok(None));
    fixture.frame(OPEN);
    assert!(closes(&fixture.frame("40/chat,")));
    assert!(fixture.waits());
}

#[test]
fn a_close_packet_counts_as_a_lost_line() {
    let mut fixture = Fixture::connected();
    let actions = fixture.frame("1");
    let reason = DisconnectReason::TransportClosed;
    assert_eq!(
        notified(&actions)[0],
        &ConnectionEvent::Disconnected { reason }
    );
    assert!(fixture.waits());
}

#[test]
fn what_arrives_late_from_an_earlier_line_is_ignored() {
    let mut fixture = Fixture::connected();
    let (old, attempt) = (fixture.line(), fixture.attempt());
    fixture.close();
    assert_eq!(fixture.frame_of(old, r#"42/chat,["late"]"#), []);

    fixture.advance(1.0);
    assert_eq!(fixture.frame_of(old, OPEN), []);
    assert_eq!(
        fixture.input(Input::Authorised {
            attempt,
            result: Ok(None)
        }),
        []
    );
    fixture.accept();
    assert_eq!(fixture.frame_of(old, r#"42/chat,["late"]"#), []);
    assert_eq!(fixture.frame_of(old, "41/chat,"), []);
    assert_eq!(
        fixture.input(Input::Closed {
            line: old,
            message: String::new()
        }),
        []
    );
    assert_eq!(
        fixture
            .connection
            .acknowledge(attempt, 1, Arguments::default()),
        Err(EmitError::NotConnected)
    );
    assert_eq!(fixture.state(), State::Connected);
    assert_eq!(fixture.actions(), []);
}

#[test]
fn the_token_is_asked_for_anew_before_each_attempt() {
    let mut fixture = Fixture::new();
    fixture.connect();
    fixture.authorise(Ok(Some(json!({ "token": "first" }).into())));
    assert_eq!(sent(&fixture.frame(OPEN)), [r#"40/chat,{"token":"first"}"#]);
    fixture.close();
    assert_eq!(fixture.advance(1.0), [fixture.question()]);
    fixture.authorise(Ok(Some(json!({ "token": "second" }).into())));
    assert_eq!(
        sent(&fixture.frame(OPEN)),
        [r#"40/chat,{"token":"second"}"#]
    );
}

#[test]
fn reconnecting_now_skips_the_delay_and_nothing_else() {
    let mut fixture = Fixture::new();
    assert_eq!(fixture.input(Input::ReconnectNow), []);
    fixture.connect();
    assert_eq!(fixture.input(Input::ReconnectNow), []);
    fixture.accept();
    assert_eq!(fixture.input(Input::ReconnectNow), []);
    fixture.close();
    assert_eq!(fixture.input(Input::ReconnectNow), [fixture.question()]);
    // The delays go on growing.
    fixture.authorise(Ok(None));
    assert!(notified(&fixture.close()).contains(&&waiting(2, 2.0)));
}

#[test]
fn reconnecting_now_finds_a_heartbeat_that_is_overdue() {
    let mut fixture = Fixture::connected();
    fixture.now += Duration::from_secs(3600);
    let actions = fixture.input(Input::ReconnectNow);
    assert!(closes(&actions));
    assert!(fixture.waits());
}

#[test]
fn emitting_finds_a_heartbeat_that_is_overdue_and_keeps_the_event() {
    let mut fixture = Fixture::buffering();
    fixture.connect();
    fixture.accept();
    fixture.actions();
    fixture.now += Duration::from_secs(3600);
    assert_eq!(fixture.emit(false), Ok(None));
    let actions = fixture.actions();
    assert!(closes(&actions));
    assert_eq!(sent(&actions), [] as [&str; 0]);
    fixture.advance(1.0);
    fixture.authorise(Ok(None));
    fixture.frame(OPEN);
    let sent_now = fixture.frame(ACCEPT);
    assert_eq!(sent(&sent_now), [r#"42/chat,["hello","world"]"#]);
}

#[test]
fn a_network_that_is_gone_takes_the_line_with_it() {
    let mut fixture = Fixture::new();
    assert_eq!(fixture.input(Input::NetworkLost), []);
    let mut fixture = Fixture::connected();
    let actions = fixture.input(Input::NetworkLost);
    assert!(closes(&actions));
    assert!(fixture.waits());
    assert_eq!(fixture.input(Input::NetworkLost), []);
}

#[test]
fn absurd_intervals_of_a_server_are_no_overflow() {
    let mut fixture = Fixture::new();
    fixture.connect();
    fixture.authorise(Ok(None));
    fixture.frame(
        r#"0{"sid":"s","pingInterval":18446744073709551615,"pingTimeout":18446744073709551615}"#,
    );
    fixture.frame(ACCEPT);
    assert_eq!(sent(&fixture.frame("2")), ["3"]);
}

mod arbitrary {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn no_sequence_of_inputs_panics_or_leaves_an_acknowledgement_behind(
            steps in prop::collection::vec((0_u8..12, ".{0,12}", 0_u64..30_000), 0..60),
            keeps in any::<bool>(),
        ) {
            let mut fixture = if keeps { Fixture::buffering() } else { Fixture::new() };
            let mut open = std::collections::BTreeSet::new();
            for (step, text, millis) in steps {
                fixture.now += Duration::from_millis(millis);
                let mut actions = match step {
                    0 | 1 => fixture.connect(),
                    2 => fixture.authorise(Ok(None)),
                    3 => fixture.frame(OPEN),
                    4 => fixture.frame(ACCEPT),
                    5 => fixture.frame(&text),
                    6 => fixture.close(),
                    7 => fixture.input(Input::ReconnectNow),
                    8 => fixture.input(Input::Timeout),
                    9 => fixture.frame("2"),
                    10 => fixture.binary(text.as_bytes()),
                    _ => {
                        open.extend(fixture.emit(true).ok().flatten());
                        Vec::new()
                    }
                };
                actions.extend(fixture.actions());
                for (id, _) in acknowledged(&actions) {
                    prop_assert!(open.remove(&id));
                }
            }
            for (id, _) in acknowledged(&fixture.disconnect()) {
                prop_assert!(open.remove(&id));
            }
            prop_assert!(open.is_empty());
        }
    }
}
