//! Opening a database.
//!
//! SQLite gets one connection that writes and several that read: a second writer could only wait
//! for the first, and a reader never waits in WAL mode. `synchronous=FULL` makes a commit survive
//! a power cut (<https://www.sqlite.org/pragma.html#pragma_synchronous>); with NORMAL the last
//! ones may be lost, and with them messages that were acknowledged.
//!
//! PostgreSQL gets the same: one connection that writes, others that read, `synchronous_commit=on`
//! whatever its configuration says, and one writer at a time even where several servers share it.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use sea_orm::{
    AccessMode, ConnectOptions, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr,
    IsolationLevel, RuntimeErr, SqliteTransactionMode, TransactionOptions, TransactionTrait,
    sqlx::{self, sqlite::SqliteLockingMode},
};
use sea_orm_migration::MigratorTrait;

use super::{StorageError, migrations::Migrator, postgres};

/// How many connections read from SQLite at the same time.
const SQLITE_READERS: u32 = 4;
/// How many connections read from PostgreSQL at the same time.
const POSTGRES_READERS: u32 = 15;
/// How long a writer waits for another program that writes to the same database.
pub(super) const BUSY_TIMEOUT: Duration = Duration::from_secs(10);
/// How long is waited for other programs to close a database that is wanted for one alone.
const PATIENCE_WITH_OTHERS: Duration = Duration::from_secs(2);
/// After how many pages of 4 KB the log is written back into the file. Four times as many as SQLite's
/// own default: each page is written back once, however often it has changed.
const WAL_PAGES: &str = "4000";
/// Rows of an answer that SQLite's thread may be ahead of who reads them. Where it waits for its reader
/// the two take turns on a processor, which costs more than the rows.
const ROWS_AHEAD: usize = 1_024;
/// How long a query waits for a free connection.
pub(super) const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(10);

/// Primary result codes of SQLite: <https://www.sqlite.org/rescode.html>.
const SQLITE_BUSY: i32 = 5;
const SQLITE_LOCKED: i32 = 6;
const SQLITE_IO_ERROR: i32 = 10;
const SQLITE_FULL: i32 = 13;
const SQLITE_CANNOT_OPEN: i32 = 14;

/// The connections to one database. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Database {
    writer: DatabaseConnection,
    reader: DatabaseConnection,
    /// How many statements were carried out.
    statements: Arc<AtomicU64>,
    /// How many transactions were committed.
    commits: Arc<AtomicU64>,
}

impl Database {
    /// Opens the SQLite file at `path`, which is made if it is missing, and brings its tables up
    /// to date.
    pub async fn open_file(path: &Path) -> Result<Self, StorageError> {
        Self::open(&file_url(path)?).await
    }

    /// As [`Self::open_alone`], with the SQLite file at `path`.
    pub async fn open_file_alone(path: &Path) -> Result<Self, StorageError> {
        Self::open_alone(&file_url(path)?).await
    }

    /// Opens the database at `url` so that no other program can write to it until it is closed, and
    /// brings its tables up to date. A file that is missing is not made. Fails with a sentence if
    /// another program has the database open.
    pub async fn open_alone(url: &str) -> Result<Self, StorageError> {
        let database = if is_sqlite(url) {
            let only = connect_sqlite(url, 1, SqliteLockingMode::Exclusive)
                .await
                .map_err(|error| {
                    if is_busy(&error) {
                        in_use()
                    } else {
                        error.into()
                    }
                })?;
            Self::over(only.clone(), only)
        } else {
            let only = postgres::connect(url, 1).await?;
            if !postgres::is_alone(&only, PATIENCE_WITH_OTHERS).await? {
                return Err(in_use());
            }
            Self::over(only.clone(), only)
        };
        database.migrate().await?;
        Ok(database)
    }

