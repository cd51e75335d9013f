//! When members had read what: each move of a read position that others may see.

use sea_orm::{
    ActiveModelTrait, ConnectionTrait, EntityTrait, IntoActiveModel,
    sea_query::{Expr, ExprTrait, OnConflict, Order, Query},
};

use super::{
    StorageError,
    entities::{accounts, members, read_times},
    members::MAX_PARAMETERS,
};

pub use read_times::Model as ReadTime;

/// How many columns each row binds.
const COLUMNS: usize = 4;

pub async fn insert(
    connection: &impl ConnectionTrait,
    times: Vec<ReadTime>,
) -> Result<(), StorageError> {
    for part in times.chunks(MAX_PARAMETERS / COLUMNS) {
        let rows = part
            .iter()
            .map(|time| time.clone().into_active_model().reset_all());
        // Positions only move forward, so none of these is there already. If one were, it should not
        // keep the others from being stored.
        read_times::Entity::insert_many(rows)
            .on_conflict(OnConflict::new().do_nothing().to_owned())
            .exec_without_returning(connection)
            .await?;
    }
    Ok(())
}

/// When each member's read position first reached `seq`, by username. Who has not got there, or did not
/// show it, is not in it.
pub async fn of_message(
    connection: &impl ConnectionTrait,
    conversation: &str,
    seq: i64,
) -> Result<Vec<(String, i64)>, StorageError> {
    use read_times::{Column, Entity};

    let member = |column| Expr::col((members::Entity, column));
    // Of each member's moves the first that went so far, which the key finds at once.
    let first = Query::select()
        .expr(Expr::col((Entity, Column::At)))
        .from(Entity)
        .and_where(
            Expr::col((Entity, Column::ConversationId))
                .equals((members::Entity, members::Column::ConversationId)),
        )
        .and_where(
            Expr::col((Entity, Column::AccountId))
                .equals((members::Entity, members::Column::AccountId)),
        )
        .and_where(Expr::col((Entity, Column::Seq)).gte(seq))
        .order_by((Entity, Column::Seq), Order::Asc)
        .limit(1)
        .take();
    let query = Query::select()
        .column((accounts::Entity, accounts::Column::Username))
        .expr(Expr::SubQuery(None, Box::new(first.into())))
        .from(members::Entity)
        .inner_join(
            accounts::Entity,
            Expr::col((accounts::Entity, accounts::Column::Id))
                .equals((members::Entity, members::Column::AccountId)),
        )
        .and_where(member(members::Column::ConversationId).eq(conversation))
        .and_where(member(members::Column::ShownReadSeq).gte(seq))
        .order_by((accounts::Entity, accounts::Column::Username), Order::Asc)
        .take();
    let mut times = Vec::new();
    for row in connection.query_all(&query).await? {
        let at: Option<i64> = row.try_get_by_index(1)?;
        if let Some(at) = at {
            times.push((row.try_get_by_index(0)?, at));
        }
    }
    Ok(times)
}
