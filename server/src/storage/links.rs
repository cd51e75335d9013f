//! Links that let somebody in. Only a hash of each one's token is kept.

use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait},
};

use super::{
    StorageError, UserId,
    entities::{
        Hidden,
        links::{ActiveModel, Column, Entity, Model},
    },
};

pub use super::entities::links::Model as Link;

/// A link to be made.
#[derive(Clone, Debug)]
pub struct New<'a> {
    pub id: &'a str,
    pub token_hash: String,
    pub purpose: &'a str,
    pub account: Option<UserId>,
    pub created_by: Option<UserId>,
    pub created_at: i64,
    pub expires_at: i64,
    pub uses: i32,
}

pub async fn insert(connection: &impl ConnectionTrait, link: New<'_>) -> Result<(), StorageError> {
    let row = ActiveModel {
        id: Set(link.id.to_owned()),
        token_hash: Set(Hidden(link.token_hash)),
        purpose: Set(link.purpose.to_owned()),
        account_id: Set(link.account.map(|account| account.0)),
        created_by: Set(link.created_by.map(|account| account.0)),
        created_at: Set(link.created_at),
        expires_at: Set(link.expires_at),
        uses_left: Set(link.uses),
    };
    Entity::insert(row)
        .exec_without_returning(connection)
        .await?;
    Ok(())
}

/// The link with this token, if it still holds.
pub async fn find(
    connection: &impl ConnectionTrait,
    token_hash: &str,
    now: i64,
) -> Result<Option<Model>, StorageError> {
    Ok(Entity::find()
        .filter(Column::TokenHash.eq(token_hash))
        .filter(Column::ExpiresAt.gt(now))
        .filter(Column::UsesLeft.gt(0))
        .one(connection)
        .await?)
}

/// Uses a link once; says whether it still held.
pub async fn take(
    connection: &impl ConnectionTrait,
    id: &str,
    now: i64,
) -> Result<bool, StorageError> {
    let updated = Entity::update_many()
        .col_expr(Column::UsesLeft, Expr::col(Column::UsesLeft).sub(1))
        .filter(Column::Id.eq(id))
        .filter(Column::ExpiresAt.gt(now))
        .filter(Column::UsesLeft.gt(0))
        .exec(connection)
        .await?;
    Ok(updated.rows_affected > 0)
}

/// Those of a purpose that still hold, the newest first, at most `limit`.
pub async fn open(
    connection: &impl ConnectionTrait,
    purpose: &str,
    now: i64,
    limit: u64,
) -> Result<Vec<Model>, StorageError> {
    Ok(Entity::find()
        .filter(Column::Purpose.eq(purpose))
        .filter(Column::ExpiresAt.gt(now))
        .filter(Column::UsesLeft.gt(0))
        .order_by_desc(Column::CreatedAt)
        .limit(limit)
        .all(connection)
        .await?)
}

/// Removes the link of this purpose and id; says whether it was there.
pub async fn delete(
    connection: &impl ConnectionTrait,
    purpose: &str,
    id: &str,
) -> Result<bool, StorageError> {
    let deleted = Entity::delete_many()
        .filter(Column::Purpose.eq(purpose))
        .filter(Column::Id.eq(id))
        .exec(connection)
        .await?;
    Ok(deleted.rows_affected > 0)
}

/// Removes every link of a purpose, of one account if it is given.
pub async fn delete_all(
    connection: &impl ConnectionTrait,
    purpose: &str,
    account: Option<UserId>,
) -> Result<(), StorageError> {
    let mut delete = Entity::delete_many().filter(Column::Purpose.eq(purpose));
    if let Some(account) = account {
        delete = delete.filter(Column::AccountId.eq(account.0));
    }
    delete.exec(connection).await?;
    Ok(())
}

/// Removes what somebody has made, who may not any more.
pub async fn delete_made_by(
    connection: &impl ConnectionTrait,
    account: UserId,
) -> Result<(), StorageError> {
    Entity::delete_many()
        .filter(Column::CreatedBy.eq(account.0))
        .exec(connection)
        .await?;
    Ok(())
}

/// Forgets those that hold no longer.
pub async fn delete_expired(
    connection: &impl ConnectionTrait,
    now: i64,
) -> Result<(), StorageError> {
    Entity::delete_many()
        .filter(Column::ExpiresAt.lte(now).or(Column::UsesLeft.lte(0)))
        .exec(connection)
        .await?;
    Ok(())
}