    /// Opens the database at `url` (`sqlite:` or `postgres:`) and brings its tables up to date.
    pub async fn open(url: &str) -> Result<Self, StorageError> {
        let database = if is_sqlite(url) {
            // The writer comes first: it makes the file and puts it in WAL mode.
            let in_memory = url.contains(":memory:");
            if !in_memory {
                make_private(url)?;
            }
            let writer = connect_sqlite(url, 1, SqliteLockingMode::Normal).await?;
            let reader = if in_memory {
                writer.clone()
            } else {
                connect_sqlite(url, SQLITE_READERS, SqliteLockingMode::Normal).await?
            };
            Self::over(writer, reader)
        } else {
            let writer = postgres::connect(url, 1).await?;
            let reader = postgres::connect(url, POSTGRES_READERS).await?;
            Self::over(writer, reader)
        };
        database.migrate().await?;
        Ok(database)
    }

    /// Brings the tables up to date, as one writer among others: two servers that start together do
    /// not make them twice, and one that is cut off half-way leaves nothing half-made.
    async fn migrate(&self) -> Result<(), StorageError> {
        let transaction = self.begin().await?;
        Migrator::up(&transaction, None).await?;
        transaction.commit().await?;
        Ok(())
    }

    fn over(mut writer: DatabaseConnection, mut reader: DatabaseConnection) -> Self {
        let statements = Arc::<AtomicU64>::default();
        for connection in [&mut writer, &mut reader] {
            let statements = Arc::clone(&statements);
            connection.set_metric_callback(move |_| {
                statements.fetch_add(1, Ordering::Relaxed);
            });
        }
        Self {
            writer,
            reader,
            statements,
            commits: Arc::default(),
        }
    }

    /// Where queries that change nothing go.
    pub const fn reader(&self) -> &DatabaseConnection {
        &self.reader
    }

    /// Begins a transaction that may write. It takes the write lock at once, so that it cannot fail
    /// half-way because somebody else wrote, and what it reads stays true until its commit.
    pub async fn begin(&self) -> Result<DatabaseTransaction, StorageError> {
        Ok(match self.writer.get_database_backend() {
            DbBackend::Postgres => postgres::begin(&self.writer).await?,
            _ => {
                let options = TransactionOptions {
                    sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
                    ..TransactionOptions::default()
                };
                self.writer.begin_with_options(options).await?
            }
        })
    }

