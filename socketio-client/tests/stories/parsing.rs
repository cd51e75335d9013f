use serde_json::{Value, json};
use socketio_client::packet::{Body, Decoder, Packet};

use crate::support::{about, connected, in_time};

/// What frames are put together from, so that many are packets and many nearly so.
const PIECES: [&str; 36] = [
    "0",
    "1",
    "2",
    "3",
    "4",
    "5",
    "6",
    "7",
    "1-",
    "2-",
    "0-",
    "10-",
    "11-",
    "-",
    "/",
    "/chat",
    ",",
    "/chat,",
    "/a?b=c,",
    "12",
    "[",
    "]",
    "{",
    "}",
    "\"a\"",
    "\"disconnect\"",
    ":",
    "null",
    "true",
    "-1.5",
    "[\"a\",1]",
    "[\"a\",{\"b\":[null]}]",
    "{\"message\":\"x\",\"data\":{}}",
    "\"why\"",
    "{\"sid\":\"s\"}",
    "[{\"_placeholder\":true,\"num\":0}]",
];
const BATCHES: usize = 50;
const FRAMES: usize = 200;

/// Numbers that are as good as random and the same each time.
/// Knuth, The Art of Computer Programming, volume 2, 3.3.4; the multiplier is that of MMIX.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % bound
    }

    fn frame(&mut self) -> String {
        let pieces = 1 + self.below(6);
        (0..pieces)
            .map(|_| PIECES[self.below(PIECES.len())])
            .collect()
    }
}

/// The packet that a text begins, with empty attachments.
fn packet(frame: &str) -> Option<Packet> {
    let mut decoder = Decoder::default();
    let mut decoded = decoder.text(frame);
    while let Ok(None) = decoded {
        decoded = decoder.binary(&[]);
    }
    decoded.ok().flatten()
}

/// What our decoder makes of the text of a packet, in the official parser's words; null if it is
/// none.
fn decode(frame: &str) -> Value {
    let Some(packet) = packet(frame) else {
        return Value::Null;
    };
    let arguments = packet.arguments();
    let attachments = arguments.map_or(0, |arguments| arguments.attachments().len());
    let values = || {
        let values = arguments.into_iter().flat_map(|each| each.values());
        values.map(|value| value.read().unwrap())
    };
    let (kind, id, data) = match &packet.body {
        Body::Connect(auth) => (0, None, read(auth.as_ref())),
        Body::Disconnect => (1, None, Value::Null),
        Body::Event { name, ack, .. } => {
            let data = std::iter::once(json!(name)).chain(values()).collect();
            (if attachments > 0 { 5 } else { 2 }, *ack, data)
        }
        Body::Ack { id, .. } => (
            if attachments > 0 { 6 } else { 3 },
            Some(*id),
            values().collect(),
        ),
        Body::ConnectError { message, data } => (
            4,
            None,
            json!({ "message": message, "data": read(data.as_ref()) }),
        ),
    };
    let Packet { namespace, .. } = &packet;
    json!({ "type": kind, "nsp": namespace, "id": id, "data": data, "attachments": attachments })
}

fn read(json: Option<&socketio_client::Json>) -> Value {
    json.map_or(Value::Null, |json| json.read().unwrap())
}

/// The official parser's answer in the same words.
fn same_words(mut theirs: Value) -> Value {
    match theirs["type"].as_u64() {
        // A name that is a number counts as its digits; an id means nothing here.
        Some(2 | 5) if theirs["data"][0].is_number() => {
            theirs["data"][0] = json!(theirs["data"][0].to_string());
        }
        Some(4) => {
            let data = theirs["data"].take();
            let message = data.get("message").unwrap_or(&data);
            let more = data.get("data").unwrap_or(&Value::Null);
            theirs["data"] = json!({ "message": message, "data": more });
            theirs["id"] = Value::Null;
        }
        Some(0 | 1) => theirs["id"] = Value::Null,
        _ => {}
    }
    theirs
}

/// Where the official parser takes what ours does not: packets without what makes them one.
fn is_laxer(theirs: &Value) -> bool {
    let data = &theirs["data"];
    match theirs["type"].as_u64() {
        Some(2 | 5) => data.is_null(),
        Some(3 | 6) => data.is_null() || theirs["id"].is_null(),
        Some(4) => !data.is_string() && !data["message"].is_string(),
        _ => false,
    }
}

pub async fn frames_mean_the_same_to_the_official_parser() {
    let client = connected("/").await.client;
    // Another server has no other parser that could be asked; what we write is read the same.
    let asks = about(&client, "server").await == "socket.io";
    let mut numbers = Numbers(1);
    let mut packets = 0;
    for _ in 0..BATCHES {
        let frames: Vec<String> = (0..FRAMES).map(|_| numbers.frame()).collect();
        let theirs: Vec<Value> = if asks {
            let answers = client.emit_with_ack("decode", &frames);
            in_time(answers).await.unwrap()
        } else {
            let written = |frame: &String| packet(frame).map(|packet| packet.encode());
            let again = |frame| decode(&written(frame).unwrap_or_default());
            frames.iter().map(again).collect()
        };
        for (frame, theirs) in frames.iter().zip(theirs) {
            let ours = decode(frame);
            if ours.is_null() {
                assert!(theirs.is_null() || is_laxer(&theirs), "{frame}: {theirs}");
                continue;
            }
            packets += 1;
            if !asks {
                assert_eq!(ours, theirs, "{frame}");
                continue;
            }
            // Ours lets a server use a name that is reserved: it can be told apart all the same.
            let reserved = ours["data"][0] == "disconnect" && theirs.is_null();
            assert!(
                reserved || ours == same_words(theirs.clone()),
                "{frame}: {ours} {theirs}"
            );
        }
    }
    assert!(packets > 100, "{packets}");
}
