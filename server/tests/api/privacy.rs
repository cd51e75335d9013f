//! `/web/account/privacy`: what others see of somebody.

use protocol::{
    Seq, Timestamp, User,
    account::{Account, Privacy},
    events::{MarkRead, ServerEvent},
    receipt::ReadTime,
};
use serde_json::json;

use crate::{
    membership::rename,
    support::{TestServer, TestSocket, TestUser, create_group, group_message},
};

async fn show(user: &TestUser, read: bool, last_seen: bool) {
    let privacy = json!({ "showsRead": read, "showsLastSeen": last_seen });
    let answer = user.post("/web/account/privacy", privacy).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
}

async fn read(socket: &TestSocket, conversation: &str, seq: u64) -> u64 {
    let request = MarkRead {
        conversation_id: conversation.to_owned(),
        seq: Seq(seq),
    };
    socket.ask(&request).await.expect("a position").read_seq.0
}

/// How far `reader` has read in the only conversation of `viewer`, as they see it.
async fn seen(viewer: &TestUser, reader: &str) -> u64 {
    let conversation = viewer.conversations().await.remove(0);
    let mut positions = conversation.positions.into_iter();
    let position = positions.find(|position| position.username.as_str() == reader);
    position.expect("a position").read_seq.0
}

#[tokio::test]
async fn everything_is_shown_until_somebody_says_otherwise() {
    let server = TestServer::start().await;
    let alice = server.sign_in("alice").await;
    let shown = async || alice.get_json::<Account>("/web/account").await.privacy;
    let all = Privacy {
        shows_read: true,
        shows_last_seen: true,
    };
    assert_eq!(shown().await, all);
    show(&alice, false, true).await;
    let shows_read = false;
    assert_eq!(shown().await, Privacy { shows_read, ..all });
}

#[tokio::test]
async fn what_is_read_in_private_moves_for_the_reader_and_for_nobody_else() {
    let server = TestServer::start().await;
    let alice = server.connect("alice").await;
    let bob = server.connect("bob").await;
    let other_tab = bob.user.connect().await;
    let id = alice.write("bob", "one").await.conversation_id;
    bob.next_message().await;
    assert_eq!(read(&bob, id.as_str(), 1).await, 1);
    show(&bob.user, false, true).await;
    alice.write("bob", "two").await;
    bob.next_message().await;

    assert_eq!(read(&bob, id.as_str(), 2).await, 2);
    let own = other_tab
        .next(|event| match event {
            ServerEvent::Receipt(receipt) if receipt.read_seq == Seq(2) => Some(receipt),
            _ => None,
        })
        .await;
    assert_eq!(own.all_read_seq, Seq(1));
    assert_eq!(seen(&bob.user, "bob").await, 2);
    let path = format!("/web/conversations/{id}/messages/2/read");
    assert_eq!(alice.user.get_json::<Vec<ReadTime>>(&path).await, []);
    assert_eq!(bob.user.conversations().await[0].unread, 0);
    let conversation = alice.user.conversations().await.remove(0);
    assert_eq!(conversation.all_read_seq, Seq(1));
    assert_eq!(
        seen(&alice.user, "bob").await,
        1,
        "what was seen before stays"
    );
    let path = format!("/web/conversations/{id}/positions");
    let positions: Vec<protocol::receipt::Position> = alice.user.get_json(&path).await;
    assert!(
        positions
            .iter()
            .all(|it| it.username.as_str() != "bob" || it.read_seq == Seq(1))
    );
    // Reading by itself is no news for the others: what comes next is of the next message.
    let mut told = Vec::new();
    for event in alice.waiting().await {
        if let ServerEvent::Receipt(receipt) = event
            && receipt.username.as_str() == "bob"
        {
            assert!(receipt.read_seq <= Seq(1), "{receipt:?}");
            told.push((receipt.delivered_seq, receipt.read_seq));
        }
    }
    let once: std::collections::BTreeSet<_> = told.iter().copied().collect();
    assert_eq!(told.len(), once.len(), "{told:?}");

    show(&bob.user, true, true).await;
    alice.write("bob", "three").await;
    bob.next_message().await;
    assert_eq!(read(&bob, id.as_str(), 3).await, 3);
    assert_eq!(seen(&alice.user, "bob").await, 3);
}

#[tokio::test]
async fn changing_a_group_does_not_tell_what_its_member_has_read_in_private() {
    let server = TestServer::start().await;
    let alice = server.connect("alice").await;
    let bob = server.connect("bob").await;
    let group = alice.ask(&create_group("Lunch", &["bob"])).await;
    let group = group.expect("made");
    show(&bob.user, false, true).await;
    let message = group_message(group.id.as_str(), "Soup?");
    alice.ask(&message).await.expect("stored");
    bob.next_message().await;
    assert_eq!(read(&bob, group.id.as_str(), 1).await, 1);
    bob.ask(&rename(&group, "Dinner")).await.expect("renamed");
    let change = alice
        .next(|event| match event {
            ServerEvent::GroupChanged(change) => Some(change),
            _ => None,
        })
        .await;
    let position = change
        .positions
        .iter()
        .find(|it| it.username.as_str() == "bob");
    assert_eq!(position.expect("a position").read_seq, Seq(0));
}

async fn listed(viewer: &TestUser, name: &str) -> User {
    let users: Vec<User> = viewer.get_json("/web/users").await;
    let mut users = users.into_iter();
    users
        .find(|user| user.username.as_str() == name)
        .expect("listed")
}

#[tokio::test]
async fn when_somebody_was_last_here_is_told_to_the_minute_unless_they_hide_it() {
    let server = TestServer::start().await;
    let alice = server.connect("alice").await;
    let bob = server.sign_in("bob").await;
    let seen = async || listed(&alice.user, "bob").await.last_seen_at;
    assert_eq!(seen().await, Some(Timestamp(0)), "never here");
    let socket = bob.connect().await;
    let here = seen().await.expect("a time");
    assert_eq!(here.0 % 60_000, 0);
    drop(socket);
    alice
        .next(|event| match event {
            ServerEvent::OnlineStatus(status) if !status.online => Some(()),
            _ => None,
        })
        .await;
    let written = async {
        while seen().await == Some(Timestamp(0)) {
            tokio::task::yield_now().await;
        }
    };
    let written = tokio::time::timeout(std::time::Duration::from_secs(10), written);
    written.await.expect("it is written down");
    assert!(seen().await >= Some(here));
    show(&bob, true, false).await;
    assert_eq!(seen().await, None);
}
