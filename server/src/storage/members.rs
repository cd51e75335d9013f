//! Who is in a conversation, and each one's delivered and read positions.

use std::collections::{HashMap, HashSet};

use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, JoinType, QueryFilter, QueryOrder,
    QuerySelect, RelationDef,
    sea_query::{Expr, ExprTrait},
};

use super::{
    StorageError, UserId,
    entities::{
        accounts, conversations,
        members::{ActiveModel, Column, Entity, Model},
        messages,
    },
    may_be_stored,
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
}

/// Where one member stands, and where the conversation does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Standing {
    pub delivered_seq: i64,
    pub read_seq: i64,
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
    // Five values a row.
    for chunk in accounts.chunks(MAX_PARAMETERS / 5) {
        let rows = chunk.iter().map(|account| ActiveModel {
            conversation_id: Set(conversation.to_owned()),
            account_id: Set(account.0),
            delivered_seq: Set(seq),
            read_seq: Set(seq),
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
        .columns([Column::DeliveredSeq, Column::ReadSeq])
        .column(conversations::Column::LastSeq)
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
    let rows: Vec<(String, i64, i64, i64)> = Entity::find()
        .select_only()
        .columns([
            Column::ConversationId,
            Column::DeliveredSeq,
            Column::ReadSeq,
        ])
        .column(conversations::Column::LastSeq)
        .join(JoinType::InnerJoin, to_conversation())
        .filter(Column::AccountId.eq(account.0))
        .order_by_asc(Column::ConversationId)
        .into_tuple()
        .all(connection)
        .await?;
    Ok(rows
        .into_iter()
        .map(|(id, delivered_seq, read_seq, last_seq)| {
            (
                id,
                Standing {
                    delivered_seq,
                    read_seq,
                    last_seq,
                },
            )
        })
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

/// How far everybody in `conversation` has got.
pub async fn minimum(
    connection: &impl ConnectionTrait,
    conversation: &str,
) -> Result<Minimum, StorageError> {
    let query = Entity::find()
        .select_only()
        .column_as(Column::AccountId.count(), "members")
        .column_as(
            Expr::col(Column::DeliveredSeq).min().if_null(0),
            "delivered_seq",
        )
        .column_as(Expr::col(Column::ReadSeq).min().if_null(0), "read_seq")
        .filter(Column::ConversationId.eq(conversation));
    Ok(query
        .into_model::<Minimum>()
        .one(connection)
        .await?
        .unwrap_or_default())
}

/// Moves a member's positions forward to at least these; neither ever goes back.
pub async fn advance(
    connection: &impl ConnectionTrait,
    conversation: &str,
    account: UserId,
    delivered_seq: i64,
    read_seq: i64,
) -> Result<(), StorageError> {
    for (column, seq) in [
        (Column::DeliveredSeq, delivered_seq),
        (Column::ReadSeq, read_seq),
    ] {
        Entity::update_many()
            .col_expr(column, Expr::value(seq))
            .filter(Column::ConversationId.eq(conversation))
            .filter(Column::AccountId.eq(account.0))
            .filter(column.lt(seq))
            .exec(connection)
            .await?;
    }
    Ok(())
}

/// Moves a sender's own positions over the message that they have just sent, where nothing else
/// lies between. Says whether the delivered position moved.
pub async fn advance_over_own(
    connection: &impl ConnectionTrait,
    conversation: &str,
    sender: UserId,
    seq: i64,
) -> Result<bool, StorageError> {
    let mut delivered = false;
    for column in [Column::ReadSeq, Column::DeliveredSeq] {
        let updated = Entity::update_many()
            .col_expr(column, Expr::value(seq))
            .filter(Column::ConversationId.eq(conversation))
            .filter(Column::AccountId.eq(sender.0))
            .filter(column.eq(seq - 1))
            .exec(connection)
            .await?;
        delivered = updated.rows_affected > 0;
    }
    Ok(delivered)
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
