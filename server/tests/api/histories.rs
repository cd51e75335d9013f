//! Random histories, held against what clients make of them: whoever applies the events to an old
//! state, and whoever asks what has changed since, ends with what a fresh client fetches.

use std::{collections::BTreeMap, time::Duration};

use app::state::{
    conversations::{Conversations, Entry, Known},
    receipts::Tick,
};
use futures_util::future::join_all;
use protocol::{
    CURSOR_HEADER, Changes, Conversation, ConversationKind, Cursor, Message, Seq, Username,
    events::{MarkDelivered, MarkRead, ServerEvent},
};
use rand::{Rng, SeedableRng, rngs::StdRng, seq::IndexedRandom};
use serde_json::json;

use crate::{
    membership::{add, leave, remove, rename},
    support::{TestServer, TestSocket, TestUser, create_group, group_message, private_message},
};

const PEOPLE: [&str; 4] = ["alice", "bob", "carol", "dave"];
/// Steps of one history, of which some happen at the same time.
const STEPS: usize = 60;
/// Longest wait for the events that are still on their way.
const PATIENCE: Duration = Duration::from_secs(10);

/// A client that fetches once and from then on listens.
struct Listening {
    socket: TestSocket,
    viewer: Username,
    list: Conversations,
    /// What came as messages, by conversation.
    heard: BTreeMap<String, Vec<Message>>,
    /// What was waited for and is not taken in yet.
    early: Vec<ServerEvent>,
}

/// A conversation as its viewer sees it: what is shown of it, and nothing else.
#[derive(Clone, Debug, PartialEq)]
struct Shown {
    /// A private one is shown under the name of its person.
    name: Option<String>,
    members: Vec<Username>,
    last: Option<(Seq, String)>,
    unread: u64,
    ticks: Vec<(Seq, Tick)>,
}

impl Listening {
    async fn start(user: &TestUser) -> Self {
        let auth = json!({ "token": user.token, "resyncs": true });
        let socket = user.connect_with(auth, true).await;
        let mut client = Self {
            viewer: user.session.username.clone(),
            socket,
            list: Conversations::default(),
            heard: BTreeMap::new(),
            early: Vec::new(),
        };
        client.fetch().await;
        client
    }

    async fn fetch(&mut self) {
        let number = self.list.begin_snapshot();
        let (snapshot, cursor) = snapshot(&self.socket.user).await;
        self.list
            .apply_snapshot(number, snapshot, Some(cursor), &self.viewer);
    }

    /// Takes in what has come. Says whether the server has to be asked.
    async fn listen(&mut self) -> Known {
        let mut known = Known::Yes;
        let mut events = std::mem::take(&mut self.early);
        events.extend(self.socket.waiting().await);
        for event in events {
            let (list, viewer) = (&mut self.list, &self.viewer);
            let may_ask = matches!(event, ServerEvent::Receipt(_) | ServerEvent::Resync(_));
            let told = match event {
                ServerEvent::Response(event) => {
                    let message = event.response;
                    let heard = self.heard.entry(message.conversation_id.to_string());
                    heard.or_default().push(message.clone());
                    list.receive(&message, viewer)
                }
                ServerEvent::UpdateDeliveryStatusOnConnection(status) => {
                    list.delivery(&status, viewer)
                }
                ServerEvent::Receipt(receipt) => list.receipt(&receipt, viewer),
                ServerEvent::NewGroup(group) => {
                    list.add_group(group.conversation, viewer);
                    Known::Yes
                }
                ServerEvent::GroupChanged(change) => list.change_group(change, viewer),
                ServerEvent::GroupLeft(left) => {
                    list.leave(&left.group_id);
                    Known::Yes
                }
                ServerEvent::OnlineStatus(_)
                | ServerEvent::Presence(_)
                | ServerEvent::UserChanged(_)
                | ServerEvent::GroupEvent(_)
                | ServerEvent::UserTyping(_) => Known::Yes,
                ServerEvent::Resync(_) => Known::No,
                ServerEvent::TokenExpired(_) => panic!("the session ended"),
            };
            if told == Known::No {
                // Only who has read a part needs to ask how much is left, or hears of a group that
                // they have left since, or came while something changed.
                assert!(may_ask, "an event alone did not tell what happened");
                known = Known::No;
            }
        }
        known
    }
}

