//! `groupEvent` and `/web/conversations/{id}/events`: what happened to a group, for its timeline.

use protocol::{
    Conversation, ErrorCode, GroupEvent, GroupEventKind,
    events::{GroupHappened, ServerEvent},
};

use crate::{
    membership::{add, leave, remove, rename},
    support::{TestServer, TestSocket, TestUser, create_group, group_message},
};

async fn told(socket: &TestSocket) -> GroupHappened {
    socket
        .next(|event| match event {
            ServerEvent::GroupEvent(happened) => Some(happened),
            _ => None,
        })
        .await
}

async fn events(user: &TestUser, group: &Conversation) -> Vec<GroupEvent> {
    user.get_json(&format!("/web/conversations/{}/events", group.id))
        .await
}

/// An event as words: who, what, with whom, and behind which message.
fn words(event: &GroupEvent) -> String {
    let members: Vec<&str> = event.members.iter().map(|name| name.as_str()).collect();
    let kind = serde_json::to_string(&event.kind).expect("a word");
    [
        event.actor.as_str(),
        kind.trim_matches('"'),
        &members.join("+"),
        event.name.as_deref().unwrap_or_default(),
        &event.after_seq.to_string(),
    ]
    .join(" ")
}

#[tokio::test]
async fn what_happened_to_a_group_is_kept_between_its_messages() {
    let server = TestServer::start().await;
    let alice = server.connect("alice").await;
    let group = alice.ask(&create_group("Lunch", &["bob"])).await;
    let group = group.expect("made");
    let message = group_message(group.id.as_str(), "Soup?");
    alice.ask(&message).await.expect("stored");
    alice.ask(&rename(&group, "Dinner")).await.expect("renamed");
    alice
        .ask(&add(&group, &["dave", "carol"]))
        .await
        .expect("added");
    alice
        .ask(&remove(&group, &["dave"]))
        .await
        .expect("taken out");
    let bob = server.connect("bob").await;
    bob.ask(&leave(&group)).await.expect("left");
    let events = events(&alice.user, &group).await;
    let said: Vec<String> = events.iter().map(words).collect();
    assert_eq!(
        said,
        [
            "alice created bob  0",
            "alice renamed  Dinner 1",
            "alice added carol+dave  1",
            "alice removed dave  1",
            "bob left   1",
        ]
    );
    assert_eq!(events[2].member_count, 2);
    assert!(events.is_sorted_by(|one, next| one.cursor < next.cursor));
}

#[tokio::test]
async fn members_are_told_what_happens_and_whoever_was_taken_in_hears_that() {
    let server = TestServer::start().await;
    let alice = server.connect("alice").await;
    let bob = server.connect("bob").await;
    let carol = server.connect("carol").await;
    let group = alice.ask(&create_group("Lunch", &["bob"])).await;
    let group = group.expect("made");
    alice.ask(&add(&group, &["carol"])).await.expect("added");
    for socket in [&alice, &bob, &carol] {
        let happened = told(socket).await;
        assert_eq!(happened.group_id, group.id);
        assert_eq!(words(&happened.event), "alice added carol  0");
        assert_eq!(
            Some(&happened.event),
            events(&socket.user, &group).await.last()
        );
    }
}

#[tokio::test]
async fn an_event_names_a_few_and_counts_all() {
    let server = TestServer::start().await;
    let alice = server.connect("alice").await;
    let group = alice.ask(&create_group("Lunch", &[])).await.expect("made");
    let everybody = ["bob", "carol", "dave"];
    alice.ask(&add(&group, &everybody)).await.expect("added");
    let events = events(&alice.user, &group).await;
    let kinds: Vec<_> = events.iter().map(|event| event.kind).collect();
    assert_eq!(kinds, [GroupEventKind::Created, GroupEventKind::Added]);
    assert_eq!(events[0].member_count, 0);
    assert_eq!(events[1].member_count, 3);
}

#[tokio::test]
async fn what_changes_nothing_is_no_event() {
    let server = TestServer::start().await;
    let alice = server.connect("alice").await;
    let group = alice.ask(&create_group("Lunch", &["bob"])).await;
    let group = group.expect("made");
    alice.ask(&rename(&group, "Lunch")).await.expect("the same");
    alice.ask(&add(&group, &["bob"])).await.expect("the same");
    alice
        .ask(&remove(&group, &["dave"]))
        .await
        .expect("the same");
    assert_eq!(events(&alice.user, &group).await.len(), 1);
}

#[tokio::test]
async fn whoever_is_no_member_sees_nothing_of_it() {
    let server = TestServer::start().await;
    let alice = server.connect("alice").await;
    let dave = server.sign_in("dave").await;
    let group = alice.ask(&create_group("Lunch", &["bob"])).await;
    let path = format!("/web/conversations/{}/events", group.expect("made").id);
    for (user, path) in [
        (&dave, path.as_str()),
        (&dave, "/web/conversations/none/events"),
    ] {
        let answer = user.get(path).await;
        assert_eq!(answer.status, 404);
        assert_eq!(answer.problem().code, ErrorCode::UnknownConversation);
    }
}
