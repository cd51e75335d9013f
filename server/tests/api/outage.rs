//! A line to PostgreSQL that breaks while a commit is under way. An SQLite file has no line that
//! could, so on SQLite there is nothing to test here.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};

use natter_server::storage::{Database, StorageError, accounts};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use crate::database::TestDatabase;

/// Where the next commit's line breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cut {
    BeforeTheServerHearsOfIt,
    BeforeItsAnswerComes,
}

/// A line to a database that breaks when it is told to, and can then be dialled again.
struct Line {
    url: String,
    cut: Arc<Mutex<Option<Cut>>>,
    cuts: Arc<AtomicUsize>,
}

impl Line {
    /// `None` for a database without a line.
    async fn to(database: &TestDatabase) -> Option<Self> {
        let (_, rest) = database.url.split_once('@')?;
        let (target, _) = rest.split_once('/')?;
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address").to_string();
        let line = Self {
            url: database.url.replace(target, &address),
            cut: Arc::default(),
            cuts: Arc::default(),
        };
        let (cut, cuts, target) = (line.cut.clone(), line.cuts.clone(), target.to_owned());
        tokio::spawn(async move {
            while let Ok((program, _)) = listener.accept().await {
                let server = TcpStream::connect(&target).await.expect("the server");
                tokio::spawn(carry(program, server, cut.clone(), cuts.clone()));
            }
        });
        Some(line)
    }

    fn cut_next_commit(&self, cut: Cut) {
        *self.cut.lock().expect("no panic") = Some(cut);
    }
}

/// Carries bytes both ways until either side closes, or the line is cut.
async fn carry(
    mut program: TcpStream,
    mut server: TcpStream,
    cut: Arc<Mutex<Option<Cut>>>,
    cuts: Arc<AtomicUsize>,
) {
    let (mut said, mut answered) = ([0; 8_192], [0; 8_192]);
    loop {
        let carried = tokio::select! {
            length = program.read(&mut said) => {
                let Ok(length @ 1..) = length else { return };
                let said = &said[..length];
                let is_commit = said.windows(6).any(|word| word == b"COMMIT");
                let here = is_commit.then(|| cut.lock().expect("no panic").take()).flatten();
                if let Some(cut) = here {
                    cuts.fetch_add(1, Ordering::SeqCst);
                    if cut == Cut::BeforeItsAnswerComes {
                        server.write_all(said).await.expect("sent");
                        let length = server.read(&mut answered).await.expect("an answer");
                        assert_ne!(length, 0, "the server closed first");
                    }
                    return;
                }
                server.write_all(said).await
            }
            length = server.read(&mut answered) => {
                let Ok(length @ 1..) = length else { return };
                program.write_all(&answered[..length]).await
            }
        };
        if carried.is_err() {
            return;
        }
    }
}

/// Adds somebody in a transaction of its own.
async fn add(database: &Database, name: &str) -> Result<(), StorageError> {
    let transaction = database.begin().await?;
    accounts::insert(&transaction, accounts::New::member(name, name, 0)).await?;
    database.commit(transaction).await
}

async fn names(database: &Database) -> Vec<String> {
    let accounts = accounts::all(database.reader()).await.expect("accounts");
    accounts.into_iter().map(|it| it.username).collect()
}

#[tokio::test]
async fn a_commit_whose_answer_is_lost_counts_and_one_that_never_arrived_does_not() {
    let own = TestDatabase::new();
    let Some(line) = Line::to(&own).await else {
        return;
    };
    let database = Database::open(&line.url).await.expect("a database");
    add(&database, "alice").await.expect("a whole line");

    line.cut_next_commit(Cut::BeforeItsAnswerComes);
    add(&database, "bob").await.expect("it is stored");
    line.cut_next_commit(Cut::BeforeTheServerHearsOfIt);
    add(&database, "carol").await.expect_err("it is not stored");
    assert_eq!(line.cuts.load(Ordering::SeqCst), 2);

    add(&database, "dave").await.expect("a new line");
    assert_eq!(names(&database).await, ["alice", "bob", "dave"]);
}