async fn snapshot(user: &TestUser) -> (Vec<Conversation>, Cursor) {
    let answer = user.get("/web/conversations").await;
    let cursor = answer.header(CURSOR_HEADER).expect("a cursor");
    (answer.json(), Cursor(cursor.parse().expect("a number")))
}

/// What `viewer` sees of a list, given the history of every conversation.
fn shown(
    list: &Conversations,
    histories: &BTreeMap<String, Vec<Message>>,
    viewer: &Username,
) -> BTreeMap<String, Shown> {
    let show = |entry: &Entry| {
        let conversation = &entry.conversation;
        let id = conversation.id.to_string();
        let own = histories.get(&id).into_iter().flatten();
        let own = own.filter(|message| message.sender == *viewer);
        let ticks = own.map(|message| {
            let message = Message {
                delivered: false,
                ..message.clone()
            };
            (message.seq, entry.progress().tick(&message))
        });
        let last = conversation.last_message.as_ref();
        let shown = Shown {
            name: (conversation.kind == ConversationKind::Group).then(|| conversation.name.clone()),
            members: conversation.members.clone(),
            last: last.map(|message| (message.seq, message.text.clone())),
            unread: entry.unread(),
            ticks: ticks.collect(),
        };
        (id, shown)
    };
    list.iter().map(show).collect()
}

async fn histories(user: &TestUser, list: &[Conversation]) -> BTreeMap<String, Vec<Message>> {
    let mut histories = BTreeMap::new();
    for conversation in list {
        let id = conversation.id.to_string();
        let messages = user.history(&id).await;
        let seqs: Vec<u64> = messages.iter().map(|message| message.seq.0).collect();
        let expected: Vec<u64> = (1..=conversation.last_seq.0).collect();
        assert_eq!(seqs, expected, "without gaps");
        histories.insert(id, messages);
    }
    histories
}

/// Somebody does something. What is refused changes nothing, and that is fine too.
async fn act(socket: &TestSocket, groups: &[Conversation], random: &mut StdRng) {
    let other = *PEOPLE.choose(random).expect("people");
    let group = groups.choose(random).expect("a group");
    match random.random_range(0..100) {
        0..30 => drop(socket.ask(&private_message(other, "Hello")).await),
        30..60 => drop(socket.ask(&group_message(group.id.as_str(), "All")).await),
        60..80 => {
            let list = socket.user.conversations().await;
            if let Some(conversation) = list.choose(random) {
                let seq = Seq(random.random_range(0..=conversation.last_seq.0));
                let conversation_id: String = (&conversation.id).into();
                if random.random_bool(0.7) {
                    let read = MarkRead {
                        conversation_id,
                        seq,
                    };
                    drop(socket.ask(&read).await);
                } else {
                    let delivered = MarkDelivered {
                        conversation_id,
                        seq,
                    };
                    drop(socket.ask(&delivered).await);
                }
            }
        }
        80..85 => {
            let name = format!("Name {}", random.random_range(0..5));
            drop(socket.ask(&rename(group, &name)).await);
        }
        85..91 => drop(socket.ask(&add(group, &[other])).await),
        91..95 => drop(socket.ask(&remove(group, &[other])).await),
        95..98 => drop(socket.ask(&leave(group)).await),
        _ => drop(socket.ask(&create_group("Another", &[other])).await),
    }
}

