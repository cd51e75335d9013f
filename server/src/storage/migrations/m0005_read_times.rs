//! When somebody had read a message.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(Debug, DeriveMigrationName)]
pub struct Migration;

#[derive(DeriveIden)]
enum ReadTimes {
    Table,
    ConversationId,
    AccountId,
    Seq,
    At,
}

#[derive(DeriveIden)]
enum Conversations {
    Table,
    Id,
}

#[derive(DeriveIden)]
enum Accounts {
    Table,
    Id,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table(ReadTimes::Table)
                    .col(string(ReadTimes::ConversationId))
                    .col(big_integer(ReadTimes::AccountId))
                    .col(big_integer(ReadTimes::Seq))
                    .col(big_integer(ReadTimes::At))
                    .primary_key(
                        Index::create()
                            .col(ReadTimes::ConversationId)
                            .col(ReadTimes::AccountId)
                            .col(ReadTimes::Seq),
                    )
                    .foreign_key(
                        ForeignKey::create()
                            .from(ReadTimes::Table, ReadTimes::ConversationId)
                            .to(Conversations::Table, Conversations::Id),
                    )
                    .foreign_key(
                        ForeignKey::create()
                            .from(ReadTimes::Table, ReadTimes::AccountId)
                            .to(Accounts::Table, Accounts::Id),
                    )
                    .to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table(ReadTimes::Table).to_owned())
            .await
    }
}
