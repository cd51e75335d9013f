//! What the program writes while it runs: never a token, never a text.
#![cfg(unix)]

use std::{
    io::{BufRead, BufReader},
    process::{Command, Stdio},
};

use protocol::NAMESPACE;
use serde_json::json;

use crate::{
    database::TestDatabase,
    polling::Polling,
    process::program,
    support::{TestUser, post},
};

/// A text that is nowhere else.
const TEXT: &str = "what only Bob may read";

async fn sign_in(origin: &str, name: &str) -> TestUser {
    let body = json!({ "username": name }).to_string();
    TestUser::from(origin, &post(origin, "/web/login", &[], body).await)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_of_everything_holds_no_token_and_no_text() {
    let data = tempfile::tempdir().expect("a directory");
    let database = TestDatabase::new();
    let log = data.path().join("log");
    let mut server = program(data.path())
        .env("DATABASE_URL", &database.url)
        .env("NATTER_LOG", "trace,tungstenite::protocol=trace")
        .stdout(Stdio::piped())
        .stderr(std::fs::File::create(&log).expect("a file"))
        .spawn()
        .expect("the server starts");
    let mut lines = BufReader::new(server.stdout.take().expect("its output")).lines();
    let greeting = lines.next().expect("a line").expect("text");
    let origin = greeting
        .strip_prefix("Natter is running at ")
        .expect("an address");

    let alice = sign_in(origin, "alice").await;
    let query = format!("&token={}", alice.token);
    let polling = Polling::open(origin, &query, &[]).await;
    polling.send(&format!("40{NAMESPACE}")).await;
    polling.read_until("40/chat").await;
    let message = json!(["privateMessage", { "receiver": "bob", "text": TEXT }]);
    polling.send(&format!("42{NAMESPACE},0{message}")).await;
    polling.read_until("43/chat,0").await;
    // The same over a WebSocket, with the token in the packet.
    let bob = sign_in(origin, "bob").await;
    let socket = bob.connect().await;
    assert_eq!(socket.next_message().await.text, TEXT);
    socket.write("alice", TEXT).await;

    let asked = Command::new("kill").arg(server.id().to_string()).status();
    assert!(asked.expect("kill runs").success());
    assert!(server.wait().expect("it ends").success());
    let log = std::fs::read_to_string(&log).expect("a log");
    assert!(log.contains("/web/login"), "requests are logged: {log}");
    assert!(!log.contains(TEXT), "{log}");
    for user in [&alice, &bob] {
        let cookie = user.cookie.trim_start_matches("chatToken=");
        for token in [user.token.as_str(), cookie] {
            let signature = token.rsplit('.').next().expect("a signature");
            assert!(!log.contains(signature), "{log}");
        }
    }
}
