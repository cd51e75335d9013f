//! `GET /web/changes`: what a returning client asks for.

use protocol::{CURSOR_HEADER, Changes, Conversation, Seq, changes::MAX_CHANGES, events::MarkRead};

use crate::{
    membership::{add, leave, rename},
    support::{TestServer, TestUser, create_group, group_message},
};

pub async fn cursor(user: &TestUser) -> u64 {
    let answer = user.get("/web/conversations").await;
    let cursor = answer.header(CURSOR_HEADER).expect("a cursor");
    cursor.parse().expect("a number")
}

pub async fn changes(user: &TestUser, after: u64) -> Changes {
    user.get_json(&format!("/web/changes?after={after}")).await
}

fn names(changes: &Changes) -> Vec<&str> {
    let each = changes.conversations.iter();
    each.map(|conversation| conversation.name.as_str())
        .collect()
}

#[tokio::test]
async fn only_what_has_changed_is_told_and_as_it_is_now() {
    let server = TestServer::start().await;
    let alice = server.connect("alice").await;
    // Nobody of theirs is connected, so that nothing but the messages changes.
    let bob = server.sign_in("bob").await;
    alice.write("carol", "Hello").await;
    alice.write("bob", "Hello").await;
    let since = cursor(&bob).await;
    assert_eq!(changes(&bob, since).await.conversations, []);
    alice.write("bob", "one").await;
    alice.write("bob", "two").await;
    alice.write("carol", "three").await;
    let told = changes(&bob, since).await;
    assert_eq!(names(&told), ["Alice"]);
    assert_eq!(told.conversations, bob.conversations().await);
    assert_eq!(told.conversations[0].last_seq, Seq(3));
    assert!(changes(&bob, told.cursor.0).await.conversations.is_empty());
}

#[tokio::test]
async fn a_position_a_name_and_a_member_are_changes_too() {
    let server = TestServer::start().await;
    let alice = server.connect("alice").await;
    let bob = server.connect("bob").await;
    let group = alice
        .ask(&create_group("Lunch", &["bob"]))
        .await
        .expect("made");
    alice
        .ask(&group_message(group.id.as_str(), "Soup?"))
        .await
        .expect("stored");
    bob.next_message().await;

    let since = cursor(&alice.user).await;
    let read = MarkRead {
        conversation_id: (&group.id).into(),
        seq: Seq(1),
    };
    bob.ask(&read).await.expect("read");
    let told = changes(&alice.user, since).await;
    assert_eq!(told.conversations[0].all_read_seq, Seq(1));

    bob.ask(&rename(&group, "Dinner")).await.expect("renamed");
    let renamed = changes(&alice.user, told.cursor.0).await;
    assert_eq!(names(&renamed), ["Dinner"]);

    bob.ask(&add(&group, &["dave"])).await.expect("added");
    let grown = changes(&alice.user, renamed.cursor.0).await;
    assert_eq!(grown.conversations[0].members.len(), 3);
    let dave = server.sign_in("dave").await;
    assert_eq!(names(&changes(&dave, since).await), ["Dinner"]);
}

#[tokio::test]
async fn a_group_that_was_left_is_told_until_one_is_back() {
    let server = TestServer::start().await;
    let alice = server.connect("alice").await;
    let bob = server.connect("bob").await;
    let group: Conversation = alice
        .ask(&create_group("Lunch", &["bob"]))
        .await
        .expect("made");
    let since = cursor(&bob.user).await;
    bob.ask(&leave(&group)).await.expect("left");
    let told = changes(&bob.user, since).await;
    assert_eq!(
        (told.left, told.conversations),
        (vec![group.id.clone()], vec![])
    );
    alice.ask(&add(&group, &["bob"])).await.expect("added");
    let told = changes(&bob.user, since).await;
    assert_eq!(told.left, []);
    assert_eq!(names(&told), ["Lunch"]);
}

#[tokio::test]
async fn too_much_and_what_this_database_never_said_ask_for_the_whole_list() {
    let server = TestServer::start().await;
    let alice = server.connect("alice").await;
    let since = cursor(&alice.user).await;
    for number in 0..=MAX_CHANGES {
        alice
            .ask(&create_group(&format!("Group {number}"), &["bob"]))
            .await
            .expect("made");
        if number == MAX_CHANGES - 1 {
            let told = changes(&alice.user, since).await;
            assert!(!told.reset);
            assert_eq!(told.conversations.len(), MAX_CHANGES as usize);
        }
    }
    let told = changes(&alice.user, since).await;
    assert!(told.reset && told.conversations.is_empty());
    assert!(!changes(&alice.user, told.cursor.0).await.reset);
    for unknown in [told.cursor.0 + 1, u64::MAX] {
        assert!(changes(&alice.user, unknown).await.reset, "{unknown}");
    }
    for wrong in ["", "?after=", "?after=-1", "?after=x"] {
        let answer = alice.user.get(&format!("/web/changes{wrong}")).await;
        assert_eq!(answer.status, 400, "{wrong}");
    }
}
