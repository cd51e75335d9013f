use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::*;

/// Whatever an argument can be.
pub(super) mod content;
/// Our codecs beside socketioxide's.
mod oracle;

fn decode(text: &str) -> Result<Option<Packet>, DecodeError> {
    Decoder::default().text(text)
}

fn event(namespace: &str, ack: Option<u64>, name: &str, arguments: Vec<Value>) -> Packet {
    Packet {
        namespace: namespace.to_owned(),
        body: Body::Event {
            name: name.to_owned(),
            arguments: arguments.into(),
            ack,
        },
    }
}

#[test]
fn packets_are_written_as_the_protocol_says() {
    let connect = Packet {
        namespace: "/chat".into(),
        body: Body::Connect(Some(json!({ "token": "t" }).into())),
    };
    assert_eq!(connect.encode(), r#"0/chat,{"token":"t"}"#);
    let leave = Packet {
        namespace: "/chat".into(),
        body: Body::Disconnect,
    };
    assert_eq!(leave.encode(), "1/chat,");
    assert_eq!(
        event("/", None, "hello", vec![json!(1)]).encode(),
        r#"2["hello",1]"#
    );
    assert_eq!(
        event("/chat", Some(7), "hello", vec![]).encode(),
        r#"2/chat,7["hello"]"#
    );
    let ack = Packet {
        namespace: "/".into(),
        body: Body::Ack {
            id: 12,
            arguments: vec![json!("ok")].into(),
        },
    };
    assert_eq!(ack.encode(), r#"312["ok"]"#);
    let binary = Packet {
        namespace: "/".into(),
        body: Body::Event {
            name: "file".into(),
            arguments: Arguments {
                values: vec![json!({ "_placeholder": true, "num": 0 }).into()],
                attachments: vec![vec![1, 2]],
            },
            ack: Some(3),
        },
    };
    assert_eq!(
        binary.encode(),
        r#"51-3["file",{"_placeholder":true,"num":0}]"#
    );
}

#[test]
fn a_namespace_may_carry_a_query() {
    let packet = decode(r#"0/admin?token=1234&uid=abcd,{"a":1}"#)
        .unwrap()
        .unwrap();
    assert_eq!(packet.namespace, "/admin?token=1234&uid=abcd");
    assert_eq!(packet.path(), "/admin");
    assert_eq!(packet.body, Body::Connect(Some(json!({ "a": 1 }).into())));
}

#[test]
fn a_namespace_may_end_the_packet() {
    let packet = decode("0/chat").unwrap().unwrap();
    assert_eq!(packet.path(), "/chat");
    assert_eq!(packet.body, Body::Connect(None));
}

#[test]
fn a_refusal_is_read_as_an_object_and_as_a_bare_sentence() {
    let refusal = |text| decode(text).unwrap().unwrap().body;
    assert_eq!(
        refusal(r#"4/chat,{"message":"unauthorized","data":{"code":1}}"#),
        Body::ConnectError {
            message: "unauthorized".into(),
            data: Some(json!({ "code": 1 }).into())
        }
    );
    assert_eq!(
        refusal(r#"4"not here""#),
        Body::ConnectError {
            message: "not here".into(),
            data: None
        }
    );
}

#[test]
fn what_is_no_packet_is_an_error() {
    for (text, error) in [
        ("", DecodeError::UnknownType),
        ("7", DecodeError::UnknownType),
        ("é", DecodeError::UnknownType),
        ("2", DecodeError::Payload),
        ("2[]", DecodeError::Payload),
        ("2[true]", DecodeError::Payload),
        ("2{}", DecodeError::Payload),
        ("2[\"a\"", DecodeError::Payload),
        ("0[]", DecodeError::Payload),
        ("1{}", DecodeError::Payload),
        ("3[]", DecodeError::Header),
        ("4{}", DecodeError::Payload),
        ("299999999999999999999999[\"a\"]", DecodeError::Header),
        ("5[\"a\"]", DecodeError::Header),
        ("5-[\"a\"]", DecodeError::Header),
        ("50-[\"a\"]", DecodeError::Header),
        ("511-[\"a\"]", DecodeError::TooLarge),
    ] {
        assert_eq!(decode(text), Err(error), "{text}");
    }
}

#[test]
fn json_that_nests_too_deep_is_an_error_and_no_overflow() {
    let deep = ["2[\"a\",", &"[".repeat(100_000)].concat();
    assert_eq!(decode(&deep), Err(DecodeError::Payload));
}

#[test]
fn text_above_the_limit_is_refused() {
    let fits = ["2[\"", &"a".repeat(MAX_TEXT_BYTES - 5), "\"]"].concat();
    assert!(decode(&fits).is_ok());
    let exceeds = ["2[\"", &"a".repeat(MAX_TEXT_BYTES), "\"]"].concat();
    assert_eq!(decode(&exceeds), Err(DecodeError::TooLarge));
}

#[test]
fn a_packet_is_whole_when_its_last_attachment_is_there() {
    let mut decoder = Decoder::default();
    let text =
        r#"52-["file",{"parts":[{"_placeholder":true,"num":1},{"_placeholder":true,"num":0}]}]"#;
    assert_eq!(decoder.text(text), Ok(None));
    assert_eq!(decoder.binary(&[1, 2]), Ok(None));
    let packet = decoder.binary(&[3]).unwrap().unwrap();
    let arguments = packet.arguments().unwrap();
    assert_eq!(arguments.attachments, [vec![1, 2], vec![3]]);
}

#[test]
fn attachments_that_do_not_match_are_an_error() {
    let begun = || {
        let mut decoder = Decoder::default();
        decoder
            .text(r#"51-["file",{"_placeholder":true,"num":5}]"#)
            .unwrap();
        decoder
    };
    assert_eq!(
        Decoder::default().binary(&[1]),
        Err(DecodeError::Attachments)
    );
    assert_eq!(begun().text("2[\"a\"]"), Err(DecodeError::Attachments));
}

#[test]
fn attachments_above_the_limit_are_refused() {
    let mut decoder = Decoder::default();
    decoder.text(r#"52-["file"]"#).unwrap();
    assert_eq!(decoder.binary(&vec![0; MAX_ATTACHMENT_BYTES]), Ok(None));
    assert_eq!(decoder.binary(&[0]), Err(DecodeError::TooLarge));
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            any_object(inner).prop_map(Value::from),
        ]
    })
}

fn any_object(member: impl Strategy<Value = Value>) -> impl Strategy<Value = Map<String, Value>> {
    prop::collection::btree_map(any::<String>(), member, 0..4)
        .prop_map(|members| members.into_iter().collect())
}

fn any_arguments() -> impl Strategy<Value = Arguments> {
    let values = prop::collection::vec(any_json().prop_map(Json::from), 0..3);
    let attachments = prop::collection::vec(any::<Vec<u8>>(), 0..=3);
    (values, attachments).prop_map(|(values, attachments)| Arguments {
        values,
        attachments,
    })
}

fn any_packet() -> impl Strategy<Value = Packet> {
    let body = prop_oneof![
        prop::option::of(any_object(any_json()))
            .prop_map(|auth| Body::Connect(auth.map(|it| Value::from(it).into()))),
        Just(Body::Disconnect),
        (any::<String>(), any_arguments(), any::<Option<u64>>()).prop_map(
            |(name, arguments, ack)| Body::Event {
                name,
                arguments,
                ack
            }
        ),
        (any::<u64>(), any_arguments()).prop_map(|(id, arguments)| Body::Ack { id, arguments }),
        (any::<String>(), prop::option::of(any_json())).prop_map(|(message, data)| {
            // `null` says as much as nothing.
            let data = data.filter(|it| !it.is_null()).map(Json::from);
            Body::ConnectError { message, data }
        }),
    ];
    ("/[a-z0-9/_-]{0,12}(\\?[a-z0-9=&]{1,12})?", body)
        .prop_map(|(namespace, body)| Packet { namespace, body })
}

/// Sends a packet through its frames.
fn through_the_wire(packet: &Packet) -> Result<Option<Packet>, DecodeError> {
    let mut decoder = Decoder::default();
    let mut decoded = decoder.text(&packet.encode())?;
    for attachment in packet.arguments().map_or(&[][..], Arguments::attachments) {
        assert_eq!(decoded, None);
        decoded = decoder.binary(attachment)?;
    }
    Ok(decoded)
}

proptest! {
    #[test]
    fn every_packet_survives_the_way_there_and_back(packet in any_packet()) {
        prop_assert_eq!(through_the_wire(&packet), Ok(Some(packet)));
    }

    #[test]
    fn decode_never_panics_on_arbitrary_frames(
        frames in prop::collection::vec(prop_oneof![
            any::<String>().prop_map(Ok),
            "[0-6][0-9]{0,3}-?(/[a-z?]{0,4},)?[0-9]{0,3}[\\[{]?[\"_placeholdernum:true,0-9{}\\[\\]]{0,40}".prop_map(Ok),
            any::<Vec<u8>>().prop_map(Err),
        ], 0..6)
    ) {
        let mut decoder = Decoder::default();
        for frame in frames {
            let decoded = match frame {
                Ok(text) => decoder.text(&text),
                Err(bytes) => decoder.binary(&bytes),
            };
            if let Ok(Some(packet)) = decoded {
                let _ = packet.encode();
            }
        }
    }
}
