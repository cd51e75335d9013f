//! The log itself.

use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, IntoActiveModel,
    Iterable, JoinType, QueryFilter, QueryOrder, QuerySelect, RelationDef,
    sea_query::{Expr, ExprTrait, Query, Value},
};

use super::{
    StorageError, UserId,
    entities::{
        conversations,
        messages::{Column, Entity, Model},
    },
    given,
    members::MAX_PARAMETERS,
};

pub use super::entities::messages::Model as Message;

/// Which end of a range of messages a page is cut from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Page {
    /// The newest messages of all.
    Newest,
    /// The last ones ahead of a `seq`.
    Before(i64),
    /// The first ones behind a `seq`.
    After(i64),
}

pub async fn insert(
    connection: &impl ConnectionTrait,
    messages: Vec<Model>,
) -> Result<(), StorageError> {
    // Seven values a row.
    for chunk in messages.chunks(MAX_PARAMETERS / 7) {
        let rows = chunk.iter().cloned();
        let rows = rows.map(|message| message.into_active_model().reset_all());
        Entity::insert_many(rows)
            .exec_without_returning(connection)
            .await?;
    }
    Ok(())
}

/// Those messages that are stored already, of each sender under the client id that they gave it.
pub async fn find_by_client_ids(
    connection: &impl ConnectionTrait,
    named: impl Iterator<Item = (UserId, String)>,
) -> Result<Vec<Model>, StorageError> {
    let rows: Vec<[Value; 2]> = named
        .map(|(sender, client_id)| [sender.0.into(), client_id.into()])
        .collect();
    let mut found = Vec::new();
    for part in given::parts(&rows) {
        let sent = Expr::col((Entity, Column::SenderId)).eq(given::column(0));
        let named = Expr::col((Entity, Column::ClientId)).eq(given::column(1));
        let query = Query::select()
            .columns(Column::iter().map(|column| (Entity, column)))
            .from(given::table(part))
            .inner_join(Entity, sent.and(named))
            .to_owned();
        for row in connection.query_all(&query).await? {
            found.push(Model::from_query_result(&row, "")?);
        }
    }
    Ok(found)
}

pub async fn find_by_seq(
    connection: &impl ConnectionTrait,
    conversation: &str,
    seq: i64,
) -> Result<Option<Model>, StorageError> {
    Ok(Entity::find()
        .filter(Column::ConversationId.eq(conversation))
        .filter(Column::Seq.eq(seq))
        .one(connection)
        .await?)
}

/// One page, oldest first, of at most `limit` messages.
pub async fn page(
    connection: &impl ConnectionTrait,
    conversation: &str,
    page: Page,
    limit: u64,
) -> Result<Vec<Model>, StorageError> {
    let query = Entity::find()
        .filter(Column::ConversationId.eq(conversation))
        .limit(limit);
    let query = match page {
        Page::After(seq) => query.filter(Column::Seq.gt(seq)).order_by_asc(Column::Seq),
        Page::Before(seq) => query.filter(Column::Seq.lt(seq)).order_by_desc(Column::Seq),
        Page::Newest => query.order_by_desc(Column::Seq),
    };
    let mut messages = query.all(connection).await?;
    if !matches!(page, Page::After(_)) {
        messages.reverse();
    }
    Ok(messages)
}

/// The newest message of each of these conversations that has one.
pub async fn newest_of(
    connection: &impl ConnectionTrait,
    conversation_ids: &[String],
) -> Result<Vec<Model>, StorageError> {
    let newest: RelationDef = Entity::belongs_to(conversations::Entity)
        .from(Column::ConversationId)
        .to(conversations::Column::Id)
        .into();
    let mut messages = Vec::new();
    for chunk in conversation_ids.chunks(MAX_PARAMETERS) {
        messages.extend(
            Entity::find()
                .join(JoinType::InnerJoin, newest.clone())
                .filter(Column::ConversationId.is_in(chunk.iter().map(String::as_str)))
                .filter(
                    Expr::col((Entity, Column::Seq))
                        .equals((conversations::Entity, conversations::Column::LastSeq)),
                )
                .all(connection)
                .await?,
        );
    }
    Ok(messages)
}

/// Who sent something in `(after, up_to]` other than `reader`, each with the newest `seq` of theirs.
pub async fn senders_between(
    connection: &impl ConnectionTrait,
    conversation: &str,
    after: i64,
    up_to: i64,
    reader: UserId,
) -> Result<Vec<(UserId, i64)>, StorageError> {
    let rows: Vec<(i64, i64)> = Entity::find()
        .select_only()
        .column(Column::SenderId)
        .column_as(Column::Seq.max(), "newest")
        .filter(Column::ConversationId.eq(conversation))
        .filter(Column::Seq.gt(after))
        .filter(Column::Seq.lte(up_to))
        .filter(Column::SenderId.ne(reader.0))
        .group_by(Column::SenderId)
        .into_tuple()
        .all(connection)
        .await?;
    Ok(rows
        .into_iter()
        .map(|(sender, seq)| (UserId(sender), seq))
        .collect())
}