async fn history_agrees(seed: u64) {
    let mut random = StdRng::seed_from_u64(seed);
    let server = TestServer::start().await;
    let mut sockets = Vec::new();
    for name in PEOPLE {
        sockets.push(server.connect(name).await);
    }
    let mut groups = Vec::new();
    for (name, maker) in [("One", 0), ("Two", 1)] {
        let request = create_group(name, &["carol", "alice"]);
        let made = sockets[maker].ask(&request).await;
        groups.push(made.expect("made"));
    }
    let viewers: Vec<TestUser> = join_all(["alice", "dave"].map(|name| server.sign_in(name))).await;

    let begin = random.random_range(0..STEPS / 2);
    let mut listening = Vec::new();
    let mut old = Vec::new();
    for step in 0..STEPS {
        if step == begin {
            for user in &viewers {
                listening.push(Listening::start(user).await);
                old.push(snapshot(user).await);
            }
        }
        let together = random.random_range(1..4);
        let mut acts = Vec::new();
        for _ in 0..together {
            let socket = &sockets[random.random_range(0..sockets.len())];
            let mut own = StdRng::from_rng(&mut random);
            let groups = &groups;
            acts.push(async move { act(socket, groups, &mut own).await });
        }
        join_all(acts).await;
        for client in &mut listening {
            if client.listen().await == Known::No {
                client.fetch().await;
            }
        }
    }

    for ((user, mut client), (snapshot_then, cursor)) in viewers.iter().zip(listening).zip(old) {
        let viewer = client.viewer.clone();
        let settled = async {
            loop {
                let asks = client.listen().await == Known::No;
                let (list, _) = snapshot(user).await;
                let histories = histories(user, &list).await;
                let mut fresh = Conversations::default();
                let number = fresh.begin_snapshot();
                fresh.apply_snapshot(number, list, None, &viewer);
                let expected = shown(&fresh, &histories, &viewer);

                // The old list and what has changed since: right at once, whatever events do.
                let mut returning = Conversations::default();
                let number = returning.begin_snapshot();
                returning.apply_snapshot(number, snapshot_then.clone(), Some(cursor), &viewer);
                let path = format!("/web/changes?after={}", cursor.0);
                let changes: Changes = user.get_json(&path).await;
                let number = returning.begin_snapshot();
                assert_eq!(
                    returning.apply_changes(number, changes, &viewer),
                    Known::Yes
                );
                let returned = shown(&returning, &histories, &viewer);

                if asks {
                    client.fetch().await;
                }
                let listened = shown(&client.list, &histories, &viewer);
                if returned == expected && listened == expected {
                    return histories;
                }
                match tokio::time::timeout(PATIENCE, client.socket.next(Some)).await {
                    Ok(event) => client.early.push(event),
                    Err(_) => {
                        assert_eq!(returned, expected, "seed {seed}: by asking");
                        assert_eq!(listened, expected, "seed {seed}: by listening");
                    }
                }
            }
        };
        let histories = settled.await;
        for (id, heard) in &client.heard {
            let Some(history) = histories.get(id) else {
                continue; // Left since.
            };
            let mut seqs: Vec<Seq> = heard.iter().map(|message| message.seq).collect();
            let count = seqs.len();
            assert!(seqs.is_sorted(), "seed {seed}: in order");
            seqs.dedup();
            assert_eq!(seqs.len(), count, "seed {seed}: each once");
            for message in heard {
                let stored = history.iter().find(|stored| stored.seq == message.seq);
                assert_eq!(
                    stored.map(|stored| (&stored.id, &stored.text)),
                    Some((&message.id, &message.text))
                );
            }
        }
    }
}

/// The seeds of one test: enough to meet every event many times, few enough to run always.
async fn histories_agree(seeds: std::ops::Range<u64>) {
    for seed in seeds {
        history_agrees(seed).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn listening_and_asking_lead_to_what_a_fresh_client_sees() {
    histories_agree(0..6).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn listening_and_asking_lead_to_what_a_fresh_client_sees_in_other_histories() {
    histories_agree(100..106).await;
}
