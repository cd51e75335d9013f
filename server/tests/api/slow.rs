//! A socket that does not read what it is sent.

use protocol::{
    NAMESPACE,
    events::{Resync, ServerEvent},
};
use serde_json::json;

use crate::{
    polling::Polling,
    support::{TestServer, private_message},
};

/// More than the server keeps for a slow reader.
const MESSAGES: usize = 1_300;

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
