//! When a message counts as delivered, and what waits for those who are away.

use std::collections::HashMap;

use protocol::{
    Receipt, Seq, Username,
    events::{DeliveryStatus, MarkDelivered, ServerEvent},
};
use serde_json::json;

use crate::{
    changes::{changes, cursor},
    membership::rename,
    support::{TestServer, TestSocket, create_group, group_message},
};

async fn next_receipt(socket: &TestSocket, of: &str, delivered: u64) -> Receipt {
    socket
        .next(|event| match event {
            ServerEvent::Receipt(receipt)
                if receipt.username.as_str() == of && receipt.delivered_seq.0 >= delivered =>
            {
                Some(receipt)
            }
            _ => None,
        })
        .await
}

async fn next_status(socket: &TestSocket) -> DeliveryStatus {
    socket
        .next(|event| match event {
            ServerEvent::UpdateDeliveryStatusOnConnection(status) => Some(status),
            _ => None,
        })
        .await
}

#[tokio::test]
async fn an_acknowledgement_is_the_delivery() {
    let server = TestServer::start().await;
    let alice = server.connect("alice").await;
    let bob = server.connect("bob").await;
    let stored = alice.write("bob", "Hello").await;
    assert!(!stored.delivered);
    bob.next_message().await;
    next_receipt(&alice, "bob", 1).await;
    let history = alice.user.history(stored.conversation_id.as_str()).await;
    assert!(history[0].delivered);
}

#[tokio::test]
async fn a_socket_that_does_not_acknowledge_has_not_received() {
    let server = TestServer::start().await;
    let alice = server.connect("alice").await;
    let bob = server.sign_in("bob").await;
    let deaf = bob.connect_with(json!({ "token": bob.token }), false).await;
    let stored = alice.write("bob", "Hello").await;
    deaf.next_message().await;
    let history = alice.user.history(stored.conversation_id.as_str()).await;
    assert!(!history[0].delivered, "nobody has acknowledged it");
    let hearing = bob.connect().await;
    hearing.next_message().await;
    assert_eq!(next_status(&alice).await.up_to_seq, Seq(1));
}

#[tokio::test]
async fn what_waited_comes_oldest_first_and_once_and_its_sender_is_told() {
    let server = TestServer::start().await;
    let alice = server.connect("alice").await;
    let mut last = None;
    for number in 1..=120 {
        last = Some(alice.write("bob", &format!("number {number}")).await);
    }
    let last = last.expect("a message");
    let bob = server.connect("bob").await;
    for number in 1..=120 {
        let received = bob.next_message().await;
        assert_eq!(
            (received.seq.0, received.text),
            (number, format!("number {number}"))
        );
    }
    let mut status = next_status(&alice).await;
    while status.up_to_seq < last.seq {
        status = next_status(&alice).await;
    }
    assert_eq!(status.receiver.as_str(), "bob");
    assert_eq!(status.response.id, last.id);
    assert!(status.response.delivered);
    // A second socket of the same person has missed nothing.
    let second = bob.user.connect().await;
    alice.write("bob", "live").await;
    assert_eq!(second.next_message().await.text, "live");
}

#[tokio::test]
async fn a_socket_that_has_just_connected_gets_what_another_has_acknowledged_since() {
    let server = TestServer::start().await;
    let alice = server.connect("alice").await;
    let bob = server.connect("bob").await;
    for number in 0..40 {
        let text = format!("number {number}");
        let another = bob.user.connect().await;
        alice.write("bob", &text).await;
        // After those before it, if it was not known yet that the first one has them; each once.
        let mut received = another.next_message().await;
        while received.text != text {
            let next = another.next_message().await;
            assert!(received.seq < next.seq, "{received:?}, then {next:?}");
            received = next;
        }
    }
}

#[tokio::test]
async fn messages_of_several_conversations_come_in_the_order_of_their_storing() {
    let server = TestServer::start().await;
    let alice = server.connect("alice").await;
    let carol = server.connect("carol").await;
    let group = alice
        .ask(&create_group("Lunch", &["bob"]))
        .await
        .expect("a group");
    let mut expected = Vec::new();
    for number in 0..40 {
        let text = format!("number {number}");
        match number % 3 {
            0 => drop(alice.write("bob", &text).await),
            1 => drop(carol.write("bob", &text).await),
            _ => drop(
                alice
                    .ask(&group_message(group.id.as_str(), &text))
                    .await
                    .expect("stored"),
            ),
        }
        expected.push(text);
    }
    let bob = server.connect("bob").await;
    let mut received = Vec::new();
    while received.len() < expected.len() {
        received.push(bob.next_message().await.text);
    }
    assert_eq!(received, expected);
}

#[tokio::test]
async fn nothing_is_missed_or_repeated_while_messages_pour_in() {
    let server = TestServer::start().await;
    let alice = server.connect("alice").await;
    let bob = server.sign_in("bob").await;
    let pour = async {
        for number in 0..300 {
            alice.write("bob", &format!("number {number}")).await;
        }
    };
    let connect = async {
        let mut sockets = Vec::new();
        for _ in 0..8 {
            sockets.push(bob.connect().await);
        }
        sockets
    };
    let ((), sockets) = tokio::join!(pour, connect);
    // Each socket has everything from the moment on at which it came, once.
    for socket in &sockets {
        let mut seen: HashMap<u64, u32> = HashMap::new();
        while !seen.contains_key(&300) {
            *seen.entry(socket.next_message().await.seq.0).or_default() += 1;
        }
        let first = seen.keys().min().copied().expect("a message");
        for seq in first..=300 {
            assert_eq!(seen.get(&seq), Some(&1), "message {seq} of {first}..=300");
        }
    }
}

