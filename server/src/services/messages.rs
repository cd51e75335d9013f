//! Storing messages: one queue, one writer, one commit for all that wait together.
//!
//! A commit that survives a power cut costs a write to the disk, whether it holds one message or a
//! hundred. So messages queue up while the one before is being written, and the writer stores all
//! that wait in one transaction. Nobody is told of a message before its commit has returned.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use protocol::{
    ClientId, ConversationId, ErrorBody, ErrorCode, Message, MessageId, MessageText, Timestamp,
    Username,
    events::{GroupMessage, PrivateMessage},
};
use sea_orm::{ConnectionTrait, DatabaseTransaction};
use tokio::sync::{mpsc, oneshot};
use uuid::Uuid;

use super::{
    DomainEvent, Person, ServiceError,
    conversations::{client_id, unknown_conversation},
    error::unavailable,
    events::{Announcer, Turn},
    now,
    receipts::Receipts,
    seq, stored_seq,
};
use crate::storage::{
    Database, StorageError, UserId, accounts,
    changes::{self, Cursor},
    conversations,
    members::{self, Member},
    messages,
};

/// How many messages may wait for the writer before their senders wait.
const QUEUE: usize = 1_024;
/// Most messages that share one commit.
const BATCH: usize = 256;
/// How long senders are kept waiting for a database that does not work. Shorter than they wait for
/// their acknowledgement; then they are told, and send again.
const PATIENCE: Duration = Duration::from_secs(6);
/// How long to wait before the database is tried again.
const PAUSE: Duration = Duration::from_millis(250);

/// The `seq` of the first message that this process stores in each conversation. Whoever joins a
/// conversation's room needs it to tell what was broadcast from what was not.
#[derive(Debug, Default)]
pub struct FirstStored(Mutex<HashMap<ConversationId, protocol::Seq>>);

impl FirstStored {
    /// Noted before the commit, so that nobody can see the message and not the note.
    fn note(&self, conversation: &ConversationId, seq: protocol::Seq) {
        let mut first = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !first.contains_key(conversation) {
            first.insert(conversation.clone(), seq);
        }
    }

    pub fn get(&self, conversation: &ConversationId) -> Option<protocol::Seq> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(conversation)
            .copied()
    }
}

/// Where a message goes.
#[derive(Debug)]
enum Target {
    Private(Username),
    Group(String),
}

/// A message that waits to be stored.
#[derive(Debug)]
struct Submission {
    sender: Person,
    target: Target,
    client_id: ClientId,
    text: MessageText,
    answer: oneshot::Sender<Result<Message, ServiceError>>,
}

/// What the writer did with a submission.
#[derive(Clone, Debug)]
enum Outcome {
    Stored(Stored),
    /// The sender had named this message before.
    Known(Message),
    Refused(ErrorBody),
}

#[derive(Clone, Debug)]
struct Stored {
    message: Message,
    /// The members of the private conversation that the message began.
    began: Option<Vec<UserId>>,
    /// The sender's own delivered position did not move over the message, because something else
    /// lies between.
    left_behind: bool,
}

/// Stores messages and answers for them.
#[derive(Debug)]
pub struct Messages {
    queue: mpsc::Sender<Submission>,
    first_stored: Arc<FirstStored>,
}

impl Messages {
    /// Starts the writer.
    pub fn start(database: Database, announcer: Announcer, receipts: Receipts) -> Self {
        let (queue, submissions) = mpsc::channel(QUEUE);
        let first_stored = Arc::<FirstStored>::default();
        let writer = Writer {
            database,
            announcer,
            receipts,
            first_stored: Arc::clone(&first_stored),
            announced: HashMap::new(),
        };
        tokio::spawn(writer.run(submissions));
        Self {
            queue,
            first_stored,
        }
    }

    /// Stores a private message. Comes back when it is on disk.
    pub async fn send_private(
        &self,
        sender: &Person,
        request: PrivateMessage,
    ) -> Result<Message, ServiceError> {
        let client_id = client_id(request.client_id.as_deref())?;
        let text = MessageText::parse(request.text)?;
        let receiver = Username::parse(&request.receiver).map_err(|_| nobody())?;
        self.submit(sender, Target::Private(receiver), client_id, text)
            .await
    }

    /// Stores a message to a group that the sender is a member of. Comes back when it is on disk.
    pub async fn send_to_group(
        &self,
        sender: &Person,
        request: GroupMessage,
    ) -> Result<Message, ServiceError> {
        let client_id = client_id(request.client_id.as_deref())?;
        let text = MessageText::parse(request.text)?;
        self.submit(sender, Target::Group(request.group_id), client_id, text)
            .await
    }

    /// The first `seq` that this process stored in each conversation.
    pub fn first_stored(&self) -> &FirstStored {
        &self.first_stored
    }

