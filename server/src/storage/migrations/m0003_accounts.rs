//! Real accounts: roles, passwords, passkeys, recovery codes, links, sessions that say where they
//! are, an audit log, and what owners set.

use sea_orm_migration::{prelude::*, schema::*};

use crate::storage::revocations::REVOCATIONS;

#[derive(Debug, DeriveMigrationName)]
pub struct Migration;

#[derive(DeriveIden)]
enum Accounts {
    Table,
    Id,
    Role,
    PasswordHash,
    DeactivatedAt,
}

#[derive(DeriveIden)]
enum Sessions {
    Table,
    AccountId,
    CreatedAt,
    ExpiresAt,
    EndsAt,
    SeenAt,
    ConfirmedAt,
    Address,
    Browser,
}

#[derive(DeriveIden)]
enum Links {
    Table,
    Id,
    TokenHash,
    Purpose,
    AccountId,
    CreatedBy,
    CreatedAt,
    ExpiresAt,
    UsesLeft,
}

#[derive(DeriveIden)]
enum Passkeys {
    Table,
    Id,
    AccountId,
    Name,
    Credential,
    CreatedAt,
    LastUsedAt,
}

#[derive(DeriveIden)]
enum RecoveryCodes {
    Table,
    AccountId,
    CodeHash,
}

#[derive(DeriveIden)]
enum AuditEntries {
    Table,
    Id,
    At,
    Action,
    ActorId,
    SubjectId,
    Address,
    Detail,
}

#[derive(DeriveIden)]
enum Settings {
    Table,
    Name,
    Value,
}

#[derive(DeriveIden)]
enum Cursors {
    Table,
    Name,
    Value,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        accounts(manager).await?;
        sessions(manager).await?;
        ways_to_sign_in(manager).await?;
        links(manager).await?;
        audit_and_settings(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut forget = Query::delete();
        forget
            .from_table(Cursors::Table)
            .and_where(Expr::col(Cursors::Name).eq(REVOCATIONS));
        manager.execute(forget).await?;
        for table in [
            Settings::Table.into_iden(),
            AuditEntries::Table.into_iden(),
            Links::Table.into_iden(),
            RecoveryCodes::Table.into_iden(),
            Passkeys::Table.into_iden(),
        ] {
            manager
                .drop_table(Table::drop().table(table).to_owned())
                .await?;
        }
        for column in [
            Sessions::EndsAt.into_iden(),
            Sessions::SeenAt.into_iden(),
            Sessions::ConfirmedAt.into_iden(),
            Sessions::Address.into_iden(),
            Sessions::Browser.into_iden(),
        ] {
            drop_column(manager, Sessions::Table.into_iden(), column).await?;
        }
        for column in [
            Accounts::Role.into_iden(),
            Accounts::PasswordHash.into_iden(),
            Accounts::DeactivatedAt.into_iden(),
        ] {
            drop_column(manager, Accounts::Table.into_iden(), column).await?;
        }
        Ok(())
    }
}

/// SQLite adds and drops one column at a time.
async fn add_column(
    manager: &SchemaManager<'_>,
    table: DynIden,
    column: ColumnDef,
) -> Result<(), DbErr> {
    manager
        .alter_table(Table::alter().table(table).add_column(column).to_owned())
        .await
}

async fn drop_column(
    manager: &SchemaManager<'_>,
    table: DynIden,
    column: DynIden,
) -> Result<(), DbErr> {
    manager
        .alter_table(Table::alter().table(table).drop_column(column).to_owned())
        .await
}

async fn accounts(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    for column in [
        string(Accounts::Role).default("member").to_owned(),
        string_null(Accounts::PasswordHash).to_owned(),
        big_integer_null(Accounts::DeactivatedAt).to_owned(),
    ] {
        add_column(manager, Accounts::Table.into_iden(), column).await?;
    }
    Ok(())
}

