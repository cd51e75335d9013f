//! Tables, migrations and queries. No type of the wire, no rule of the chat: rows in, rows out.
//!
//! Queries take `&impl ConnectionTrait`, so that several of them compose in one transaction.

/// Opening a database: one writer and several readers on SQLite, one pool on PostgreSQL.
pub mod database;
/// The tables as sea-orm entities.
pub mod entities;
/// The tables' history, applied at start.
pub mod migrations;

/// Who has an account.
pub mod accounts;
/// Conversations and how far their log has got.
pub mod conversations;
/// Who is in a conversation, and each one's delivered and read positions.
pub mod members;
/// The log itself.
pub mod messages;
/// Sessions that tokens refer to.
pub mod sessions;

pub use database::Database;

/// A fault of the database. Its text is for logs and never for a client.
#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    #[error("the database failed: {0}")]
    Database(#[from] sea_orm::DbErr),
    #[error("{0}")]
    Unusable(String),
}

/// A user's number in the database; names travel on the wire, numbers in joins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct UserId(pub i64);
