//! Whatever two people emit, every event is acknowledged, and the others' conversations stay theirs.
//!
//! `NATTER_FUZZ_EVENTS` says how many events, `NATTER_FUZZ_SEED` begins the same run again.

use std::{collections::BTreeMap, sync::Mutex, time::Duration};

use futures_util::{StreamExt, future::join_all, stream};
use protocol::{
    Conversation, ErrorBody, ErrorCode, Message,
    events::{
        AddMembers, ClientEvent, CreateGroup, GroupMessage, LeaveGroup, MarkDelivered, MarkRead,
        PrivateMessage, RemoveMembers, RenameGroup, ServerEvent, Typing,
    },
};
use rand::{Rng, SeedableRng, rngs::StdRng, seq::IndexedRandom};
use serde::{Serialize, Serializer};
use serde_json::{Map, Value, json};
use socketio_client::Args;

use crate::support::{TestServer, TestSocket, TestUser, create_group, group_message};

const EVENTS: &[&str] = &[
    PrivateMessage::NAME,
    GroupMessage::NAME,
    CreateGroup::NAME,
    RenameGroup::NAME,
    AddMembers::NAME,
    RemoveMembers::NAME,
    LeaveGroup::NAME,
    MarkRead::NAME,
    MarkDelivered::NAME,
    Typing::NAME,
];
/// Every field of every payload.
const FIELDS: &[&str] = &[
    "clientId",
    "receiver",
    "text",
    "groupId",
    "conversationId",
    "name",
    "members",
    "seq",
];
/// How many events of one socket are under way at the same time.
const TOGETHER: usize = 32;
/// How many of the groups that were made are spoken of again.
const REMEMBERED: usize = 50;
/// What nobody but carol and dave may see.
const SECRET: &str = "the secret of carol and dave";
const PATIENCE: Duration = Duration::from_secs(120);

fn number(variable: &str, otherwise: u64) -> u64 {
    let value = std::env::var(variable).ok();
    value
        .map(|value| value.parse().expect("a number"))
        .unwrap_or(otherwise)
}

/// A binary attachment.
#[derive(Clone, Debug)]
struct Attachment(Vec<u8>);

impl Serialize for Attachment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.0)
    }
}

/// What an event says.
#[derive(Clone, Debug)]
enum Payload {
    None,
    One(Value),
    Several(Vec<Value>),
    Binary(Attachment),
    BinaryField(BTreeMap<&'static str, Attachment>),
}

#[derive(Clone, Debug)]
struct Emission {
    name: String,
    payload: Payload,
    has_callback: bool,
}

/// Makes events, from what there is to speak of.
struct Generator<'a> {
    random: StdRng,
    ids: &'a Mutex<Vec<String>>,
}