#[tokio::test]
async fn in_a_group_delivered_means_everybody() {
    let server = TestServer::start().await;
    let alice = server.connect("alice").await;
    let bob = server.connect("bob").await;
    let group = alice
        .ask(&create_group("Lunch", &["bob", "carol"]))
        .await
        .expect("a group");
    alice
        .ask(&group_message(group.id.as_str(), "Soup?"))
        .await
        .expect("stored");
    bob.next_message().await;
    next_receipt(&alice, "bob", 1).await;
    assert!(
        !alice.user.history(group.id.as_str()).await[0].delivered,
        "carol is away"
    );
    let carol = server.connect("carol").await;
    carol.next_message().await;
    assert!(next_status(&alice).await.response.delivered);
}

#[tokio::test]
async fn a_client_that_fetches_pages_gets_no_replay_and_says_itself_what_it_holds() {
    let server = TestServer::start().await;
    let alice = server.connect("alice").await;
    let stored = alice.write("bob", "while you were away").await;
    let bob = server.sign_in("bob").await;
    let socket = bob
        .connect_with(json!({ "token": bob.token, "resyncs": true }), true)
        .await;
    let receipt = socket
        .ask(&MarkDelivered {
            conversation_id: (&stored.conversation_id).into(),
            seq: stored.seq,
        })
        .await
        .expect("where bob stands");
    assert_eq!(receipt.delivered_seq, stored.seq);
    assert_eq!(next_status(&alice).await.up_to_seq, stored.seq);
    let live = alice.write("bob", "and now").await;
    assert_eq!(
        socket.next_message().await.id,
        live.id,
        "the first that came over the socket"
    );
}

#[tokio::test]
async fn coming_and_going_is_told_to_the_others() {
    let server = TestServer::start().await;
    let alice = server.connect("alice").await;
    let bob = server.connect("bob").await;
    let online = async |expected: bool| {
        alice
            .next(|event| match event {
                ServerEvent::OnlineStatus(status) if status.username.as_str() == "bob" => {
                    assert_eq!(status.online, expected);
                    Some(())
                }
                _ => None,
            })
            .await;
    };
    online(true).await;
    let phone = bob.user.connect().await;
    drop(bob);
    drop(phone);
    online(false).await;
}

#[tokio::test]
async fn a_socket_that_resyncs_hears_together_who_came_and_went() {
    let server = TestServer::start().await;
    let alice = server.sign_in("alice").await;
    let alice = alice
        .connect_with(json!({ "token": alice.token, "resyncs": true }), true)
        .await;
    let others = [server.connect("bob").await, server.connect("carol").await];
    let hears = async |expected: &[(&str, bool)]| {
        let mut told = Vec::new();
        while told.len() < expected.len() {
            let changed = alice
                .next(|event| match event {
                    ServerEvent::Presence(changed) => Some(changed),
                    ServerEvent::OnlineStatus(status) => panic!("told one by one: {status:?}"),
                    _ => None,
                })
                .await;
            let named = |names: Vec<Username>, online| {
                names
                    .into_iter()
                    .map(move |name| (name.to_string(), online))
            };
            told.extend(named(changed.online, true));
            told.extend(named(changed.offline, false));
            // Oneself is among them, in whichever of the events.
            told.retain(|(name, _)| name != "alice");
        }
        told.sort();
        let told: Vec<(&str, bool)> = told.iter().map(|(name, on)| (&name[..], *on)).collect();
        assert_eq!(told, expected);
    };
    hears(&[("bob", true), ("carol", true)]).await;
    drop(others);
    hears(&[("bob", false), ("carol", false)]).await;
}

/// Whoever comes back asks what has changed as soon as they are connected, and is taken into the rooms of
/// their conversations a moment later. What changes in between is in no answer, and was told to a room in
/// which they were not.
#[tokio::test(flavor = "multi_thread")]
async fn what_changes_between_connecting_and_joining_is_asked_for() {
    let server = TestServer::start().await;
    let alice = server.connect("alice").await;
    let bob = server.sign_in("bob").await;
    // So many that joining their rooms takes a while, and this one last.
    let mut group = None;
    for number in 0..300 {
        let one = create_group(&number.to_string(), &["bob"]);
        group = Some(alice.ask(&one).await.expect("a group"));
    }
    let group = group.expect("a group");
    for number in 0..100 {
        let name = format!("Group {number}");
        let cursor = cursor(&bob).await;
        let renamed = async {
            // Each time at another moment of bob's coming.
            for _ in 0..number % 20 {
                changes(&alice.user, cursor).await;
            }
            alice.ask(&rename(&group, &name)).await.expect("renamed");
        };
        let came = async {
            let auth = json!({ "token": bob.token, "resyncs": true });
            let socket = bob.connect_with(auth, true).await;
            let changed = changes(&bob, cursor).await.conversations;
            (socket, changed.iter().any(|changed| changed.name == name))
        };
        let ((), (socket, is_known)) = tokio::join!(renamed, came);
        if !is_known {
            socket
                .next(|event| match event {
                    ServerEvent::GroupChanged(change) if change.name == name => Some(()),
                    ServerEvent::Resync(_) => Some(()),
                    _ => None,
                })
                .await;
        }
    }
}
