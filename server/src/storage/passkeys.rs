//! Passkeys of accounts.

use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder,
    sea_query::{Expr, OnConflict},
};

use super::{
    StorageError, UserId,
    entities::{
        Hidden,
        passkeys::{ActiveModel, Column, Entity, Model},
    },
};

/// Adds one unless a passkey with its id is there, whoever has it; says whether it was added.
pub async fn insert(
    connection: &impl ConnectionTrait,
    id: &str,
    account: UserId,
    name: &str,
    credential: String,
    now: i64,
) -> Result<bool, StorageError> {
    let row = ActiveModel {
        id: Set(id.to_owned()),
        account_id: Set(account.0),
        name: Set(name.to_owned()),
        credential: Set(Hidden(credential)),
        created_at: Set(now),
        last_used_at: Set(None),
    };
    let added = Entity::insert(row)
        .on_conflict(OnConflict::column(Column::Id).do_nothing().to_owned())
        .exec_without_returning(connection)
        .await?;
    Ok(added > 0)
}

/// Those of an account, the oldest first.
pub async fn of(
    connection: &impl ConnectionTrait,
    account: UserId,
) -> Result<Vec<Model>, StorageError> {
    Ok(Entity::find()
        .filter(Column::AccountId.eq(account.0))
        .order_by_asc(Column::CreatedAt)
        .all(connection)
        .await?)
}

pub async fn find(
    connection: &impl ConnectionTrait,
    id: &str,
) -> Result<Option<Model>, StorageError> {
    Ok(Entity::find_by_id(id).one(connection).await?)
}

/// Keeps what a use of it has changed: its counter, and when that was. Says whether it is still as it
/// was `before`: otherwise another use came in between, or it was removed, and nothing changes.
pub async fn used(
    connection: &impl ConnectionTrait,
    id: &str,
    before: &Hidden,
    after: String,
    now: i64,
) -> Result<bool, StorageError> {
    let updated = Entity::update_many()
        .col_expr(Column::Credential, Expr::value(after))
        .col_expr(Column::LastUsedAt, Expr::value(now))
        .filter(Column::Id.eq(id))
        .filter(Column::Credential.eq(before.0.as_str()))
        .exec(connection)
        .await?;
    Ok(updated.rows_affected > 0)
}

/// Removes one of an account; says whether it was there.
pub async fn delete(
    connection: &impl ConnectionTrait,
    account: UserId,
    id: &str,
) -> Result<bool, StorageError> {
    let deleted = Entity::delete_many()
        .filter(Column::AccountId.eq(account.0))
        .filter(Column::Id.eq(id))
        .exec(connection)
        .await?;
    Ok(deleted.rows_affected > 0)
}

/// Removes all of an account.
pub async fn delete_all(
    connection: &impl ConnectionTrait,
    account: UserId,
) -> Result<(), StorageError> {
    Entity::delete_many()
        .filter(Column::AccountId.eq(account.0))
        .exec(connection)
        .await?;
    Ok(())
}
