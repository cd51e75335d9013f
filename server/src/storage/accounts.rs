//! Who has an account.

use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder,
    sea_query::OnConflict,
};

use super::{
    StorageError, UserId,
    entities::accounts::{ActiveModel, Column, Entity, Model},
};

pub use super::entities::accounts::Model as Account;

/// Adds an account unless the name is taken; says whether it was added.
pub async fn insert(
    connection: &impl ConnectionTrait,
    username: &str,
    display_name: &str,
    now: i64,
) -> Result<bool, StorageError> {
    let account = ActiveModel {
        id: NotSet,
        username: Set(username.to_owned()),
        display_name: Set(display_name.to_owned()),
        created_at: Set(now),
    };
    let added = Entity::insert(account)
        .on_conflict(OnConflict::column(Column::Username).do_nothing().to_owned())
        .exec_without_returning(connection)
        .await?;
    Ok(added > 0)
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
    Ok(Entity::find()
        .filter(Column::Id.is_in(ids))
        .all(connection)
        .await?)
}

impl Model {
    pub const fn user_id(&self) -> UserId {
        UserId(self.id)
    }
}
