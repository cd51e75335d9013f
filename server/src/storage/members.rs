//! Who is in a conversation, and each one's delivered and read positions.

use std::collections::{HashMap, HashSet};

use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, JoinType, QueryFilter, QueryOrder,
    QuerySelect, RelationDef,
    sea_query::{CaseStatement, Expr, ExprTrait, Query, SelectStatement, Value},
};

use super::{
    StorageError, UserId,
    entities::{
        accounts, conversations,
        members::{ActiveModel, Column, Entity, Model},
        messages,
    },
    given, may_be_stored,
};

/// Most values that one statement binds, well below SQLite's limit of 32,766.
pub const MAX_PARAMETERS: usize = 5_000;

/// A member of a conversation with their name and positions.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Member {
    pub conversation_id: String,
    pub account_id: i64,
    pub username: String,
    pub display_name: String,
    pub delivered_seq: i64,
    pub read_seq: i64,
    pub shown_read_seq: i64,
}

/// Where one member stands, and where the conversation does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Standing {
    pub delivered_seq: i64,
    pub read_seq: i64,
    /// As others see it.
    pub shown_read_seq: i64,
    /// Whether others see what they read from now on.
    pub shares_read: bool,
    pub last_seq: i64,
}

/// How far everybody in a conversation has got.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromQueryResult)]
pub struct Minimum {
    pub members: i64,
    pub delivered_seq: i64,
    pub read_seq: i64,
}

/// Takes people into a conversation. They hold and have read what came up to `seq`, so that nothing
/// from before their time counts as missed.
pub async fn insert(
    connection: &impl ConnectionTrait,
    conversation: &str,
    accounts: &[UserId],
    seq: i64,
    now: i64,
) -> Result<(), StorageError> {
    // Six values a row.
    for chunk in accounts.chunks(MAX_PARAMETERS / 6) {
        let rows = chunk.iter().map(|account| ActiveModel {
            conversation_id: Set(conversation.to_owned()),
            account_id: Set(account.0),
            delivered_seq: Set(seq),
            read_seq: Set(seq),
            shown_read_seq: Set(seq),
            joined_at: Set(now),
        });
        Entity::insert_many(rows)
            .exec_without_returning(connection)
            .await?;
    }
    Ok(())
}

/// Takes people out of a conversation.
pub async fn remove(
    connection: &impl ConnectionTrait,
    conversation: &str,
    accounts: &[UserId],
) -> Result<(), StorageError> {
    for chunk in accounts.chunks(MAX_PARAMETERS) {
        Entity::delete_many()
            .filter(Column::ConversationId.eq(conversation))
            .filter(Column::AccountId.is_in(chunk.iter().map(|account| account.0)))
            .exec(connection)
            .await?;
    }
    Ok(())
}

/// Who is in a conversation.
pub async fn accounts_of(
    connection: &impl ConnectionTrait,
    conversation: &str,
) -> Result<HashSet<UserId>, StorageError> {
    let accounts: Vec<i64> = Entity::find()
        .select_only()
        .column(Column::AccountId)
        .filter(Column::ConversationId.eq(conversation))
        .into_tuple()
        .all(connection)
        .await?;
    Ok(accounts.into_iter().map(UserId).collect())
}

/// Whether a conversation has more members than this.
pub async fn are_more_than(
    connection: &impl ConnectionTrait,
    conversation: &str,
    count: usize,
) -> Result<bool, StorageError> {
    let one_more: Option<i64> = Entity::find()
        .select_only()
        .column(Column::AccountId)
        .filter(Column::ConversationId.eq(conversation))
        .order_by_asc(Column::AccountId)
        .offset(count as u64)
        .limit(1)
        .into_tuple()
        .one(connection)
        .await?;
    Ok(one_more.is_some())
}

/// Where `account` stands in `conversation`; `None` for somebody who is not a member.
pub async fn standing(
    connection: &impl ConnectionTrait,
    conversation: &str,
    account: UserId,
) -> Result<Option<Standing>, StorageError> {
    if !may_be_stored(conversation) {
        return Ok(None);
    }
    Ok(Entity::find()
        .select_only()
        .columns([Column::DeliveredSeq, Column::ReadSeq, Column::ShownReadSeq])
        .column(accounts::Column::SharesRead)
        .column(conversations::Column::LastSeq)
        .join(JoinType::InnerJoin, to_account())
        .join(JoinType::InnerJoin, to_conversation())
        .filter(Column::ConversationId.eq(conversation))
        .filter(Column::AccountId.eq(account.0))
        .into_model::<Standing>()
        .one(connection)
        .await?)
}

