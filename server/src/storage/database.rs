//! Opening a database.
//!
//! SQLite gets one connection that writes and several that read: a second writer could only wait
//! for the first, and a reader never waits in WAL mode. `synchronous=FULL` makes a commit survive
//! a power cut (<https://www.sqlite.org/pragma.html#pragma_synchronous>); with NORMAL the last
//! ones may be lost, and with them messages that were acknowledged.

use std::{path::Path, time::Duration};

use sea_orm::{
    ConnectOptions, DatabaseConnection, DatabaseTransaction, DbBackend, SqliteTransactionMode,
    TransactionOptions, TransactionTrait,
};
use sea_orm_migration::MigratorTrait;

use super::{StorageError, migrations::Migrator};

/// How many connections read from SQLite at the same time.
const SQLITE_READERS: u32 = 4;
/// How many connections a PostgreSQL pool holds.
const POSTGRES_CONNECTIONS: u32 = 16;
/// How long a writer waits for another program that writes to the same SQLite file.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a query waits for a free connection.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(10);

/// The connections to one database. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Database {
    writer: DatabaseConnection,
    reader: DatabaseConnection,
}

impl Database {
    /// Opens the SQLite file at `path`, which is made if it is missing, and brings its tables up
    /// to date.
    pub async fn open_file(path: &Path) -> Result<Self, StorageError> {
        let Some(path) = path.to_str() else {
            return Err(StorageError::Unusable(
                "the data directory's path is not valid UTF-8".to_owned(),
            ));
        };
        Self::open(&format!("sqlite://{path}")).await
    }

    /// Opens the database at `url` (`sqlite:` or `postgres:`) and brings its tables up to date.
    pub async fn open(url: &str) -> Result<Self, StorageError> {
        let database = if url.starts_with("sqlite:") {
            // The writer comes first: it makes the file and puts it in WAL mode.
            let writer = connect_sqlite(url, 1).await?;
            let in_memory = url.contains(":memory:");
            let reader = if in_memory {
                writer.clone()
            } else {
                connect_sqlite(url, SQLITE_READERS).await?
            };
            Self { writer, reader }
        } else if url.starts_with("postgres:") || url.starts_with("postgresql:") {
            let mut options = ConnectOptions::new(url);
            options
                .max_connections(POSTGRES_CONNECTIONS)
                .acquire_timeout(ACQUIRE_TIMEOUT)
                .sqlx_logging(false);
            let pool = sea_orm::Database::connect(options).await?;
            Self {
                writer: pool.clone(),
                reader: pool,
            }
        } else {
            return Err(StorageError::Unusable(
                "a database URL begins with sqlite: or postgres:".to_owned(),
            ));
        };
        Migrator::up(&database.writer, None).await?;
        Ok(database)
    }

    /// Where queries that change nothing go.
    pub const fn reader(&self) -> &DatabaseConnection {
        &self.reader
    }

    /// Begins a transaction that may write. On SQLite it takes the write lock at once, so that it
    /// cannot fail half-way because somebody else wrote.
    pub async fn begin(&self) -> Result<DatabaseTransaction, StorageError> {
        let mut options = TransactionOptions::default();
        if self.writer.get_database_backend() == DbBackend::Sqlite {
            options.sqlite_transaction_mode = Some(SqliteTransactionMode::Immediate);
        }
        Ok(self.writer.begin_with_options(options).await?)
    }

    /// Says whether the database answers.
    pub async fn ping(&self) -> Result<(), StorageError> {
        Ok(self.reader.ping().await?)
    }

    /// Closes every connection after what they are doing.
    pub async fn close(self) -> Result<(), StorageError> {
        self.reader.close().await?;
        self.writer.close().await?;
        Ok(())
    }
}

async fn connect_sqlite(url: &str, connections: u32) -> Result<DatabaseConnection, StorageError> {
    use sea_orm::sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};

    let mut options = ConnectOptions::new(url);
    options
        .max_connections(connections)
        .min_connections(1)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .sqlx_logging(false)
        .map_sqlx_sqlite_opts(|options| {
            options
                .create_if_missing(true)
                .journal_mode(SqliteJournalMode::Wal)
                .synchronous(SqliteSynchronous::Full)
                .foreign_keys(true)
                .busy_timeout(BUSY_TIMEOUT)
        });
    Ok(sea_orm::Database::connect(options).await?)
}
