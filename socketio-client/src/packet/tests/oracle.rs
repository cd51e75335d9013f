//! Our codecs beside socketioxide's: each reads what the other writes as the same packet.

use socketioxide_core::packet::{Packet as TheirPacket, PacketData};
use socketioxide_core::parser::{Parse, ParseConfig, ParseError, ParserState};
use socketioxide_core::{Sid, Value};
use socketioxide_parser_common::CommonParser;

use super::content::{Content, any_content};
use super::*;
use crate::ToArguments;
use crate::arguments::Args;
use crate::engine::Frame;

/// The frames of a packet that our parser writes.
fn frames_of_ours(parser: Parser, packet: &Packet) -> Vec<Frame<'static>> {
    match parser {
        Parser::Json => {
            let attachments = packet.arguments().map_or(&[][..], Arguments::attachments);
            let attachments = attachments
                .iter()
                .map(|bytes| Frame::Binary(bytes.clone().into()));
            std::iter::once(Frame::Text(packet.encode().into()))
                .chain(attachments)
                .collect()
        }
        #[cfg(feature = "msgpack")]
        Parser::MessagePack => vec![Frame::Binary(msgpack::encode(packet).into())],
    }
}

/// The frames of a packet that their parser writes.
fn frames_of_theirs<P: Parse>(parser: P, packet: TheirPacket) -> Vec<Frame<'static>> {
    match parser.encode(packet) {
        Value::Str(text, attachments) => {
            let attachments = attachments.into_iter().flatten();
            std::iter::once(Frame::Text(text.as_str().to_owned().into()))
                .chain(attachments.map(|bytes| Frame::Binary(bytes.to_vec().into())))
                .collect()
        }
        Value::Bytes(bytes) => vec![Frame::Binary(bytes.to_vec().into())],
    }
}

fn read_by_ours(parser: Parser, frames: Vec<Frame<'_>>) -> Packet {
    let mut decoder = Decoder::new(parser);
    let mut packet = None;
    for frame in frames {
        assert_eq!(packet, None);
        packet = match frame {
            Frame::Text(text) => decoder.text(&text).unwrap(),
            Frame::Binary(bytes) => decoder.binary(&bytes).unwrap(),
        };
    }
    packet.unwrap()
}

fn read_by_theirs<P: Parse>(parser: P, frames: Vec<Frame<'_>>) -> TheirPacket {
    let (config, state) = (ParseConfig::default(), ParserState::default());
    let mut packet = Err(ParseError::NeedsMoreBinaryData);
    for frame in frames {
        assert!(matches!(packet, Err(ParseError::NeedsMoreBinaryData)));
        packet = match frame {
            Frame::Text(text) => parser.decode_str(&config, &state, text.into_owned().into()),
            Frame::Binary(bytes) => parser.decode_bin(&config, &state, bytes.into_owned().into()),
        };
    }
    packet.unwrap()
}

/// What they read of an event or an acknowledgement with so many arguments.
fn arguments_of<P: Parse>(parser: P, mut data: Value, event: bool, count: usize) -> Vec<Content> {
    match count {
        0 => Vec::new(),
        1 => vec![parser.decode_value(&mut data, event).unwrap()],
        _ => {
            let (first, second) = parser.decode_value(&mut data, event).unwrap();
            vec![first, second]
        }
    }
}

/// The data of an event or an acknowledgement as they write it.
fn data_of<P: Parse>(parser: P, contents: &[Content], event: Option<&str>) -> Value {
    match contents {
        [] => parser.encode_value::<[Content; 0]>(&[], event),
        [only] => parser.encode_value(only, event),
        [first, second, ..] => parser.encode_value(&(first, second), event),
    }
    .unwrap()
}

/// Up to two arguments, as what they mean and as ours. None if they have too many attachments.
fn any_contents() -> impl Strategy<Value = (Vec<Content>, Arguments)> {
    // Theirs cannot read a key with escapes where it looks for attachments.
    let strings = "[a-z_ ß😀/.-]{0,40}";
    let contents = prop::collection::vec(any_content(strings), 0..=2);
    contents.prop_filter_map("too many attachments", |contents| {
        let arguments = Args(&contents).to_arguments().ok()?;
        Some((contents, arguments))
    })
}

fn any_name() -> impl Strategy<Value = String> {
    "[a-zß😀 _-]{1,40}"
}

fn any_namespace() -> impl Strategy<Value = String> {
    "/[a-z0-9/_-]{0,12}"
}

/// Their numbers of acknowledgements have a sign.
fn any_id() -> impl Strategy<Value = i64> {
    (0..i64::MAX, 0..63u32).prop_map(|(id, by)| id >> by)
}