/// The conversations that `account` is in: id, their own positions, and the newest `seq`.
pub async fn standings_of(
    connection: &impl ConnectionTrait,
    account: UserId,
) -> Result<Vec<(String, Standing)>, StorageError> {
    let rows: Vec<(String, i64, i64, i64, bool, i64)> = Entity::find()
        .select_only()
        .columns([
            Column::ConversationId,
            Column::DeliveredSeq,
            Column::ReadSeq,
            Column::ShownReadSeq,
        ])
        .column(accounts::Column::SharesRead)
        .column(conversations::Column::LastSeq)
        .join(JoinType::InnerJoin, to_account())
        .join(JoinType::InnerJoin, to_conversation())
        .filter(Column::AccountId.eq(account.0))
        .order_by_asc(Column::ConversationId)
        .into_tuple()
        .all(connection)
        .await?;
    Ok(rows
        .into_iter()
        .map(
            |(id, delivered_seq, read_seq, shown_read_seq, shares_read, last_seq)| {
                let standing = Standing {
                    delivered_seq,
                    read_seq,
                    shown_read_seq,
                    shares_read,
                    last_seq,
                };
                (id, standing)
            },
        )
        .collect())
}

/// Everybody in these conversations, by name.
pub async fn of_conversations(
    connection: &impl ConnectionTrait,
    conversations: &[String],
) -> Result<HashMap<String, Vec<Member>>, StorageError> {
    let mut members: HashMap<String, Vec<Member>> = HashMap::new();
    for chunk in conversations.chunks(MAX_PARAMETERS) {
        let found = Entity::find()
            .select_only()
            .columns([
                Column::ConversationId,
                Column::AccountId,
                Column::DeliveredSeq,
                Column::ReadSeq,
                Column::ShownReadSeq,
            ])
            .columns([accounts::Column::Username, accounts::Column::DisplayName])
            .join(JoinType::InnerJoin, to_account())
            .filter(Column::ConversationId.is_in(chunk.iter().map(String::as_str)))
            .order_by_asc(accounts::Column::Username)
            .into_model::<Member>()
            .all(connection)
            .await?;
        for member in found {
            members
                .entry(member.conversation_id.clone())
                .or_default()
                .push(member);
        }
    }
    Ok(members)
}

/// The two members of `conversation` who have received least: who, and up to where. Leaving out
/// any one member, the least of the others is among them.
pub async fn least_delivered(
    connection: &impl ConnectionTrait,
    conversation: &str,
) -> Result<Vec<(UserId, i64)>, StorageError> {
    let rows: Vec<(i64, i64)> = Entity::find()
        .select_only()
        .columns([Column::AccountId, Column::DeliveredSeq])
        .filter(Column::ConversationId.eq(conversation))
        .order_by_asc(Column::DeliveredSeq)
        .limit(2)
        .into_tuple()
        .all(connection)
        .await?;
    Ok(rows
        .into_iter()
        .map(|(account, seq)| (UserId(account), seq))
        .collect())
}

/// Moves positions forward to at least these: conversation, member, delivered, read. None ever goes
/// back. What others see of the one that was read moves along where its owner shows it.
pub async fn advance(
    connection: &impl ConnectionTrait,
    positions: &[(&str, UserId, i64, i64)],
) -> Result<(), StorageError> {
    let rows = with_two_seqs(positions);
    let later = |column: Column, given: Expr| {
        let held = Expr::col((Entity, column));
        CaseStatement::new()
            .case(held.clone().lt(given.clone()), given)
            .finally(held)
    };
    let account = Expr::col((accounts::Entity, accounts::Column::Id));
    let shows = Expr::exists(
        Query::select()
            .expr(Expr::value(1))
            .from(accounts::Entity)
            .and_where(account.equals((Entity, Column::AccountId)))
            .and_where(Expr::col((accounts::Entity, accounts::Column::SharesRead)).eq(true))
            .take(),
    );
    let shown = Expr::col((Entity, Column::ShownReadSeq));
    let shown = CaseStatement::new()
        .case(
            shown.clone().lt(given::column(3)).and(shows),
            given::column(3),
        )
        .finally(shown);
    for part in given::parts(&rows) {
        let update = Query::update()
            .table(Entity)
            .from(given::table(part))
            .value(Column::ShownReadSeq, shown.clone())
            .value(
                Column::DeliveredSeq,
                later(Column::DeliveredSeq, given::column(2)),
            )
            .value(Column::ReadSeq, later(Column::ReadSeq, given::column(3)))
            .and_where(is_given())
            .to_owned();
        connection.execute(&update).await?;
    }
    Ok(())
}