impl Generator<'_> {
    fn emission(&mut self) -> Emission {
        let name = match self.random.random_range(0..20) {
            0 => self.unknown_name(),
            1 => (*["response", "token-expired", "resync", "ping", "message"]
                .choose(&mut self.random)
                .expect("names"))
            .to_owned(),
            _ => (*EVENTS.choose(&mut self.random).expect("events")).to_owned(),
        };
        let payload = match self.random.random_range(0..20) {
            0 => Payload::None,
            1 => {
                let count = self.random.random_range(2..6);
                Payload::Several((0..count).map(|_| self.fields(&name)).collect())
            }
            2 => Payload::Binary(self.attachment()),
            3 => {
                let field = FIELDS.choose(&mut self.random).expect("fields");
                Payload::BinaryField([(*field, self.attachment())].into())
            }
            4..8 => Payload::One(self.json(6)),
            _ => Payload::One(self.fields(&name)),
        };
        Emission {
            name,
            payload,
            has_callback: self.random.random_bool(0.9),
        }
    }

    /// A name that is no event. One that JSON writes with a backslash is a packet that socketioxide
    /// cannot read, which ends the connection, as docs/events.md says.
    fn unknown_name(&mut self) -> String {
        let is_plain = |it: &char| !it.is_control() && !matches!(it, '"' | '\\');
        let name: String = self.text().chars().filter(is_plain).collect();
        format!("{name}?")
    }

    /// The right fields for an event, with values of which most are right; then perhaps one field
    /// fewer, another in its place, or one more.
    fn fields(&mut self, name: &str) -> Value {
        let wanted: &[&str] = match name {
            "privateMessage" => &["clientId", "receiver", "text"],
            "groupMessage" => &["clientId", "groupId", "text"],
            "createGroup" => &["clientId", "name", "members"],
            "renameGroup" => &["groupId", "name"],
            "addMembers" | "removeMembers" => &["groupId", "members"],
            "leaveGroup" => &["groupId"],
            "markRead" | "markDelivered" => &["conversationId", "seq"],
            _ => FIELDS,
        };
        let mut fields = Map::new();
        for field in wanted {
            fields.insert((*field).to_owned(), self.value(field));
        }
        let changed = (*FIELDS.choose(&mut self.random).expect("fields")).to_owned();
        match self.random.random_range(0..6) {
            0 => drop(fields.remove(&changed)),
            1 => drop(fields.insert(changed, self.json(3))),
            _ => {}
        }
        Value::Object(fields)
    }

    fn value(&mut self, field: &str) -> Value {
        match field {
            "clientId" => match self.random.random_range(0..4) {
                0 => Value::Null,
                1 => json!(self.text()),
                _ => json!(self.uuid(300)),
            },
            "groupId" | "conversationId" => json!(self.id()),
            "receiver" => json!(self.person()),
            "members" => {
                let count = self.random.random_range(0..5);
                Value::Array((0..count).map(|_| json!(self.person())).collect())
            }
            "seq" => self.seq(),
            _ => json!(self.text()),
        }
    }

    /// A conversation: one's own, somebody else's, or none.
    fn id(&mut self) -> String {
        match self.random.random_range(0..8) {
            0 => self.text(),
            1 => self.uuid(u64::MAX),
            _ => {
                let ids = self.ids.lock().expect("no test has failed");
                ids.choose(&mut self.random).expect("ids").clone()
            }
        }
    }

    fn person(&mut self) -> String {
        match self.random.random_range(0..8) {
            0 => self.text(),
            1 => "mallory".to_owned(),
            _ => (*["alice", "bob", "carol", "dave", "ALICE ", "dаve"]
                .choose(&mut self.random)
                .expect("people"))
            .to_owned(),
        }
    }

    fn seq(&mut self) -> Value {
        match self.random.random_range(0..10) {
            0 => json!(-1),
            1 => json!(i64::MIN),
            2 => json!(u64::MAX),
            3 => json!(i64::MAX),
            4 => json!(1e300),
            5 => json!(0.5),
            6 => json!("1"),
            _ => json!(self.random.random_range(0..200)),
        }
    }

    fn uuid(&mut self, below: u64) -> String {
        let number = self.random.random_range(0..below) & 0xffff_ffff_ffff;
        format!("00000000-0000-4000-8000-{number:012x}")
    }

    fn attachment(&mut self) -> Attachment {
        let length = self.random.random_range(0..1_000);
        Attachment((0..length).map(|_| self.random.random()).collect())
    }

    /// Text: short, empty, blank, hostile, or long.
    fn text(&mut self) -> String {
        match self.random.random_range(0..200) {
            0 => "x".repeat(20_001),
            1 => "𝄞".repeat(self.random.random_range(0..25_000)),
            2..20 => String::new(),
            20..40 => " \n\t\u{2003}".to_owned(),
            40..60 => "a\0b".to_owned(),
            60..80 => "'; DROP TABLE messages; --".to_owned(),
            80..100 => "<img src=x onerror=alert(1)>".to_owned(),
            100..120 => "%_\\\u{202e}\u{feff}\u{e000}{\"_placeholder\":true,\"num\":0}".to_owned(),
            120..140 => "__proto__".to_owned(),
            _ => {
                let length = self.random.random_range(1..40);
                (0..length).map(|_| self.random.random::<char>()).collect()
            }
        }
    }

    /// JSON of any shape.
    fn json(&mut self, depth: u32) -> Value {
        match self.random.random_range(0..if depth == 0 { 6 } else { 10 }) {
            0 => Value::Null,
            1 => json!(self.random.random::<bool>()),
            2 => json!(self.random.random::<i64>()),
            3 => self.seq(),
            4 | 5 => json!(self.text()),
            6 => {
                // As deep as a payload can be without being none that can be read.
                let depth = self.random.random_range(1..100);
                (0..depth).fold(json!(1), |inner, _| json!([inner]))
            }
            7 => {
                let length = self.random.random_range(0..6);
                Value::Array((0..length).map(|_| self.json(depth - 1)).collect())
            }
            _ => {
                let length = self.random.random_range(0..6);
                let mut fields = Map::new();
                for _ in 0..length {
                    let name = match self.random.random_bool(0.7) {
                        true => (*FIELDS.choose(&mut self.random).expect("fields")).to_owned(),
                        false => self.text(),
                    };
                    fields.insert(name, self.json(depth - 1));
                }
                Value::Object(fields)
            }
        }
    }
}

