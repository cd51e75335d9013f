//! `natter-server database move`: everything is in the other database, or nothing is.

use std::{collections::BTreeMap, path::Path, process::Command};

use natter_server::storage::transfer::tables;
use protocol::{Conversation, Message};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement};

use crate::{
    database::TestDatabase,
    process::{complaint, program},
    support::{TestServer, TestUser, config, create_group, group_message},
};

const TEXTS: [&str; 5] = [
    "👩‍👩‍👧‍👦 and 𝄞, é as one and e\u{301} as two",
    r#"it's "quoted", a \ and a %, $1, ? and :name, NULL"#,
    "two\nlines\tand a tab\r\n",
    "  around it  ",
    "שלום \u{202e}back to front\u{202c}",
];

/// More than are copied at a time.
const MANY: usize = 600;

fn move_to(target: &TestDatabase, source: &TestDatabase, data: &Path) -> Command {
    let mut command = program(data);
    command
        .env("DATABASE_URL", &source.url)
        .args(["database", "move", "--to", &target.url]);
    command
}

/// Runs a move that has to succeed, and returns what it says.
fn moved(target: &TestDatabase, source: &TestDatabase, data: &Path) -> String {
    let output = move_to(target, source, data).output().expect("it runs");
    let complaints = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{complaints}");
    String::from_utf8(output.stdout).expect("text")
}

/// A server with its first people.
async fn started(database: TestDatabase) -> TestServer {
    let data = tempfile::tempdir().expect("a directory");
    let config = config(data.path());
    TestServer::start_on(database, config, data).await
}

/// A server on which people have written to each other.
async fn used(database: TestDatabase) -> TestServer {
    let server = started(database).await;
    let alice = server.connect("alice").await;
    let bob = server.connect("bob").await;
    for text in TEXTS {
        alice.write("bob", text).await;
        bob.write("alice", text).await;
    }
    let numbered = (0..MANY).map(|number| format!("number {number}"));
    futures_util::future::join_all(numbered.map(async |text| alice.write("bob", &text).await))
        .await;
    let group = alice
        .ask(&create_group("Ünïcode 🎉", &["bob", "carol"]))
        .await
        .expect("a group");
    let to_all = group_message(group.id.as_str(), "to all");
    alice.ask(&to_all).await.expect("stored");
    server
}

/// What somebody sees, to the last message.
async fn everything(user: &TestUser) -> BTreeMap<String, (Conversation, Vec<Message>)> {
    let mut all = BTreeMap::new();
    for conversation in user.conversations().await {
        let id = conversation.id.to_string();
        let mut messages: Vec<Message> = Vec::new();
        loop {
            let after = messages.last().map_or(0, |message| message.seq.0);
            let path = format!("/web/conversations/{id}/messages?limit=200&after={after}");
            let page: Vec<Message> = user.get_json(&path).await;
            if page.is_empty() {
                break;
            }
            messages.extend(page);
        }
        all.insert(id, (conversation, messages));
    }
    all
}

async fn a_move_keeps_everything(source: TestDatabase, target: TestDatabase) {
    let server = used(source).await;
    let alice = server.sign_in("alice").await;
    let carol = server.sign_in("carol").await;
    // Stopping lets what is still on its way into the database arrive.
    let server = server.restart().await;
    let before = (everything(&alice).await, everything(&carol).await);
    let written: usize = before.0.values().map(|(_, messages)| messages.len()).sum();
    assert_eq!(written, 2 * TEXTS.len() + MANY + 1);

    let (source, config, data) = server.stop().await;
    let said = moved(&target, &source, data.path());
    for (table, _) in tables() {
        assert!(said.contains(&format!("{table}: ")), "{said}");
    }
    assert!(
        said.contains(&format!("messages: {written} rows")),
        "{said}"
    );
    assert!(said.contains("DATABASE_URL"), "{said}");

    // The same cookies open the same conversations.
    let url = target.url.clone();
    let server = TestServer::start_on(target, config, data).await;
    assert_eq!((everything(&alice).await, everything(&carol).await), before);
    // New people get numbers that nobody has.
    let added = program(&server.config.data_dir)
        .env("DATABASE_URL", url)
        .args(["users", "add", "erin"])
        .status()
        .expect("it runs");
    assert!(added.success());
    let erin = server.connect("erin").await;
    erin.write("alice", "new here").await;
    assert_eq!(everything(&alice).await.len(), before.0.len() + 1);
}

#[tokio::test]
async fn a_move_from_a_file_keeps_everything() {
    a_move_keeps_everything(TestDatabase::sqlite(), TestDatabase::new()).await;
}

#[tokio::test]
async fn a_move_to_a_file_keeps_everything() {
    a_move_keeps_everything(TestDatabase::new(), TestDatabase::sqlite()).await;
}

