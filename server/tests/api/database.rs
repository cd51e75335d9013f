//! A database for one test, of the kind that the whole run is about.

use std::{cell::RefCell, future::Future};

use natter_server::storage::{Database, accounts};
use sea_orm::{ConnectionTrait, DbErr};
use tempfile::TempDir;

/// Where databases may be made: the URL of a PostgreSQL server. Without it the tests use SQLite.
const SERVER: &str = "NATTER_TEST_DATABASE_URL";

thread_local! {
    /// The test's databases on PostgreSQL. They go when its thread ends, which is after its runtime:
    /// PostgreSQL drops none while some program is in the middle of connecting, and a runtime that
    /// waits for the drop does not get on with connecting.
    static MADE: RefCell<Vec<OnServer>> = const { RefCell::new(Vec::new()) };
}

/// An empty database that goes with the test.
pub struct TestDatabase {
    pub url: String,
    _folder: Option<TempDir>,
}

/// Which PostgreSQL server a database is on, and its name there.
struct OnServer {
    server: String,
    name: String,
}

impl TestDatabase {
    /// One of the run's own kind.
    pub fn new() -> Self {
        match std::env::var(SERVER) {
            Ok(server) => Self::postgres(server),
            Err(_) => Self::sqlite(),
        }
    }

    /// One in a file, whatever the run is about.
    pub fn sqlite() -> Self {
        let folder = tempfile::tempdir().expect("a directory");
        Self {
            url: format!("sqlite://{}", folder.path().join("test.sqlite").display()),
            _folder: Some(folder),
        }
    }

    fn postgres(server: String) -> Self {
        let name = format!("natter_test_{}", uuid::Uuid::new_v4().simple());
        tell(&server, format!("CREATE DATABASE {name}")).expect("a new database");
        let (address, _) = server.rsplit_once('/').expect("a URL with a database");
        let url = format!("{address}/{name}");
        MADE.with_borrow_mut(|made| made.push(OnServer { server, name }));
        Self { url, _folder: None }
    }

    pub async fn open(&self) -> Database {
        Database::open(&self.url).await.expect("a database")
    }

    /// Adds people called `p0`, `p1` and so on.
    pub async fn add_people(&self, count: usize) -> Vec<String> {
        let opened = self.open().await;
        let transaction = opened.begin().await.expect("a transaction");
        let names: Vec<String> = (0..count).map(|number| format!("p{number}")).collect();
        for name in &names {
            let added = accounts::insert(&transaction, accounts::New::member(name, name, 0)).await;
            assert!(added.expect("stored"));
        }
        opened.commit(transaction).await.expect("committed");
        opened.close().await.expect("closed");
        names
    }
}

impl Drop for OnServer {
    fn drop(&mut self) {
        // A program that the test started may not have ended yet. A database that stays goes with
        // the throw-away server.
        let drop = format!("DROP DATABASE {} WITH (FORCE)", self.name);
        let _ = tell(&self.server, drop);
    }
}

/// Carries out one statement, from wherever: a test may have a runtime of its own, and may not.
fn tell(server: &str, statement: String) -> Result<(), DbErr> {
    let server = server.to_owned();
    let work = async move {
        let connection = sea_orm::Database::connect(server).await?;
        connection.execute_unprepared(&statement).await?;
        connection.close().await
    };
    std::thread::spawn(|| block_on(work))
        .join()
        .expect("a statement that does not panic")
}

fn block_on<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime")
        .block_on(work)
}
