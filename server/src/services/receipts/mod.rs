//! Delivered and read positions: how far each member has got in each conversation.
//!
//! A position moves forward only, and the delivered one without gaps: an acknowledgement of a
//! later message waits for those before it. Acknowledgements that wait together share one commit.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    time::Duration,
};

use protocol::{ConversationId, ErrorBody, ErrorCode, Receipt, Seq};
use sea_orm::ConnectionTrait;
use tokio::{
    sync::{mpsc, oneshot},
    time::{Instant, sleep, sleep_until},
};

use super::{
    DomainEvent, Person, ServiceError, conversations::unknown_conversation, events::Announcer, now,
    seq, stored_seq,
};
use crate::storage::{
    Database, StorageError, UserId, changes,
    members::{self, Minimum, Standing},
    read_times::{self, ReadTime},
};

/// What the members hear of it.
mod telling;

use telling::{Telling, Told, conversations_of, is_large, receipts};

/// How many reports may wait before those who report wait.
const QUEUE: usize = 16_384;
/// Most reports that share one commit. Of a large group's members each has acknowledged several
/// messages by then, and moves once for all of them.
const BATCH: usize = 16_384;
/// After so many reports the next ones gather for a moment: members of a large group acknowledge several
/// messages in that time, and move once for all of them.
const MANY: usize = 256;
const BREATH: Duration = Duration::from_millis(50);
/// How long to wait before positions are stored again after the database has failed.
const RETRY: Duration = Duration::from_secs(1);
/// Most acknowledgements ahead of a gap that are remembered for one member of one conversation.
/// Beyond it they are forgotten, and the member catches up when they connect again.
const MAX_AHEAD: usize = 1_024;

/// A member of a conversation.
type Key = (ConversationId, UserId);
type Answer = oneshot::Sender<Result<Receipt, ServiceError>>;

/// What somebody says about their position.
#[derive(Debug)]
enum Report {
    /// This one message has arrived.
    Holds { seq: Seq, caught_up: bool },
    /// They sent this message themselves.
    Sent(Seq),
    /// They hold everything up to here.
    HoldsUpTo(Seq, Answer),
    /// They have read everything up to here.
    ReadUpTo(Seq, Answer),
}

/// Takes reports about positions.
#[derive(Clone, Debug)]
pub struct Receipts {
    reports: mpsc::Sender<(Key, Report)>,
}

impl Receipts {
    /// Starts the keeper of the positions.
    pub fn start(database: Database, announcer: Announcer) -> Self {
        let (sender, reports) = mpsc::channel(QUEUE);
        let keeper = Keeper {
            database,
            announcer,
            ahead: HashMap::new(),
            waited: HashSet::new(),
            unsettled: HashSet::new(),
            retry: None,
            telling: Telling::default(),
        };
        tokio::spawn(keeper.run(reports));
        Self { reports: sender }
    }

    /// One of `user`'s sockets has acknowledged a message. `caught_up` says that the message had
    /// waited for them, so that its sender is told in the contract's own way.
    pub async fn holds(
        &self,
        user: UserId,
        conversation: ConversationId,
        seq: Seq,
        caught_up: bool,
    ) {
        self.report((conversation, user), Report::Holds { seq, caught_up })
            .await;
    }

    /// `user` has sent this message, and so holds it.
    pub(super) async fn holds_own(&self, user: UserId, conversation: ConversationId, seq: Seq) {
        self.report((conversation, user), Report::Sent(seq)).await;
    }

    /// `user` holds everything up to `seq`. Comes back with where they stand then.
    pub async fn mark_delivered(
        &self,
        user: &Person,
        conversation: &str,
        seq: Seq,
    ) -> Result<Receipt, ServiceError> {
        self.ask(user, conversation, |answer| Report::HoldsUpTo(seq, answer))
            .await
    }

    /// `user` has read everything up to `seq`. Comes back with where they stand then.
    pub async fn mark_read(
        &self,
        user: &Person,
        conversation: &str,
        seq: Seq,
    ) -> Result<Receipt, ServiceError> {
        self.ask(user, conversation, |answer| Report::ReadUpTo(seq, answer))
            .await
    }

    async fn ask(
        &self,
        user: &Person,
        conversation: &str,
        report: impl FnOnce(Answer) -> Report,
    ) -> Result<Receipt, ServiceError> {
        let (sender, answer) = oneshot::channel();
        self.report(
            (ConversationId::from_trusted(conversation), user.id),
            report(sender),
        )
        .await;
        answer.await.map_err(|_| ServiceError::Stopping)?
    }

    async fn report(&self, key: Key, report: Report) {
        // The keeper is gone only while the server stops; clients say it again after connecting.
        let _ = self.reports.send((key, report)).await;
    }
}

/// A position that somebody names, and waits to hear of.
#[derive(Debug)]
struct Question {
    seq: Seq,
    /// Read, or just held.
    is_read: bool,
    answer: Answer,
}

/// What a batch did to one member's position.
#[derive(Debug)]
struct Move {
    key: Key,
    before: Standing,
    after: Standing,
    caught_up: bool,
}

