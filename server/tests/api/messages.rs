//! `privateMessage`, `groupMessage` and the `response` event.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use protocol::{
    ErrorCode,
    events::{Acknowledgement, ClientEvent, PrivateMessage},
};
use serde_json::json;

use crate::support::{TestServer, client_id, create_group, group_message, private_message};

#[tokio::test]
async fn a_private_message_reaches_every_socket_of_both() {
    let server = TestServer::start().await;
    let alice = server.connect("alice").await;
    let other_tab = alice.user.connect().await;
    let bob = server.connect("bob").await;
    let bobs_phone = bob.user.connect().await;
    let stored = alice.write("bob", "Hello").await;
    assert_eq!(stored.seq.0, 1);
    assert_eq!(
        stored.receiver.as_ref().map(|name| name.as_str()),
        Some("bob")
    );
    for socket in [&alice, &other_tab, &bob, &bobs_phone] {
        let received = socket.next_message().await;
        assert_eq!(
            (received.id, received.text),
            (stored.id.clone(), "Hello".to_owned())
        );
    }
}

#[tokio::test]
async fn both_write_into_one_conversation_whoever_began_it() {
    let server = TestServer::start().await;
    let alice = server.connect("alice").await;
    let bob = server.connect("bob").await;
    let first = alice.write("bob", "Hello").await;
    let second = bob.write("alice", "Hello yourself").await;
    assert_eq!(first.conversation_id, second.conversation_id);
    assert_eq!(second.seq.0, 2);
}

#[tokio::test]
async fn messages_sent_at_once_get_every_seq_once() {
    let server = TestServer::start().await;
    let alice = server.connect("alice").await;
    let bob = server.connect("bob").await;
    let texts: Vec<String> = (0..50).map(|number| format!("number {number}")).collect();
    let sent = join_all(
        texts
            .iter()
            .flat_map(|text| [alice.write("bob", text), bob.write("alice", text)]),
    )
    .await;
    let seqs: BTreeSet<u64> = sent.iter().map(|message| message.seq.0).collect();
    assert_eq!(seqs, (1..=100).collect());
    let history = alice.user.history(sent[0].conversation_id.as_str()).await;
    assert!(history.iter().map(|message| message.seq.0).eq(1..=100));
}

#[tokio::test]
async fn the_same_client_id_again_stores_nothing_and_gets_the_first_message() {
    let server = TestServer::start().await;
    let alice = server.connect("alice").await;
    let other_tab = alice.user.connect().await;
    let mut request = private_message("bob", "once");
    request.client_id = client_id(1);
    let tries = join_all((0..10).map(|number| {
        let socket = if number % 2 == 0 { &alice } else { &other_tab };
        socket.ask(&request)
    }))
    .await;
    let first = tries[0].as_ref().expect("stored");
    assert!(
        tries
            .iter()
            .all(|again| again.as_ref().is_ok_and(|again| again.id == first.id))
    );
    let different = PrivateMessage {
        text: "another text".to_owned(),
        ..request
    };
    let again = alice.ask(&different).await.expect("the first message");
    assert_eq!(again.text, "once");
    assert_eq!(
        alice
            .user
            .history(first.conversation_id.as_str())
            .await
            .len(),
        1
    );
}

#[tokio::test]
async fn a_client_id_belongs_to_its_sender_alone() {
    let server = TestServer::start().await;
    let alice = server.connect("alice").await;
    let bob = server.connect("bob").await;
    let with_id = |receiver| PrivateMessage {
        client_id: client_id(1),
        ..private_message(receiver, "x")
    };
    let from_alice = alice.ask(&with_id("bob")).await.expect("stored");
    let from_bob = bob.ask(&with_id("alice")).await.expect("stored");
    assert_ne!(from_alice.id, from_bob.id);
}

