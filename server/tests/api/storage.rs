//! What the database holds and how often it is written to.

use std::sync::Arc;

use natter_server::{
    services::{
        Services, Settings,
        sessions::{Rules, Secret},
    },
    storage::{Database, accounts, conversations, members, messages},
};
use protocol::events::PrivateMessage;

use crate::database::TestDatabase;

async fn database() -> (TestDatabase, Database) {
    let own = TestDatabase::new();
    let database = own.open().await;
    (own, database)
}

async fn people(
    database: &Database,
) -> (
    natter_server::storage::UserId,
    natter_server::storage::UserId,
) {
    let transaction = database.begin().await.expect("a transaction");
    for name in ["alice", "bob"] {
        assert!(
            accounts::insert(&transaction, accounts::New::member(name, name, 0))
                .await
                .expect("stored")
        );
        assert!(
            !accounts::insert(&transaction, accounts::New::member(name, name, 0))
                .await
                .expect("known")
        );
    }
    transaction.commit().await.expect("committed");
    let find = async |name| {
        let account = accounts::find_by_username(database.reader(), name)
            .await
            .expect("an answer");
        account.expect("somebody").user_id()
    };
    (find("alice").await, find("bob").await)
}

#[tokio::test]
async fn a_commit_is_on_disk_before_it_returns() {
    use sea_orm::{ConnectionTrait, DbBackend, Statement};

    let (_own, database) = database().await;
    let transaction = database.begin().await.expect("a transaction");
    let backend = transaction.get_database_backend();
    let expected: &[_] = match backend {
        DbBackend::Postgres => &[("synchronous_commit", "on")],
        _ => &[
            ("journal_mode", "wal"),
            ("synchronous", "2"),
            ("foreign_keys", "1"),
        ],
    };
    for (setting, expected) in expected {
        let question = match backend {
            DbBackend::Postgres => format!("SELECT current_setting('{setting}') AS value"),
            _ => format!("SELECT CAST({setting} AS TEXT) AS value FROM pragma_{setting}"),
        };
        let row = transaction
            .query_one_raw(Statement::from_string(backend, question))
            .await
            .expect("an answer")
            .expect("a row");
        let value: String = row.try_get("", "value").expect("a value");
        assert_eq!(value, *expected, "{setting}");
    }
}

#[tokio::test]
async fn the_database_itself_refuses_a_second_seq_and_a_second_client_id() {
    let (_own, database) = database().await;
    let (alice, bob) = people(&database).await;
    let transaction = database.begin().await.expect("a transaction");
    let (conversation, made) =
        conversations::find_or_insert_private(&transaction, "c", alice, bob, 0)
            .await
            .expect("made");
    assert!(made);
    transaction.commit().await.expect("committed");
    let message = |id: &str, seq, client_id: &str| messages::Message {
        id: id.to_owned(),
        conversation_id: conversation.id.clone(),
        seq,
        sender_id: alice.0,
        client_id: client_id.to_owned(),
        text: "x".to_owned(),
        sent_at: 0,
    };
    let insert = async |message| {
        let transaction = database.begin().await.expect("a transaction");
        let inserted = messages::insert(&transaction, vec![message]).await;
        transaction.commit().await.expect("committed");
        inserted
    };
    insert(message("1", 1, "a")).await.expect("the first");
    insert(message("2", 1, "b"))
        .await
        .expect_err("the same seq");
    insert(message("3", 2, "a"))
        .await
        .expect_err("the same client id");
    insert(message("4", 2, "b")).await.expect("the second");
}

#[tokio::test]
async fn a_position_never_goes_back_in_the_database() {
    let (_own, database) = database().await;
    let (alice, bob) = people(&database).await;
    let transaction = database.begin().await.expect("a transaction");
    conversations::find_or_insert_private(&transaction, "c", alice, bob, 0)
        .await
        .expect("made");
    members::advance(&transaction, &[("c", bob, 7, 5)])
        .await
        .expect("moved");
    members::advance(&transaction, &[("c", bob, 3, 6)])
        .await
        .expect("moved");
    let standing = members::standing(&transaction, "c", bob)
        .await
        .expect("read")
        .expect("a member");
    assert_eq!((standing.delivered_seq, standing.read_seq), (7, 6));
}

#[tokio::test]
async fn a_batch_with_one_refusal_stores_the_others() {
    let (_own, database) = database().await;
    people(&database).await;
    let secret = Secret::new((0..32).collect()).expect("long enough");
    let settings = Settings {
        sessions: Rules {
            unused: std::time::Duration::from_secs(60),
            longest: std::time::Duration::from_secs(60),
            confirmed_for: std::time::Duration::from_secs(60),
            most: None,
            one_of_browser: false,
        },
        rates: None,
        presence_grace: std::time::Duration::from_secs(5),
    };
    let (services, mut events) = Services::start(database, &[secret], &settings);
    tokio::spawn(async move { while events.recv().await.is_some() {} });
    let alice = services
        .accounts
        .sign_in_by_name("alice")
        .await
        .expect("alice");
    let send = |number: u64| {
        let services = Arc::clone(&services);
        let alice = alice.clone();
        async move {
            let receiver = if number.is_multiple_of(10) {
                "nobody"
            } else {
                "bob"
            };
            let request = PrivateMessage {
                client_id: None,
                receiver: receiver.to_owned(),
                text: format!("number {number}"),
            };
            services
                .messages
                .send_private(&alice, request)
                .await
                .is_ok()
        }
    };
    let outcomes = futures_util::future::join_all((0..100).map(send)).await;
    assert_eq!(outcomes.iter().filter(|stored| **stored).count(), 90);
}

#[tokio::test]
async fn what_is_committed_after_a_full_disk_is_there_for_others() {
    use sea_orm::ConnectionTrait;

    let own = TestDatabase::sqlite();
    let database = own.open().await;
    let limit = async |pages: u32| {
        let transaction = database.begin().await.expect("a transaction");
        let pragma = format!("PRAGMA max_page_count = {pages}");
        let set = transaction.execute_unprepared(&pragma).await;
        set.expect("a limit");
        database.commit(transaction).await.expect("nothing else");
    };
    let add = async |name: &str, size: usize| {
        let transaction = database.begin().await?;
        accounts::insert(
            &transaction,
            accounts::New::member(name, &"x".repeat(size), 0),
        )
        .await?;
        database.commit(transaction).await
    };
    // The first ends its whole transaction, which sqlx does not notice, and the second only its
    // statement: on one connection the two would leave a transaction that nobody ends.
    limit(1).await;
    let full = add("full", 1_000_000).await;
    assert!(full.expect_err("no room").may_pass());
    limit(1).await;
    let several = async {
        let transaction = database.begin().await.expect("a transaction");
        let insert = "INSERT INTO accounts (username, display_name, created_at)
            SELECT 'full' || value, hex(zeroblob(100000)), 0 FROM json_each('[1, 2, 3]')";
        transaction.execute_unprepared(insert).await
    };
    several.await.expect_err("no room");
    limit(1_000_000).await;
    add("fits", 10).await.expect("room again");
    let other = own.open().await;
    let names = accounts::all(other.reader()).await.expect("accounts");
    let names: Vec<_> = names.iter().map(|it| it.username.as_str()).collect();
    assert_eq!(names, ["fits"]);
}
