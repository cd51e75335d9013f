use sea_orm::entity::prelude::*;

/// Something that happened to a group, between its messages.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "group_events")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub conversation_id: String,
    /// The cursor of the change.
    #[sea_orm(primary_key, auto_increment = false)]
    pub cursor: i64,
    /// The last message before it.
    pub after_seq: i64,
    pub at: i64,
    /// Who did it, by username.
    pub actor: String,
    /// A word that services give a meaning.
    pub kind: String,
    /// The group's new name.
    pub name: Option<String>,
    /// With whom it was done: usernames with spaces between them, the first few of them.
    pub members: String,
    /// With how many it was done.
    pub member_count: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
