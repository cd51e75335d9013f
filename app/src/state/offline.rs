//! What is kept for when there is no server: the lists, and the end of the conversations that were
//! read last.

use protocol::{Conversation, Cursor, Message, Seq, Session, Timestamp, User};
use serde::{Deserialize, Serialize};

use super::{
    AppState, conversations::Entry, people::People, recipient::Recipient, timeline::Timeline,
};

/// Most conversations of which messages are kept, and most messages of each.
const CONVERSATIONS: usize = 30;
const MESSAGES: usize = 60;
/// Most bytes of texts that are kept, so that long ones do not fill the disk.
const TEXT_BYTES: usize = 2_000_000;

/// Everything that a page without a server shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    session: Session,
    users: Vec<User>,
    conversations: Vec<Conversation>,
    cursor: Option<Cursor>,
    /// Up to where each conversation was read.
    read: Vec<(Recipient, Seq)>,
    histories: Vec<History>,
}

/// The end of a conversation, without gaps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct History {
    recipient: Recipient,
    messages: Vec<Message>,
}

impl Snapshot {
    /// What is known now, once everything is; of conversations that are not held any more, what was
    /// kept `before`. Follows nothing.
    pub fn take(state: AppState, before: Option<&Self>) -> Option<Self> {
        let session = state.session.with_untracked(|it| it.session().cloned())?;
        let users = state.people.with_untracked(|people| {
            people
                .is_loaded()
                .then(|| people.iter().map(absent).collect::<Vec<_>>())
        })?;
        let before = before.filter(|it| it.session.username == session.username);
        state.conversations.with_untracked(|list| {
            if !list.is_loaded() {
                return None;
            }
            let mut room = TEXT_BYTES;
            let histories = list
                .iter()
                .filter_map(|entry| {
                    let messages = held(state, &entry.recipient)
                        .or_else(|| Some(before?.history(&entry.recipient)?.to_vec()))?;
                    let messages = bounded(continued(messages, entry), &mut room);
                    let recipient = entry.recipient.clone();
                    (!messages.is_empty()).then_some(History {
                        recipient,
                        messages,
                    })
                })
                .take(CONVERSATIONS)
                .collect();
            Some(Self {
                session,
                users,
                conversations: list.iter().map(as_seen).collect(),
                cursor: list.cursor(),
                read: list
                    .iter()
                    .map(|entry| (entry.recipient.clone(), entry.read_seq()))
                    .collect(),
                histories,
            })
        })
    }

    fn history(&self, recipient: &Recipient) -> Option<&[Message]> {
        let mut histories = self.histories.iter();
        let found = histories.find(|history| history.recipient == *recipient);
        found.map(|history| history.messages.as_slice())
    }

    /// False once the session has ended that it is of.
    pub fn is_valid(&self, now: Timestamp) -> bool {
        now < self.session.expires_at
    }

    /// Shows it, and says whose it is. Who of the others is online is not known.
    pub fn show(self, state: AppState) -> Session {
        let viewer = self.session.username.clone();
        state.people.update(|people: &mut People| {
            let number = people.begin_snapshot();
            people.apply_snapshot(number, self.users);
        });
        state.conversations.update(|list| {
            let number = list.begin_snapshot();
            list.apply_snapshot(number, self.conversations, self.cursor, &viewer);
            for (recipient, seq) in self.read {
                // The server hears of it with the next resync.
                let _ = list.mark_read(&recipient, seq);
            }
        });
        state.timelines.update_value(|timelines| {
            // The one used last is opened last.
            for History {
                recipient,
                messages,
            } in self.histories.into_iter().rev()
            {
                timelines.open(&recipient).set(Timeline::kept(messages));
            }
        });
        self.session
    }
}

/// The end of a conversation whose end is held.
fn held(state: AppState, recipient: &Recipient) -> Option<Vec<Message>> {
    let timeline = state.timelines.with_value(|held| held.get(recipient))?;
    timeline.with_untracked(|timeline| {
        let messages = timeline.messages();
        (timeline.is_loaded() && !timeline.has_newer() && !messages.is_empty()).then(|| {
            let messages = messages.iter().rev().take(MESSAGES).rev();
            messages.map(|message| (**message).clone()).collect()
        })
    })
}

/// With the newest message, of which the list of conversations knows too.
fn continued(mut messages: Vec<Message>, entry: &Entry) -> Vec<Message> {
    if let (Some(held), Some(newest)) = (messages.last(), &entry.conversation.last_message)
        && held.seq.next() == newest.seq
    {
        messages.push(newest.clone());
    }
    messages
}

/// The last messages that follow each other and for which there is room.
fn bounded(mut messages: Vec<Message>, room: &mut usize) -> Vec<Message> {
    let mut first = messages.len();
    while let Some(before) = first.checked_sub(1) {
        let message = &messages[before];
        let follows = messages
            .get(first)
            .is_none_or(|next| message.seq.next() == next.seq);
        if !follows || message.text.len() > *room || messages.len() - first >= MESSAGES {
            break;
        }
        *room -= message.text.len();
        first = before;
    }
    messages.drain(..first);
    messages
}

/// Somebody of whom it is not known, later, whether they are online.
fn absent(user: &User) -> User {
    User {
        online: false,
        ..user.clone()
    }
}

/// A conversation with what is left to read, be it told to the server or not.
fn as_seen(entry: &Entry) -> Conversation {
    let mut conversation = entry.conversation.clone();
    conversation.unread = entry.unread();
    conversation
}

#[cfg(test)]
mod tests {
    use leptos::prelude::Owner;
    use protocol::Role;

    use super::*;
    use crate::state::{
        fixtures::{conversation, group, message, messages, username},
        session::SessionState,
    };