async fn sessions(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    for column in [
        big_integer(Sessions::EndsAt).default(0).to_owned(),
        big_integer(Sessions::SeenAt).default(0).to_owned(),
        big_integer(Sessions::ConfirmedAt).default(0).to_owned(),
        string_null(Sessions::Address).to_owned(),
        string(Sessions::Browser).default("").to_owned(),
    ] {
        add_column(manager, Sessions::Table.into_iden(), column).await?;
    }
    // A session from before lasts as long as it was given, and is not renewed.
    let mut earlier = Query::update();
    earlier
        .table(Sessions::Table)
        .value(Sessions::EndsAt, Expr::col(Sessions::ExpiresAt))
        .value(Sessions::SeenAt, Expr::col(Sessions::CreatedAt));
    manager.execute(earlier).await?;
    manager
        .create_index(
            Index::create()
                .if_not_exists()
                .name("sessions_account_id")
                .table(Sessions::Table)
                .col(Sessions::AccountId)
                .to_owned(),
        )
        .await
}

async fn ways_to_sign_in(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table(Passkeys::Table)
                .col(string(Passkeys::Id).primary_key())
                .col(big_integer(Passkeys::AccountId))
                .col(string(Passkeys::Name))
                .col(text(Passkeys::Credential))
                .col(big_integer(Passkeys::CreatedAt))
                .col(big_integer_null(Passkeys::LastUsedAt))
                .foreign_key(
                    ForeignKey::create()
                        .from(Passkeys::Table, Passkeys::AccountId)
                        .to(Accounts::Table, Accounts::Id),
                )
                .to_owned(),
        )
        .await?;
    manager
        .create_index(
            Index::create()
                .name("passkeys_account_id")
                .table(Passkeys::Table)
                .col(Passkeys::AccountId)
                .to_owned(),
        )
        .await?;
    manager
        .create_table(
            Table::create()
                .table(RecoveryCodes::Table)
                .col(big_integer(RecoveryCodes::AccountId))
                .col(string(RecoveryCodes::CodeHash))
                .primary_key(
                    Index::create()
                        .col(RecoveryCodes::AccountId)
                        .col(RecoveryCodes::CodeHash),
                )
                .foreign_key(
                    ForeignKey::create()
                        .from(RecoveryCodes::Table, RecoveryCodes::AccountId)
                        .to(Accounts::Table, Accounts::Id),
                )
                .to_owned(),
        )
        .await
}

async fn links(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table(Links::Table)
                .col(string(Links::Id).primary_key())
                .col(string_uniq(Links::TokenHash))
                .col(string(Links::Purpose))
                .col(big_integer_null(Links::AccountId))
                .col(big_integer_null(Links::CreatedBy))
                .col(big_integer(Links::CreatedAt))
                .col(big_integer(Links::ExpiresAt))
                .col(integer(Links::UsesLeft))
                .foreign_key(
                    ForeignKey::create()
                        .from(Links::Table, Links::AccountId)
                        .to(Accounts::Table, Accounts::Id),
                )
                .foreign_key(
                    ForeignKey::create()
                        .from(Links::Table, Links::CreatedBy)
                        .to(Accounts::Table, Accounts::Id),
                )
                .to_owned(),
        )
        .await
}

async fn audit_and_settings(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table(AuditEntries::Table)
                .col(big_pk_auto(AuditEntries::Id))
                .col(big_integer(AuditEntries::At))
                .col(string(AuditEntries::Action))
                .col(big_integer_null(AuditEntries::ActorId))
                .col(big_integer_null(AuditEntries::SubjectId))
                .col(string_null(AuditEntries::Address))
                .col(string_null(AuditEntries::Detail))
                .foreign_key(
                    ForeignKey::create()
                        .from(AuditEntries::Table, AuditEntries::ActorId)
                        .to(Accounts::Table, Accounts::Id),
                )
                .foreign_key(
                    ForeignKey::create()
                        .from(AuditEntries::Table, AuditEntries::SubjectId)
                        .to(Accounts::Table, Accounts::Id),
                )
                .to_owned(),
        )
        .await?;
    manager
        .create_table(
            Table::create()
                .table(Settings::Table)
                .col(string(Settings::Name).primary_key())
                .col(string(Settings::Value))
                .to_owned(),
        )
        .await?;
    let mut first = Query::insert();
    first
        .into_table(Cursors::Table)
        .columns([Cursors::Name, Cursors::Value])
        .values_panic([REVOCATIONS.into(), 0_i64.into()]);
    manager.execute(first).await
}
