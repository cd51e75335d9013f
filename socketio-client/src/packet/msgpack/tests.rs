use proptest::prelude::*;
use serde_json::{Value, json};

use super::super::tests::content::{Content, any_content};
use super::*;
use crate::arguments::{Args, Arguments, ToArguments};
use crate::json::Json;
use crate::packet::{MAX_ATTACHMENT_BYTES, MAX_ATTACHMENTS};

fn packet(namespace: &str, body: Body) -> Packet {
    Packet {
        namespace: namespace.to_owned(),
        body,
    }
}

fn event(arguments: Arguments) -> Packet {
    let (name, ack) = ("e".to_owned(), None);
    packet(
        "/",
        Body::Event {
            name,
            arguments,
            ack,
        },
    )
}

/// An event that has this as its only argument.
fn event_of(argument: &[u8]) -> Vec<u8> {
    let beginning = b"\x83\xa4type\x02\xa3nsp\xa1/\xa4data\x92\xa1e";
    [beginning, argument].concat()
}

/// The argument, as JSON.
fn read(argument: &[u8]) -> Result<String, DecodeError> {
    let packet = decode(&event_of(argument))?;
    let arguments = packet.arguments().unwrap();
    assert_eq!(arguments.len(), 1);
    Ok(arguments.values()[0].as_str().to_owned())
}

fn bytes(bytes: &[u8]) -> Content {
    Content::Bytes(bytes.to_vec())
}

/// Each beside what npm's `socket.io-msgpack-parser` 3.0.2 writes.
#[test]
fn packets_are_written_as_the_official_parser_writes_them() {
    for (packet, written) in [
        (
            packet("/chat", Body::Connect(Some(json!({ "token": "t" }).into()))),
            &b"\x83\xa4type\x00\xa3nsp\xa5/chat\xa4data\x81\xa5token\xa1t"[..],
        ),
        (
            packet("/", Body::Connect(None)),
            b"\x82\xa4type\x00\xa3nsp\xa1/",
        ),
        (
            packet("/chat", Body::Disconnect),
            b"\x82\xa4type\x01\xa3nsp\xa5/chat",
        ),
        (
            packet(
                "/chat",
                Body::Event {
                    name: "hello".to_owned(),
                    arguments: vec![json!(1), json!(-1), json!(1.5), json!(null), json!(true)]
                        .into_iter()
                        .chain([json!([]), json!({})])
                        .collect::<Vec<_>>()
                        .into(),
                    ack: Some(7),
                },
            ),
            b"\x84\xa4type\x02\xa3nsp\xa5/chat\xa4data\x98\xa5hello\x01\xff\
              \xcb?\xf8\0\0\0\0\0\0\xc0\xc3\x90\x80\xa2id\x07",
        ),
        (
            packet(
                "/",
                Body::Ack {
                    id: 300,
                    arguments: Args((bytes(&[]), bytes(&[255]))).to_arguments().unwrap(),
                },
            ),
            b"\x84\xa4type\x03\xa3nsp\xa1/\xa4data\x92\xc4\x00\xc4\x01\xff\xa2id\xcd\x01,",
        ),
        (
            packet(
                "/",
                Body::ConnectError {
                    message: "no".to_owned(),
                    data: Some(json!({ "code": 7 }).into()),
                },
            ),
            b"\x83\xa4type\x04\xa3nsp\xa1/\xa4data\x82\xa7message\xa2no\xa4data\x81\xa4code\x07",
        ),
    ] {
        assert_eq!(encode(&packet), written, "{packet:?}");
        assert_eq!(decode(written), Ok(packet));
    }
}