    async fn submit(
        &self,
        sender: &Person,
        target: Target,
        client_id: ClientId,
        text: MessageText,
    ) -> Result<Message, ServiceError> {
        let (answer, outcome) = oneshot::channel();
        let submission = Submission {
            sender: sender.clone(),
            target,
            client_id,
            text,
            answer,
        };
        self.queue
            .send(submission)
            .await
            .map_err(|_| ServiceError::Stopping)?;
        outcome.await.map_err(|_| ServiceError::Stopping)?
    }
}

struct Writer {
    database: Database,
    announcer: Announcer,
    receipts: Receipts,
    first_stored: Arc<FirstStored>,
    /// The newest message of each conversation that was announced by this process.
    announced: HashMap<ConversationId, protocol::Seq>,
}

impl Writer {
    async fn run(mut self, mut submissions: mpsc::Receiver<Submission>) {
        let mut batch = Vec::with_capacity(BATCH);
        while submissions.recv_many(&mut batch, BATCH).await > 0 {
            let announcer = self.announcer.clone();
            let turn = announcer.turn().await;
            let deadline = Instant::now() + PATIENCE;
            match self.store(&batch).await {
                Ok(outcomes) => self.announce(&turn, batch.drain(..).zip(outcomes)).await,
                // One of them may be at fault: each by itself, so that the others are stored.
                Err(error) => {
                    tracing::warn!(%error, messages = batch.len(), "storing them one by one");
                    self.store_one_by_one(&turn, &mut batch, deadline).await;
                }
            }
        }
    }

    async fn store_one_by_one(
        &mut self,
        turn: &Turn<'_>,
        batch: &mut Vec<Submission>,
        deadline: Instant,
    ) {
        let mut is_over = false;
        for submission in batch.drain(..) {
            if is_over {
                // As for the one before it, and nobody waits for the same once more.
                drop(submission.answer.send(Err(unavailable().into())));
                continue;
            }
            match self.store_patiently(&submission, deadline).await {
                Ok(outcomes) => {
                    self.announce(turn, std::iter::once(submission).zip(outcomes))
                        .await;
                }
                Err(error) => {
                    is_over = error.may_pass();
                    drop(submission.answer.send(Err(error.into())));
                }
            }
        }
    }

    /// Stores one message, and tries again while the database fails in a way that may pass.
    async fn store_patiently(
        &self,
        submission: &Submission,
        deadline: Instant,
    ) -> Result<Vec<Outcome>, StorageError> {
        loop {
            let stored = self.store(std::slice::from_ref(submission)).await;
            match stored {
                Err(error) if error.may_pass() && Instant::now() < deadline => {
                    tracing::warn!(%error, "a message is stored once the database works again");
                    tokio::time::sleep(PAUSE).await;
                }
                stored => return stored,
            }
        }
    }

    /// Stores a batch in one transaction and returns once it is durable.
    async fn store(&self, batch: &[Submission]) -> Result<Vec<Outcome>, StorageError> {
        let transaction = self.database.begin().await?;
        let cursor = changes::next(&transaction).await?;
        let (outcomes, stores) = self.store_in(&transaction, cursor, batch).await?;
        if stores {
            self.database.commit(transaction).await?;
        } else {
            transaction.rollback().await?;
        }
        Ok(outcomes)
    }

