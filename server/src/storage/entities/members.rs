use sea_orm::entity::prelude::*;

/// One person's membership of one conversation, with how far they have got.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "members")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub conversation_id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: i64,
    pub delivered_seq: i64,
    pub read_seq: i64,
    /// How far they have read as others see it: it stays where it is while they do not show it.
    pub shown_read_seq: i64,
    pub joined_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