/// Moves senders' own positions over what they have just sent, where nothing else lies between:
/// conversation, sender, the `seq` before, and the last one of those that they sent in a row. Says
/// whose delivered position moved.
pub async fn advance_over_own(
    connection: &impl ConnectionTrait,
    sent: &[(&str, UserId, i64, i64)],
) -> Result<HashSet<(String, UserId)>, StorageError> {
    let rows = with_two_seqs(sent);
    let over = |column: Column| {
        let held = Expr::col((Entity, column));
        CaseStatement::new()
            .case(held.clone().eq(given::column(2)), given::column(3))
            .finally(held)
    };
    let last: HashMap<(&str, UserId), i64> = sent
        .iter()
        .map(|(conversation, sender, _, last)| ((*conversation, *sender), *last))
        .collect();
    let mut moved = HashSet::with_capacity(sent.len());
    for part in given::parts(&rows) {
        let update = Query::update()
            .table(Entity)
            .from(given::table(part))
            .value(Column::DeliveredSeq, over(Column::DeliveredSeq))
            .value(Column::ReadSeq, over(Column::ReadSeq))
            .value(Column::ShownReadSeq, over(Column::ShownReadSeq))
            .and_where(is_given())
            .returning(Query::returning().columns([
                Column::ConversationId,
                Column::AccountId,
                Column::DeliveredSeq,
            ]))
            .to_owned();
        for row in connection.query_all(&update).await? {
            let conversation: String = row.try_get_by_index(0)?;
            let sender = UserId(row.try_get_by_index(1)?);
            let delivered: i64 = row.try_get_by_index(2)?;
            let last = last.get(&(conversation.as_str(), sender));
            if last.is_some_and(|last| *last <= delivered) {
                moved.insert((conversation, sender));
            }
        }
    }
    Ok(moved)
}

/// Conversation, member, and two seqs, as a list of values.
fn with_two_seqs(members: &[(&str, UserId, i64, i64)]) -> Vec<[Value; 4]> {
    members
        .iter()
        .map(|(conversation, account, one, other)| {
            [
                (*conversation).into(),
                account.0.into(),
                (*one).into(),
                (*other).into(),
            ]
        })
        .collect()
}

/// That a member is the one in the first two columns of the given list.
fn is_given() -> Expr {
    let conversation = Expr::col((Entity, Column::ConversationId)).eq(given::column(0));
    conversation.and(Expr::col((Entity, Column::AccountId)).eq(given::column(1)))
}

/// Where these members stand. Who is none is not in it.
pub async fn standings(
    connection: &impl ConnectionTrait,
    members: impl Iterator<Item = (&str, UserId)>,
) -> Result<HashMap<(String, UserId), Standing>, StorageError> {
    let mut standings = HashMap::new();
    for part in given::parts(&pairs(members)) {
        let query = of_given(part)
            .columns([
                (Entity, Column::ConversationId),
                (Entity, Column::AccountId),
                (Entity, Column::DeliveredSeq),
                (Entity, Column::ReadSeq),
                (Entity, Column::ShownReadSeq),
            ])
            .column((accounts::Entity, accounts::Column::SharesRead))
            .column((conversations::Entity, conversations::Column::LastSeq))
            .inner_join(
                accounts::Entity,
                Expr::col((accounts::Entity, accounts::Column::Id))
                    .equals((Entity, Column::AccountId)),
            )
            .to_owned();
        for row in connection.query_all(&query).await? {
            let key = (row.try_get_by_index(0)?, UserId(row.try_get_by_index(1)?));
            standings.insert(key, Standing::from_query_result(&row, "")?);
        }
    }
    Ok(standings)
}

