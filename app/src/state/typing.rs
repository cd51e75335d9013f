//! Who is writing, as far as it was said a moment ago.

use protocol::{ConversationId, Timestamp, Username, events::UserTyping};

use crate::language::{fill, translate};

/// For how many milliseconds it holds that somebody is writing.
const HOLDS: i64 = 6_000;
/// After how many milliseconds one says again that one is writing.
pub const PAUSE: i64 = 3_000;
/// Most people that are remembered.
const REMEMBERED: usize = 64;

#[derive(Clone, Debug, Default)]
pub struct Writers {
    /// Who, where and until when; the one who said it last is last.
    held: Vec<(UserTyping, Timestamp)>,
}

impl Writers {
    /// Somebody said that they are writing.
    pub fn note(&mut self, typing: UserTyping, now: Timestamp) {
        self.forget(&typing.conversation_id, &typing.username);
        if self.held.len() == REMEMBERED {
            self.held.remove(0);
        }
        self.held.push((typing, Timestamp(now.0 + HOLDS)));
    }

    /// What they were writing has come.
    pub fn forget(&mut self, conversation: &ConversationId, username: &Username) {
        self.held.retain(|(typing, _)| {
            typing.conversation_id != *conversation || typing.username != *username
        });
    }

    /// Forgets whoever has not said it again in time. In how many milliseconds that is to be done
    /// next, if anybody is left.
    pub fn expire(&mut self, now: Timestamp) -> Option<i64> {
        self.held.retain(|(_, until)| now < *until);
        self.held.iter().map(|(_, until)| until.0 - now.0).min()
    }

    /// Who is writing in a conversation, whoever began first before the others.
    pub fn of<'a>(
        &'a self,
        conversation: &'a ConversationId,
    ) -> impl Iterator<Item = &'a Username> {
        let here = self
            .held
            .iter()
            .filter(move |(typing, _)| typing.conversation_id == *conversation);
        here.map(|(typing, _)| &typing.username)
    }
}

/// What is said of people who are writing, by their names; between two people there are no names.
pub fn sentence(names: &[String], is_group: bool) -> Option<String> {
    match names {
        [] => None,
        _ if !is_group => Some(translate("typing…").to_owned()),
        [name] => Some(fill(translate("{name} is typing…"), &[("name", name)])),
        [one, other] => Some(fill(
            translate("{one} and {other} are typing…"),
            &[("one", one), ("other", other)],
        )),
        _ => Some(translate("Several people are typing…").to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::fixtures::username;

    fn typing(conversation: &str, name: &str) -> UserTyping {
        UserTyping {
            conversation_id: ConversationId::from_trusted(conversation),
            username: username(name),
        }
    }

    fn names(writers: &Writers, conversation: &str) -> Vec<String> {
        let id = ConversationId::from_trusted(conversation);
        writers.of(&id).map(ToString::to_string).collect()
    }

    #[test]
    fn whoever_does_not_say_it_again_is_not_writing_any_more() {
        let mut writers = Writers::default();
        writers.note(typing("a", "bob"), Timestamp(0));
        writers.note(typing("a", "carol"), Timestamp(2_000));
        writers.note(typing("b", "dave"), Timestamp(2_500));
        assert_eq!(names(&writers, "a"), ["bob", "carol"]);
        assert_eq!(writers.expire(Timestamp(5_999)), Some(1));
        writers.note(typing("a", "bob"), Timestamp(5_999));
        assert_eq!(writers.expire(Timestamp(8_000)), Some(500));
        assert_eq!(names(&writers, "a"), ["bob"]);
        assert_eq!(writers.expire(Timestamp(12_000)), None);
    }

    #[test]
    fn a_message_ends_the_writing_of_its_author_and_of_nobody_else() {
        let mut writers = Writers::default();
        for (conversation, name) in [("a", "bob"), ("a", "carol"), ("b", "bob")] {
            writers.note(typing(conversation, name), Timestamp(0));
        }
        writers.forget(&ConversationId::from_trusted("a"), &username("bob"));
        assert_eq!(names(&writers, "a"), ["carol"]);
        assert_eq!(names(&writers, "b"), ["bob"]);
    }

    #[test]
    fn no_more_people_are_remembered_than_anybody_looks_at() {
        let mut writers = Writers::default();
        for number in 0..1_000 {
            writers.note(typing("a", &format!("p{number}")), Timestamp(0));
        }
        assert_eq!(names(&writers, "a").len(), REMEMBERED);
    }

    #[test]
    fn few_are_named_and_many_are_not() {
        let said = |names: &[&str], is_group| {
            let names: Vec<String> = names.iter().map(ToString::to_string).collect();
            sentence(&names, is_group)
        };
        assert_eq!(said(&[], true), None);
        assert_eq!(said(&["Bob"], false).as_deref(), Some("typing…"));
        assert_eq!(said(&["Bob"], true).as_deref(), Some("Bob is typing…"));
        let two = said(&["Bob", "Carol"], true);
        assert_eq!(two.as_deref(), Some("Bob and Carol are typing…"));
        let many = said(&["Bob", "Carol", "Dave"], true);
        assert_eq!(many.as_deref(), Some("Several people are typing…"));
    }
}