#[test]
fn what_only_javascript_has_is_read_as_what_json_makes_of_it() {
    // `["e", undefined, new Date(…), new Uint8Array([1, 2, 3]), { a: undefined, b: 1 }]`
    let written = b"\x84\xa4type\x02\xa3nsp\xa1/\xa4data\x95\xa1e\xd4\0\0\
        \xd7\0\0\0\x01\xa2\x06\xf3!E\xc7\x03\0\x01\x02\x03\x82\xa1a\xd4\0\0\xa1b\x01\
        \xa7options\x81\xa8compress\xc3";
    let read = decode(written).unwrap();
    let arguments = read.arguments().unwrap();
    let texts: Vec<&str> = arguments.values().iter().map(Json::as_str).collect();
    let placeholder = r#"{"_placeholder":true,"num":0}"#;
    let date = r#""2026-11-23T05:48:46.789Z""#;
    assert_eq!(texts, ["null", date, placeholder, r#"{"b":1}"#]);
    assert_eq!(arguments.attachments(), [[1, 2, 3]]);
    // `{ type: 0, nsp: "/", data: undefined }`
    let connect = b"\x83\xa4type\x00\xa3nsp\xa1/\xa4data\xd4\0\0";
    assert_eq!(decode(connect), Ok(packet("/", Body::Connect(None))));
}

#[test]
fn a_refusal_may_be_a_bare_sentence() {
    let refusal = packet(
        "/",
        Body::ConnectError {
            message: "no".to_owned(),
            data: None,
        },
    );
    let written = b"\x83\xa4type\x04\xa3nsp\xa1/\xa4data\xa2no";
    assert_eq!(decode(written), Ok(refusal));
}

#[test]
fn the_binary_types_are_read_as_the_others() {
    let mut written = event_of(b"\xc4\x01\x07");
    let plain = decode(&written).unwrap();
    assert_eq!(plain.arguments().unwrap().attachments(), [[7]]);
    written[6] = 5;
    assert_eq!(decode(&written), Ok(plain));
}

#[test]
fn keys_that_are_no_strings_become_some() {
    assert_eq!(
        read(b"\x83\x07\x01\xff\x02\xc3\x03").as_deref(),
        Ok(r#"{"7":1,"-1":2,"true":3}"#)
    );
    for key in [
        &b"\xc0"[..],
        b"\x90",
        b"\x81\x01\x01",
        b"\xc4\x00",
        b"\xd4\0\0",
    ] {
        let map = [b"\x81", key, b"\x01"].concat();
        assert_eq!(read(&map), Err(DecodeError::Payload), "{key:?}");
    }
}

#[test]
fn what_is_no_packet_is_an_error() {
    for (written, error) in [
        (&b""[..], DecodeError::Payload),
        (b"\xc0", DecodeError::Payload),
        (b"\x80", DecodeError::UnknownType),
        (b"\x81\xa4type\x07", DecodeError::UnknownType),
        (b"\x81\xa4type\xa10", DecodeError::UnknownType),
        (b"\x81\xa4type\x01", DecodeError::Header),
        (b"\x82\xa4type\x01\xa3nsp\x01", DecodeError::Header),
        (b"\x82\xa4type\x01\xa3nsp\xa4chat", DecodeError::Header),
        (b"\x82\xa4type\x01\xa3nsp\xa1/\xc0", DecodeError::Payload),
        (
            b"\x83\xa4type\x01\xa3nsp\xa1/\xa4data\x80",
            DecodeError::Payload,
        ),
        (
            b"\x83\xa4type\x00\xa3nsp\xa1/\xa4data\x90",
            DecodeError::Payload,
        ),
        (b"\x82\xa4type\x02\xa3nsp\xa1/", DecodeError::Payload),
        (
            b"\x83\xa4type\x02\xa3nsp\xa1/\xa4data\x90",
            DecodeError::Payload,
        ),
        (
            b"\x83\xa4type\x02\xa3nsp\xa1/\xa4data\x91\xc3",
            DecodeError::Payload,
        ),
        (
            b"\x83\xa4type\x03\xa3nsp\xa1/\xa4data\x90",
            DecodeError::Header,
        ),
        (
            b"\x84\xa4type\x03\xa3nsp\xa1/\xa4data\x90\xa2id\xff",
            DecodeError::Header,
        ),
        (
            b"\x83\xa4type\x00\xa3nsp\xa1/\xa4data\x81\xa1a\xc4\x00",
            DecodeError::Attachments,
        ),
    ] {
        assert_eq!(decode(written), Err(error), "{written:?}");
    }
}

#[test]
fn an_argument_that_cannot_be_read_is_an_error() {
    for argument in [
        &b"\xc1"[..],
        b"\xa1\xff",
        b"\xa2a",
        b"\xcb\0",
        b"\xd4\x01\0",
        b"\xd5\0\0\0",
        b"\xd6\xff\0\0\0\0",
        b"\xc7\x01\x01\0",
    ] {
        assert_eq!(read(argument), Err(DecodeError::Payload), "{argument:?}");
    }
}

#[test]
fn a_header_that_promises_too_much_is_an_error_at_once() {
    for header in [
        &b"\xdd\xff\xff\xff\xff"[..],
        b"\xdf\xff\xff\xff\xff",
        b"\xdb\xff\xff\xff\xff",
        b"\xc6\xff\xff\xff\xff",
        b"\xc9\xff\xff\xff\xff\0",
    ] {
        assert_eq!(read(header), Err(DecodeError::Payload), "{header:?}");
    }
    assert_eq!(
        decode(b"\xdf\xff\xff\xff\xff\xa4type\x01"),
        Err(DecodeError::Payload)
    );
}

#[test]
fn values_nest_as_deep_as_in_json_and_no_deeper() {
    let within = |depth| [vec![0x91; depth], vec![0x90]].concat();
    // One level is that of the arguments, one is the innermost array.
    assert!(read(&within(125)).is_ok());
    assert_eq!(read(&within(126)), Err(DecodeError::Payload));
    assert_eq!(read(&vec![0x91; 100_000]), Err(DecodeError::Payload));
    assert_eq!(
        read(&b"\x81\xa1a".repeat(100_000)),
        Err(DecodeError::Payload)
    );
}

#[test]
fn what_a_program_emits_may_nest_deeper() {
    let deep = ["[".repeat(10_000), "]".repeat(10_000)].concat();
    let arguments = Arguments {
        values: vec![Json::trusted(deep)],
        attachments: Vec::new(),
    };
    let written = encode(&event(arguments));
    assert!(written.ends_with(&[[0x91; 9999].as_slice(), &[0x90]].concat()));
}

#[test]
fn a_message_above_the_limit_is_refused() {
    let text = |length: usize| {
        let header = u32::try_from(length).unwrap().to_be_bytes();
        [b"\xdb", header.as_slice(), &vec![b'a'; length]].concat()
    };
    assert!(read(&text(MAX_TEXT_BYTES - 100)).is_ok());
    assert_eq!(read(&text(MAX_TEXT_BYTES)), Err(DecodeError::TooLarge));
    // What is short here can be long in JSON.
    let nothing = |length: usize| {
        let header = u32::try_from(length).unwrap().to_be_bytes();
        [b"\xdd", header.as_slice(), &vec![0xc0; length]].concat()
    };
    assert!(read(&nothing(MAX_TEXT_BYTES / 6)).is_ok());
    assert_eq!(
        read(&nothing(MAX_TEXT_BYTES / 4)),
        Err(DecodeError::TooLarge)
    );
}

#[test]
fn attachments_above_the_limits_are_refused() {
    let list = |count: usize| [&[0xdc, 0, count as u8][..], &b"\xc4\x00".repeat(count)].concat();
    assert!(read(&list(MAX_ATTACHMENTS)).is_ok());
    assert_eq!(read(&list(MAX_ATTACHMENTS + 1)), Err(DecodeError::TooLarge));
    let long = |length: usize| {
        let header = u32::try_from(length).unwrap().to_be_bytes();
        [b"\xc6", header.as_slice(), &vec![0; length]].concat()
    };
    assert!(read(&long(MAX_ATTACHMENT_BYTES)).is_ok());
    assert_eq!(
        read(&long(MAX_ATTACHMENT_BYTES + 1)),
        Err(DecodeError::TooLarge)
    );
}

#[test]
fn white_space_and_escapes_mean_what_they_mean_in_json() {
    let arguments = Arguments {
        values: vec![Json::trusted(
            " { \"a\\\"\\\\\" : [ 1 , \"\\u00e9\\n\" ,null ] , \"{\":-2.5e1 }\n",
        )],
        attachments: Vec::new(),
    };
    let decoded = decode(&encode(&event(arguments))).unwrap();
    assert_eq!(
        decoded.arguments().unwrap().read::<Value>().unwrap(),
        json!({ "a\"\\": [1, "é\n", null], "{": -25.0 })
    );
}

#[test]
fn a_placeholder_without_an_attachment_is_an_object() {
    let placeholder = json!({ "_placeholder": true, "num": 0 });
    let packet = event(vec![placeholder].into());
    assert_eq!(decode(&encode(&packet)), Ok(packet));
}

fn any_packet() -> impl Strategy<Value = Packet> {
    let contents = prop::collection::vec(any_content(any::<String>().boxed()), 0..3);
    let arguments = contents.prop_filter_map("too many attachments", |contents| {
        Args(contents).to_arguments().ok()
    });
    let object = || {
        let members = prop::collection::btree_map(any::<String>(), any::<i64>(), 0..20);
        members.prop_map(|members| Json::write(&members).unwrap())
    };
    let body = prop_oneof![
        prop::option::of(object()).prop_map(Body::Connect),
        Just(Body::Disconnect),
        (any::<String>(), prop::option::of(object()))
            .prop_map(|(message, data)| Body::ConnectError { message, data }),
        (
            any::<bool>(),
            any::<String>(),
            arguments,
            any::<Option<u64>>()
        )
            .prop_map(|(is_event, name, arguments, ack)| match ack {
                Some(id) if !is_event => Body::Ack { id, arguments },
                ack => Body::Event {
                    name,
                    arguments,
                    ack,
                },
            }),
    ];
    ("/[a-z0-9/_-]{0,12}(\\?[a-z0-9=&]{1,12})?", body)
        .prop_map(|(namespace, body)| Packet { namespace, body })
}

proptest! {
    #[test]
    fn every_packet_survives_the_way_there_and_back(packet in any_packet()) {
        prop_assert_eq!(decode(&encode(&packet)), Ok(packet));
    }

    #[test]
    fn every_number_survives_the_way_there_and_back(number in any::<f64>()) {
        let packet = event(number.to_arguments().unwrap());
        let decoded = decode(&encode(&packet)).unwrap();
        let read: Option<f64> = decoded.arguments().unwrap().read().unwrap();
        prop_assert_eq!(read, Some(number).filter(|number| number.is_finite()));
        let written = [&b"\xcb"[..], &number.to_be_bytes()].concat();
        let read: Option<f64> = compact_json::read(&self::read(&written).unwrap()).unwrap();
        prop_assert_eq!(read, Some(number).filter(|number| number.is_finite()));
    }

    #[test]
    fn decode_never_panics_on_arbitrary_bytes(bytes in any::<Vec<u8>>()) {
        let _ = decode(&bytes);
        let _ = decode(&event_of(&bytes));
    }

    #[test]
    fn decode_never_panics_on_what_is_nearly_a_packet(
        packet in any_packet(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        end in any::<prop::sample::Index>(),
    ) {
        let mut bytes = encode(&packet);
        for (place, byte) in changes {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        for bytes in [&bytes[..], &bytes[..end.index(bytes.len())]] {
            if let Ok(packet) = decode(bytes) {
                prop_assert!(decode(&encode(&packet)).is_ok());
            }
        }
    }
}