    /// Makes a transaction's changes durable, and counts it.
    pub async fn commit(&self, transaction: DatabaseTransaction) -> Result<(), StorageError> {
        match self.writer.get_database_backend() {
            DbBackend::Postgres => postgres::commit(transaction, &self.reader).await?,
            _ => transaction.commit().await?,
        }
        self.commits.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    /// How many transactions this process has committed. Each costs a write to the disk, so this is
    /// what sharing them saves.
    pub fn commits(&self) -> u64 {
        self.commits.load(Ordering::Relaxed)
    }

    /// How many statements this process has had carried out, reading ones too.
    pub fn statements(&self) -> u64 {
        self.statements.load(Ordering::Relaxed)
    }

    /// Begins a transaction that only reads, and sees the database as it is at one moment.
    pub async fn snapshot(&self) -> Result<DatabaseTransaction, StorageError> {
        // SQLite reads every transaction from one moment, and knows no other way.
        let options = match self.reader.get_database_backend() {
            DbBackend::Postgres => (
                Some(IsolationLevel::RepeatableRead),
                Some(AccessMode::ReadOnly),
            ),
            _ => (None, None),
        };
        Ok(self.reader.begin_with_config(options.0, options.1).await?)
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

fn file_url(path: &Path) -> Result<String, StorageError> {
    let path = path.to_str().ok_or_else(|| {
        StorageError::Unusable("the data directory's path is not valid UTF-8".to_owned())
    })?;
    Ok(format!("sqlite://{path}"))
}

/// Makes a missing file for its owner alone. SQLite gives what it puts beside it (`-wal`, `-shm`) the
/// same mode (<https://www.sqlite.org/src/file/src/os_unix.c>, `findCreateFileMode`).
fn make_private(url: &str) -> Result<(), StorageError> {
    let options: sqlx::sqlite::SqliteConnectOptions = url
        .parse()
        .map_err(|error| DbErr::Conn(RuntimeErr::SqlxError(Arc::new(error))))?;
    let mut file = std::fs::OpenOptions::new();
    file.append(true).create(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        file.mode(0o600);
    }
    // A file that cannot be made is SQLite's to complain about, in its own words.
    drop(file.open(options.get_filename()));
    Ok(())
}

fn is_sqlite(url: &str) -> bool {
    url.starts_with("sqlite:")
}

async fn connect_sqlite(
    url: &str,
    connections: u32,
    locking: SqliteLockingMode,
) -> Result<DatabaseConnection, DbErr> {
    use sea_orm::sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};

    let (make, busy_timeout) = match locking {
        SqliteLockingMode::Normal => (true, BUSY_TIMEOUT),
        SqliteLockingMode::Exclusive => (false, PATIENCE_WITH_OTHERS),
    };
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(connections)
        .min_connections(1)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .sqlx_logging(false)
        .map_sqlx_sqlite_opts(move |options| {
            options
                .create_if_missing(make)
                .locking_mode(locking)
                .journal_mode(SqliteJournalMode::Wal)
                .synchronous(SqliteSynchronous::Full)
                .foreign_keys(true)
                // A statement that changes many rows keeps what it may have to take back, in a file
                // unless told otherwise.
                .pragma("temp_store", "memory")
                .pragma("wal_autocheckpoint", WAL_PAGES)
                .row_buffer_size(ROWS_AHEAD)
                .busy_timeout(busy_timeout)
        })
        .map_sqlx_sqlite_pool_opts(|pool| {
            use sqlx::Connection;
            // SQLite rolls a transaction back by itself where the disk is full. Then sqlx still
            // counts it, and what follows would be part of a transaction that never ends: such a
            // connection is closed, and another one opened.
            pool.before_acquire(|connection, _| {
                Box::pin(async move { Ok(!connection.is_in_transaction()) })
            })
        });
    sea_orm::Database::connect(options).await
}

/// Whether SQLite failed because another connection has a lock.
fn is_busy(error: &DbErr) -> bool {
    cause(error).and_then(sqlite_code) == Some(SQLITE_BUSY)
}

/// Whether the same may succeed later.
pub(super) fn may_pass(error: &DbErr) -> bool {
    /// Classes and codes of PostgreSQL's errors that speak of its state and not of the statement:
    /// connections, resources, an operator's intervention, its system, locks and conflicts.
    /// <https://www.postgresql.org/docs/current/errcodes-appendix.html>
    const POSTGRES: [&str; 8] = ["08", "53", "57", "58", "25P03", "55P03", "40001", "40P01"];

    if matches!(error, DbErr::Conn(_) | DbErr::ConnectionAcquire(_)) {
        return true;
    }
    let Some(cause) = cause(error) else {
        return false;
    };
    match cause {
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::Protocol(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::WorkerCrashed => true,
        sqlx::Error::Database(database) => match sqlite_code(cause) {
            Some(code) => [
                SQLITE_BUSY,
                SQLITE_LOCKED,
                SQLITE_IO_ERROR,
                SQLITE_FULL,
                SQLITE_CANNOT_OPEN,
            ]
            .contains(&code),
            None => database
                .code()
                .is_some_and(|code| POSTGRES.iter().any(|class| code.starts_with(class))),
        },
        _ => false,
    }
}

fn cause(error: &DbErr) -> Option<&sqlx::Error> {
    match error {
        DbErr::Conn(RuntimeErr::SqlxError(cause))
        | DbErr::Exec(RuntimeErr::SqlxError(cause))
        | DbErr::Query(RuntimeErr::SqlxError(cause)) => Some(cause),
        _ => None,
    }
}

/// The primary result code of an error of SQLite.
fn sqlite_code(error: &sqlx::Error) -> Option<i32> {
    let error = error.as_database_error()?;
    error.try_downcast_ref::<sqlx::sqlite::SqliteError>()?;
    let code: i32 = error.code()?.parse().ok()?;
    // The bits above tell more.
    Some(code & 0xff)
}

fn in_use() -> StorageError {
    StorageError::Unusable(
        "another program has the database open; stop the server first".to_owned(),
    )
}
