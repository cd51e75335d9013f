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
    let kept = slow.read().await;
    let messages = kept.matches("[\"response\"").count();
    assert!(messages < MESSAGES, "not everything was kept for it");
    // And it comes back into its rooms. Whatever it is not sent before that, it is told of
    // afterwards, so that each message is followed by something to read.
    let mut read = String::new();
    while !read.contains("Are you back?") {
        alice.write("bob", "Are you back?").await;
        read.push_str(&slow.read().await);
    }
    let resync = format!("42{NAMESPACE},{}", json!([ServerEvent::RESYNC, Resync {}]));
    assert!((kept + &read).contains(&resync), "it is told to catch up");
}
