//! How far the others have got, and the tick that says so beside an own message.

use protocol::{Conversation, Message, Seq, Username, receipt::Position};

use crate::language::{fill, noted, number, translate};

/// What is known about an own message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tick {
    /// Not yet on the server.
    Waiting,
    Stored,
    /// Every other member has it.
    Delivered,
    /// Every other member has read it.
    Read,
    /// The server refused it.
    NotSent,
}

impl Tick {
    /// What a screen reader says.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Waiting => noted("Waiting"),
            Self::Stored => noted("Stored"),
            Self::Delivered => noted("Delivered"),
            Self::Read => noted("Read"),
            Self::NotSent => noted("Not sent"),
        }
    }

    /// The name that the style sheet knows it by.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Stored => "stored",
            Self::Delivered => "delivered",
            Self::Read => "read",
            Self::NotSent => "failed",
        }
    }
}

/// Up to where every other member holds, and has read, the messages of a conversation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    pub delivered: Seq,
    pub read: Seq,
}

impl Progress {
    /// What a conversation's positions say. The viewer's own do not count: one need not have read
    /// what the others wrote for them to have read this.
    pub fn of(conversation: &Conversation, viewer: &Username) -> Self {
        let others = || {
            conversation
                .positions
                .iter()
                .filter(|at| at.username != *viewer)
        };
        let told = Self {
            delivered: conversation.all_delivered_seq,
            read: conversation.all_read_seq,
        };
        let members = conversation
            .members
            .iter()
            .filter(|member| *member != viewer)
            .count();
        if members == 0 || others().count() < members {
            return told;
        }
        let least = |seq: fn(&Position) -> Seq| others().map(seq).min().unwrap_or_default();
        Self {
            delivered: least(|at| at.delivered_seq).max(told.delivered),
            read: least(|at| at.read_seq).max(told.read),
        }
    }

    /// The tick of a stored message.
    pub fn tick(self, message: &Message) -> Tick {
        if message.seq <= self.read {
            Tick::Read
        } else if message.delivered || message.seq <= self.delivered {
            Tick::Delivered
        } else {
            Tick::Stored
        }
    }
}

/// Most names in one sentence.
const NAMED: usize = 20;

/// Who has read a message, who has it and who does not: a line for each, in that order. `read_at` says when
/// somebody had read it, if that is known.
pub fn who_has(
    conversation: &Conversation,
    message: &Message,
    name: &dyn Fn(&Username) -> String,
    read_at: &dyn Fn(&Username) -> Option<String>,
) -> String {
    let ticks = by_member(conversation, message);
    let mut lines = Vec::new();
    for (tick, sentence) in [
        (Some(Tick::Read), translate("Read by {names}")),
        (Some(Tick::Delivered), translate("Delivered to {names}")),
        (
            Some(Tick::Stored),
            translate("Not delivered yet to {names}"),
        ),
        (None, translate("Asking the server about {names}")),
    ] {
        let those = ticks.iter().filter(|(_, each)| *each == tick);
        let members: Vec<&Username> = those.map(|(member, _)| *member).collect();
        if members.is_empty() {
            continue;
        }
        let named = members.iter().take(NAMED).map(|each| {
            let name = name(each);
            let when = read_at(each).filter(|_| tick == Some(Tick::Read));
            when.map(|when| {
                fill(
                    translate("{name} ({when})"),
                    &[("name", &name), ("when", &when)],
                )
            })
            .unwrap_or(name)
        });
        let mut names = named.collect::<Vec<_>>().join(", ");
        if members.len() > NAMED {
            let more = number((members.len() - NAMED) as u64);
            names = fill(
                translate("{names} and {number} more"),
                &[("names", &names), ("number", &more)],
            );
        }
        lines.push(fill(sentence, &[("names", &names)]));
    }
    lines.join("\n")
}