#[tokio::test]
async fn what_cannot_be_sent_is_refused_with_a_code_and_stores_nothing() {
    let server = TestServer::start().await;
    let alice = server.connect("alice").await;
    let stored = alice.write("bob", "allowed").await;
    let refused = async |request| alice.ask(&request).await.expect_err("refused").code;
    assert_eq!(
        refused(private_message("nobody", "x")).await,
        ErrorCode::UnknownReceiver
    );
    assert_eq!(
        refused(private_message("", "x")).await,
        ErrorCode::UnknownReceiver
    );
    assert_eq!(
        refused(private_message("alice", "x")).await,
        ErrorCode::ReceiverIsSender
    );
    assert_eq!(
        refused(private_message("bob", " \n")).await,
        ErrorCode::TextEmpty
    );
    assert_eq!(
        refused(private_message("bob", "a\0b")).await,
        ErrorCode::TextInvalid
    );
    let too_long = "x".repeat(20_001);
    assert_eq!(
        refused(private_message("bob", &too_long)).await,
        ErrorCode::TextTooLong
    );
    let mut no_uuid = private_message("bob", "x");
    no_uuid.client_id = Some("1".to_owned());
    assert_eq!(refused(no_uuid).await, ErrorCode::InvalidClientId);
    let history = alice.user.history(stored.conversation_id.as_str()).await;
    assert_eq!(history.len(), 1);
}

#[tokio::test]
async fn a_payload_of_the_wrong_shape_and_an_unknown_event_are_acknowledged_with_errors() {
    let server = TestServer::start().await;
    let alice = server.connect("alice").await;
    for payload in [
        json!(null),
        json!(1),
        json!([]),
        json!({ "receiver": 1, "text": [] }),
    ] {
        let answer: Acknowledgement<()> = alice
            .client
            .emit_with_ack(PrivateMessage::NAME, &payload)
            .await
            .expect("an answer");
        assert_eq!(
            answer.error.expect("an error").code,
            ErrorCode::InvalidPayload
        );
    }
    let answer: Acknowledgement<()> = alice
        .client
        .emit_with_ack("noSuchEvent", &json!({}))
        .await
        .expect("an answer");
    assert_eq!(
        answer.error.expect("an error").code,
        ErrorCode::UnknownEvent
    );
}

#[tokio::test]
async fn only_members_write_to_a_group_and_others_learn_nothing_of_it() {
    let server = TestServer::start().await;
    let alice = server.connect("alice").await;
    let dave = server.connect("dave").await;
    let group = alice
        .ask(&create_group("Lunch", &["bob"]))
        .await
        .expect("a group");
    let allowed = alice
        .ask(&group_message(group.id.as_str(), "Soup?"))
        .await
        .expect("stored");
    assert_eq!(allowed.group_id.as_ref(), Some(&group.id));
    let foreign = dave
        .ask(&group_message(group.id.as_str(), "me too"))
        .await
        .expect_err("refused");
    let missing = dave
        .ask(&group_message("no-such-group", "x"))
        .await
        .expect_err("refused");
    assert_eq!(foreign, missing);
    assert_eq!(foreign.code, ErrorCode::UnknownConversation);
    let by_http = dave
        .user
        .get(&format!("/web/conversations/{}/messages", group.id))
        .await;
    assert_eq!(by_http.status, 404);
}

#[tokio::test]
async fn a_private_conversation_takes_no_group_messages() {
    let server = TestServer::start().await;
    let alice = server.connect("alice").await;
    let private = alice.write("bob", "Hello").await;
    let request = group_message(private.conversation_id.as_str(), "x");
    let refused = alice.ask(&request).await.expect_err("refused");
    assert_eq!(refused.code, ErrorCode::UnknownConversation);
}

#[tokio::test]
async fn acknowledged_messages_are_there_after_a_restart() {
    let server = TestServer::start().await;
    let alice = server.connect("alice").await;
    let stored = alice.write("bob", "remember me").await;
    drop(alice);
    let server = server.restart().await;
    let history = server
        .sign_in("bob")
        .await
        .history(stored.conversation_id.as_str())
        .await;
    assert_eq!(history.len(), 1);
    assert_eq!(history[0].id, stored.id);
}

#[tokio::test]
async fn an_id_that_no_database_can_hold_is_unknown_like_any_other() {
    let server = TestServer::start().await;
    let alice = server.connect("alice").await;
    for id in ["nothing", "not\0hing"] {
        let error = alice
            .ask(&group_message(id, "hello"))
            .await
            .expect_err("there is no such group");
        assert_eq!(error.code, ErrorCode::UnknownConversation, "{id:?}");
        let path = format!("/web/conversations/{}/messages", id.replace('\0', "%00"));
        assert_eq!(alice.user.get(&path).await.status, 404, "{id:?}");
    }
}
