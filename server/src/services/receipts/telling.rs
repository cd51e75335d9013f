//! What members are told when a position moves: at once, then at most once a second for the same member
//! and conversation, and of what somebody reads in private nothing.

use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

use protocol::{Receipt, Seq, Username, events::DeliveryStatus, receipt::LARGE_GROUP};
use sea_orm::{ConnectionTrait, DatabaseTransaction};
use tokio::time::Instant;

use super::{Key, Move, standings};
use crate::{
    services::{DomainEvent, messages::views, seq},
    storage::{
        Database, StorageError, UserId, accounts, conversations,
        members::{self, Minimum},
        messages,
    },
};

/// Shortest time between two receipts about the same member and conversation.
const QUIET: Duration = Duration::from_secs(1);

/// When a member's last receipt went out, and whether another has to follow.
#[derive(Debug)]
struct Recent {
    at: Instant,
    owed: bool,
}

/// Keeps in mind whom was told what a moment ago.
#[derive(Debug, Default)]
pub struct Telling {
    recent: HashMap<Key, Recent>,
}

impl Telling {
    /// What has to be told about these moves.
    pub async fn of(
        &mut self,
        transaction: &DatabaseTransaction,
        moves: &[Move],
        minima: &HashMap<String, Minimum>,
    ) -> Result<Vec<DomainEvent>, StorageError> {
        let mut events = Vec::new();
        let moved = moves.iter().map(|moved| &moved.key);
        let large = conversations_of(moved.filter(|key| is_large(minima, key.0.as_str())));
        let now = members::minima(transaction, &large).await?;
        let mut told: HashSet<&str> = HashSet::new();
        let mut to_members = Vec::new();
        let mut to_oneself = Vec::new();
        for moved in moves {
            if moved.caught_up {
                events.extend(waiting_delivered(transaction, moved).await?);
            }
            let id = moved.key.0.as_str();
            // Not even that they have read something now is for others.
            let is_private = !moved.before.shares_read
                && moved.after.delivered_seq == moved.before.delivered_seq;
            // One receipt says for all of a large group how far everybody has got.
            if is_private
                || is_large(minima, id) && (now.get(id) == minima.get(id) || !told.insert(id))
            {
                // Their own other tabs still want to know what they have read.
                if moved.after.read_seq != moved.before.read_seq {
                    to_oneself.push(moved.key.clone());
                }
            } else if self.may_tell_now(&moved.key) {
                to_members.push(moved.key.clone());
            }
        }
        let to_oneself = receipts(transaction, &to_oneself).await?;
        events.extend(to_oneself.into_iter().map(|((_, user), told)| {
            DomainEvent::OwnPositionMoved {
                user,
                receipt: told.to_oneself(),
            }
        }));
        let to_members = receipts(transaction, &to_members).await?;
        events.extend(
            to_members
                .into_iter()
                .flat_map(|((_, user), told)| told.to_members(user)),
        );
        Ok(events)
    }

    /// Whether a receipt may go out now; if not it is owed, and follows when the second is over.
    fn may_tell_now(&mut self, key: &Key) -> bool {
        if let Some(recent) = self.recent.get_mut(key)
            && recent.at.elapsed() < QUIET
        {
            recent.owed = true;
            return false;
        }
        self.recent.insert(
            key.clone(),
            Recent {
                at: Instant::now(),
                owed: false,
            },
        );
        true
    }

    /// When something is owed, if anything may be.
    pub fn next(&self) -> Option<Instant> {
        self.recent.values().map(|recent| recent.at + QUIET).min()
    }

    /// What was owed until now.
    pub async fn owed(&mut self, database: &Database) -> Vec<DomainEvent> {
        let due: Vec<(Key, bool)> = self
            .recent
            .extract_if(|_, recent| recent.at.elapsed() >= QUIET)
            .map(|(key, recent)| (key, recent.owed))
            .collect();
        let owed: Vec<Key> = due
            .into_iter()
            .filter_map(|(key, owed)| owed.then_some(key))
            .collect();
        let receipts = match receipts(database.reader(), &owed).await {
            Ok(receipts) => receipts,
            Err(error) => {
                tracing::error!(%error, "receipts could not be read");
                return Vec::new();
            }
        };
        let mut events = Vec::new();
        for (key, told) in receipts {
            events.extend(told.to_members(key.1));
            let recent = Recent {
                at: Instant::now(),
                owed: false,
            };
            self.recent.insert(key, recent);
        }
        events
    }
}