/// Who else is in the conversation, each with the tick that this message would have if it were for
/// them alone; `None` where only the server knows.
fn by_member<'a>(
    conversation: &'a Conversation,
    message: &Message,
) -> Vec<(&'a Username, Option<Tick>)> {
    let others = conversation.members.iter();
    let others = others.filter(|member| **member != message.sender);
    let tick = |member: &Username| {
        let mut positions = conversation.positions.iter();
        let told = positions.find(|at| at.username == *member);
        // In a large group the sums are newer than what was once told of each.
        let (mut delivered, mut read) = (conversation.all_delivered_seq, conversation.all_read_seq);
        if let Some(at) = told {
            delivered = delivered.max(at.delivered_seq);
            read = read.max(at.read_seq);
        }
        if message.seq <= read {
            Some(Tick::Read)
        } else if message.seq <= delivered {
            Some(Tick::Delivered)
        } else {
            told.map(|_| Tick::Stored)
        }
    };
    others.map(|member| (member, tick(member))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::fixtures::{conversation, group, message, username};

    fn progress(delivered: u64, read: u64) -> Progress {
        Progress {
            delivered: Seq(delivered),
            read: Seq(read),
        }
    }

    #[test]
    fn a_tick_climbs_from_stored_over_delivered_to_read() {
        let message = message(5, "alice", "Hello");
        assert_eq!(progress(4, 4).tick(&message), Tick::Stored);
        assert_eq!(progress(5, 4).tick(&message), Tick::Delivered);
        assert_eq!(progress(5, 5).tick(&message), Tick::Read);
    }

    #[test]
    fn a_message_that_says_it_is_delivered_is() {
        let message = Message {
            delivered: true,
            ..message(5, "alice", "Hello")
        };
        assert_eq!(progress(0, 0).tick(&message), Tick::Delivered);
    }

    #[test]
    fn only_the_positions_of_others_count() {
        let mut conversation = conversation(9, 3, 6);
        conversation.positions[1].delivered_seq = Seq(9);
        conversation.positions[1].read_seq = Seq(8);
        assert_eq!(
            Progress::of(&conversation, &username("alice")),
            progress(9, 8)
        );
    }

    #[test]
    fn in_a_group_the_slowest_member_decides() {
        let mut group = group("lunch");
        let position = |name, delivered, read| Position {
            username: username(name),
            delivered_seq: Seq(delivered),
            read_seq: Seq(read),
        };
        group.positions = vec![
            position("alice", 9, 9),
            position("bob", 9, 9),
            position("carol", 7, 2),
        ];
        assert_eq!(Progress::of(&group, &username("alice")), progress(7, 2));
    }

    #[test]
    fn where_positions_are_not_told_the_sums_are_believed() {
        let mut group = group("lunch");
        group.all_delivered_seq = Seq(4);
        group.all_read_seq = Seq(3);
        assert_eq!(Progress::of(&group, &username("alice")), progress(4, 3));
    }

    #[test]
    fn who_has_a_message_is_said_in_a_line_for_each_tick() {
        let mut group = group("lunch");
        let position = |name, delivered, read| Position {
            username: username(name),
            delivered_seq: Seq(delivered),
            read_seq: Seq(read),
        };
        group.members.push(username("dave"));
        group.positions = vec![
            position("alice", 9, 9),
            position("bob", 5, 4),
            position("dave", 4, 0),
        ];
        let lines = |group: &Conversation, seq| {
            let name = |name: &Username| name.as_str().to_uppercase();
            who_has(group, &message(seq, "alice", "Hello"), &name, &|_| None)
        };
        assert_eq!(
            lines(&group, 4),
            "Read by BOB\nDelivered to DAVE\nAsking the server about CAROL"
        );
        group.positions.push(position("carol", 0, 0));
        assert_eq!(
            lines(&group, 5),
            "Delivered to BOB\nNot delivered yet to CAROL, DAVE"
        );
        let name = |name: &Username| name.as_str().to_owned();
        let when = |name: &Username| (name.as_str() != "carol").then(|| "14:05".to_owned());
        assert_eq!(
            who_has(&group, &message(4, "alice", "Hello"), &name, &when),
            "Read by bob (14:05)\nDelivered to dave\nNot delivered yet to carol"
        );
        for number in 0..NAMED {
            group.members.push(username(&number.to_string()));
        }
        group.all_read_seq = Seq(1);
        let everybody = lines(&group, 1);
        assert!(everybody.starts_with("Read by BOB, CAROL, DAVE, 0, 1"));
        assert!(everybody.ends_with("15, 16 and 3 more"));
    }
}
