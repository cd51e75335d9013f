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
    receipts::Receipts,
    seq,
};
use crate::storage::{
    Database, StorageError, UserId, accounts, changes, conversations,
    members::{self, Member},
    messages,
};

/// What becomes of messages that are stored together.
mod batch;

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
        let (outcomes, stores) =
            batch::store(&transaction, cursor, &self.first_stored, batch).await?;
        if stores {
            self.database.commit(transaction).await?;
        } else {
            transaction.rollback().await?;
        }
        Ok(outcomes)
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

fn nobody() -> ErrorBody {
    ErrorBody::new(
        ErrorCode::UnknownReceiver,
        "There is nobody with this name to write to.",
    )
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

/// One row as a message, where the members are known already, and by `names` a sender who has left.
pub(super) fn view_among(
    conversation: &conversations::Conversation,
    members: &[Member],
    names: &HashMap<i64, Username>,
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
        .map(name)
        .or_else(|| names.get(&row.sender_id).cloned())
        // Everybody who has ever written has an account.
        .unwrap_or_else(|| Username::from_trusted(""));
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
