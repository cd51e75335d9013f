//! What owners have set.

use sea_orm::{ActiveValue::Set, ConnectionTrait, EntityTrait, sea_query::OnConflict};

use super::{
    StorageError,
    entities::settings::{ActiveModel, Column, Entity},
};

pub async fn get(
    connection: &impl ConnectionTrait,
    name: &str,
) -> Result<Option<String>, StorageError> {
    let row = Entity::find_by_id(name).one(connection).await?;
    Ok(row.map(|row| row.value))
}

pub async fn set(
    connection: &impl ConnectionTrait,
    name: &str,
    value: &str,
) -> Result<(), StorageError> {
    let row = ActiveModel {
        name: Set(name.to_owned()),
        value: Set(value.to_owned()),
    };
    Entity::insert(row)
        .on_conflict(
            OnConflict::column(Column::Name)
                .update_column(Column::Value)
                .to_owned(),
        )
        .exec_without_returning(connection)
        .await?;
    Ok(())
}
