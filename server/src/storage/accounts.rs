//! Who has an account.

use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    sea_query::{Expr, ExprTrait, OnConflict, Query, Value},
};

use super::{
    StorageError, UserId,
    entities::{
        Hidden,
        accounts::{ActiveModel, Column, Entity, Model},
    },
    given,
};

pub use super::entities::accounts::Model as Account;

/// An account to be made.
#[derive(Clone, Debug)]
pub struct New<'a> {
    pub username: &'a str,
    pub display_name: &'a str,
    pub role: &'a str,
    pub password_hash: Option<Hidden>,
    pub created_at: i64,
}

impl<'a> New<'a> {
    /// A member without a password.
    pub const fn member(username: &'a str, display_name: &'a str, created_at: i64) -> Self {
        Self {
            username,
            display_name,
            role: "member",
            password_hash: None,
            created_at,
        }
    }
}

/// Adds an account unless the name is taken; says whether it was added.
pub async fn insert(
    connection: &impl ConnectionTrait,
    account: New<'_>,
) -> Result<bool, StorageError> {
    let row = ActiveModel {
        id: NotSet,
        username: Set(account.username.to_owned()),
        display_name: Set(account.display_name.to_owned()),
        created_at: Set(account.created_at),
        role: Set(account.role.to_owned()),
        password_hash: Set(account.password_hash),
        deactivated_at: Set(None),
        shares_read: Set(true),
        shares_last_seen: Set(true),
        last_seen_at: Set(None),
    };
    let added = Entity::insert(row)
        .on_conflict(OnConflict::column(Column::Username).do_nothing().to_owned())
        .exec_without_returning(connection)
        .await?;
    Ok(added > 0)
}

pub async fn find(
    connection: &impl ConnectionTrait,
    account: UserId,
) -> Result<Option<Model>, StorageError> {
    Ok(Entity::find_by_id(account.0).one(connection).await?)
}

pub async fn set_display_name(
    connection: &impl ConnectionTrait,
    account: UserId,
    display_name: &str,
) -> Result<(), StorageError> {
    Entity::update_many()
        .col_expr(Column::DisplayName, Expr::value(display_name))
        .filter(Column::Id.eq(account.0))
        .exec(connection)
        .await?;
    Ok(())
}

pub async fn set_password(
    connection: &impl ConnectionTrait,
    account: UserId,
    hash: &Hidden,
) -> Result<(), StorageError> {
    Entity::update_many()
        .col_expr(Column::PasswordHash, Expr::value(hash.0.as_str()))
        .filter(Column::Id.eq(account.0))
        .exec(connection)
        .await?;
    Ok(())
}

pub async fn set_role(
    connection: &impl ConnectionTrait,
    account: UserId,
    role: &str,
) -> Result<(), StorageError> {
    Entity::update_many()
        .col_expr(Column::Role, Expr::value(role))
        .filter(Column::Id.eq(account.0))
        .exec(connection)
        .await?;
    Ok(())
}

pub async fn set_deactivated_at(
    connection: &impl ConnectionTrait,
    account: UserId,
    at: Option<i64>,
) -> Result<(), StorageError> {
    Entity::update_many()
        .col_expr(Column::DeactivatedAt, Expr::value(at))
        .filter(Column::Id.eq(account.0))
        .exec(connection)
        .await?;
    Ok(())
}

/// Sets what others see of somebody: how far they have read, and when they were last here.
pub async fn set_privacy(
    connection: &impl ConnectionTrait,
    account: UserId,
    shares_read: bool,
    shares_last_seen: bool,
) -> Result<(), StorageError> {
    Entity::update_many()
        .col_expr(Column::SharesRead, Expr::value(shares_read))
        .col_expr(Column::SharesLastSeen, Expr::value(shares_last_seen))
        .filter(Column::Id.eq(account.0))
        .exec(connection)
        .await?;
    Ok(())
}

/// Writes down when people were last here.
pub async fn set_last_seen_at(
    connection: &impl ConnectionTrait,
    people: &[(UserId, i64)],
) -> Result<(), StorageError> {
    let rows: Vec<[Value; 2]> = people
        .iter()
        .map(|(account, at)| [account.0.into(), (*at).into()])
        .collect();
    for part in given::parts(&rows) {
        let update = Query::update()
            .table(Entity)
            .from(given::table(part))
            .value(Column::LastSeenAt, given::column(1))
            .and_where(Expr::col((Entity, Column::Id)).eq(given::column(0)))
            .to_owned();
        connection.execute(&update).await?;
    }
    Ok(())
}

/// How many accounts have this role and are not deactivated.
pub async fn count_active(
    connection: &impl ConnectionTrait,
    role: &str,
) -> Result<u64, StorageError> {
    Ok(Entity::find()
        .filter(Column::Role.eq(role))
        .filter(Column::DeactivatedAt.is_null())
        .count(connection)
        .await?)
}

pub async fn find_by_username(
    connection: &impl ConnectionTrait,
    username: &str,
) -> Result<Option<Model>, StorageError> {
    Ok(Entity::find()
        .filter(Column::Username.eq(username))
        .one(connection)
        .await?)
}

/// Every account, by name.
pub async fn all(connection: &impl ConnectionTrait) -> Result<Vec<Model>, StorageError> {
    Ok(Entity::find()
        .order_by_asc(Column::Username)
        .all(connection)
        .await?)
}

/// The accounts with these names; a name that is missing from the answer has none.
pub async fn find_by_usernames(
    connection: &impl ConnectionTrait,
    usernames: &[String],
) -> Result<Vec<Model>, StorageError> {
    let mut accounts = Vec::with_capacity(usernames.len());
    for chunk in usernames.chunks(super::members::MAX_PARAMETERS) {
        let names = chunk.iter().map(String::as_str);
        accounts.extend(
            Entity::find()
                .filter(Column::Username.is_in(names))
                .all(connection)
                .await?,
        );
    }
    Ok(accounts)
}

/// The accounts with these numbers, in no particular order.
pub async fn find_by_ids(
    connection: &impl ConnectionTrait,
    ids: impl IntoIterator<Item = i64>,
) -> Result<Vec<Model>, StorageError> {
    let ids: Vec<i64> = ids.into_iter().collect();
    let mut accounts = Vec::with_capacity(ids.len());
    for chunk in ids.chunks(super::members::MAX_PARAMETERS) {
        let found = Entity::find().filter(Column::Id.is_in(chunk.iter().copied()));
        accounts.extend(found.all(connection).await?);
    }
    Ok(accounts)
}

impl Model {
    pub const fn user_id(&self) -> UserId {
        UserId(self.id)
    }
}
