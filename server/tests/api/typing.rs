//! `typing` and `userTyping`.

use protocol::{
    ErrorCode,
    events::{Heard, ServerEvent, Typing, UserTyping},
    receipt::LARGE_GROUP,
};

use crate::{
    database::TestDatabase,
    support::{TestServer, TestSocket, create_group, private_message},
};

fn typing(conversation_id: &str) -> Typing {
    let conversation_id = conversation_id.to_owned();
    Typing { conversation_id }
}

async fn next_typing(socket: &TestSocket) -> UserTyping {
    socket
        .next(|event| match event {
            ServerEvent::UserTyping(typing) => Some(typing),
            _ => None,
        })
        .await
}

/// How many of these have come by now.
async fn typings(socket: &TestSocket) -> usize {
    let waiting = socket.waiting().await;
    let is_typing = |event: &&ServerEvent| matches!(event, ServerEvent::UserTyping(_));
    waiting.iter().filter(is_typing).count()
}

#[tokio::test]
async fn the_other_members_hear_that_somebody_writes_and_nobody_else_does() {
    let server = TestServer::start().await;
    let alice = server.connect("alice").await;
    let bob = server.connect("bob").await;
    let carol = server.connect("carol").await;
    let dave = server.connect("dave").await;
    let group = alice
        .ask(&create_group("Lunch", &["bob", "carol"]))
        .await
        .expect("made");
    let heard = alice.ask(&typing(group.id.as_str())).await;
    assert_eq!(heard, Ok(Heard {}));
    for socket in [&bob, &carol] {
        let typing = next_typing(socket).await;
        assert_eq!(typing.conversation_id, group.id);
        assert_eq!(typing.username.as_str(), "alice");
    }
    // What is written next has reached everybody after it.
    alice
        .ask(&private_message("dave", "hello"))
        .await
        .expect("stored");
    assert_eq!(dave.next_message().await.text, "hello");
    assert_eq!((typings(&alice).await, typings(&dave).await), (0, 0));
}

#[tokio::test]
async fn whoever_is_no_member_gets_the_answer_of_a_conversation_that_does_not_exist() {
    let server = TestServer::start().await;
    let alice = server.connect("alice").await;
    let bob = server.connect("bob").await;
    let dave = server.connect("dave").await;
    let group = alice
        .ask(&create_group("Lunch", &["bob"]))
        .await
        .expect("made");
    let refused = dave.ask(&typing(group.id.as_str())).await;
    let unknown = dave.ask(&typing("no such conversation")).await;
    assert_eq!(refused, unknown);
    let code = refused.map_err(|error| error.code);
    assert_eq!(code, Err(ErrorCode::UnknownConversation));
    dave.ask(&private_message("bob", "hello"))
        .await
        .expect("stored");
    assert_eq!(bob.next_message().await.text, "hello");
    assert_eq!(typings(&bob).await, 0);
}

#[tokio::test]
async fn however_often_somebody_says_it_others_hear_it_once_a_second() {
    let server = TestServer::start().await;
    let alice = server.connect("alice").await;
    let bob = server.connect("bob").await;
    alice
        .ask(&private_message("bob", "first"))
        .await
        .expect("stored");
    let id = bob.next_message().await.conversation_id;
    let started = std::time::Instant::now();
    let mut said = 0;
    while said < 50 {
        alice.ask(&typing(id.as_str())).await.expect("heard");
        said += 1;
    }
    let seconds = started.elapsed().as_secs() as usize;
    alice
        .ask(&private_message("bob", "last"))
        .await
        .expect("stored");
    let mut heard = 0;
    loop {
        match bob.next(Some).await {
            ServerEvent::UserTyping(_) => heard += 1,
            ServerEvent::Response(event) if event.response.text == "last" => break,
            _ => {}
        }
    }
    assert!((1..=1 + seconds).contains(&heard), "{heard} in {seconds} s");
}

#[tokio::test]
async fn in_a_large_group_nobody_hears_it() {
    let database = TestDatabase::new();
    let names = database.add_people(LARGE_GROUP + 1).await;
    let server = TestServer::on(database).await;
    let (writer, member) = (server.connect("p0").await, server.connect("p1").await);
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let group = writer.ask(&create_group("All", &names)).await;
    let group = group.expect("made");
    let heard = writer.ask(&typing(group.id.as_str())).await;
    assert_eq!(heard, Ok(Heard {}));
    writer
        .ask(&private_message("p1", "hello"))
        .await
        .expect("stored");
    assert_eq!(member.next_message().await.text, "hello");
    assert_eq!(typings(&member).await, 0);
}
