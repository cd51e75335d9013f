//! Conversations as their members see them, and what has changed in them.

use std::collections::{HashMap, HashSet};

use protocol::{
    Changes, ClientId, Conversation, ConversationId, ConversationKind, ErrorBody, ErrorCode,
    Message, Seq, Timestamp, Username,
    changes::MAX_CHANGES,
    receipt::{LARGE_GROUP, Position, ReadTime},
};
use sea_orm::ConnectionTrait;
use uuid::Uuid;

use super::{Person, ServiceError, messages, seq, stored_seq};
use crate::storage::{
    self, Database, StorageError, UserId, accounts,
    changes::{self, Cursor},
    conversations,
    members::{self, Member},
    messages::Page,
    read_times,
};

/// Where a page of history is cut from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HistoryPage {
    Newest,
    Before(protocol::Seq),
    After(protocol::Seq),
}

/// The conversations of one database.
#[derive(Debug)]
pub struct Conversations {
    database: Database,
}

impl Conversations {
    pub const fn new(database: Database) -> Self {
        Self { database }
    }

    /// Everything that `viewer` is a member of, newest activity first, and from where on they can
    /// ask for what changes later.
    pub async fn of(
        &self,
        viewer: UserId,
    ) -> Result<(Vec<Conversation>, protocol::Cursor), ServiceError> {
        // One read transaction: the list, its counts and its messages are of the same moment.
        let snapshot = self.database.snapshot().await?;
        let cursor = changes::current(&snapshot).await?;
        let ids: Vec<String> = members::standings_of(&snapshot, viewer)
            .await?
            .into_iter()
            .map(|(id, _)| id)
            .collect();
        let views = list(&snapshot, viewer, &ids).await?;
        snapshot.rollback().await?;
        Ok((views, told(cursor)))
    }

    /// What has changed for `viewer` since `after`. However often something changed, it is told
    /// once, as it is now.
    pub async fn changes(
        &self,
        viewer: UserId,
        after: protocol::Cursor,
    ) -> Result<Changes, ServiceError> {
        let snapshot = self.database.snapshot().await?;
        let cursor = changes::current(&snapshot).await?;
        let reset = Changes {
            cursor: told(cursor),
            reset: true,
            ..Changes::default()
        };
        // A larger one comes from another database, or from one that was set back to a copy.
        let Some(after) = i64::try_from(after.0).ok().map(Cursor) else {
            return Ok(reset);
        };
        if after > cursor {
            return Ok(reset);
        }
        let limit = u64::from(MAX_CHANGES) + 1;
        let changed = changes::of(&snapshot, viewer, after, limit).await?;
        let left = changes::departures_of(&snapshot, viewer, after, limit).await?;
        if (changed.len() + left.len()) as u64 >= limit {
            return Ok(reset);
        }
        let conversations = list(&snapshot, viewer, &changed).await?;
        snapshot.rollback().await?;
        Ok(Changes {
            cursor: told(cursor),
            reset: false,
            conversations,
            left: left.into_iter().map(ConversationId::from_trusted).collect(),
        })
    }

    /// The newest change, of whichever conversation.
    pub async fn cursor(&self) -> Result<protocol::Cursor, StorageError> {
        changes::current(self.database.reader()).await.map(told)
    }

    /// Whether a conversation of `viewer` has changed since `after`.
    pub async fn have_changed(
        &self,
        viewer: UserId,
        after: protocol::Cursor,
    ) -> Result<bool, StorageError> {
        let Ok(after) = i64::try_from(after.0).map(Cursor) else {
            return Ok(true);
        };
        let reader = self.database.reader();
        Ok(!changes::of(reader, viewer, after, 1).await?.is_empty()
            || !changes::departures_of(reader, viewer, after, 1)
                .await?
                .is_empty())
    }

