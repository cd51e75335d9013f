//! Conversations and how far their log has got.

use std::collections::HashMap;

use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter,
    sea_query::{Expr, ExprTrait, OnConflict, Query, Value},
};

use super::{
    StorageError, UserId,
    changes::Cursor,
    entities::conversations::{ActiveModel, Column, Entity, Model},
    given, may_be_stored, members,
};

pub use super::entities::conversations::Model as Conversation;

/// What a new group is made of.
#[derive(Debug)]
pub struct NewGroup<'a> {
    pub id: &'a str,
    pub name: &'a str,
    pub created_by: UserId,
    pub client_id: &'a str,
    pub members: &'a [UserId],
}

pub async fn find(
    connection: &impl ConnectionTrait,
    id: &str,
) -> Result<Option<Model>, StorageError> {
    if !may_be_stored(id) {
        return Ok(None);
    }
    Ok(Entity::find_by_id(id).one(connection).await?)
}

/// These conversations, in no particular order.
pub async fn find_all(
    connection: &impl ConnectionTrait,
    ids: &[String],
) -> Result<Vec<Model>, StorageError> {
    let mut conversations = Vec::with_capacity(ids.len());
    for chunk in ids.chunks(members::MAX_PARAMETERS) {
        let ids = chunk.iter().map(String::as_str);
        conversations.extend(
            Entity::find()
                .filter(Column::Id.is_in(ids))
                .all(connection)
                .await?,
        );
    }
    Ok(conversations)
}

/// The group that `created_by` asked for under `client_id`.
pub async fn find_by_client_id(
    connection: &impl ConnectionTrait,
    created_by: UserId,
    client_id: &str,
) -> Result<Option<Model>, StorageError> {
    Ok(Entity::find()
        .filter(Column::CreatedBy.eq(created_by.0))
        .filter(Column::ClientId.eq(client_id))
        .one(connection)
        .await?)
}

/// Stores a group and its members.
pub async fn insert_group(
    connection: &impl ConnectionTrait,
    group: &NewGroup<'_>,
    now: i64,
    cursor: Cursor,
) -> Result<Model, StorageError> {
    let model = Model {
        id: group.id.to_owned(),
        name: Some(group.name.to_owned()),
        pair_key: None,
        created_by: group.created_by.0,
        client_id: Some(group.client_id.to_owned()),
        created_at: now,
        last_seq: 0,
        active_at: now,
        cursor: cursor.0,
    };
    Entity::insert(ActiveModel::from(model.clone()).reset_all())
        .exec_without_returning(connection)
        .await?;
    members::insert(connection, group.id, group.members, 0, now).await?;
    Ok(model)
}

/// The private conversation of two people, made under `id` if they have none yet; says whether it
/// was made now.
pub async fn find_or_insert_private(
    connection: &impl ConnectionTrait,
    id: &str,
    asker: UserId,
    other: UserId,
    now: i64,
) -> Result<(Model, bool), StorageError> {
    let pair_key = pair_key(asker, other);
    let find = || {
        Entity::find()
            .filter(Column::PairKey.eq(pair_key.as_str()))
            .one(connection)
    };
    if let Some(found) = find().await? {
        return Ok((found, false));
    }
    let conversation = ActiveModel {
        id: Set(id.to_owned()),
        name: Set(None),
        pair_key: Set(Some(pair_key.clone())),
        created_by: Set(asker.0),
        client_id: Set(None),
        created_at: Set(now),
        last_seq: Set(0),
        active_at: Set(now),
        // Its first message, which follows in the same transaction, notes the change.
        cursor: Set(0),
    };
    // On PostgreSQL another server may be making the same one at this moment.
    Entity::insert(conversation)
        .on_conflict(OnConflict::column(Column::PairKey).do_nothing().to_owned())
        .exec_without_returning(connection)
        .await?;
    let stored = find().await?.ok_or_else(|| {
        StorageError::Unusable("a private conversation vanished while it was made".to_owned())
    })?;
    let made = stored.id == id;
    if made {
        members::insert(connection, id, &[asker, other], 0, now).await?;
    }
    Ok((stored, made))
}

/// The private conversations of these pairs that exist, by their key; see [`pair_key`].
pub async fn of_pairs(
    connection: &impl ConnectionTrait,
    keys: &[String],
) -> Result<HashMap<String, Model>, StorageError> {
    let mut found = HashMap::with_capacity(keys.len());
    for chunk in keys.chunks(members::MAX_PARAMETERS) {
        let conversations = Entity::find()
            .filter(Column::PairKey.is_in(chunk.iter().map(String::as_str)))
            .all(connection)
            .await?;
        for conversation in conversations {
            if let Some(key) = &conversation.pair_key {
                found.insert(key.clone(), conversation);
            }
        }
    }
    Ok(found)
}

/// Takes the next `count` seqs of each of these conversations, and says which is the last of them.
/// Inside a transaction this locks the conversations' rows until the commit, so that `seq` has no
/// gaps and follows the order of commits. A conversation that is not there takes none.
pub async fn take_seqs(
    connection: &impl ConnectionTrait,
    counts: &[(&str, i64)],
    now: i64,
    cursor: Cursor,
) -> Result<HashMap<String, i64>, StorageError> {
    let rows: Vec<[Value; 2]> = counts
        .iter()
        .map(|(id, count)| [(*id).into(), (*count).into()])
        .collect();
    let mut last = HashMap::with_capacity(counts.len());
    for part in given::parts(&rows) {
        let update = Query::update()
            .table(Entity)
            .from(given::table(part))
            .value(
                Column::LastSeq,
                Expr::col((Entity, Column::LastSeq)).add(given::column(1)),
            )
            .value(Column::ActiveAt, now)
            .value(Column::Cursor, cursor.0)
            .and_where(Expr::col((Entity, Column::Id)).eq(given::column(0)))
            .returning(Query::returning().columns([Column::Id, Column::LastSeq]))
            .to_owned();
        for row in connection.query_all(&update).await? {
            last.insert(row.try_get_by_index(0)?, row.try_get_by_index(1)?);
        }
    }
    Ok(last)
}

/// Gives a group another name.
pub async fn rename(
    connection: &impl ConnectionTrait,
    id: &str,
    name: &str,
) -> Result<(), StorageError> {
    Entity::update_many()
        .col_expr(Column::Name, Expr::value(name))
        .filter(Column::Id.eq(id))
        .exec(connection)
        .await?;
    Ok(())
}

impl Model {
    /// The two members of a private conversation.
    pub fn pair(&self) -> Option<(UserId, UserId)> {
        let (one, other) = self.pair_key.as_deref()?.split_once(':')?;
        Some((UserId(one.parse().ok()?), UserId(other.parse().ok()?)))
    }
}

/// What tells the private conversation of two people from all others, whoever of them is named first.
pub fn pair_key(one: UserId, other: UserId) -> String {
    let (low, high) = if one < other {
        (one, other)
    } else {
        (other, one)
    };
    format!("{}:{}", low.0, high.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pair_has_one_key_whoever_asks() {
        assert_eq!(
            pair_key(UserId(7), UserId(3)),
            pair_key(UserId(3), UserId(7))
        );
        assert_ne!(
            pair_key(UserId(1), UserId(23)),
            pair_key(UserId(12), UserId(3))
        );
    }
}