struct Keeper {
    database: Database,
    announcer: Announcer,
    /// Acknowledged messages that are not in the stored position yet: ahead of a gap, or of a
    /// database that does not work.
    ahead: HashMap<Key, BTreeSet<Seq>>,
    /// Members for whom something of that had waited while they were away.
    waited: HashSet<Key>,
    /// Members whose position could not be stored, and when to try again.
    unsettled: HashSet<Key>,
    retry: Option<Instant>,
    telling: Telling,
}

impl Keeper {
    async fn run(mut self, mut reports: mpsc::Receiver<(Key, Report)>) {
        let mut batch = Vec::new();
        loop {
            let wake = self.telling.next().into_iter().chain(self.retry).min();
            let received = tokio::select! {
                received = reports.recv_many(&mut batch, BATCH) => received,
                () = wake_at(wake) => {
                    if self.retry.is_some_and(|retry| retry <= Instant::now()) {
                        self.keep(Vec::new()).await;
                    }
                    for event in self.telling.owed(&self.database).await {
                        self.announcer.send(event).await;
                    }
                    continue;
                }
            };
            if received == 0 {
                return;
            }
            self.keep(std::mem::take(&mut batch)).await;
            if received >= MANY {
                sleep(BREATH).await;
            }
        }
    }

    async fn keep(&mut self, batch: Vec<(Key, Report)>) {
        let mut by_member: HashMap<Key, Vec<Question>> = HashMap::new();
        for key in self.unsettled.drain() {
            by_member.entry(key).or_default();
        }
        for (key, report) in batch {
            let questions = by_member.entry(key.clone()).or_default();
            match report {
                Report::Holds { seq, caught_up } => {
                    if caught_up {
                        self.waited.insert(key.clone());
                    }
                    self.note(key, seq);
                }
                Report::Sent(seq) => self.note(key, seq),
                Report::HoldsUpTo(seq, answer) => questions.push(Question {
                    seq,
                    is_read: false,
                    answer,
                }),
                Report::ReadUpTo(seq, answer) => questions.push(Question {
                    seq,
                    is_read: true,
                    answer,
                }),
            }
        }
        let keys: Vec<Key> = by_member.keys().cloned().collect();
        let mut answers = Vec::new();
        let mut asked = Vec::new();
        match self.store(&mut by_member, &mut asked, &mut answers).await {
            Ok((events, settled)) => {
                self.retry = None;
                for (key, ahead) in settled {
                    self.waited.remove(&key);
                    if ahead.is_empty() {
                        self.ahead.remove(&key);
                    } else {
                        self.ahead.insert(key, ahead);
                    }
                }
                for (answer, result) in answers {
                    drop(answer.send(result));
                }
                for event in events {
                    self.announcer.send(event).await;
                }
            }
            Err(error) => {
                // What was acknowledged stays noted. Whoever asked asks again.
                let body = ServiceError::from(error).into_body();
                let unread = by_member.into_values().flatten();
                let unread = unread.map(|question| question.answer);
                let answered = answers.into_iter().map(|(answer, _)| answer);
                let asked = asked.into_iter().map(|(answer, _)| answer);
                for answer in unread.chain(answered).chain(asked) {
                    drop(answer.send(Err(body.clone().into())));
                }
                self.unsettled.extend(keys);
                self.retry = Some(Instant::now() + RETRY);
            }
        }
    }

    fn note(&mut self, key: Key, seq: Seq) {
        let ahead = self.ahead.entry(key).or_default();
        ahead.insert(seq);
        if ahead.len() > 2 * MAX_AHEAD {
            ahead.pop_last();
        }
    }

