//! The number by which every server hears that sessions have ended.
//!
//! Whoever ends sessions, a server or the command line, counts it up in the same transaction. Each
//! server looks at it several times a second, and at its open sockets when it has changed.

use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter,
    sea_query::{Expr, ExprTrait},
};

use super::{StorageError, entities::cursors};

/// The name of its row.
pub const REVOCATIONS: &str = "revocations";

/// Counts up.
pub async fn note(connection: &impl ConnectionTrait) -> Result<(), StorageError> {
    cursors::Entity::update_many()
        .col_expr(
            cursors::Column::Value,
            Expr::col(cursors::Column::Value).add(1),
        )
        .filter(cursors::Column::Name.eq(REVOCATIONS))
        .exec(connection)
        .await?;
    Ok(())
}

/// How often sessions were ended so far.
pub async fn count(connection: &impl ConnectionTrait) -> Result<i64, StorageError> {
    let row = cursors::Entity::find_by_id(REVOCATIONS)
        .one(connection)
        .await?;
    Ok(row.map_or(0, |row| row.value))
}
