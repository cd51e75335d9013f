//! What becomes of messages that are stored together, by a few statements for all of them.

use std::collections::HashMap;

use protocol::{ClientId, ConversationId, ErrorBody, ErrorCode, Timestamp};
use sea_orm::DatabaseTransaction;
use uuid::Uuid;

use super::{FirstStored, Outcome, Stored, Submission, Target, known_message, message, nobody};
use crate::{
    services::{
        Person, accounts::person, conversations::unknown_conversation, now, seq, stored_seq,
    },
    storage::{StorageError, UserId, accounts, changes::Cursor, conversations, members, messages},
};

/// Stores a batch by as many statements as one message needs, and says whether there was
/// anything to store.
pub(super) async fn store(
    transaction: &DatabaseTransaction,
    cursor: Cursor,
    first_stored: &FirstStored,
    batch: &[Submission],
) -> Result<(Vec<Outcome>, bool), StorageError> {
    let sent_at = now();
    let mut fates = fates(transaction, batch).await?;
    let began = find_conversations(transaction, &mut fates, sent_at).await?;

    let mut counts: HashMap<&str, i64> = HashMap::new();
    for fate in &fates {
        if let Fate::Goes { conversation, .. } = fate {
            *counts.entry(conversation).or_default() += 1;
        }
    }
    let counts: Vec<(&str, i64)> = counts.into_iter().collect();
    let last = conversations::take_seqs(transaction, &counts, sent_at.0, cursor).await?;
    let mut next: HashMap<&str, i64> = counts
        .iter()
        .filter_map(|(id, count)| Some((*id, last.get(*id)? - count + 1)))
        .collect();

    let mut rows = Vec::with_capacity(batch.len());
    let mut outcomes = Vec::with_capacity(batch.len());
    let mut own = OwnRuns::default();
    for (submission, fate) in batch.iter().zip(&fates) {
        let (conversation, receiver) = match fate {
            Fate::Goes {
                conversation,
                receiver,
            } => (conversation, receiver),
            Fate::Over(outcome) => {
                outcomes.push(outcome.clone());
                continue;
            }
            Fate::AsBefore(index) => {
                outcomes.push(as_before(&outcomes[*index]));
                continue;
            }
            Fate::Private { .. } => {
                outcomes.push(Outcome::Refused(unknown_conversation()));
                continue;
            }
        };
        let Some(next) = next.get_mut(conversation.as_str()) else {
            outcomes.push(Outcome::Refused(unknown_conversation()));
            continue;
        };
        let taken = *next;
        *next += 1;
        let id = ConversationId::from_trusted(conversation.as_str());
        first_stored.note(&id, seq(taken));
        own.add(conversation, submission.sender.id, taken);
        let row = messages::Message {
            id: Uuid::now_v7().to_string(),
            conversation_id: conversation.clone(),
            seq: taken,
            sender_id: submission.sender.id.0,
            client_id: submission.client_id.to_string(),
            text: submission.text.as_str().to_owned(),
            sent_at: sent_at.0,
        };
        rows.push(row.clone());
        let receiver = receiver.as_ref().map(|receiver| receiver.username.clone());
        let began = began.get(conversation).filter(|_| taken == 1);
        outcomes.push(Outcome::Stored(Stored {
            message: message(row, submission.sender.username.clone(), receiver, false),
            began: began.cloned(),
            left_behind: false,
        }));
    }
    if rows.is_empty() {
        return Ok((outcomes, false));
    }
    messages::insert(transaction, rows).await?;
    let moved = members::advance_over_own(transaction, &own.runs()).await?;
    for (submission, outcome) in batch.iter().zip(&mut outcomes) {
        if let Outcome::Stored(stored) = outcome {
            let message = &stored.message;
            let key = (
                message.conversation_id.as_str().to_owned(),
                submission.sender.id,
            );
            let is_in_run = own.holds(&key.0, key.1, stored_seq(message.seq));
            stored.left_behind = !(is_in_run && moved.contains(&key));
        }
    }
    Ok((outcomes, true))
}

/// What is to become of a submission.
#[derive(Debug)]
enum Fate {
    Over(Outcome),
    /// The same as that of the one at this place of the batch, which is the same message.
    AsBefore(usize),
    /// It goes to somebody, in the conversation with them.
    Private {
        sender: UserId,
        receiver: Person,
    },
    /// It goes into this conversation.
    Goes {
        conversation: String,
        receiver: Option<Person>,
    },
}

