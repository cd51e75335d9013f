//! Sessions that tokens refer to.

use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

use super::{
    StorageError, UserId,
    entities::{
        accounts,
        sessions::{ActiveModel, Column, Entity, Model},
    },
};

pub async fn insert(
    connection: &impl ConnectionTrait,
    id: &str,
    account: UserId,
    created_at: i64,
    expires_at: i64,
) -> Result<(), StorageError> {
    let session = ActiveModel {
        id: Set(id.to_owned()),
        account_id: Set(account.0),
        created_at: Set(created_at),
        expires_at: Set(expires_at),
    };
    Entity::insert(session)
        .exec_without_returning(connection)
        .await?;
    Ok(())
}

/// The session and whose it is.
pub async fn find(
    connection: &impl ConnectionTrait,
    id: &str,
) -> Result<Option<(Model, accounts::Model)>, StorageError> {
    let Some(session) = Entity::find_by_id(id).one(connection).await? else {
        return Ok(None);
    };
    let account = accounts::Entity::find_by_id(session.account_id)
        .one(connection)
        .await?;
    Ok(account.map(|account| (session, account)))
}

/// Forgets sessions whose time was over before `now`.
pub async fn delete_expired(
    connection: &impl ConnectionTrait,
    now: i64,
) -> Result<u64, StorageError> {
    let deleted = Entity::delete_many()
        .filter(Column::ExpiresAt.lt(now))
        .exec(connection)
        .await?;
    Ok(deleted.rows_affected)
}