    /// One page of a conversation's messages, oldest first. Somebody who is not a member gets the
    /// answer of a conversation that does not exist.
    pub async fn history(
        &self,
        viewer: &Person,
        id: &str,
        page: HistoryPage,
        limit: u32,
    ) -> Result<Vec<Message>, ServiceError> {
        let connection = self.database.reader();
        refuse_outsider(connection, viewer, id).await?;
        let Some(conversation) = conversations::find(connection, id).await? else {
            return Err(unknown_conversation().into());
        };
        let page = match page {
            HistoryPage::Newest => Page::Newest,
            HistoryPage::Before(seq) => Page::Before(stored_seq(seq)),
            HistoryPage::After(seq) => Page::After(stored_seq(seq)),
        };
        let rows = storage::messages::page(connection, id, page, u64::from(limit)).await?;
        Ok(messages::views(connection, &conversation, rows).await?)
    }

    /// Where every member of a conversation stands, by name, however many they are.
    pub async fn positions(
        &self,
        viewer: &Person,
        id: &str,
    ) -> Result<Vec<Position>, ServiceError> {
        let connection = self.database.reader();
        refuse_outsider(connection, viewer, id).await?;
        let mut members = members::of_conversations(connection, &[id.to_owned()]).await?;
        let members = members.remove(id).unwrap_or_default();
        let position = |member| position(viewer.id, member);
        Ok(members.iter().map(position).collect())
    }

    /// Who has read a message and when, by username. Nobody, in a large group.
    pub async fn read_times(
        &self,
        viewer: &Person,
        id: &str,
        seq: Seq,
    ) -> Result<Vec<ReadTime>, ServiceError> {
        let connection = self.database.reader();
        refuse_outsider(connection, viewer, id).await?;
        let times = read_times::of_message(connection, id, stored_seq(seq)).await?;
        let time = |(username, at)| ReadTime {
            username: Username::from_trusted(username),
            at: Timestamp(at),
        };
        Ok(times.into_iter().map(time).collect())
    }

    /// How far each conversation of `user` has got, and how far they have.
    pub async fn standings(
        &self,
        user: UserId,
    ) -> Result<Vec<(ConversationId, members::Standing)>, StorageError> {
        let standings = members::standings_of(self.database.reader(), user).await?;
        Ok(standings
            .into_iter()
            .map(|(id, standing)| (ConversationId::from_trusted(id), standing))
            .collect())
    }
}

/// Reads a client's id, or makes one for a client that sent none.
pub(super) fn client_id(input: Option<&str>) -> Result<ClientId, ErrorBody> {
    input.map_or_else(|| Ok(ClientId::new(Uuid::new_v4())), ClientId::parse)
}

/// Fails unless `viewer` is a member of the conversation.
pub(super) async fn refuse_outsider(
    connection: &impl ConnectionTrait,
    viewer: &Person,
    id: &str,
) -> Result<(), ServiceError> {
    match members::standing(connection, id, viewer.id).await? {
        Some(_) => Ok(()),
        None => Err(unknown_conversation().into()),
    }
}

/// The one answer for a conversation that does not exist and for one that is none of the asker's.
pub(super) fn unknown_conversation() -> ErrorBody {
    ErrorBody::new(
        ErrorCode::UnknownConversation,
        "There is no such conversation, or you are not a member of it.",
    )
}

/// A conversation as `viewer` sees it, who may have left it a moment ago.
pub(super) async fn view(
    connection: &impl ConnectionTrait,
    viewer: UserId,
    row: conversations::Conversation,
) -> Result<Conversation, StorageError> {
    let ids = [row.id.clone()];
    let mut views = views(connection, viewer, &[row], &ids).await?;
    views
        .pop()
        .ok_or_else(|| StorageError::Unusable("a conversation vanished".to_owned()))
}

/// These conversations as `viewer` sees them, newest activity first.
async fn list(
    connection: &impl ConnectionTrait,
    viewer: UserId,
    ids: &[String],
) -> Result<Vec<Conversation>, StorageError> {
    let mut rows = conversations::find_all(connection, ids).await?;
    rows.sort_by(|one, other| {
        other
            .active_at
            .cmp(&one.active_at)
            // Of the same millisecond: what changed later.
            .then_with(|| other.cursor.cmp(&one.cursor))
            .then_with(|| other.id.cmp(&one.id))
    });
    views(connection, viewer, &rows, ids).await
}

