//! The list as it is shown: conversations, then the people with whom there is none yet, both
//! narrowed down by what is looked for.

use std::{collections::HashMap, sync::Arc};

use protocol::{Message, Timestamp, Username};

use super::{
    conversations::{Conversations, Entry},
    markup,
    people::People,
    recipient::Recipient,
    search::occurs,
};
use crate::language::translate;

/// As much of a message as any screen shows of it in one line.
const PREVIEW_CHARACTERS: usize = 120;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListRow {
    pub recipient: Recipient,
    pub name: String,
    /// Whether the person is online; `None` for a group.
    pub online: Option<bool>,
    pub unread: u64,
    /// "You: …" for an own message, the author's name before it in a group.
    pub preview: String,
    pub last_at: Option<Timestamp>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    pub conversations: Vec<Recipient>,
    pub people: Vec<Recipient>,
    pub rows: HashMap<Recipient, Arc<ListRow>>,
}

impl Listing {
    pub fn new(
        conversations: &Conversations,
        people: &People,
        viewer: &Username,
        search: &str,
    ) -> Self {
        let mut listing = Self::default();
        for entry in conversations.iter() {
            let row = ListRow {
                name: name(&entry.recipient, Some(entry), people),
                online: online(&entry.recipient, people),
                unread: entry.unread(),
                preview: preview(entry, people, viewer),
                last_at: entry
                    .conversation
                    .last_message
                    .as_ref()
                    .map(|last| last.sent_at),
                recipient: entry.recipient.clone(),
            };
            if occurs(search, &row.name) {
                listing.conversations.push(row.recipient.clone());
                listing.rows.insert(row.recipient.clone(), Arc::new(row));
            }
        }
        for user in people.iter() {
            let recipient = Recipient::Person(user.username.clone());
            if conversations.get(&recipient).is_some() || !occurs(search, &user.display_name) {
                continue;
            }
            let row = ListRow {
                name: user.display_name.clone(),
                online: Some(user.online),
                unread: 0,
                preview: String::new(),
                last_at: None,
                recipient: recipient.clone(),
            };
            listing.people.push(recipient.clone());
            listing.rows.insert(recipient, Arc::new(row));
        }
        listing
    }

    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// In the order in which they are shown.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Recipient> {
        self.conversations.iter().chain(&self.people)
    }

    /// The one after `current`, or before it; the first or last where nothing is open.
    pub fn neighbour(&self, current: Option<&Recipient>, forward: bool) -> Option<&Recipient> {
        self.step(current, forward, |_| true)
    }

    /// The next one after `current`, or before it, that has something unread.
    pub fn next_unread(&self, current: Option<&Recipient>, forward: bool) -> Option<&Recipient> {
        self.step(current, forward, |row| row.unread > 0)
    }

    fn step(
        &self,
        current: Option<&Recipient>,
        forward: bool,
        wanted: impl Fn(&ListRow) -> bool,
    ) -> Option<&Recipient> {
        let mut order: Vec<&Recipient> = self.iter().collect();
        if !forward {
            order.reverse();
        }
        let place = order.iter().position(|each| Some(*each) == current);
        let from = place.map_or(0, |place| place + 1);
        let is_wanted = |each: &&&Recipient| self.rows.get(**each).is_some_and(|row| wanted(row));
        order[from..].iter().find(is_wanted).copied()
    }
}

/// What a conversation is called: a person's own name where it is known.
pub fn name(recipient: &Recipient, entry: Option<&Entry>, people: &People) -> String {
    let told = entry.map(|entry| entry.conversation.name.clone());
    match recipient {
        Recipient::Person(username) => match people.get(username) {
            Some(user) => user.display_name.clone(),
            None => told.unwrap_or_else(|| username.as_str().to_owned()),
        },
        Recipient::Group(_) => told.unwrap_or_default(),
    }
}

fn online(recipient: &Recipient, people: &People) -> Option<bool> {
    match recipient {
        Recipient::Person(username) => Some(people.is_online(username)),
        Recipient::Group(_) => None,
    }
}

fn preview(entry: &Entry, people: &People, viewer: &Username) -> String {
    let Some(Message { sender, text, .. }) = &entry.conversation.last_message else {
        return String::new();
    };
    let mut preview = match &entry.recipient {
        _ if sender == viewer => [translate("You"), ": "].concat(),
        Recipient::Group(_) => people.display_name(sender) + ": ",
        Recipient::Person(_) => String::new(),
    };
    // One line, and of a long text only its beginning is looked at.
    let beginning: String = text.trim_start().chars().take(PREVIEW_CHARACTERS).collect();
    let words = markup::words(&beginning);
    preview.extend(
        words
            .chars()
            .map(|it| if it.is_whitespace() { ' ' } else { it }),
    );
    preview
}

#[cfg(test)]
mod tests {
    use protocol::User;

    use super::*;
    use crate::state::fixtures::{conversation, group, message, username};

    fn people() -> People {
        let mut people = People::default();
        let number = people.begin_snapshot();
        let user = |name: &str, online: bool| User {
            username: username(&name.to_lowercase()),
            display_name: name.to_owned(),
            online,
            last_seen_at: None,
        };
        people.apply_snapshot(number, vec![user("Bob", true), user("Carol", false)]);
        people
    }

    fn conversations() -> Conversations {
        let mut conversations = Conversations::default();
        let number = conversations.begin_snapshot();
        let snapshot = vec![group("lunch"), conversation(3, 2, 1)];
        conversations.apply_snapshot(number, snapshot, None, &username("alice"));
        conversations
    }

    fn listing(search: &str) -> Listing {
        Listing::new(&conversations(), &people(), &username("alice"), search)
    }

    fn names(listing: &Listing) -> Vec<&str> {
        listing
            .iter()
            .map(|each| listing.rows[each].name.as_str())
            .collect()
    }

    #[test]
    fn people_without_a_conversation_come_after_the_conversations() {
        let listing = listing("");
        assert_eq!(names(&listing), ["lunch", "Bob", "Carol"]);
        assert_eq!(listing.people.len(), 1);
    }

    #[test]
    fn a_search_finds_parts_of_names_whatever_their_case() {
        assert_eq!(names(&listing(" BO ")), ["Bob"]);
        assert!(listing("nobody").is_empty());
    }

    #[test]
    fn a_row_tells_presence_and_what_is_unread() {
        let listing = listing("bob");
        let row = listing.rows.values().next().expect("bob");
        assert_eq!((row.online, row.unread), (Some(true), 2));
    }

    #[test]
    fn a_preview_is_one_short_line_that_says_who_wrote_it() {
        let mut conversations = conversations();
        let long = format!(" two\nlines {}", "x".repeat(500));
        let _ = conversations.receive(&message(4, "alice", &long), &username("alice"));
        let listing = Listing::new(&conversations, &people(), &username("alice"), "bob");
        let preview = &listing.rows.values().next().expect("bob").preview;
        assert!(preview.starts_with("You: two lines xxx"), "{preview}");
        assert!(preview.chars().count() <= PREVIEW_CHARACTERS + 5);
    }

    #[test]
    fn the_keys_walk_the_list_in_both_directions_and_stop_at_its_ends() {
        let listing = listing("");
        let all: Vec<_> = listing.iter().collect();
        assert_eq!(listing.neighbour(None, true), Some(all[0]));
        assert_eq!(listing.neighbour(Some(all[0]), true), Some(all[1]));
        assert_eq!(listing.neighbour(Some(all[1]), false), Some(all[0]));
        assert_eq!(listing.neighbour(Some(all[2]), true), None);
        assert_eq!(listing.next_unread(None, true), Some(all[1]));
    }
}
