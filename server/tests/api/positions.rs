//! `markRead`, unread counts and `receipt`.

use protocol::{
    ErrorCode, Seq, Timestamp,
    events::{MarkRead, ServerEvent},
    receipt::{LARGE_GROUP, Position, ReadTime},
};

use crate::{
    database::TestDatabase,
    support::{TestServer, TestSocket, TestUser, create_group, group_message},
};

async fn read(socket: &TestSocket, conversation: &str, seq: u64) -> Result<u64, ErrorCode> {
    let request = MarkRead {
        conversation_id: conversation.to_owned(),
        seq: Seq(seq),
    };
    socket
        .ask(&request)
        .await
        .map(|receipt| receipt.read_seq.0)
        .map_err(|error| error.code)
}

#[tokio::test]
async fn a_read_position_moves_forward_only_and_unread_is_what_lies_behind_it() {
    let server = TestServer::start().await;
    let alice = server.connect("alice").await;
    let bob = server.connect("bob").await;
    let mut conversation = String::new();
    for number in 0..5 {
        let stored = alice.write("bob", &format!("number {number}")).await;
        conversation = stored.conversation_id.to_string();
    }
    let unread = async || bob.user.conversations().await[0].unread;
    assert_eq!(unread().await, 5);
    assert_eq!(read(&bob, &conversation, 3).await, Ok(3));
    assert_eq!(unread().await, 2);
    assert_eq!(
        read(&bob, &conversation, 1).await,
        Ok(3),
        "it never goes back"
    );
    assert_eq!(unread().await, 2);
    assert_eq!(
        alice.user.conversations().await[0].unread,
        0,
        "one's own are read"
    );
}

/// Who has read a message, as `viewer` sees it, and when.
async fn read_times(viewer: &TestUser, conversation: &str, seq: u64) -> Vec<(String, Timestamp)> {
    let path = format!("/web/conversations/{conversation}/messages/{seq}/read");
    let times: Vec<ReadTime> = viewer.get_json(&path).await;
    let time = |time: ReadTime| (time.username.to_string(), time.at);
    times.into_iter().map(time).collect()
}

#[tokio::test]
async fn it_is_told_when_each_member_had_read_a_message() {
    let server = TestServer::start().await;
    let alice = server.connect("alice").await;
    let bob = server.connect("bob").await;
    let carol = server.connect("carol").await;
    let group = alice.ask(&create_group("Lunch", &["bob", "carol"])).await;
    let id = group.expect("made").id.to_string();
    let mut sent = Vec::new();
    for text in ["one", "two", "three"] {
        let message = alice.ask(&group_message(&id, text)).await;
        sent.push(message.expect("stored").sent_at);
    }
    assert_eq!(read_times(&alice.user, &id, 1).await, []);
    assert_eq!(read(&bob, &id, 2).await, Ok(2));
    let of_bob = read_times(&alice.user, &id, 1).await;
    let [(name, at)] = &of_bob[..] else {
        panic!("{of_bob:?}");
    };
    assert_eq!(name, "bob");
    assert!(*at >= sent[1], "{at:?} after {sent:?}");
    assert_eq!(
        read_times(&alice.user, &id, 2).await,
        of_bob,
        "one look, one time"
    );
    assert_eq!(read_times(&alice.user, &id, 3).await, []);

    assert_eq!(read(&carol, &id, 3).await, Ok(3));
    assert_eq!(read(&bob, &id, 3).await, Ok(3));
    let both = read_times(&carol.user, &id, 1).await;
    assert_eq!(both[0], of_bob[0], "the first time stays");
    assert_eq!(both[1].0, "carol");
    let third = read_times(&alice.user, &id, 3).await;
    assert!(third[0].1 >= of_bob[0].1, "{third:?}");
}

#[tokio::test]
async fn whoever_is_no_member_is_not_told_who_has_read_what() {
    let server = TestServer::start().await;
    let alice = server.connect("alice").await;
    let bob = server.connect("bob").await;
    let id = alice
        .write("bob", "Hello")
        .await
        .conversation_id
        .to_string();
    assert_eq!(read(&bob, &id, 1).await, Ok(1));
    assert_eq!(read_times(&alice.user, &id, 1).await.len(), 1);

    let carol = server.sign_in("carol").await;
    let ask = async |path: &str| {
        let answer = carol.get(path).await;
        (answer.status, answer.text())
    };
    let refused = ask(&format!("/web/conversations/{id}/messages/1/read")).await;
    assert_eq!(refused.0, 404);
    assert_eq!(
        ask("/web/conversations/none/messages/1/read").await,
        refused
    );
    let path = format!("/web/conversations/{id}/messages/first/read");
    assert_eq!(alice.user.get(&path).await.status, 400);
}

#[tokio::test]
async fn a_position_is_told_to_the_members_and_to_the_readers_other_tabs() {
    let server = TestServer::start().await;
    let alice = server.connect("alice").await;
    let bob = server.connect("bob").await;
    let other_tab = bob.user.connect().await;
    let stored = alice.write("bob", "Hello").await;
    bob.next_message().await;
    assert_eq!(read(&bob, stored.conversation_id.as_str(), 1).await, Ok(1));
    for socket in [&alice, &other_tab] {
        let receipt = socket
            .next(|event| match event {
                ServerEvent::Receipt(receipt)
                    if receipt.read_seq.0 == 1 && receipt.username.as_str() == "bob" =>
                {
                    Some(receipt)
                }
                _ => None,
            })
            .await;
        assert_eq!(receipt.delivered_seq.0, 1);
        assert_eq!(receipt.all_read_seq.0, 1);
    }
}