/// Each of their conversations once.
pub fn conversations_of<'a>(keys: impl Iterator<Item = &'a Key>) -> Vec<&'a str> {
    let conversations: HashSet<&str> = keys.map(|(id, _)| id.as_str()).collect();
    conversations.into_iter().collect()
}

/// Whether a conversation has so many members that not each position is told.
pub fn is_large(minima: &HashMap<String, Minimum>, conversation: &str) -> bool {
    let members = minima.get(conversation).map_or(0, |it| it.members);
    usize::try_from(members).unwrap_or_default() > LARGE_GROUP
}

/// Where a member stands.
pub struct Told {
    /// As the others are told.
    receipt: Receipt,
    /// How far they have read, whether they show it or not.
    read_seq: Seq,
}

impl Told {
    pub fn to_oneself(&self) -> Receipt {
        Receipt {
            read_seq: self.read_seq,
            ..self.receipt.clone()
        }
    }

    /// What the members hear, and what only the member's own devices do.
    fn to_members(&self, user: UserId) -> Vec<DomainEvent> {
        let mut events = vec![DomainEvent::PositionMoved(self.receipt.clone())];
        if self.read_seq != self.receipt.read_seq {
            events.push(DomainEvent::OwnPositionMoved {
                user,
                receipt: self.to_oneself(),
            });
        }
        events
    }
}

/// Where these members stand now. Who is none is not in it.
pub async fn receipts(
    connection: &impl ConnectionTrait,
    keys: &[Key],
) -> Result<HashMap<Key, Told>, StorageError> {
    if keys.is_empty() {
        return Ok(HashMap::new());
    }
    let standings = standings(connection, keys).await?;
    let users = keys.iter().map(|(_, user)| user.0);
    let names: HashMap<i64, String> = accounts::find_by_ids(connection, users)
        .await?
        .into_iter()
        .map(|account| (account.id, account.username))
        .collect();
    let minima = members::minima(connection, &conversations_of(standings.keys())).await?;
    Ok(standings
        .into_iter()
        .filter_map(|(key, standing)| {
            let all = minima.get(key.0.as_str())?;
            let receipt = Receipt {
                conversation_id: key.0.clone(),
                username: Username::from_trusted(names.get(&key.1.0)?.clone()),
                delivered_seq: seq(standing.delivered_seq),
                read_seq: seq(standing.shown_read_seq),
                all_delivered_seq: seq(all.delivered_seq),
                all_read_seq: seq(all.read_seq),
            };
            let read_seq = seq(standing.read_seq);
            Some((key, Told { receipt, read_seq }))
        })
        .collect())
}

/// For each sender whose messages had waited for this member: the newest of them.
async fn waiting_delivered(
    connection: &impl ConnectionTrait,
    moved: &Move,
) -> Result<Vec<DomainEvent>, StorageError> {
    let (id, user) = (&moved.key.0, moved.key.1);
    let senders = messages::senders_between(
        connection,
        id.as_str(),
        moved.before.delivered_seq,
        moved.after.delivered_seq,
        user,
    )
    .await?;
    let Some(conversation) = conversations::find(connection, id.as_str()).await? else {
        return Ok(Vec::new());
    };
    let Some(receiver) = accounts::find_by_ids(connection, [user.0]).await?.pop() else {
        return Ok(Vec::new());
    };
    let mut events = Vec::with_capacity(senders.len());
    for (sender, newest) in senders {
        let row = messages::find_by_seq(connection, id.as_str(), newest).await?;
        let rows = row.into_iter().collect();
        for message in views(connection, &conversation, rows).await? {
            let status = DeliveryStatus {
                up_to_seq: message.seq,
                response: message,
                receiver: Username::from_trusted(receiver.username.clone()),
            };
            events.push(DomainEvent::WaitingDelivered {
                sender,
                status: Box::new(status),
            });
        }
    }
    Ok(events)
}
