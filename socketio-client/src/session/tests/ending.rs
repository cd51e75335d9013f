use super::*;

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
        (
            HttpFailure::Insecure("unknown issuer".to_owned()),
            "The server cannot be reached securely: unknown issuer.",
        ),
    ] {
        let mut fixture = Fixture::polling(TransportChoice::PollingOnly);
        fixture.send("4c");
        let (get, post) = (fixture.get(), fixture.post());
        assert_eq!(
            fixture.respond(get, Err(failure.clone())),
            [abort(post), closed(message)]
        );
        assert_eq!(fixture.respond(post, Err(failure.clone())), []);

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