fn they_read_what_we_write<P: Parse>(
    (ours, theirs): (Parser, P),
    namespace: &str,
    name: &str,
    (contents, arguments): &(Vec<Content>, Arguments),
    id: Option<i64>,
) {
    let written = |body: Body| {
        let packet = Packet {
            namespace: namespace.to_owned(),
            body,
        };
        let packet = read_by_theirs(theirs, frames_of_ours(ours, &packet));
        assert_eq!(packet.ns.as_str(), namespace);
        packet.inner
    };
    assert_eq!(written(Body::Connect(None)), PacketData::Connect(None));
    assert_eq!(written(Body::Disconnect), PacketData::Disconnect);

    let auth = json!({ "name": name, "number": id });
    let connect = written(Body::Connect(Some(auth.clone().into())));
    let PacketData::Connect(Some(data)) = connect else {
        panic!("{connect:?}");
    };
    let read: serde_json::Value = theirs.decode_default(Some(&data)).unwrap();
    assert_eq!(read, auth);

    let event = written(Body::Event {
        name: name.to_owned(),
        arguments: arguments.clone(),
        ack: id.map(i64::cast_unsigned),
    });
    let (PacketData::Event(data, ack) | PacketData::BinaryEvent(data, ack)) = event else {
        panic!("{event:?}");
    };
    assert_eq!(theirs.read_event(&data).unwrap(), name);
    assert_eq!(ack, id);
    assert_eq!(arguments_of(theirs, data, true, contents.len()), *contents);

    let id = id.unwrap_or_default();
    let answer = written(Body::Ack {
        id: id.cast_unsigned(),
        arguments: arguments.clone(),
    });
    let (PacketData::EventAck(data, ack) | PacketData::BinaryAck(data, ack)) = answer else {
        panic!("{answer:?}");
    };
    assert_eq!(ack, id);
    assert_eq!(arguments_of(theirs, data, false, contents.len()), *contents);
}

fn we_read_what_they_write<P: Parse>(
    (ours, theirs): (Parser, P),
    namespace: &str,
    name: &str,
    (contents, arguments): &(Vec<Content>, Arguments),
    id: Option<i64>,
) {
    let read = |packet: TheirPacket| {
        let packet = read_by_ours(ours, frames_of_theirs(theirs, packet));
        assert_eq!(packet.namespace, namespace);
        packet.body
    };
    assert_eq!(
        read(TheirPacket::disconnect(namespace.to_owned())),
        Body::Disconnect
    );

    let sid = Sid::new();
    let data = theirs.encode_default(&json!({ "sid": sid })).unwrap();
    assert_eq!(
        read(TheirPacket::connect(namespace.to_owned(), Some(data))),
        Body::Connect(Some(json!({ "sid": sid }).into()))
    );

    assert_eq!(
        read(TheirPacket::connect_error(namespace.to_owned(), name)),
        Body::ConnectError {
            message: name.to_owned(),
            data: None
        }
    );

    let data = data_of(theirs, contents, Some(name));
    let mut event = TheirPacket::event(namespace.to_owned(), data);
    if let Some(id) = id {
        event.inner.set_ack_id(id);
    }
    assert_eq!(
        read(event),
        Body::Event {
            name: name.to_owned(),
            arguments: arguments.clone(),
            ack: id.map(i64::cast_unsigned),
        }
    );

    let id = id.unwrap_or_default();
    let data = data_of(theirs, contents, None);
    assert_eq!(
        read(TheirPacket::ack(namespace.to_owned(), data, id)),
        Body::Ack {
            id: id.cast_unsigned(),
            arguments: arguments.clone(),
        }
    );
}

/// Both directions beside one of their parsers.
macro_rules! beside {
    ($parsers:expr; $they_read:ident, $we_read:ident) => {
        proptest! {
            #[test]
            fn $they_read(
                namespace in any_namespace(),
                name in any_name(),
                contents in any_contents(),
                id in prop::option::of(any_id()),
            ) {
                they_read_what_we_write($parsers, &namespace, &name, &contents, id);
            }

            #[test]
            fn $we_read(
                namespace in any_namespace(),
                name in any_name(),
                contents in any_contents(),
                id in prop::option::of(any_id()),
            ) {
                we_read_what_they_write($parsers, &namespace, &name, &contents, id);
            }
        }
    };
}

beside!(
    (Parser::Json, CommonParser);
    socketioxide_reads_what_we_write,
    we_read_what_socketioxide_writes
);

#[cfg(feature = "msgpack")]
beside!(
    (Parser::MessagePack, socketioxide_parser_msgpack::MsgPackParser);
    socketioxide_reads_our_messagepack,
    we_read_the_messagepack_of_socketioxide
);
