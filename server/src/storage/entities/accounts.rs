use sea_orm::entity::prelude::*;

use super::Hidden;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "accounts")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    #[sea_orm(unique)]
    pub username: String,
    pub display_name: String,
    pub created_at: i64,
    /// A word that services give a meaning.
    pub role: String,
    /// In the PHC string format; nothing where there is no password.
    pub password_hash: Option<Hidden>,
    /// Since when they cannot sign in.
    pub deactivated_at: Option<i64>,
    /// Whether others see how far they have read.
    pub shares_read: bool,
    /// Whether others see when they were last here.
    pub shares_last_seen: bool,
    /// When their last connection ended.
    pub last_seen_at: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
