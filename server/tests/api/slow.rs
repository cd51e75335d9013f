//! A socket that does not read what it is sent.

use protocol::{
    NAMESPACE,
    events::{Resync, ServerEvent},
};
use serde_json::json;

use crate::support::{TestServer, TestUser, get, post, private_message};

/// More than the server keeps for a slow reader.
const MESSAGES: usize = 1_300;

/// A client of HTTP long-polling that reads only when it is told to.
struct Polling {
    origin: String,
    path: String,
}

impl Polling {
    async fn connect(user: &TestUser) -> Self {
        let path = "/socket.io/?EIO=4&transport=polling".to_owned();
        let opened = get(&user.origin, &path, &[]).await.text();
        let handshake: serde_json::Value =
            serde_json::from_str(opened.strip_prefix('0').expect("an open packet")).expect("json");
        let sid = handshake["sid"].as_str().expect("a session");
        let polling = Self {
            origin: user.origin.clone(),
            path: format!("{path}&sid={sid}"),
        };
        let auth = json!({ "token": user.token, "resyncs": true });
        polling.send(&format!("40{NAMESPACE},{auth}")).await;
        while !polling.read().await.contains("40/chat") {}
        polling
    }

    async fn send(&self, packet: &str) {
        let answer = post(&self.origin, &self.path, &[], packet).await;
        assert_eq!(answer.status, 200);
    }

    async fn read(&self) -> String {
        let answer = get(&self.origin, &self.path, &[]).await;
        assert_eq!(answer.status, 200, "the connection still stands");
        answer.text()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_socket_that_reads_nothing_hinders_nobody_and_is_told_to_catch_up() {
    let server = TestServer::start().await;
    let alice = server.connect("alice").await;
    let bob = server.sign_in("bob").await;
    let quick = bob.connect().await;
    let slow = Polling::connect(&bob).await;

    let mut answers = Vec::new();
    for number in 0..MESSAGES {
        answers.push(private_message("bob", &number.to_string()));
    }
    for chunk in answers.chunks(50) {
        let sent = chunk.iter().map(|message| alice.ask(message));
        for stored in futures_util::future::join_all(sent).await {
            stored.expect("stored");
        }
    }
    for _ in 0..MESSAGES {
        quick.next_message().await;
    }

    // It reads again: first what was kept for it, then that it has missed something.
    let resync = format!("42{NAMESPACE},{}", json!([ServerEvent::RESYNC, Resync {}]));
    let mut read = slow.read().await;
    let kept = read.matches("[\"response\"").count();
    assert!(kept < MESSAGES, "not everything was kept for it");
    while read.matches(&resync).count() < 2 {
        read.push_str(&slow.read().await);
    }
    // And it is back in its rooms.
    alice.write("bob", "Are you back?").await;
    let mut live = String::new();
    while !live.contains("Are you back?") {
        live = slow.read().await;
    }
}
