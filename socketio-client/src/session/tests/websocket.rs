use super::*;

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
