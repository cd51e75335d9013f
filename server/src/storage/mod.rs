//! Tables, migrations and queries. No type of the wire, no rule of the chat: rows in, rows out.
//!
//! Queries take `&impl ConnectionTrait`, so that several of them compose in one transaction.

/// Opening a database: one writer and several readers on SQLite, one pool on PostgreSQL.
pub mod database;
/// The tables as sea-orm entities.
pub mod entities;
/// One statement for many rows.
mod given;
/// The tables' history, applied at start.
pub mod migrations;
/// What PostgreSQL has to be told and asked.
mod postgres;

/// Who has an account.
pub mod accounts;
/// What had to do with getting in, and with who may.
pub mod audit;
/// The cursor by which a returning client asks for what has changed.
pub mod changes;
/// Conversations and how far their log has got.
pub mod conversations;
/// What happened to groups.
pub mod group_events;
/// Links that let somebody in.
pub mod links;
/// Who is in a conversation, and each one's delivered and read positions.
pub mod members;
/// The log itself.
pub mod messages;
/// Passkeys of accounts.
pub mod passkeys;
/// When members had read what.
pub mod read_times;
/// Recovery codes that were not used yet.
pub mod recovery_codes;
/// The number by which every server hears that sessions have ended.
pub mod revocations;
/// Sessions that tokens refer to.
pub mod sessions;
/// What owners have set.
pub mod settings;
/// Moving everything from one database to another.
pub mod transfer;

pub use database::Database;

/// A fault of the database. Its text is for logs and never for a client.
#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    #[error("the database failed: {0}")]
    Database(#[from] sea_orm::DbErr),
    #[error("{0}")]
    Unusable(String),
}

impl StorageError {
    /// Whether the same may succeed later: the database cannot be reached, is busy, or its disk is
    /// full.
    pub fn may_pass(&self) -> bool {
        match self {
            Self::Database(error) => database::may_pass(error),
            Self::Unusable(_) => false,
        }
    }
}

/// Whether a text can be in the database. PostgreSQL takes none with a null character, not even in a
/// question, which would be the end of the transaction.
fn may_be_stored(text: &str) -> bool {
    !text.contains('\0')
}

/// A user's number in the database; names travel on the wire, numbers in joins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct UserId(pub i64);
