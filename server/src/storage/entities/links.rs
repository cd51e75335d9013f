use sea_orm::entity::prelude::*;

use super::Hidden;

/// A link that lets somebody in, of whose token only a hash is kept.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "links")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    #[sea_orm(unique)]
    pub token_hash: Hidden,
    pub purpose: String,
    /// Whose password it sets.
    pub account_id: Option<i64>,
    /// `None`: the server or its command line.
    pub created_by: Option<i64>,
    pub created_at: i64,
    pub expires_at: i64,
    pub uses_left: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
