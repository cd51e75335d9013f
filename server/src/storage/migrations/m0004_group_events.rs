//! What happened to groups, and what people let others see of them.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(Debug, DeriveMigrationName)]
pub struct Migration;

#[derive(DeriveIden)]
enum GroupEvents {
    Table,
    ConversationId,
    Cursor,
    AfterSeq,
    At,
    Actor,
    Kind,
    Name,
    Members,
    MemberCount,
}

#[derive(DeriveIden)]
enum Conversations {
    Table,
    Id,
}

#[derive(DeriveIden)]
enum Members {
    Table,
    ReadSeq,
    ShownReadSeq,
}

#[derive(DeriveIden)]
enum Accounts {
    Table,
    SharesRead,
    SharesLastSeen,
    LastSeenAt,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table(GroupEvents::Table)
                    .col(string(GroupEvents::ConversationId))
                    .col(big_integer(GroupEvents::Cursor))
                    .col(big_integer(GroupEvents::AfterSeq))
                    .col(big_integer(GroupEvents::At))
                    .col(string(GroupEvents::Actor))
                    .col(string(GroupEvents::Kind))
                    .col(string_null(GroupEvents::Name))
                    .col(text(GroupEvents::Members))
                    .col(big_integer(GroupEvents::MemberCount))
                    .primary_key(
                        Index::create()
                            .col(GroupEvents::ConversationId)
                            .col(GroupEvents::Cursor),
                    )
                    .foreign_key(
                        ForeignKey::create()
                            .from(GroupEvents::Table, GroupEvents::ConversationId)
                            .to(Conversations::Table, Conversations::Id),
                    )
                    .to_owned(),
            )
            .await?;
        // SQLite adds one column at a time.
        for mut column in [
            boolean(Accounts::SharesRead).default(true).take(),
            boolean(Accounts::SharesLastSeen).default(true).take(),
            big_integer_null(Accounts::LastSeenAt).take(),
        ] {
            manager
                .alter_table(
                    Table::alter()
                        .table(Accounts::Table)
                        .add_column(&mut column)
                        .to_owned(),
                )
                .await?;
        }
        manager
            .alter_table(
                Table::alter()
                    .table(Members::Table)
                    .add_column(big_integer(Members::ShownReadSeq).default(0))
                    .to_owned(),
            )
            .await?;
        let mut shown = Query::update();
        shown
            .table(Members::Table)
            .value(Members::ShownReadSeq, Expr::col(Members::ReadSeq));
        manager.execute(shown).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .alter_table(
                Table::alter()
                    .table(Members::Table)
                    .drop_column(Members::ShownReadSeq)
                    .to_owned(),
            )
            .await?;
        for column in [
            Accounts::SharesRead.into_iden(),
            Accounts::SharesLastSeen.into_iden(),
            Accounts::LastSeenAt.into_iden(),
        ] {
            manager
                .alter_table(
                    Table::alter()
                        .table(Accounts::Table)
                        .drop_column(column)
                        .to_owned(),
                )
                .await?;
        }
        manager
            .drop_table(Table::drop().table(GroupEvents::Table).to_owned())
            .await
    }
}