    /// Stores a batch by as many statements as one message needs, and says whether there was
    /// anything to store.
    async fn store_in(
        &self,
        transaction: &DatabaseTransaction,
        cursor: Cursor,
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
            self.first_stored.note(&id, seq(taken));
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

    /// Answers the senders, then tells everybody else.
    async fn announce(
        &mut self,
        turn: &Turn<'_>,
        outcomes: impl Iterator<Item = (Submission, Outcome)>,
    ) {
        for (submission, outcome) in outcomes {
            // A sender who does not wait any more asks again with the same client id.
            match outcome {
                Outcome::Known(message) => {
                    drop(submission.answer.send(Ok(message.clone())));
                    if self.was_never_announced(&message) {
                        self.publish_late(turn, &submission.sender, message).await;
                    }
                }
                Outcome::Refused(error) => drop(submission.answer.send(Err(error.into()))),
                Outcome::Stored(stored) => {
                    drop(submission.answer.send(Ok(stored.message.clone())));
                    self.publish(turn, submission.sender.id, stored).await;
                }
            }
        }
    }

    /// Whether a message was stored by this process without its knowing: a commit whose answer did
    /// not come back. Whoever sent it has sent it again.
    fn was_never_announced(&self, message: &Message) -> bool {
        let id = &message.conversation_id;
        let first = self.first_stored.get(id);
        let announced = self.announced.get(id);
        first.is_some_and(|first| message.seq >= first)
            && announced.is_none_or(|announced| message.seq > *announced)
    }

    async fn publish_late(&mut self, turn: &Turn<'_>, sender: &Person, message: Message) {
        // The message, not the request, says where it went.
        let began = match &message.receiver {
            Some(receiver) if message.seq == protocol::Seq(1) => {
                let name = receiver.as_str();
                let found = accounts::find_by_username(self.database.reader(), name).await;
                let receiver = found.ok().flatten().map(|account| UserId(account.id));
                receiver.map(|receiver| vec![sender.id, receiver])
            }
            _ => None,
        };
        let stored = Stored {
            message,
            began,
            // Where it did move, saying so again does nothing.
            left_behind: true,
        };
        self.publish(turn, sender.id, stored).await;
    }

    async fn publish(&mut self, turn: &Turn<'_>, sender: UserId, stored: Stored) {
        let id = stored.message.conversation_id.clone();
        self.announced.insert(id.clone(), stored.message.seq);
        if stored.left_behind {
            self.receipts
                .holds_own(sender, id.clone(), stored.message.seq)
                .await;
        }
        if let Some(members) = stored.began {
            turn.send(DomainEvent::ConversationMade {
                id,
                members,
                group: None,
            })
            .await;
        }
        turn.send(DomainEvent::MessageStored {
            sender,
            message: Box::new(stored.message),
        })
        .await;
    }
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
    let Some(receiver) = receiver.cloned().map(super::accounts::person) else {
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

fn nobody() -> ErrorBody {
    ErrorBody::new(
        ErrorCode::UnknownReceiver,
        "There is nobody with this name to write to.",
    )
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

/// A message that was stored before, as it is now.
async fn known_message(
    transaction: &DatabaseTransaction,
    known: messages::Message,
) -> Result<Outcome, StorageError> {
    let Some(conversation) = conversations::find(transaction, &known.conversation_id).await? else {
        return Ok(Outcome::Refused(unknown_conversation()));
    };
    let mut views = views(transaction, &conversation, vec![known]).await?;
    Ok(views
        .pop()
        .map_or_else(|| Outcome::Refused(unknown_conversation()), Outcome::Known))
}

/// The group, if `id` is a group's and `account` is a member of it.
pub(super) async fn group_of(
    connection: &impl ConnectionTrait,
    id: &str,
    account: UserId,
) -> Result<Option<conversations::Conversation>, StorageError> {
    if members::standing(connection, id, account).await?.is_none() {
        return Ok(None);
    }
    let conversation = conversations::find(connection, id).await?;
    Ok(conversation.filter(|conversation| conversation.name.is_some()))
}

/// Rows of one conversation as messages, in the same order.
pub(super) async fn views(
    connection: &impl ConnectionTrait,
    conversation: &conversations::Conversation,
    rows: Vec<messages::Message>,
) -> Result<Vec<Message>, StorageError> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let pair = conversation.pair();
    let mut ids: Vec<i64> = rows.iter().map(|row| row.sender_id).collect();
    ids.extend(pair.iter().flat_map(|(one, other)| [one.0, other.0]));
    ids.sort_unstable();
    ids.dedup();
    let names: HashMap<i64, Username> = accounts::find_by_ids(connection, ids)
        .await?
        .into_iter()
        .map(|account| (account.id, Username::from_trusted(account.username)))
        .collect();
    let least = members::least_delivered(connection, &conversation.id).await?;
    Ok(rows
        .into_iter()
        .filter_map(|row| {
            let sender = names.get(&row.sender_id)?.clone();
            let receiver = pair.and_then(|(one, other)| {
                let receiver = if one.0 == row.sender_id { other } else { one };
                names.get(&receiver.0).cloned()
            });
            let others = least.iter().find(|(account, _)| account.0 != row.sender_id);
            let delivered = others.is_none_or(|(_, delivered)| *delivered >= row.seq);
            Some(message(row, sender, receiver, delivered))
        })
        .collect())
}

/// One row as a message, where the members are known already.
pub(super) fn view_among(
    conversation: &conversations::Conversation,
    members: &[Member],
    row: messages::Message,
) -> Message {
    let name = |member: &Member| Username::from_trusted(member.username.clone());
    let mut others = members
        .iter()
        .filter(|member| member.account_id != row.sender_id);
    let delivered = others.clone().all(|member| member.delivered_seq >= row.seq);
    let receiver = if conversation.name.is_none() {
        others.next().map(name)
    } else {
        None
    };
    let sender = members
        .iter()
        .find(|member| member.account_id == row.sender_id)
        .map_or_else(|| Username::from_trusted(""), name);
    message(row, sender, receiver, delivered)
}

fn message(
    row: messages::Message,
    sender: Username,
    receiver: Option<Username>,
    delivered: bool,
) -> Message {
    let conversation_id = ConversationId::from_trusted(row.conversation_id);
    Message {
        id: MessageId::from_trusted(row.id),
        // Stored ids were parsed on their way in.
        client_id: ClientId::parse(&row.client_id).unwrap_or(ClientId::new(Uuid::nil())),
        group_id: receiver.is_none().then(|| conversation_id.clone()),
        conversation_id,
        seq: seq(row.seq),
        sender,
        receiver,
        text: row.text,
        sent_at: Timestamp(row.sent_at),
        delivered,
    }
}
