//! Sessions that tokens refer to.

use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect, sea_query::Expr,
};

use super::{
    StorageError, UserId,
    entities::{
        accounts,
        sessions::{ActiveModel, Column, Entity, Model},
    },
    members::MAX_PARAMETERS,
};

pub use super::entities::sessions::Model as StoredSession;

/// A session to be begun.
#[derive(Clone, Debug)]
pub struct New<'a> {
    pub id: &'a str,
    pub account: UserId,
    pub created_at: i64,
    pub expires_at: i64,
    /// It is never renewed beyond this.
    pub ends_at: i64,
    pub confirmed_at: i64,
    pub address: Option<String>,
    pub browser: &'a str,
}

pub async fn insert(
    connection: &impl ConnectionTrait,
    session: New<'_>,
) -> Result<(), StorageError> {
    let row = ActiveModel {
        id: Set(session.id.to_owned()),
        account_id: Set(session.account.0),
        created_at: Set(session.created_at),
        expires_at: Set(session.expires_at),
        ends_at: Set(session.ends_at),
        seen_at: Set(session.created_at),
        confirmed_at: Set(session.confirmed_at),
        address: Set(session.address),
        browser: Set(session.browser.to_owned()),
    };
    Entity::insert(row)
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

/// Notes how long a session lasts from now on.
pub async fn renewed(
    connection: &impl ConnectionTrait,
    id: &str,
    expires_at: i64,
) -> Result<(), StorageError> {
    Entity::update_many()
        .col_expr(Column::ExpiresAt, Expr::value(expires_at))
        .filter(Column::Id.eq(id))
        .exec(connection)
        .await?;
    Ok(())
}

/// Notes when a session was used, and from where.
pub async fn seen(
    connection: &impl ConnectionTrait,
    id: &str,
    at: i64,
    address: Option<&str>,
) -> Result<(), StorageError> {
    Entity::update_many()
        .col_expr(Column::SeenAt, Expr::value(at))
        .col_expr(Column::Address, Expr::value(address))
        .filter(Column::Id.eq(id))
        .exec(connection)
        .await?;
    Ok(())
}

/// Notes that its owner has proved who they are.
pub async fn confirmed(
    connection: &impl ConnectionTrait,
    id: &str,
    now: i64,
) -> Result<(), StorageError> {
    Entity::update_many()
        .col_expr(Column::ConfirmedAt, Expr::value(now))
        .filter(Column::Id.eq(id))
        .exec(connection)
        .await?;
    Ok(())
}

/// Those of an account that last, the one used last first, at most `limit`.
pub async fn of(
    connection: &impl ConnectionTrait,
    account: UserId,
    now: i64,
    limit: u64,
) -> Result<Vec<Model>, StorageError> {
    Ok(Entity::find()
        .filter(Column::AccountId.eq(account.0))
        .filter(Column::ExpiresAt.gt(now))
        .order_by_desc(Column::SeenAt)
        .limit(limit)
        .all(connection)
        .await?)
}

/// The ids of those of an account that last, but for the `kept` that were used last; at most 100.
pub async fn beyond(
    connection: &impl ConnectionTrait,
    account: UserId,
    now: i64,
    kept: u64,
) -> Result<Vec<String>, StorageError> {
    Ok(Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::AccountId.eq(account.0))
        .filter(Column::ExpiresAt.gt(now))
        .order_by_desc(Column::SeenAt)
        .offset(kept)
        .limit(100)
        .into_tuple()
        .all(connection)
        .await?)
}

/// When each account's session was used last, of those that have one.
pub async fn last_seen(
    connection: &impl ConnectionTrait,
) -> Result<Vec<(i64, Option<i64>)>, StorageError> {
    Ok(Entity::find()
        .select_only()
        .column(Column::AccountId)
        .column_as(Column::SeenAt.max(), "seen_at")
        .group_by(Column::AccountId)
        .into_tuple()
        .all(connection)
        .await?)
}

/// Of these sessions the ones that last.
pub async fn lasting(
    connection: &impl ConnectionTrait,
    ids: &[String],
    now: i64,
) -> Result<Vec<String>, StorageError> {
    let mut lasting = Vec::with_capacity(ids.len());
    for chunk in ids.chunks(MAX_PARAMETERS) {
        let found: Vec<String> = Entity::find()
            .select_only()
            .column(Column::Id)
            .filter(Column::Id.is_in(chunk.iter().map(String::as_str)))
            .filter(Column::ExpiresAt.gt(now))
            .into_tuple()
            .all(connection)
            .await?;
        lasting.extend(found);
    }
    Ok(lasting)
}

/// Ends a session of an account; says whether there was one.
pub async fn delete(
    connection: &impl ConnectionTrait,
    account: UserId,
    id: &str,
) -> Result<bool, StorageError> {
    let deleted = Entity::delete_many()
        .filter(Column::Id.eq(id))
        .filter(Column::AccountId.eq(account.0))
        .exec(connection)
        .await?;
    Ok(deleted.rows_affected > 0)
}

/// Ends every session of an account but `except`; says how many there were.
pub async fn delete_all(
    connection: &impl ConnectionTrait,
    account: UserId,
    except: Option<&str>,
) -> Result<u64, StorageError> {
    let mut delete = Entity::delete_many().filter(Column::AccountId.eq(account.0));
    if let Some(except) = except {
        delete = delete.filter(Column::Id.ne(except));
    }
    Ok(delete.exec(connection).await?.rows_affected)
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
