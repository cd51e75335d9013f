//! The cursor by which a returning client asks for what has changed.
//!
//! Every transaction that changes a conversation takes the next number first, and leaves it at each
//! conversation that it changes. Taking it locks its row until the commit, so that whoever has seen
//! a number has seen everything that has a smaller one: numbers follow the order of commits.

use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, JoinType, QueryFilter, QueryOrder, QuerySelect,
    RelationDef,
    sea_query::{Expr, ExprTrait, OnConflict},
};

use super::{
    StorageError, UserId,
    entities::{conversations, cursors, departures, members},
    may_be_stored,
    members::MAX_PARAMETERS,
};

/// The name of the one cursor there is.
pub const CHANGES: &str = "changes";

/// The number of one change. Later changes have larger ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cursor(pub i64);

/// Takes the next number. To be called before anything else in the transaction, so that no two of
/// them wait for each other.
pub async fn next(connection: &impl ConnectionTrait) -> Result<Cursor, StorageError> {
    let updated = cursors::Entity::update_many()
        .col_expr(
            cursors::Column::Value,
            Expr::col(cursors::Column::Value).add(1),
        )
        .filter(cursors::Column::Name.eq(CHANGES))
        .exec_with_returning(connection)
        .await?;
    updated
        .first()
        .map(|cursor| Cursor(cursor.value))
        .ok_or_else(no_cursor)
}

/// The number of the last change.
pub async fn current(connection: &impl ConnectionTrait) -> Result<Cursor, StorageError> {
    let cursor = cursors::Entity::find_by_id(CHANGES).one(connection).await?;
    cursor
        .map(|cursor| Cursor(cursor.value))
        .ok_or_else(no_cursor)
}

/// Notes that conversations have changed.
pub async fn note(
    connection: &impl ConnectionTrait,
    changed: &[&str],
    cursor: Cursor,
) -> Result<(), StorageError> {
    for chunk in changed.chunks(MAX_PARAMETERS) {
        conversations::Entity::update_many()
            .col_expr(conversations::Column::Cursor, Expr::value(cursor.0))
            .filter(conversations::Column::Id.is_in(chunk.iter().copied()))
            .exec(connection)
            .await?;
    }
    Ok(())
}

/// The conversations of `account` that have changed since `after`, those that changed first coming
/// first, at most `limit` of them.
pub async fn of(
    connection: &impl ConnectionTrait,
    account: UserId,
    after: Cursor,
    limit: u64,
) -> Result<Vec<String>, StorageError> {
    let membership: RelationDef = conversations::Entity::belongs_to(members::Entity)
        .from(conversations::Column::Id)
        .to(members::Column::ConversationId)
        .into();
    Ok(conversations::Entity::find()
        .select_only()
        .column(conversations::Column::Id)
        .join(JoinType::InnerJoin, membership)
        .filter(members::Column::AccountId.eq(account.0))
        .filter(conversations::Column::Cursor.gt(after.0))
        .order_by_asc(conversations::Column::Cursor)
        .limit(limit)
        .into_tuple()
        .all(connection)
        .await?)
}

/// The conversations that `account` has gone out of since `after`, at most `limit` of them.
pub async fn departures_of(
    connection: &impl ConnectionTrait,
    account: UserId,
    after: Cursor,
    limit: u64,
) -> Result<Vec<String>, StorageError> {
    Ok(departures::Entity::find()
        .select_only()
        .column(departures::Column::ConversationId)
        .filter(departures::Column::AccountId.eq(account.0))
        .filter(departures::Column::Cursor.gt(after.0))
        .order_by_asc(departures::Column::Cursor)
        .limit(limit)
        .into_tuple()
        .all(connection)
        .await?)
}

/// Notes that `account` is no member of `conversation` any more.
pub async fn note_departure(
    connection: &impl ConnectionTrait,
    conversation: &str,
    account: UserId,
    cursor: Cursor,
) -> Result<(), StorageError> {
    let departure = departures::ActiveModel {
        conversation_id: Set(conversation.to_owned()),
        account_id: Set(account.0),
        cursor: Set(cursor.0),
    };
    let key = [
        departures::Column::ConversationId,
        departures::Column::AccountId,
    ];
    departures::Entity::insert(departure)
        .on_conflict(
            OnConflict::columns(key)
                .update_column(departures::Column::Cursor)
                .to_owned(),
        )
        .exec_without_returning(connection)
        .await?;
    Ok(())
}

/// Whether `account` was a member of `conversation` and is not any more.
pub async fn has_departed(
    connection: &impl ConnectionTrait,
    conversation: &str,
    account: UserId,
) -> Result<bool, StorageError> {
    if !may_be_stored(conversation) {
        return Ok(false);
    }
    let departure = departures::Entity::find_by_id((conversation.to_owned(), account.0));
    Ok(departure.one(connection).await?.is_some())
}

/// Notes that `account` is a member of `conversation` again.
pub async fn forget_departure(
    connection: &impl ConnectionTrait,
    conversation: &str,
    account: UserId,
) -> Result<(), StorageError> {
    departures::Entity::delete_by_id((conversation.to_owned(), account.0))
        .exec(connection)
        .await?;
    Ok(())
}

fn no_cursor() -> StorageError {
    StorageError::Unusable("the table of cursors lacks its row".to_owned())
}
