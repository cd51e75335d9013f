//! Recovery codes that were not used yet. Only their hashes are kept.

use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter,
};

use super::{
    StorageError, UserId,
    entities::recovery_codes::{ActiveModel, Column, Entity},
};

/// Puts these in the place of all earlier ones.
pub async fn replace(
    connection: &impl ConnectionTrait,
    account: UserId,
    hashes: &[String],
) -> Result<(), StorageError> {
    delete_all(connection, account).await?;
    let rows = hashes.iter().map(|hash| ActiveModel {
        account_id: Set(account.0),
        code_hash: Set(hash.clone()),
    });
    Entity::insert_many(rows)
        .exec_without_returning(connection)
        .await?;
    Ok(())
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

/// Uses one up; says whether it was there.
pub async fn take(
    connection: &impl ConnectionTrait,
    account: UserId,
    hash: &str,
) -> Result<bool, StorageError> {
    let deleted = Entity::delete_many()
        .filter(Column::AccountId.eq(account.0))
        .filter(Column::CodeHash.eq(hash))
        .exec(connection)
        .await?;
    Ok(deleted.rows_affected > 0)
}

/// How many are left.
pub async fn count(
    connection: &impl ConnectionTrait,
    account: UserId,
) -> Result<u64, StorageError> {
    Ok(Entity::find()
        .filter(Column::AccountId.eq(account.0))
        .count(connection)
        .await?)
}
