use super::*;

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
