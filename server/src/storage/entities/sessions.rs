use sea_orm::entity::prelude::*;

/// A session; deleting its row ends it before its time.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "sessions")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub account_id: i64,
    pub created_at: i64,
    /// Grows while the session is used, as far as `ends_at`.
    pub expires_at: i64,
    pub ends_at: i64,
    pub seen_at: i64,
    /// When its owner last proved who they are.
    pub confirmed_at: i64,
    /// Where from, last.
    pub address: Option<String>,
    /// Browser and system in words.
    pub browser: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
