//! `renameGroup`, `addMembers`, `removeMembers`, `leaveGroup`, and what members are told of them.

use protocol::{
    Conversation, ErrorCode, Seq,
    events::{AddMembers, GroupChanged, LeaveGroup, RemoveMembers, RenameGroup, ServerEvent},
};

use crate::support::{TestServer, TestSocket, create_group, group_message};

pub fn rename(group: &Conversation, name: &str) -> RenameGroup {
    RenameGroup {
        group_id: (&group.id).into(),
        name: name.to_owned(),
    }
}

pub fn add(group: &Conversation, members: &[&str]) -> AddMembers {
    AddMembers {
        group_id: (&group.id).into(),
        members: members.iter().map(ToString::to_string).collect(),
    }
}

pub fn remove(group: &Conversation, members: &[&str]) -> RemoveMembers {
    RemoveMembers {
        group_id: (&group.id).into(),
        members: members.iter().map(ToString::to_string).collect(),
    }
}

pub fn leave(group: &Conversation) -> LeaveGroup {
    LeaveGroup {
        group_id: (&group.id).into(),
    }
}

async fn next_change(socket: &TestSocket) -> GroupChanged {
    socket
        .next(|event| match event {
            ServerEvent::GroupChanged(change) => Some(change),
            _ => None,
        })
        .await
}

fn names(members: &[protocol::Username]) -> Vec<&str> {
    members.iter().map(|name| name.as_str()).collect()
}

#[tokio::test]
async fn the_newest_message_of_a_group_says_who_wrote_it_also_after_they_left() {
    let server = TestServer::start().await;
    let alice = server.connect("alice").await;
    let bob = server.connect("bob").await;
    let group = alice.ask(&create_group("Lunch", &["bob"])).await;
    let group = group.expect("made");
    let message = group_message(group.id.as_str(), "Soup?");
    bob.ask(&message).await.expect("stored");
    let newest = async || {
        let conversation = alice.user.conversations().await.remove(0);
        conversation.last_message.expect("a message").sender
    };
    assert_eq!(newest().await.as_str(), "bob");
    bob.ask(&leave(&group)).await.expect("left");
    assert_eq!(newest().await.as_str(), "bob");
}

#[tokio::test]
async fn a_new_name_is_told_to_every_member() {
    let server = TestServer::start().await;
    let alice = server.connect("alice").await;
    let bob = server.connect("bob").await;
    let group = alice
        .ask(&create_group("Lunch", &["bob"]))
        .await
        .expect("made");
    let renamed = bob.ask(&rename(&group, " Dinner ")).await.expect("renamed");
    assert_eq!(renamed.name, "Dinner");
    for socket in [&alice, &bob] {
        assert_eq!(next_change(socket).await.name, "Dinner");
        assert_eq!(socket.user.conversations().await[0].name, "Dinner");
    }
    let blank = bob.ask(&rename(&group, " ")).await.expect_err("refused");
    assert_eq!(blank.code, ErrorCode::NameEmpty);
}

#[tokio::test]
async fn somebody_who_is_added_reads_what_was_said_and_counts_none_of_it_as_unread() {
    let server = TestServer::start().await;
    let alice = server.connect("alice").await;
    let dave = server.connect("dave").await;
    let group = alice
        .ask(&create_group("Lunch", &["bob"]))
        .await
        .expect("made");
    let said = group_message(group.id.as_str(), "Soup?");
    alice.ask(&said).await.expect("stored");
    let grown = alice.ask(&add(&group, &["dave"])).await.expect("added");
    assert_eq!(names(&grown.members), ["alice", "bob", "dave"]);
    let welcome = dave
        .next(|event| match event {
            ServerEvent::NewGroup(event) => Some(event.conversation),
            _ => None,
        })
        .await;
    assert_eq!((welcome.last_seq, welcome.unread), (Seq(1), 0));
    assert_eq!(dave.user.history(group.id.as_str()).await.len(), 1);
    alice
        .ask(&group_message(group.id.as_str(), "Now?"))
        .await
        .expect("stored");
    assert_eq!(dave.next_message().await.text, "Now?");
    assert_eq!(dave.user.conversations().await[0].unread, 1);
    assert_eq!(
        names(&next_change(&alice).await.members),
        ["alice", "bob", "dave"]
    );
}

