//! What had to do with getting in, and with who may.

use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};

use super::{
    StorageError, UserId,
    entities::audit_entries::{ActiveModel, Column, Entity, Model},
};

pub use super::entities::audit_entries::Model as AuditEntry;

/// An entry to be made.
#[derive(Clone, Debug)]
pub struct New<'a> {
    pub at: i64,
    pub action: &'a str,
    pub actor: Option<UserId>,
    pub subject: Option<UserId>,
    pub address: Option<String>,
    pub detail: Option<String>,
}

pub async fn insert(connection: &impl ConnectionTrait, entry: New<'_>) -> Result<(), StorageError> {
    let row = ActiveModel {
        id: NotSet,
        at: Set(entry.at),
        action: Set(entry.action.to_owned()),
        actor_id: Set(entry.actor.map(|account| account.0)),
        subject_id: Set(entry.subject.map(|account| account.0)),
        address: Set(entry.address),
        detail: Set(entry.detail),
    };
    Entity::insert(row)
        .exec_without_returning(connection)
        .await?;
    Ok(())
}

/// A page, the newest first: those before `before`, or the newest.
pub async fn page(
    connection: &impl ConnectionTrait,
    before: Option<i64>,
    limit: u64,
) -> Result<Vec<Model>, StorageError> {
    let mut query = Entity::find();
    if let Some(before) = before {
        query = query.filter(Column::Id.lt(before));
    }
    Ok(query
        .order_by_desc(Column::Id)
        .limit(limit)
        .all(connection)
        .await?)
}

/// Forgets what is older than `before`.
pub async fn delete_before(
    connection: &impl ConnectionTrait,
    before: i64,
) -> Result<(), StorageError> {
    Entity::delete_many()
        .filter(Column::At.lt(before))
        .exec(connection)
        .await?;
    Ok(())
}
