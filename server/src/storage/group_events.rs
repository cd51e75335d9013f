//! What happened to groups, in the order of the changes.

use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder, QuerySelect,
};

use super::{StorageError, entities::group_events};

pub use group_events::Model as GroupEvent;

pub async fn insert(
    connection: &impl ConnectionTrait,
    event: GroupEvent,
) -> Result<(), StorageError> {
    group_events::Entity::insert(event.into_active_model().reset_all())
        .exec_without_returning(connection)
        .await?;
    Ok(())
}

/// The newest events of a group, at most `limit` of them, the oldest first.
pub async fn newest_of(
    connection: &impl ConnectionTrait,
    conversation: &str,
    limit: u64,
) -> Result<Vec<GroupEvent>, StorageError> {
    let mut events = group_events::Entity::find()
        .filter(group_events::Column::ConversationId.eq(conversation))
        .order_by_desc(group_events::Column::Cursor)
        .limit(limit)
        .all(connection)
        .await?;
    events.reverse();
    Ok(events)
}