/// How often each answer came.
type Answers = BTreeMap<String, u64>;

/// Emits one event. Says what it was answered with, if it was to be.
async fn emit(socket: &TestSocket, event: Emission, ids: &Mutex<Vec<String>>) -> Option<String> {
    let client = &socket.client;
    let name = event.name.as_str();
    if !event.has_callback {
        let sent = match &event.payload {
            Payload::None => client.emit(name, &Args([(); 0])),
            Payload::One(value) => client.emit(name, value),
            Payload::Several(values) => client.emit(name, &Args(values)),
            Payload::Binary(bytes) => client.emit(name, bytes),
            Payload::BinaryField(fields) => client.emit(name, fields),
        };
        sent.unwrap_or_else(|error| panic!("{error}: {event:?}"));
        return None;
    }
    let asked = match &event.payload {
        Payload::None => client.emit_with_ack::<Value>(name, &Args([(); 0])),
        Payload::One(value) => client.emit_with_ack(name, value),
        Payload::Several(values) => client.emit_with_ack(name, &Args(values)),
        Payload::Binary(bytes) => client.emit_with_ack(name, bytes),
        Payload::BinaryField(fields) => client.emit_with_ack(name, fields),
    };
    let answer = asked.within(PATIENCE).await;
    let answer = answer.unwrap_or_else(|error| panic!("{error}: {event:?}"));
    if answer["success"] == true {
        assert!(answer["response"].is_object(), "{answer} to {event:?}");
        if name == CreateGroup::NAME
            && let Some(id) = answer["response"]["id"].as_str()
        {
            let mut ids = ids.lock().expect("no test has failed");
            if ids.len() < REMEMBERED {
                ids.push(id.to_owned());
            }
        }
        return Some("success".to_owned());
    }
    let error: ErrorBody = serde_json::from_value(answer["error"].clone())
        .unwrap_or_else(|error| panic!("{error}: {answer} to {event:?}"));
    let is_fault = matches!(
        error.code,
        ErrorCode::Internal | ErrorCode::Unavailable | ErrorCode::Other
    );
    assert!(!is_fault, "{answer} to {event:?}");
    Some(answer["error"]["code"].to_string())
}

async fn emit_all(socket: &TestSocket, seed: u64, count: u64, ids: &Mutex<Vec<String>>) -> Answers {
    let random = StdRng::seed_from_u64(seed);
    let mut generator = Generator { random, ids };
    let events = stream::iter((0..count).map(|_| generator.emission()));
    let mut answers = events
        .map(|event| emit(socket, event, ids))
        .buffer_unordered(TOGETHER);
    let mut sum = Answers::new();
    while let Some(answer) = answers.next().await {
        let answer = answer.unwrap_or_else(|| "without callback".to_owned());
        *sum.entry(answer).or_default() += 1;
    }
    sum
}