#[tokio::test]
async fn a_position_beyond_the_end_or_in_somebody_elses_conversation_is_refused() {
    let server = TestServer::start().await;
    let alice = server.connect("alice").await;
    let dave = server.connect("dave").await;
    let stored = alice.write("bob", "Hello").await;
    let conversation = stored.conversation_id.as_str();
    assert_eq!(read(&alice, conversation, 1).await, Ok(1));
    assert_eq!(
        read(&alice, conversation, 2).await,
        Err(ErrorCode::InvalidSeq)
    );
    assert_eq!(
        read(&alice, conversation, u64::MAX).await,
        Err(ErrorCode::InvalidSeq)
    );
    assert_eq!(
        read(&dave, conversation, 1).await,
        Err(ErrorCode::UnknownConversation)
    );
    assert_eq!(
        read(&dave, "nothing", 1).await,
        Err(ErrorCode::UnknownConversation)
    );
}

#[tokio::test]
async fn members_learn_where_each_of_them_stands_and_strangers_do_not() {
    let server = TestServer::start().await;
    let alice = server.connect("alice").await;
    let stored = alice.write("bob", "Hello").await;
    let path = format!("/web/conversations/{}/positions", stored.conversation_id);
    let positions: Vec<Position> = alice.user.get_json(&path).await;
    let read: Vec<_> = positions
        .iter()
        .map(|at| (at.username.as_str(), at.read_seq.0))
        .collect();
    assert_eq!(read, [("alice", 1), ("bob", 0)]);
    let dave = server.sign_in("dave").await;
    assert_eq!(dave.get(&path).await.status, 404);
}

#[tokio::test]
async fn in_a_large_group_ones_own_other_tabs_still_hear_what_one_has_read() {
    let database = TestDatabase::new();
    let names = database.add_people(LARGE_GROUP + 5).await;
    let server = TestServer::on(database).await;
    let (maker, reader) = (server.connect("p0").await, server.connect("p1").await);
    let other_tab = reader.user.connect().await;
    let members: Vec<&str> = names.iter().map(String::as_str).collect();
    let group = maker
        .ask(&create_group("Everybody", &members))
        .await
        .expect("made");
    maker
        .ask(&group_message(group.id.as_str(), "Hello"))
        .await
        .expect("stored");
    reader.next_message().await;
    assert_eq!(read(&reader, group.id.as_str(), 1).await, Ok(1));
    let told = other_tab
        .next(|event| match event {
            ServerEvent::Receipt(receipt) => Some(receipt),
            _ => None,
        })
        .await;
    assert_eq!((told.username.as_str(), told.read_seq), ("p1", Seq(1)));
    assert_eq!(read_times(&maker.user, group.id.as_str(), 1).await, []);
    // Nobody else: the others are told only when the position of all of them moves.
    maker.write("p1", "between us").await;
    let seen = maker.waiting().await;
    let about_p1 = |event: &ServerEvent| {
        matches!(event, ServerEvent::Receipt(receipt)
            if receipt.username.as_str() == "p1" && receipt.conversation_id == group.id)
    };
    assert!(!seen.iter().any(about_p1), "{seen:?}");
}

#[tokio::test]
async fn the_list_shows_newest_activity_first() {
    let server = TestServer::start().await;
    let alice = server.connect("alice").await;
    for receiver in ["bob", "carol", "dave", "bob"] {
        alice.write(receiver, &format!("to {receiver}")).await;
    }
    let conversations = alice.user.conversations().await;
    let names: Vec<_> = conversations
        .iter()
        .map(|conversation| conversation.name.as_str())
        .collect();
    assert_eq!(names, ["Bob", "Dave", "Carol"]);
    let last = conversations[0]
        .last_message
        .as_ref()
        .expect("a last message");
    assert_eq!(
        (last.text.as_str(), last.seq),
        ("to bob", conversations[0].last_seq)
    );
}

#[tokio::test]
async fn a_page_of_history_is_cut_where_it_is_asked_and_always_oldest_first() {
    let server = TestServer::start().await;
    let alice = server.connect("alice").await;
    let mut id = String::new();
    for number in 1..=60 {
        id = alice
            .write("bob", &format!("number {number}"))
            .await
            .conversation_id
            .to_string();
    }
    let page = async |query: &str| {
        let path = format!("/web/conversations/{id}/messages{query}");
        let messages: Vec<protocol::Message> = alice.user.get_json(&path).await;
        let seqs: Vec<u64> = messages.iter().map(|message| message.seq.0).collect();
        (seqs.first().copied(), seqs.last().copied(), seqs.len())
    };
    assert_eq!(page("").await, (Some(11), Some(60), 50));
    assert_eq!(page("?limit=5").await, (Some(56), Some(60), 5));
    assert_eq!(page("?limit=5&before=11").await, (Some(6), Some(10), 5));
    assert_eq!(page("?limit=5&after=11").await, (Some(12), Some(16), 5));
    assert_eq!(page("?after=60").await, (None, None, 0));
    assert_eq!(page("?limit=1000").await, (Some(1), Some(60), 60));
    for wrong in ["?limit=0", "?limit=x", "?before=1&after=2", "?after=-1"] {
        let path = format!("/web/conversations/{id}/messages{wrong}");
        assert_eq!(alice.user.get(&path).await.status, 400, "{wrong}");
    }
}