#[tokio::test]
async fn somebody_who_is_taken_out_hears_and_reads_nothing_more() {
    let server = TestServer::start().await;
    let alice = server.connect("alice").await;
    let bob = server.connect("bob").await;
    let carol = server.connect("carol").await;
    let group = alice
        .ask(&create_group("Lunch", &["bob", "carol"]))
        .await
        .expect("made");
    let say = |text: &str| group_message(group.id.as_str(), text);
    bob.ask(&say("Hello")).await.expect("a member may write");
    alice.ask(&remove(&group, &["bob"])).await.expect("removed");
    let left = bob
        .next(|event| match event {
            ServerEvent::GroupLeft(left) => Some(left.group_id),
            _ => None,
        })
        .await;
    assert_eq!(left, group.id);
    let refused = bob.ask(&say("Still here?")).await.expect_err("refused");
    assert_eq!(refused.code, ErrorCode::UnknownConversation);
    let path = format!("/web/conversations/{}/messages", group.id);
    assert_eq!(bob.user.get(&path).await.status, 404);
    assert!(bob.user.conversations().await.is_empty());
    alice.ask(&say("Without Bob")).await.expect("stored");
    assert_eq!(carol.next_message().await.text, "Hello");
    assert_eq!(carol.next_message().await.text, "Without Bob");
    // Whatever had been sent to Bob is there by now: a message of his own comes after it.
    bob.write("alice", "You there").await;
    let heard = bob
        .next(|event| match event {
            ServerEvent::Response(event) => Some(event.response.text),
            _ => None,
        })
        .await;
    assert_eq!(heard, "You there");
}

#[tokio::test]
async fn only_the_maker_takes_others_out_and_everybody_may_leave() {
    let server = TestServer::start().await;
    let alice = server.connect("alice").await;
    let bob = server.connect("bob").await;
    let dave = server.connect("dave").await;
    let group = alice
        .ask(&create_group("Lunch", &["bob", "carol"]))
        .await
        .expect("made");
    let refused = bob
        .ask(&remove(&group, &["carol"]))
        .await
        .expect_err("refused");
    assert_eq!(refused.code, ErrorCode::NotAllowed);
    alice
        .ask(&remove(&group, &["carol"]))
        .await
        .expect("the maker may");
    bob.ask(&leave(&group)).await.expect("left");
    bob.ask(&leave(&group))
        .await
        .expect("saying so again is fine");
    let stranger = dave.ask(&leave(&group)).await.expect_err("refused");
    assert_eq!(stranger.code, ErrorCode::UnknownConversation);
    assert_eq!(
        names(&alice.user.conversations().await[0].members),
        ["alice"]
    );
    let unknown = alice
        .ask(&add(&group, &["bob", "nobody"]))
        .await
        .expect_err("refused");
    assert_eq!(unknown.code, ErrorCode::UnknownMember);
    let again = alice.ask(&add(&group, &["bob"])).await.expect("taken in");
    assert_eq!(names(&again.members), ["alice", "bob"]);
}

#[tokio::test]
async fn a_member_who_leaves_holds_up_no_tick() {
    let server = TestServer::start().await;
    let alice = server.connect("alice").await;
    let bob = server.connect("bob").await;
    let group = alice
        .ask(&create_group("Lunch", &["bob", "carol"]))
        .await
        .expect("made");
    let said = group_message(group.id.as_str(), "Soup?");
    alice.ask(&said).await.expect("stored");
    assert_eq!(bob.next_message().await.text, "Soup?");
    // Carol is away, so the message is not delivered to everybody, until she is no member.
    let last = |list: Vec<Conversation>| list[0].last_message.clone().expect("a message");
    assert!(!last(alice.user.conversations().await).delivered);
    alice
        .ask(&remove(&group, &["carol"]))
        .await
        .expect("removed");
    let held = async || last(alice.user.conversations().await).delivered;
    // Bob's acknowledgement may still be on its way.
    while !held().await {
        alice
            .next(|event| matches!(event, ServerEvent::Receipt(_)).then_some(()))
            .await;
    }
}

#[tokio::test]
async fn asking_for_the_same_group_again_shows_nothing_to_a_maker_who_has_left() {
    let server = TestServer::start().await;
    let alice = server.connect("alice").await;
    let mut request = create_group("Lunch", &["bob"]);
    request.client_id = crate::support::client_id(1);
    let group = alice.ask(&request).await.expect("made");
    alice.ask(&request).await.expect("asked again");
    alice.ask(&leave(&group)).await.expect("left");
    let refused = alice.ask(&request).await.expect_err("refused");
    assert_eq!(refused.code, ErrorCode::UnknownConversation);
}
