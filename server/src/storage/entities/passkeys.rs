use sea_orm::entity::prelude::*;

use super::Hidden;

/// A passkey; its id is the credential's in base64url.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "passkeys")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub account_id: i64,
    pub name: String,
    /// The public key and what else there is to know, as JSON.
    #[sea_orm(column_type = "Text")]
    pub credential: Hidden,
    pub created_at: i64,
    pub last_used_at: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