/// Those of these people who are members of these groups.
pub async fn in_groups(
    connection: &impl ConnectionTrait,
    members: impl Iterator<Item = (&str, UserId)>,
) -> Result<HashSet<(String, UserId)>, StorageError> {
    let mut found = HashSet::new();
    for part in given::parts(&pairs(members)) {
        let name = Expr::col((conversations::Entity, conversations::Column::Name));
        let query = of_given(part)
            .columns([
                (Entity, Column::ConversationId),
                (Entity, Column::AccountId),
            ])
            .and_where(name.is_not_null())
            .to_owned();
        for row in connection.query_all(&query).await? {
            found.insert((row.try_get_by_index(0)?, UserId(row.try_get_by_index(1)?)));
        }
    }
    Ok(found)
}

fn pairs<'a>(members: impl Iterator<Item = (&'a str, UserId)>) -> Vec<[Value; 2]> {
    members
        .filter(|(conversation, _)| may_be_stored(conversation))
        .map(|(conversation, account)| [conversation.into(), account.0.into()])
        .collect()
}

/// The members in the given list, with their conversations.
fn of_given(part: &[[Value; 2]]) -> SelectStatement {
    let id = Expr::col((conversations::Entity, conversations::Column::Id));
    Query::select()
        .from(given::table(part))
        .inner_join(Entity, is_given())
        .inner_join(
            conversations::Entity,
            id.equals((Entity, Column::ConversationId)),
        )
        .to_owned()
}

/// How far everybody in each of these conversations has got, as far as they show it.
pub async fn minima(
    connection: &impl ConnectionTrait,
    conversation_ids: &[&str],
) -> Result<HashMap<String, Minimum>, StorageError> {
    let mut minima = HashMap::with_capacity(conversation_ids.len());
    for chunk in conversation_ids.chunks(MAX_PARAMETERS) {
        let rows: Vec<(String, i64, i64, i64)> = Entity::find()
            .select_only()
            .column(Column::ConversationId)
            .column_as(Column::AccountId.count(), "members")
            .column_as(Column::DeliveredSeq.min(), "delivered_seq")
            .column_as(Column::ShownReadSeq.min(), "read_seq")
            .filter(Column::ConversationId.is_in(chunk.iter().copied()))
            .group_by(Column::ConversationId)
            .into_tuple()
            .all(connection)
            .await?;
        minima.extend(
            rows.into_iter()
                .map(|(id, members, delivered_seq, read_seq)| {
                    let minimum = Minimum {
                        members,
                        delivered_seq,
                        read_seq,
                    };
                    (id, minimum)
                }),
        );
    }
    Ok(minima)
}

/// How many messages of others each of these conversations holds behind `account`'s read position.
pub async fn unread(
    connection: &impl ConnectionTrait,
    account: UserId,
    conversation_ids: &[String],
) -> Result<HashMap<String, i64>, StorageError> {
    let behind: RelationDef = Entity::belongs_to(messages::Entity)
        .from(Column::ConversationId)
        .to(messages::Column::ConversationId)
        .into();
    let mut unread = HashMap::new();
    for chunk in conversation_ids.chunks(MAX_PARAMETERS) {
        let rows: Vec<(String, i64)> = Entity::find()
            .select_only()
            .column(Column::ConversationId)
            .column_as(messages::Column::Seq.count(), "unread")
            .join(JoinType::InnerJoin, behind.clone())
            .filter(Column::AccountId.eq(account.0))
            .filter(Column::ConversationId.is_in(chunk.iter().map(String::as_str)))
            .filter(
                Expr::col((messages::Entity, messages::Column::Seq))
                    .gt(Expr::col((Entity, Column::ReadSeq))),
            )
            .filter(messages::Column::SenderId.ne(account.0))
            .group_by(Column::ConversationId)
            .into_tuple()
            .all(connection)
            .await?;
        unread.extend(rows);
    }
    Ok(unread)
}

fn to_conversation() -> RelationDef {
    Entity::belongs_to(conversations::Entity)
        .from(Column::ConversationId)
        .to(conversations::Column::Id)
        .into()
}

fn to_account() -> RelationDef {
    Entity::belongs_to(accounts::Entity)
        .from(Column::AccountId)
        .to(accounts::Column::Id)
        .into()
}

impl Model {
    pub const fn user_id(&self) -> UserId {
        UserId(self.account_id)
    }
}
