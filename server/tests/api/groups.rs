//! `createGroup` and `newgrp`.

use protocol::{
    Conversation, ConversationKind, ErrorCode,
    events::{LeaveGroup, ServerEvent},
};

use crate::support::{
    TestServer, TestSocket, client_id, create_group, group_message, private_message,
};

async fn next_group(socket: &TestSocket) -> Conversation {
    socket
        .next(|event| match event {
            ServerEvent::NewGroup(event) => {
                assert_eq!(event.response, event.conversation.name);
                Some(event.conversation)
            }
            _ => None,
        })
        .await
}

#[tokio::test]
async fn a_new_group_appears_for_its_members_at_once_and_for_nobody_else() {
    let server = TestServer::start().await;
    let alice = server.connect("alice").await;
    let bob = server.connect("bob").await;
    let dave = server.connect("dave").await;
    let made = alice
        .ask(&create_group(" Lunch ", &["bob", "Carol", "bob"]))
        .await
        .expect("made");
    assert_eq!(made.kind, ConversationKind::Group);
    assert_eq!(made.name, "Lunch");
    let members: Vec<_> = made.members.iter().map(|name| name.as_str()).collect();
    assert_eq!(members, ["alice", "bob", "carol"]);
    for socket in [&alice, &bob] {
        assert_eq!(next_group(socket).await.id, made.id);
    }
    // What follows reaches the new room without anybody connecting again.
    alice
        .ask(&group_message(made.id.as_str(), "Soup?"))
        .await
        .expect("stored");
    assert_eq!(bob.next_message().await.text, "Soup?");
    let seen = dave.waiting().await;
    assert!(
        !seen
            .iter()
            .any(|event| matches!(event, ServerEvent::NewGroup(_))),
        "{seen:?}"
    );
    assert!(dave.user.conversations().await.is_empty());
}

#[tokio::test]
async fn every_member_is_told_who_made_a_group_also_after_they_have_left() {
    let server = TestServer::start().await;
    let alice = server.connect("alice").await;
    let bob = server.connect("bob").await;
    let made = alice
        .ask(&create_group("Lunch", &["bob"]))
        .await
        .expect("made");
    let maker = |conversation: &Conversation| {
        let maker = conversation.created_by.as_ref();
        maker.map(|maker| maker.as_str().to_owned())
    };
    assert_eq!(maker(&made).as_deref(), Some("alice"));
    assert_eq!(maker(&next_group(&bob).await).as_deref(), Some("alice"));
    let group_id = made.id.as_str().to_owned();
    alice.ask(&LeaveGroup { group_id }).await.expect("left");
    let listed = bob.user.conversations().await;
    assert_eq!(maker(&listed[0]).as_deref(), Some("alice"));

    // Nobody has made a private conversation.
    let text = private_message("bob", "hello");
    alice.ask(&text).await.expect("stored");
    let private = bob.user.conversations().await.swap_remove(0);
    assert_eq!(
        (private.kind, maker(&private)),
        (ConversationKind::Private, None)
    );
}

#[tokio::test]
async fn one_unknown_member_refuses_the_whole_group() {
    let server = TestServer::start().await;
    let alice = server.connect("alice").await;
    alice
        .ask(&create_group("Fine", &["bob"]))
        .await
        .expect("made");
    for stranger in ["nobody", "", "a b"] {
        let refused = alice
            .ask(&create_group("Lunch", &["bob", stranger]))
            .await
            .expect_err("refused");
        assert_eq!(refused.code, ErrorCode::UnknownMember);
    }
    assert_eq!(alice.user.conversations().await.len(), 1);
}

#[tokio::test]
async fn a_group_needs_a_name() {
    let server = TestServer::start().await;
    let alice = server.connect("alice").await;
    alice
        .ask(&create_group("Fine", &["bob"]))
        .await
        .expect("made");
    let blank = alice
        .ask(&create_group("  ", &["bob"]))
        .await
        .expect_err("refused");
    assert_eq!(
        (blank.code, blank.field.as_deref()),
        (ErrorCode::NameEmpty, Some("name"))
    );
    let long = alice
        .ask(&create_group(&"x".repeat(81), &["bob"]))
        .await
        .expect_err("refused");
    assert_eq!(long.code, ErrorCode::NameInvalid);
}

#[tokio::test]
async fn asking_again_with_the_same_client_id_makes_no_second_group() {
    let server = TestServer::start().await;
    let alice = server.connect("alice").await;
    let mut request = create_group("Lunch", &["bob"]);
    request.client_id = client_id(1);
    let first = alice.ask(&request).await.expect("made");
    let second = alice.ask(&request).await.expect("the same");
    assert_eq!(first.id, second.id);
    assert_eq!(alice.user.conversations().await.len(), 1);
}
