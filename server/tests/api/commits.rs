//! How often the database is asked and writes to the disk: counted, not timed.

use futures_util::future::join_all;
use natter_server::storage::accounts;

use crate::{
    database::TestDatabase,
    support::{TestServer, private_message},
};

const CLIENTS: usize = 100;
const MESSAGES_EACH: usize = 10;
/// Most commits for each message, acknowledgements of receivers included.
const COMMITS: f64 = 0.2;
/// Most statements for each message, those included that note who has received it.
const STATEMENTS: f64 = 2.0;

fn name(number: usize) -> String {
    format!("person{}", number % CLIENTS)
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_that_wait_together_share_statements_and_a_commit() {
    let database = TestDatabase::new();
    let opened = database.open().await;
    let transaction = opened.begin().await.expect("a transaction");
    for number in 0..CLIENTS {
        let added = accounts::insert(
            &transaction,
            accounts::New::member(&name(number), "Somebody", 0),
        )
        .await;
        assert!(added.expect("stored"));
    }
    opened.commit(transaction).await.expect("committed");
    opened.close().await.expect("closed");

    let server = TestServer::on(database).await;
    let mut sockets = Vec::new();
    for number in 0..CLIENTS {
        sockets.push(server.connect(&name(number)).await);
    }
    let counted = || (server.server.commits(), server.server.statements());
    let before = counted();
    let senders = sockets
        .iter()
        .enumerate()
        .map(|(number, socket)| async move {
            for _ in 0..MESSAGES_EACH {
                let message = private_message(&name(number + 1), "Hello");
                socket.ask(&message).await.expect("stored");
            }
        });
    join_all(senders).await;
    let after = counted();
    let messages = CLIENTS * MESSAGES_EACH;
    for (what, count, budget) in [
        ("commits", after.0 - before.0, COMMITS),
        ("statements", after.1 - before.1, STATEMENTS),
    ] {
        let each = count as f64 / messages as f64;
        println!("{count} {what} for {messages} messages: {each:.3} each, at most {budget}");
        assert!(each <= budget, "{each:.3} {what} for each message");
    }
}
