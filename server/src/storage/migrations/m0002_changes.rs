//! What has changed since: a cursor for every conversation, and who has left one.

use sea_orm_migration::{prelude::*, schema::*};

use crate::storage::changes::CHANGES;

#[derive(Debug, DeriveMigrationName)]
pub struct Migration;

#[derive(DeriveIden)]
enum Cursors {
    Table,
    Name,
    Value,
}

#[derive(DeriveIden)]
enum Departures {
    Table,
    ConversationId,
    AccountId,
    Cursor,
}

#[derive(DeriveIden)]
enum Conversations {
    Table,
    Id,
    Cursor,
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
                    .table(Cursors::Table)
                    .col(string(Cursors::Name).primary_key())
                    .col(big_integer(Cursors::Value))
                    .to_owned(),
            )
            .await?;
        let mut first = Query::insert();
        first
            .into_table(Cursors::Table)
            .columns([Cursors::Name, Cursors::Value])
            .values_panic([CHANGES.into(), 0_i64.into()]);
        manager.execute(first).await?;
        manager
            .alter_table(
                Table::alter()
                    .table(Conversations::Table)
                    .add_column(big_integer(Conversations::Cursor).default(0))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table(Departures::Table)
                    .col(string(Departures::ConversationId))
                    .col(big_integer(Departures::AccountId))
                    .col(big_integer(Departures::Cursor))
                    .primary_key(
                        Index::create()
                            .col(Departures::ConversationId)
                            .col(Departures::AccountId),
                    )
                    .foreign_key(
                        ForeignKey::create()
                            .from(Departures::Table, Departures::ConversationId)
                            .to(Conversations::Table, Conversations::Id),
                    )
                    .foreign_key(
                        ForeignKey::create()
                            .from(Departures::Table, Departures::AccountId)
                            .to(Accounts::Table, Accounts::Id),
                    )
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("departures_account_id_cursor")
                    .table(Departures::Table)
                    .col(Departures::AccountId)
                    .col(Departures::Cursor)
                    .to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table(Departures::Table).to_owned())
            .await?;
        manager
            .alter_table(
                Table::alter()
                    .table(Conversations::Table)
                    .drop_column(Conversations::Cursor)
                    .to_owned(),
            )
            .await?;
        manager
            .drop_table(Table::drop().table(Cursors::Table).to_owned())
            .await
    }
}