    /// Stores where these members stand now. What is still ahead of them comes back with it.
    async fn store(
        &mut self,
        by_member: &mut HashMap<Key, Vec<Question>>,
        asked: &mut Vec<(Answer, Key)>,
        answers: &mut Vec<(Answer, Result<Receipt, ServiceError>)>,
    ) -> Result<(Vec<DomainEvent>, Vec<(Key, BTreeSet<Seq>)>), StorageError> {
        let transaction = self.database.begin().await?;
        let cursor = changes::next(&transaction).await?;
        let keys: Vec<Key> = by_member.keys().cloned().collect();
        let standings = standings(&transaction, &keys).await?;
        let minima = members::minima(&transaction, &conversations_of(standings.keys())).await?;
        let mut moves = Vec::new();
        let mut settled = Vec::new();
        for (key, questions) in by_member.drain() {
            let Some(before) = standings.get(&key).copied() else {
                let refuse =
                    |question: Question| (question.answer, Err(unknown_conversation().into()));
                answers.extend(questions.into_iter().map(refuse));
                settled.push((key, BTreeSet::new()));
                continue;
            };
            let mut ahead = self.ahead.get(&key).cloned().unwrap_or_default();
            let mut caught_up = self.waited.contains(&key);
            let mut after = before;
            for question in questions {
                if question.seq > seq(before.last_seq) {
                    answers.push((question.answer, Err(beyond_the_end().into())));
                    continue;
                }
                if question.is_read {
                    after.read_seq = after.read_seq.max(stored_seq(question.seq));
                } else {
                    caught_up = true;
                }
                // Nobody reads what they do not hold.
                after.delivered_seq = after.delivered_seq.max(stored_seq(question.seq));
                asked.push((question.answer, key.clone()));
            }
            let delivered = advance(seq(after.delivered_seq), seq(before.last_seq), &mut ahead);
            after.delivered_seq = stored_seq(delivered);
            settled.push((key.clone(), ahead));
            if after != before {
                moves.push(Move {
                    key,
                    before,
                    after,
                    caught_up,
                });
            }
        }
        let positions: Vec<(&str, UserId, i64, i64)> = moves
            .iter()
            .map(|Move { key, after, .. }| {
                (key.0.as_str(), key.1, after.delivered_seq, after.read_seq)
            })
            .collect();
        members::advance(&transaction, &positions).await?;
        read_times::insert(&transaction, read_now(&moves, &minima)).await?;
        let changed = conversations_of(moves.iter().map(|moved| &moved.key));
        changes::note(&transaction, &changed, cursor).await?;
        let events = self.telling.of(&transaction, &moves, &minima).await?;
        let questions: Vec<Key> = asked.iter().map(|(_, key)| key.clone()).collect();
        let told = receipts(&transaction, &questions).await?;
        for (answer, key) in asked.drain(..) {
            let receipt = told.get(&key).map(Told::to_oneself);
            answers.push((answer, receipt.ok_or_else(|| unknown_conversation().into())));
        }
        if moves.is_empty() {
            transaction.rollback().await?;
        } else {
            self.database.commit(transaction).await?;
        }
        Ok((events, settled))
    }
}

/// What was read in this moment and may be seen by others. Of large groups nothing, as no single position
/// of theirs is told: it would be a row for each member and message.
fn read_now(moves: &[Move], minima: &HashMap<String, Minimum>) -> Vec<ReadTime> {
    let at = now().0;
    let seen = moves.iter().filter(|moved| {
        moved.before.shares_read
            && moved.after.read_seq > moved.before.read_seq
            && !is_large(minima, moved.key.0.as_str())
    });
    seen.map(|moved| ReadTime {
        conversation_id: moved.key.0.as_str().to_owned(),
        account_id: moved.key.1.0,
        seq: moved.after.read_seq,
        at,
    })
    .collect()
}

async fn wake_at(instant: Option<Instant>) {
    match instant {
        Some(instant) => sleep_until(instant).await,
        None => std::future::pending().await,
    }
}

/// Moves `position` over what was acknowledged ahead of it, as far as there is no gap, and forgets
/// what lies behind it or beyond the `last` message.
fn advance(mut position: Seq, last: Seq, ahead: &mut BTreeSet<Seq>) -> Seq {
    while let Some(first) = ahead.first().copied() {
        if first > position.next() {
            break;
        }
        ahead.pop_first();
        position = position.max(first);
    }
    while ahead.last().is_some_and(|seq| *seq > last) || ahead.len() > MAX_AHEAD {
        ahead.pop_last();
    }
    position
}

fn beyond_the_end() -> ErrorBody {
    ErrorBody::new(
        ErrorCode::InvalidSeq,
        "The conversation has no message with this seq yet.",
    )
}

async fn standings(
    connection: &impl ConnectionTrait,
    keys: &[Key],
) -> Result<HashMap<Key, Standing>, StorageError> {
    let members = keys.iter().map(|(id, user)| (id.as_str(), *user));
    let standings = members::standings(connection, members).await?;
    let keyed = standings
        .into_iter()
        .map(|((id, user), standing)| ((ConversationId::from_trusted(id), user), standing));
    Ok(keyed.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ahead(seqs: &[u64]) -> BTreeSet<Seq> {
        seqs.iter().copied().map(Seq).collect()
    }

    #[test]
    fn a_position_waits_for_what_lies_before_an_acknowledgement() {
        let mut waiting = ahead(&[3, 4]);
        assert_eq!(advance(Seq(1), Seq(9), &mut waiting), Seq(1));
        waiting.insert(Seq(2));
        assert_eq!(advance(Seq(1), Seq(9), &mut waiting), Seq(4));
        assert!(waiting.is_empty());
    }

    #[test]
    fn an_old_acknowledgement_moves_nothing_back() {
        let mut waiting = ahead(&[2, 3]);
        assert_eq!(advance(Seq(7), Seq(9), &mut waiting), Seq(7));
        assert!(waiting.is_empty());
    }

    #[test]
    fn what_is_remembered_ahead_of_a_gap_is_bounded() {
        let mut waiting: BTreeSet<Seq> = (10..10_000).map(Seq).collect();
        assert_eq!(advance(Seq(1), Seq(20_000), &mut waiting), Seq(1));
        assert_eq!(waiting.len(), MAX_AHEAD);
        assert_eq!(waiting.first(), Some(&Seq(10)), "the nearest are kept");
    }
}
