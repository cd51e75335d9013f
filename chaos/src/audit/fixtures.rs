//! A small world without faults, for tests to plant some.

use protocol::{
    ClientId, Conversation, ConversationId, ConversationKind, Message, MessageId, Seq, Timestamp,
    Username, receipt::Position,
};
use uuid::Uuid;

use super::{Audit, Client, Kind, Lists, Page};
use crate::{
    held::Held,
    ledger::{Attempt, Ledger, Place, Target, digest_of_text},
};

pub fn name(name: &str) -> Username {
    Username::from_trusted(name)
}

pub fn conversation(id: &str, members: &[&str], last_seq: u64) -> Conversation {
    let positions = members.iter().map(|member| Position {
        username: name(member),
        delivered_seq: Seq::ZERO,
        read_seq: Seq::ZERO,
    });
    Conversation {
        id: ConversationId::from_trusted(id),
        kind: ConversationKind::Group,
        name: format!("group {id}"),
        members: members.iter().map(|member| name(member)).collect(),
        created_by: None,
        last_message: None,
        unread: 0,
        last_seq: Seq(last_seq),
        positions: positions.collect(),
        all_delivered_seq: Seq::ZERO,
        all_read_seq: Seq::ZERO,
    }
}

/// The same arguments give the same message.
pub fn message(conversation: &str, seq: u64, sender: &str, text: &str) -> Message {
    let number = u128::from(digest_of_text(&format!(
        "{conversation} {seq} {sender} {text}"
    )));
    Message {
        id: MessageId::from_trusted(format!("{conversation}-{seq}")),
        client_id: ClientId::new(Uuid::from_u128(number)),
        conversation_id: ConversationId::from_trusted(conversation),
        seq: Seq(seq),
        sender: name(sender),
        receiver: None,
        group_id: Some(ConversationId::from_trusted(conversation)),
        text: text.to_owned(),
        sent_at: Timestamp(1_000),
        delivered: true,
    }
}

/// Two people, one group, four messages, a client each.
#[derive(Debug)]
pub struct World {
    pub ledger: Ledger,
    pub clients: Vec<Client>,
    pub pages: Vec<Page>,
    pub lists: Lists,
    pub history: Vec<Message>,
}

impl World {
    pub fn without_faults() -> Self {
        let history = vec![
            message("c", 1, "alice", "one"),
            message("c", 2, "bob", "two"),
            message("c", 3, "alice", "three"),
            message("c", 4, "alice", "four"),
        ];
        let mut world = Self {
            ledger: Ledger::default(),
            clients: Vec::new(),
            pages: Vec::new(),
            lists: Lists::new(),
            history,
        };
        for (place, message) in world.history.iter().enumerate() {
            world
                .ledger
                .attempt(message.client_id, attempt(message, place));
            world.ledger.acknowledge(message.client_id, message);
        }
        let mut view = conversation("c", &["alice", "bob"], 4);
        view.last_message = world.history.last().cloned();
        for position in &mut view.positions {
            position.delivered_seq = Seq(4);
            position.read_seq = Seq(2);
        }
        world.ledger.groups.insert(
            ClientId::new(Uuid::from_u128(1)),
            crate::ledger::GroupAttempt {
                name: view.name.clone(),
                maker: name("alice"),
                acknowledged: Some(view.id.clone()),
            },
        );
        for (person, unread) in [("alice", 0), ("bob", 2)] {
            view.unread = unread;
            world.lists.insert(name(person), vec![view.clone()]);
            let mut held = Held::new(name(person));
            held.list(std::slice::from_ref(&view));
            held.begin_window(&view.id, &world.history);
            world.clients.push(Client {
                name: format!("{person}/1"),
                held,
                unsent: 0,
            });
        }
        world
    }

    /// What the audit finds, each kind once.
    pub fn kinds(&self) -> Vec<Kind> {
        let mut audit = Audit::new(&self.ledger, &self.clients, &self.pages, &self.lists);
        for (id, _) in audit.conversations() {
            audit.conversation(&id, &self.history);
        }
        let mut kinds: Vec<Kind> = audit
            .finish()
            .findings
            .iter()
            .map(|finding| finding.kind)
            .collect();
        kinds.sort_unstable();
        kinds.dedup();
        kinds
    }

    /// Stores a message that everybody sees, as if the server had done so.
    pub fn store(&mut self, message: Message) {
        let seq = message.seq;
        for client in &mut self.clients {
            client.held.place(&message);
            for timeline in client.held.timelines.values_mut() {
                for position in timeline.positions.values_mut() {
                    position.delivered = seq;
                }
            }
        }
        for (person, list) in &mut self.lists {
            for view in list {
                view.last_seq = seq;
                view.last_message = Some(message.clone());
                view.unread += u64::from(message.sender != *person);
                for position in &mut view.positions {
                    position.delivered_seq = seq;
                }
            }
        }
        self.history.push(message);
    }

    pub fn view(&mut self, person: &str) -> &mut Conversation {
        let list = self.lists.get_mut(&name(person)).expect("a list");
        list.first_mut().expect("a conversation")
    }

    pub fn client(&mut self, number: usize) -> &mut Client {
        &mut self.clients[number]
    }
}

pub fn attempt(message: &Message, place: usize) -> Attempt {
    Attempt {
        sender: message.sender.clone(),
        client: usize::from(message.sender != name("alice")),
        place: place as u64,
        target: Target::Group(message.conversation_id.clone()),
        text: digest_of_text(&message.text),
        twice: false,
        acknowledged: None,
        refused: None,
    }
}

pub fn elsewhere(message: &Message) -> Place {
    Place {
        seq: message.seq.next(),
        ..Place::of(message)
    }
}
