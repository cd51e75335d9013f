//! What PostgreSQL has to be told and asked so that it keeps the promises that SQLite keeps.

use std::time::{Duration, Instant};

use sea_orm::{
    ConnectOptions, ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr,
    IsolationLevel, Statement, TransactionOptions, TransactionTrait,
    sqlx::postgres::PgConnectOptions,
};

use super::{
    StorageError,
    database::{ACQUIRE_TIMEOUT, BUSY_TIMEOUT},
};

/// The lock that whoever writes holds until the commit: an advisory one, which belongs to the
/// database and means nothing to others. The number is "natter" in ASCII.
const WRITE_LOCK: &str = "SELECT pg_advisory_xact_lock(121364844668274)";
/// How long a transaction may wait for its program, which may be gone, with all its locks.
const ABANDONED_AFTER: Duration = Duration::from_secs(60);
/// How long is asked what became of a commit whose answer was lost.
const IN_DOUBT: Duration = Duration::from_secs(30);
/// How long is waited before something is asked again.
const PAUSE: Duration = Duration::from_millis(100);

/// A pool of so many connections. Each says itself what a commit is worth.
pub async fn connect(url: &str, connections: u32) -> Result<DatabaseConnection, StorageError> {
    // Checked here, because sea-orm's own error repeats the URL with its password.
    let is_postgres = url.starts_with("postgres://") || url.starts_with("postgresql://");
    if !is_postgres || url.parse::<PgConnectOptions>().is_err() {
        return Err(StorageError::Unusable(
            "a database URL is like sqlite://PATH or postgres://USER:PASSWORD@HOST/DATABASE"
                .to_owned(),
        ));
    }
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(connections)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .sqlx_logging(false)
        .set_application_name("natter")
        .map_sqlx_postgres_opts(|options| {
            let milliseconds = |time: Duration| time.as_millis().to_string();
            options.options([
                ("synchronous_commit", "on".to_owned()),
                // The migrations' table being there already is no news.
                ("client_min_messages", "warning".to_owned()),
                ("lock_timeout", milliseconds(BUSY_TIMEOUT)),
                (
                    "idle_in_transaction_session_timeout",
                    milliseconds(ABANDONED_AFTER),
                ),
            ])
        });
    Ok(sea_orm::Database::connect(options).await?)
}

/// Begins a transaction that is the only one to write until it ends.
pub async fn begin(writer: &DatabaseConnection) -> Result<DatabaseTransaction, DbErr> {
    let options = TransactionOptions {
        // Each statement has to see what was committed before the lock was taken.
        isolation_level: Some(IsolationLevel::ReadCommitted),
        ..TransactionOptions::default()
    };
    let transaction = writer.begin_with_options(options).await?;
    transaction.execute_unprepared(WRITE_LOCK).await?;
    Ok(transaction)
}

/// Commits. A connection may break, or the server stop, when the commit is on disk and its answer is
/// not here yet: then the server is asked what became of it, as soon as it answers again.
pub async fn commit(
    transaction: DatabaseTransaction,
    others: &DatabaseConnection,
) -> Result<(), DbErr> {
    let id = number(&transaction, "SELECT txid_current_if_assigned() AS answer").await?;
    let Err(error) = transaction.commit().await else {
        return Ok(());
    };
    match id {
        Some(id) if is_committed(others, id).await => {
            tracing::warn!(%error, "a commit was carried out, and only its answer was lost");
            Ok(())
        }
        _ => Err(error),
    }
}

async fn is_committed(connection: &DatabaseConnection, id: i64) -> bool {
    let deadline = Instant::now() + IN_DOUBT;
    loop {
        let question = Statement::from_sql_and_values(
            DbBackend::Postgres,
            "SELECT txid_status($1) AS answer",
            [id.into()],
        );
        let status: Result<Option<String>, DbErr> = match connection.query_one_raw(question).await {
            Ok(row) => row.map_or(Ok(None), |row| row.try_get("", "answer")),
            Err(error) => Err(error),
        };
        match status.as_ref().map(Option::as_deref) {
            Ok(Some("committed")) => return true,
            Ok(Some("in progress")) | Err(_) if Instant::now() < deadline => {
                tokio::time::sleep(PAUSE).await;
            }
            _ => return false,
        }
    }
}

/// Waits until nobody else is connected to the database; false if somebody still is in the end.
pub async fn is_alone(connection: &DatabaseConnection, patience: Duration) -> Result<bool, DbErr> {
    const OTHERS: &str = "SELECT count(*) AS answer FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid()
          AND backend_type = 'client backend'";

    let deadline = Instant::now() + patience;
    while number(connection, OTHERS).await? != Some(0) {
        if Instant::now() > deadline {
            return Ok(false);
        }
        tokio::time::sleep(PAUSE).await;
    }
    Ok(true)
}

/// The number in the column `answer`.
async fn number(connection: &impl ConnectionTrait, question: &str) -> Result<Option<i64>, DbErr> {
    let statement = Statement::from_string(DbBackend::Postgres, question);
    let row = connection.query_one_raw(statement).await?;
    row.map_or(Ok(None), |row| row.try_get("", "answer"))
}