/// These conversations as `viewer` sees them, in the order of `rows`.
async fn views(
    connection: &impl ConnectionTrait,
    viewer: UserId,
    rows: &[conversations::Conversation],
    ids: &[String],
) -> Result<Vec<Conversation>, StorageError> {
    let mut members = members::of_conversations(connection, ids).await?;
    let mut unread = members::unread(connection, viewer, ids).await?;
    let mut newest: HashMap<String, storage::messages::Message> =
        storage::messages::newest_of(connection, ids)
            .await?
            .into_iter()
            .map(|message| (message.conversation_id.clone(), message))
            .collect();
    let names = names(connection, rows, &newest).await?;
    Ok(rows
        .iter()
        .map(|row| {
            let members = members.remove(&row.id).unwrap_or_default();
            let unread = unread.remove(&row.id).unwrap_or_default();
            let mut conversation = assemble(
                viewer,
                row,
                &members,
                &names,
                unread,
                newest.remove(&row.id),
            );
            if conversation.kind == ConversationKind::Group {
                conversation.created_by = names.get(&row.created_by).cloned();
            }
            conversation
        })
        .collect())
}

/// Who has made these groups, and who has written in them last, by their numbers: they need not be
/// members any more.
async fn names(
    connection: &impl ConnectionTrait,
    rows: &[conversations::Conversation],
    newest: &HashMap<String, storage::messages::Message>,
) -> Result<HashMap<i64, Username>, StorageError> {
    let groups = rows.iter().filter(|row| row.name.is_some());
    let ids: HashSet<i64> = groups
        .flat_map(|row| {
            let sender = newest.get(&row.id).map(|message| message.sender_id);
            sender.into_iter().chain([row.created_by])
        })
        .collect();
    let found = accounts::find_by_ids(connection, ids).await?;
    let named = found.into_iter().map(|account| {
        let username = Username::from_trusted(account.username);
        (account.id, username)
    });
    Ok(named.collect())
}

fn assemble(
    viewer: UserId,
    row: &conversations::Conversation,
    members: &[Member],
    names: &HashMap<i64, Username>,
    unread: i64,
    newest: Option<storage::messages::Message>,
) -> Conversation {
    let (kind, name) = match &row.name {
        Some(name) => (ConversationKind::Group, name.clone()),
        None => {
            let other = members.iter().find(|member| member.account_id != viewer.0);
            let name = other.map_or_else(String::new, |other| other.display_name.clone());
            (ConversationKind::Private, name)
        }
    };
    let small = members.len() <= LARGE_GROUP;
    Conversation {
        id: ConversationId::from_trusted(row.id.clone()),
        kind,
        name,
        members: members
            .iter()
            .map(|member| Username::from_trusted(member.username.clone()))
            .collect(),
        created_by: None,
        last_message: newest.map(|message| messages::view_among(row, members, names, message)),
        unread: u64::try_from(unread).unwrap_or_default(),
        last_seq: seq(row.last_seq),
        positions: members
            .iter()
            .filter(|member| small || member.account_id == viewer.0)
            .map(|member| position(viewer, member))
            .collect(),
        all_delivered_seq: seq(members
            .iter()
            .map(|member| member.delivered_seq)
            .min()
            .unwrap_or(0)),
        all_read_seq: seq(members
            .iter()
            .map(|member| member.shown_read_seq)
            .min()
            .unwrap_or(0)),
    }
}

/// Where a member stands: one's own place as it is, another's as far as they show it.
fn position(viewer: UserId, member: &Member) -> Position {
    let read = if member.account_id == viewer.0 {
        member.read_seq
    } else {
        member.shown_read_seq
    };
    Position {
        username: Username::from_trusted(member.username.clone()),
        delivered_seq: seq(member.delivered_seq),
        read_seq: seq(read),
    }
}

/// A cursor as clients keep it. The database never holds a negative one.
fn told(cursor: Cursor) -> protocol::Cursor {
    protocol::Cursor(u64::try_from(cursor.0).unwrap_or_default())
}
