use super::*;
use crate::packet::msgpack::encode;
use crate::packet::{Body, Packet};

/// A connection whose packets are MessagePack.
fn begun() -> Fixture {
    let mut fixture = Fixture::speaking(
        Parser::MessagePack,
        Reconnection::default(),
        settings("/chat"),
    );
    fixture.connect();
    fixture
}

fn written(body: Body) -> Vec<u8> {
    encode(&Packet {
        namespace: "/chat".to_owned(),
        body,
    })
}

/// What the actions send, as bytes.
fn sent_bytes(actions: &[Action]) -> Vec<&[u8]> {
    let bytes = |action| match action {
        &Action::Send {
            frame: Frame::Binary(ref bytes),
            ..
        } => Some(&**bytes),
        _ => None,
    };
    actions.iter().filter_map(bytes).collect()
}

fn accept() -> Vec<u8> {
    written(Body::Connect(Some(json!({ "sid": "socket" }).into())))
}

#[test]
fn with_messagepack_every_packet_is_one_binary_message() {
    let mut fixture = begun();
    fixture.authorise(Ok(None));
    // The layer below is text as ever.
    let actions = fixture.frame(OPEN);
    assert_eq!(sent_bytes(&actions), [written(Body::Connect(None))]);
    assert_eq!(sent(&actions), [""; 0]);
    assert_eq!(fixture.binary(&accept()), [fixture.connected_now()]);
    assert_eq!(sent(&fixture.frame("2")), ["3"]);

    let arguments = Arguments {
        values: vec![Json::trusted(r#"{"_placeholder":true,"num":0}"#)],
        attachments: vec![vec![1, 2]],
    };
    let file = |ack| Body::Event {
        name: "file".to_owned(),
        arguments: arguments.clone(),
        ack,
    };
    let actions = fixture.binary(&written(file(Some(7))));
    assert_eq!(actions, [fixture.event("file", arguments.clone(), Some(7))]);
    let (now, socket) = (fixture.now, fixture.socket);
    let emitted =
        fixture
            .connection
            .emit(now, 0.5, socket, "file", arguments.clone(), Emission::Plain);
    assert_eq!(emitted, Ok(None));
    assert_eq!(sent_bytes(&fixture.actions()), [written(file(None))]);
}

#[test]
fn with_messagepack_text_in_place_of_a_packet_ends_the_line() {
    let mut fixture = begun();
    fixture.authorise(Ok(None));
    fixture.frame(OPEN);
    fixture.binary(&accept());
    let actions = fixture.frame(r#"42/chat,["hello"]"#);
    assert!(closes(&actions));
    let reason = DisconnectReason::Protocol;
    assert_eq!(
        notified(&actions),
        [&ConnectionEvent::Disconnected { reason }, &waiting(1, 1.0)]
    );
}