#[tokio::test]
async fn a_number_that_was_given_once_is_not_given_again_after_a_move() {
    let (source, target) = (TestDatabase::sqlite(), TestDatabase::new());
    let data = tempfile::tempdir().expect("a directory");
    let users = |database: &TestDatabase, arguments: &[&str]| {
        let status = program(data.path())
            .env("DATABASE_URL", &database.url)
            .arg("users")
            .args(arguments)
            .status();
        assert!(status.expect("it runs").success());
    };
    users(&source, &["add", "first"]);
    users(&source, &["add", "second"]);
    let connection = connect(&source).await;
    connection
        .execute_unprepared(
            "DELETE FROM audit_entries; DELETE FROM accounts WHERE username = 'second'",
        )
        .await
        .expect("deleted");
    connection.close().await.expect("closed");
    moved(&target, &source, data.path());
    users(&target, &["add", "third"]);
    let third = "SELECT CAST(id AS TEXT) AS text FROM accounts WHERE username = 'third'";
    assert_eq!(texts(&connect(&target).await, third).await, ["3"]);
}

#[tokio::test]
async fn a_database_that_a_server_has_open_is_not_moved() {
    for source in [TestDatabase::sqlite(), TestDatabase::new()] {
        let server = started(source).await;
        let target = TestDatabase::new();
        let url = server.config.database_url.clone().expect("a URL");
        let mut command = program(&server.config.data_dir);
        command
            .env("DATABASE_URL", url)
            .args(["database", "move", "--to", &target.url]);
        let said = complaint(&mut command);
        assert!(said.contains("stop the server"), "{said}");
        let (source, _, data) = server.stop().await;
        moved(&target, &source, data.path());
    }
}

#[tokio::test]
async fn a_database_that_holds_people_takes_no_others() {
    let (source, _, data) = started(TestDatabase::sqlite()).await.stop().await;
    let target = TestDatabase::new();
    moved(&target, &source, data.path());
    let said = complaint(&mut move_to(&target, &source, data.path()));
    assert!(said.contains("holds people already"), "{said}");
    let said = complaint(&mut move_to(&source, &source, data.path()));
    assert!(said.contains("holds people already"), "{said}");
}

#[tokio::test]
async fn a_file_that_is_not_there_is_not_made() {
    let data = tempfile::tempdir().expect("a directory");
    let target = TestDatabase::new();
    let mut command = program(data.path());
    command.args(["database", "move", "--to", &target.url]);
    let said = complaint(&mut command);
    assert!(said.contains("cannot be opened"), "{said}");
    assert!(!data.path().join("natter.sqlite").exists());
}

#[tokio::test]
async fn a_target_that_stores_something_else_keeps_nothing() {
    let (source, _, data) = used(TestDatabase::sqlite()).await.stop().await;
    let target = TestDatabase::new();
    target.open().await.close().await.expect("closed");
    let connection = connect(&target).await;
    let (spoil, mend): (&[&str], _) = match connection.get_database_backend() {
        DbBackend::Postgres => (
            &[
                "CREATE FUNCTION spoil() RETURNS trigger LANGUAGE plpgsql AS
                 $$BEGIN NEW.text := replace(NEW.text, '👩', 'x'); RETURN NEW; END$$",
                "CREATE TRIGGER spoil BEFORE INSERT ON messages
                 FOR EACH ROW EXECUTE FUNCTION spoil()",
            ],
            "DROP TRIGGER spoil ON messages",
        ),
        _ => (
            &["CREATE TRIGGER spoil AFTER INSERT ON messages BEGIN
               UPDATE messages SET text = replace(text, '👩', 'x') WHERE id = NEW.id; END"],
            "DROP TRIGGER spoil",
        ),
    };
    for statement in spoil {
        connection
            .execute_unprepared(statement)
            .await
            .expect("a trigger");
    }
    let said = complaint(&mut move_to(&target, &source, data.path()));
    assert!(
        said.contains("the table messages is not the same"),
        "{said}"
    );
    connection
        .execute_unprepared(mend)
        .await
        .expect("no trigger");
    // Whatever was left would be refused, or counted twice.
    moved(&target, &source, data.path());
}

/// A table that were forgotten would be lost silently, and so would a column.
#[tokio::test]
async fn every_table_and_column_of_the_database_is_transferred() {
    let database = TestDatabase::new();
    database.open().await.close().await.expect("closed");
    let connection = connect(&database).await;
    let question = match connection.get_database_backend() {
        DbBackend::Postgres => {
            "SELECT table_name || '.' || column_name AS text FROM information_schema.columns
             WHERE table_schema = current_schema() AND table_name <> 'seaql_migrations'"
        }
        _ => {
            "SELECT tables.name || '.' || columns.name AS text
             FROM sqlite_master AS tables, pragma_table_info(tables.name) AS columns
             WHERE tables.type = 'table' AND tables.name NOT LIKE 'sqlite_%'
               AND tables.name <> 'seaql_migrations'"
        }
    };
    let mut there = texts(&connection, question).await;
    there.sort();
    let mut transferred: Vec<String> = tables()
        .flat_map(|(table, columns)| {
            columns
                .into_iter()
                .map(move |column| format!("{table}.{column}"))
        })
        .collect();
    transferred.sort();
    assert_eq!(transferred, there);
}

async fn connect(database: &TestDatabase) -> DatabaseConnection {
    sea_orm::Database::connect(&database.url)
        .await
        .expect("a connection")
}

/// The column `text` of what a question is answered with.
async fn texts(connection: &DatabaseConnection, question: &str) -> Vec<String> {
    let statement = Statement::from_string(connection.get_database_backend(), question);
    let rows = connection.query_all_raw(statement).await.expect("rows");
    rows.iter()
        .map(|row| row.try_get("", "text").expect("text"))
        .collect()
}