/// Looks at everything that decides over these submissions.
async fn fates(
    transaction: &DatabaseTransaction,
    batch: &[Submission],
) -> Result<Vec<Fate>, StorageError> {
    let named = batch.iter();
    let named = named.map(|each| (each.sender.id, each.client_id.to_string()));
    let mut known = HashMap::new();
    for row in messages::find_by_client_ids(transaction, named).await? {
        let key = (UserId(row.sender_id), row.client_id.clone());
        known.insert(key, known_message(transaction, row).await?);
    }

    let mut names: Vec<String> = Vec::new();
    let mut groups: Vec<(&str, UserId)> = Vec::new();
    for submission in batch {
        match &submission.target {
            Target::Private(receiver) => names.push(receiver.as_str().to_owned()),
            Target::Group(id) => groups.push((id, submission.sender.id)),
        }
    }
    names.sort_unstable();
    names.dedup();
    groups.sort_unstable();
    groups.dedup();
    let receivers: HashMap<String, accounts::Account> =
        accounts::find_by_usernames(transaction, &names)
            .await?
            .into_iter()
            .map(|account| (account.username.clone(), account))
            .collect();
    let groups = members::in_groups(transaction, groups.into_iter()).await?;

    let mut fates = Vec::with_capacity(batch.len());
    let mut first: HashMap<(UserId, ClientId), usize> = HashMap::new();
    for (index, submission) in batch.iter().enumerate() {
        let sender = submission.sender.id;
        if let Some(known) = known.get(&(sender, submission.client_id.to_string())) {
            fates.push(Fate::Over(known.clone()));
            continue;
        }
        if let Some(first) = first.get(&(sender, submission.client_id)) {
            fates.push(Fate::AsBefore(*first));
            continue;
        }
        let fate = match &submission.target {
            Target::Private(receiver) => to_person(sender, receivers.get(receiver.as_str())),
            Target::Group(id) if groups.contains(&(id.clone(), sender)) => Fate::Goes {
                conversation: id.clone(),
                receiver: None,
            },
            Target::Group(_) => refused(unknown_conversation()),
        };
        if !matches!(fate, Fate::Over(_)) {
            first.insert((sender, submission.client_id), index);
        }
        fates.push(fate);
    }
    Ok(fates)
}

fn to_person(sender: UserId, receiver: Option<&accounts::Account>) -> Fate {
    // Somebody who cannot sign in any more is sent nothing.
    let receiver = receiver.filter(|account| account.deactivated_at.is_none());
    let Some(receiver) = receiver.cloned().map(person) else {
        return refused(nobody());
    };
    if receiver.id == sender {
        return refused(ErrorBody::new(
            ErrorCode::ReceiverIsSender,
            "A private message goes to somebody else, not to yourself.",
        ));
    }
    Fate::Private { sender, receiver }
}

fn refused(error: ErrorBody) -> Fate {
    Fate::Over(Outcome::Refused(error))
}

/// Finds the conversations of private messages, and makes those that are missing. Comes back with
/// the members of those that it made.
async fn find_conversations(
    transaction: &DatabaseTransaction,
    fates: &mut [Fate],
    sent_at: Timestamp,
) -> Result<HashMap<String, Vec<UserId>>, StorageError> {
    let mut keys: Vec<String> = fates
        .iter()
        .filter_map(|fate| match fate {
            Fate::Private { sender, receiver } => {
                Some(conversations::pair_key(*sender, receiver.id))
            }
            _ => None,
        })
        .collect();
    keys.sort_unstable();
    keys.dedup();
    let mut found: HashMap<String, String> = conversations::of_pairs(transaction, &keys)
        .await?
        .into_iter()
        .map(|(key, conversation)| (key, conversation.id))
        .collect();
    let mut began = HashMap::new();
    for fate in fates {
        let Fate::Private { sender, receiver } = fate else {
            continue;
        };
        let key = conversations::pair_key(*sender, receiver.id);
        let conversation = match found.get(&key) {
            Some(found) => found.clone(),
            None => {
                let id = Uuid::now_v7().to_string();
                let (made, is_new) = conversations::find_or_insert_private(
                    transaction,
                    &id,
                    *sender,
                    receiver.id,
                    sent_at.0,
                )
                .await?;
                if is_new {
                    began.insert(made.id.clone(), vec![*sender, receiver.id]);
                }
                found.insert(key, made.id.clone());
                made.id
            }
        };
        *fate = Fate::Goes {
            conversation,
            receiver: Some(receiver.clone()),
        };
    }
    Ok(began)
}

/// What is told of a message that came twice in one batch.
fn as_before(outcome: &Outcome) -> Outcome {
    match outcome {
        Outcome::Stored(stored) => Outcome::Known(stored.message.clone()),
        other => other.clone(),
    }
}

/// For each sender in each conversation of a batch: the first and the last `seq` of those that they
/// sent in a row, beginning with their first.
#[derive(Debug, Default)]
struct OwnRuns(HashMap<(String, UserId), (i64, i64)>);

impl OwnRuns {
    fn add(&mut self, conversation: &str, sender: UserId, seq: i64) {
        let run = self
            .0
            .entry((conversation.to_owned(), sender))
            .or_insert((seq, seq));
        if run.1 == seq - 1 {
            run.1 = seq;
        }
    }

    fn holds(&self, conversation: &str, sender: UserId, seq: i64) -> bool {
        let run = self.0.get(&(conversation.to_owned(), sender));
        run.is_some_and(|(first, last)| (*first..=*last).contains(&seq))
    }

    /// Conversation, sender, the `seq` before, and the last one.
    fn runs(&self) -> Vec<(&str, UserId, i64, i64)> {
        self.0
            .iter()
            .map(|((conversation, sender), (first, last))| {
                (conversation.as_str(), *sender, first - 1, *last)
            })
            .collect()
    }
}