    fn session() -> Session {
        Session {
            username: username("alice"),
            display_name: "Alice".to_owned(),
            expires_at: Timestamp(1_000),
            role: Role::Member,
        }
    }

    fn bob() -> Recipient {
        Recipient::Person(username("bob"))
    }

    /// Alice, who has read her conversation with Bob up to message 9 of 10.
    fn state() -> AppState {
        let state = AppState::new();
        state.session.set(SessionState::SignedIn(session()));
        state.people.update(|people| {
            let number = people.begin_snapshot();
            people.apply_snapshot(
                number,
                vec![User {
                    username: username("bob"),
                    display_name: "Bob".to_owned(),
                    online: true,
                    last_seen_at: None,
                }],
            );
        });
        state.conversations.update(|list| {
            let number = list.begin_snapshot();
            let known = vec![conversation(10, 1, 9), group("Lunch")];
            list.apply_snapshot(number, known, Some(Cursor(7)), &username("alice"));
        });
        state
            .timelines
            .update_value(|it| it.open(&bob()).set(Timeline::kept(messages(1..=10))));
        state
    }

    fn shown(state: AppState) -> Vec<u64> {
        let timeline = state.timelines.with_value(|it| it.get(&bob()));
        let timeline = timeline.expect("a timeline");
        timeline.with_untracked(|it| it.messages().iter().map(|each| each.seq.0).collect())
    }

    fn written_and_read(snapshot: &Snapshot) -> Snapshot {
        let json = compact_json::write(snapshot).expect("json");
        compact_json::read(&json).expect("a snapshot")
    }

    #[test]
    fn what_is_kept_comes_back_as_it_was_but_nobody_is_said_to_be_online() {
        Owner::new().with(|| {
            let before = state();
            let snapshot = Snapshot::take(before, None).expect("a snapshot");
            let after = AppState::new();
            assert_eq!(written_and_read(&snapshot).show(after), session());
            assert_eq!(shown(after), (1..=10).collect::<Vec<_>>());
            after.conversations.with_untracked(|list| {
                assert!(list.is_loaded());
                assert_eq!(list.cursor(), Some(Cursor(7)));
                let names: Vec<_> = list.iter().map(|it| it.recipient.path()).collect();
                assert_eq!(names, ["/people/bob", "/groups/Lunch"]);
                let entry = list.get(&bob()).expect("bob");
                assert_eq!((entry.unread(), entry.read_seq()), (1, Seq(9)));
            });
            after.people.with_untracked(|people| {
                assert_eq!(people.display_name(&username("bob")), "Bob");
                assert!(!people.is_online(&username("bob")));
            });
        });
    }

    #[test]
    fn what_was_read_without_a_server_is_told_to_it_later() {
        Owner::new().with(|| {
            let state = state();
            let id = state
                .conversations
                .try_update(|list| list.mark_read(&bob(), Seq(10)))
                .flatten()
                .expect("news");
            let snapshot = Snapshot::take(state, None).expect("a snapshot");
            let after = AppState::new();
            written_and_read(&snapshot).show(after);
            after.conversations.with_untracked(|list| {
                assert_eq!(list.unread_total(), 0);
                assert_eq!(list.reads_to_tell(&username("alice")), [(id, Seq(10))]);
            });
        });
    }

    #[test]
    fn nothing_is_kept_before_everything_is_known() {
        Owner::new().with(|| {
            let state = state();
            state.people.set(People::default());
            assert_eq!(Snapshot::take(state, None), None);
            assert_eq!(Snapshot::take(AppState::new(), None), None);
        });
    }

    #[test]
    fn of_a_conversation_that_is_not_held_any_more_the_end_stays_and_grows() {
        Owner::new().with(|| {
            let state = state();
            let before = Snapshot::take(state, None).expect("a snapshot");
            state.timelines.set_value(Default::default());
            state.conversations.update(|list| {
                let _ = list.receive(&message(11, "bob", "new"), &username("alice"));
            });
            let snapshot = Snapshot::take(state, Some(&before)).expect("a snapshot");
            let after = AppState::new();
            snapshot.show(after);
            assert_eq!(shown(after), (1..=11).collect::<Vec<_>>());
        });
    }

    #[test]
    fn what_another_person_has_left_is_not_taken_over() {
        Owner::new().with(|| {
            let state = state();
            let mut before = Snapshot::take(state, None).expect("a snapshot");
            before.session.username = username("carol");
            state.timelines.set_value(Default::default());
            let snapshot = Snapshot::take(state, Some(&before)).expect("a snapshot");
            assert_eq!(snapshot.histories, []);
        });
    }

    #[test]
    fn only_the_end_is_kept_without_gaps_and_within_bounds() {
        let all: Vec<Message> = messages(1..=5).into_iter().chain(messages(7..=9)).collect();
        let seqs = |messages: &[Message]| messages.iter().map(|it| it.seq.0).collect::<Vec<_>>();
        let mut room = TEXT_BYTES;
        assert_eq!(seqs(&bounded(all, &mut room)), [7, 8, 9]);
        assert_eq!(bounded(messages(1..=100), &mut room).len(), MESSAGES);
        let mut room = 2 * "…".len();
        assert_eq!(seqs(&bounded(messages(1..=9), &mut room)), [8, 9]);
        assert_eq!(room, 0);
    }

    #[test]
    fn a_session_that_has_ended_is_not_shown() {
        Owner::new().with(|| {
            let snapshot = Snapshot::take(state(), None).expect("a snapshot");
            assert!(snapshot.is_valid(Timestamp(999)));
            assert!(!snapshot.is_valid(Timestamp(1_000)));
        });
    }
}
