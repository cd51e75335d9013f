//! Accounts, sessions, conversations, members and messages.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(Debug, DeriveMigrationName)]
pub struct Migration;

#[derive(DeriveIden)]
enum Accounts {
    Table,
    Id,
    Username,
    DisplayName,
    CreatedAt,
}

#[derive(DeriveIden)]
enum Sessions {
    Table,
    Id,
    AccountId,
    CreatedAt,
    ExpiresAt,
}

#[derive(DeriveIden)]
enum Conversations {
    Table,
    Id,
    Name,
    PairKey,
    CreatedBy,
    ClientId,
    CreatedAt,
    LastSeq,
    ActiveAt,
}

#[derive(DeriveIden)]
enum Members {
    Table,
    ConversationId,
    AccountId,
    DeliveredSeq,
    ReadSeq,
    JoinedAt,
}

#[derive(DeriveIden)]
enum Messages {
    Table,
    Id,
    ConversationId,
    Seq,
    SenderId,
    ClientId,
    Text,
    SentAt,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        accounts_and_sessions(manager).await?;
        conversations_and_members(manager).await?;
        messages(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table(Messages::Table).to_owned())
            .await?;
        manager
            .drop_table(Table::drop().table(Members::Table).to_owned())
            .await?;
        manager
            .drop_table(Table::drop().table(Conversations::Table).to_owned())
            .await?;
        manager
            .drop_table(Table::drop().table(Sessions::Table).to_owned())
            .await?;
        manager
            .drop_table(Table::drop().table(Accounts::Table).to_owned())
            .await
    }
}

async fn accounts_and_sessions(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table(Accounts::Table)
                .col(big_pk_auto(Accounts::Id))
                .col(string_uniq(Accounts::Username))
                .col(string(Accounts::DisplayName))
                .col(big_integer(Accounts::CreatedAt))
                .to_owned(),
        )
        .await?;
    manager
        .create_table(
            Table::create()
                .table(Sessions::Table)
                .col(string(Sessions::Id).primary_key())
                .col(big_integer(Sessions::AccountId))
                .col(big_integer(Sessions::CreatedAt))
                .col(big_integer(Sessions::ExpiresAt))
                .foreign_key(
                    ForeignKey::create()
                        .from(Sessions::Table, Sessions::AccountId)
                        .to(Accounts::Table, Accounts::Id),
                )
                .to_owned(),
        )
        .await?;
    manager
        .create_index(
            Index::create()
                .name("sessions_expires_at")
                .table(Sessions::Table)
                .col(Sessions::ExpiresAt)
                .to_owned(),
        )
        .await
}

async fn conversations_and_members(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table(Conversations::Table)
                .col(string(Conversations::Id).primary_key())
                .col(string_null(Conversations::Name))
                .col(string_null(Conversations::PairKey).unique_key())
                .col(big_integer(Conversations::CreatedBy))
                .col(string_null(Conversations::ClientId))
                .col(big_integer(Conversations::CreatedAt))
                .col(big_integer(Conversations::LastSeq).default(0))
                .col(big_integer(Conversations::ActiveAt))
                .foreign_key(
                    ForeignKey::create()
                        .from(Conversations::Table, Conversations::CreatedBy)
                        .to(Accounts::Table, Accounts::Id),
                )
                .to_owned(),
        )
        .await?;
    manager
        .create_index(
            Index::create()
                .name("conversations_created_by_client_id")
                .table(Conversations::Table)
                .col(Conversations::CreatedBy)
                .col(Conversations::ClientId)
                .unique()
                .to_owned(),
        )
        .await?;
    manager
        .create_table(
            Table::create()
                .table(Members::Table)
                .col(string(Members::ConversationId))
                .col(big_integer(Members::AccountId))
                .col(big_integer(Members::DeliveredSeq).default(0))
                .col(big_integer(Members::ReadSeq).default(0))
                .col(big_integer(Members::JoinedAt))
                .primary_key(
                    Index::create()
                        .col(Members::ConversationId)
                        .col(Members::AccountId),
                )
                .foreign_key(
                    ForeignKey::create()
                        .from(Members::Table, Members::ConversationId)
                        .to(Conversations::Table, Conversations::Id),
                )
                .foreign_key(
                    ForeignKey::create()
                        .from(Members::Table, Members::AccountId)
                        .to(Accounts::Table, Accounts::Id),
                )
                .to_owned(),
        )
        .await?;
    manager
        .create_index(
            Index::create()
                .name("members_account_id")
                .table(Members::Table)
                .col(Members::AccountId)
                .to_owned(),
        )
        .await
}

async fn messages(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table(Messages::Table)
                .col(string(Messages::Id).primary_key())
                .col(string(Messages::ConversationId))
                .col(big_integer(Messages::Seq))
                .col(big_integer(Messages::SenderId))
                .col(string(Messages::ClientId))
                .col(text(Messages::Text))
                .col(big_integer(Messages::SentAt))
                .foreign_key(
                    ForeignKey::create()
                        .from(Messages::Table, Messages::ConversationId)
                        .to(Conversations::Table, Conversations::Id),
                )
                .foreign_key(
                    ForeignKey::create()
                        .from(Messages::Table, Messages::SenderId)
                        .to(Accounts::Table, Accounts::Id),
                )
                .to_owned(),
        )
        .await?;
    manager
        .create_index(
            Index::create()
                .name("messages_conversation_id_seq")
                .table(Messages::Table)
                .col(Messages::ConversationId)
                .col(Messages::Seq)
                .unique()
                .to_owned(),
        )
        .await?;
    manager
        .create_index(
            Index::create()
                .name("messages_sender_id_client_id")
                .table(Messages::Table)
                .col(Messages::SenderId)
                .col(Messages::ClientId)
                .unique()
                .to_owned(),
        )
        .await
}
