use sea_orm::entity::prelude::*;

/// A conversation. A group has a `name`, a private one a `pair_key`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "conversations")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub name: Option<String>,
    /// The two members' numbers, smaller first: two people have one private conversation.
    #[sea_orm(unique)]
    pub pair_key: Option<String>,
    pub created_by: i64,
    /// The id under which its maker asked for a group, so that asking again makes no second.
    pub client_id: Option<String>,
    pub created_at: i64,
    /// The `seq` of the newest message, 0 while there is none.
    pub last_seq: i64,
    /// When something last happened, for the order of the list.
    pub active_at: i64,
    /// The cursor of its last change, be it a message, a position, the name or a member.
    pub cursor: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