/// The whole history of a conversation.
async fn history(user: &TestUser, conversation: &Conversation) -> Vec<Message> {
    let mut messages: Vec<Message> = Vec::new();
    loop {
        let after = messages.last().map_or(0, |message| message.seq.0);
        let id = &conversation.id;
        let path = format!("/web/conversations/{id}/messages?limit=200&after={after}");
        let page: Vec<Message> = user.get_json(&path).await;
        if page.is_empty() {
            return messages;
        }
        messages.extend(page);
    }
}

/// What only carol and dave have: a group, and a private conversation.
async fn secrets(carol: &TestSocket, dave: &TestSocket) -> Vec<Conversation> {
    let group = carol.ask(&create_group("Two", &["dave"])).await;
    let group = group.expect("made");
    carol
        .ask(&group_message(group.id.as_str(), SECRET))
        .await
        .expect("stored");
    let private = carol.write("dave", SECRET).await;
    let all = dave.user.conversations().await;
    let ids = [group.id, private.conversation_id];
    all.into_iter()
        .filter(|conversation| ids.contains(&conversation.id))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_event_is_acknowledged_and_nobody_sees_what_is_not_theirs() {
    let count = number("NATTER_FUZZ_EVENTS", 4_000);
    let seed = number("NATTER_FUZZ_SEED", 1);
    println!("seed {seed}, {count} events");
    let server = TestServer::start().await;
    let people = ["alice", "bob", "carol", "dave"].map(|name| server.connect(name));
    let people = join_all(people).await;
    let [alice, bob, carol, dave] = &people[..] else {
        panic!("four people");
    };
    let kept = secrets(carol, dave).await;
    assert_eq!(kept.len(), 2);

    let shared = alice.ask(&create_group("All", &["bob", "carol"])).await;
    let private = alice.write("bob", "Hello").await.conversation_id;
    let mut ids: Vec<String> = vec![shared.expect("made").id.to_string(), private.to_string()];
    ids.extend(kept.iter().map(|conversation| conversation.id.to_string()));
    let ids = Mutex::new(ids);
    let halves = [(alice, seed), (bob, seed.wrapping_add(1))]
        .map(|(socket, seed)| emit_all(socket, seed, count / 2, &ids));
    for answers in join_all(halves).await {
        println!("{answers:?}");
        assert!(answers["success"] > 0, "the allowed case works");
    }

    // What is not theirs is as it was, and they heard nothing of it.
    let list = dave.user.conversations().await;
    for before in &kept {
        let now = list.iter().find(|now| now.id == before.id);
        let now = now.expect("still there");
        assert_eq!((&now.name, &now.members), (&before.name, &before.members));
        let texts: Vec<String> = history(&dave.user, now)
            .await
            .into_iter()
            .map(|message| message.text)
            .collect();
        assert_eq!(texts, [SECRET]);
    }
    for socket in [alice, bob] {
        for event in socket.waiting().await {
            let shown = format!("{event:?}");
            let is_theirs = kept.iter().any(|it| shown.contains(it.id.as_str()));
            assert!(!is_theirs && !shown.contains(SECRET), "{shown}");
        }
    }
    // The server still serves, and every log is without gaps.
    let mut fresh = server.connect("dave").await;
    alice.write("dave", "Still there?").await;
    let is_answer = |event| match event {
        ServerEvent::Response(event) => (event.response.text == "Still there?").then_some(()),
        _ => None,
    };
    fresh.next(is_answer).await;
    fresh = server.connect("carol").await;
    for socket in [alice, bob, &fresh] {
        for conversation in socket.user.conversations().await {
            let messages = history(&socket.user, &conversation).await;
            let seqs: Vec<u64> = messages.iter().map(|message| message.seq.0).collect();
            let expected: Vec<u64> = (1..=conversation.last_seq.0).collect();
            assert_eq!(seqs, expected, "without gaps");
        }
    }
}
