use std::time::Duration;

use serde_json::{Value, json};
use socketio_client::{AckError, Namespace};

use crate::support::{Inbox, Observed, Server, in_time};

#[tokio::test]
async fn the_server_acknowledges() {
    let server = Server::start().await;
    let observed = server.connected().await;
    let echo: String = observed
        .client
        .emit_with_ack("echo", "hello")
        .await
        .unwrap();
    assert_eq!(echo, "hello");
}

#[tokio::test]
async fn many_acknowledgements_find_their_events() {
    let server = Server::start().await;
    let observed = server.connected().await;
    let pending: Vec<_> = (0..100)
        .map(|number| observed.client.emit_with_ack::<u32>("echo", &number))
        .collect();
    for (number, answer) in (0..).zip(pending) {
        assert_eq!(in_time(answer).await, Ok(number));
    }
}

#[tokio::test]
async fn an_event_is_sent_when_it_is_emitted_and_not_when_its_answer_is_awaited() {
    let server = Server::start().await;
    let observed = server.connected().await;
    let mut echoed = Inbox::of(&observed.client, "echoed");
    let answer = observed.client.emit_with_ack::<Value>("echo-event", &7);
    assert_eq!(echoed.next().await, json!(7));
    drop(answer);
}

#[tokio::test]
async fn an_answer_of_another_shape_is_an_error() {
    let server = Server::start().await;
    let observed = server.connected().await;
    assert_eq!(
        observed.client.emit_with_ack::<u32>("echo", &1).await,
        Ok(1)
    );
    let answer = observed.client.emit_with_ack::<u32>("echo", "one").await;
    assert!(matches!(answer, Err(AckError::Invalid(_))));
}

#[tokio::test]
async fn an_answer_that_does_not_come_times_out() {
    let server = Server::start().await;
    let client = server
        .client(Namespace::new("/").ack_timeout(Duration::from_millis(50)))
        .build();
    let observed = Observed::connected(client).await;
    assert_eq!(
        observed.client.emit_with_ack::<Value>("silence", &()).await,
        Err(AckError::TimedOut)
    );
}

#[tokio::test]
async fn without_a_connection_there_is_no_answer() {
    let server = Server::start().await;
    let client = server.client("/").build();
    assert_eq!(
        client.emit_with_ack::<Value>("echo", &1).await,
        Err(AckError::NotConnected)
    );
}

#[tokio::test]
async fn disconnecting_ends_the_wait_for_every_answer() {
    let server = Server::start().await;
    let observed = server.connected().await;
    let answers = [(); 2].map(|()| observed.client.emit_with_ack::<Value>("silence", &()));
    observed.client.disconnect();
    for answer in answers {
        assert_eq!(in_time(answer).await, Err(AckError::Disconnected));
    }
}

#[tokio::test]
async fn losing_the_line_ends_the_wait_for_every_answer() {
    let server = Server::start().await;
    let observed = server.connected().await;
    let answer = observed.client.emit_with_ack::<Value>("silence", &());
    server.vanish();
    assert_eq!(in_time(answer).await, Err(AckError::Disconnected));
}

#[tokio::test]
async fn dropping_the_client_ends_the_wait_for_every_answer() {
    let server = Server::start().await;
    let observed = server.connected().await;
    let answer = observed.client.emit_with_ack::<Value>("silence", &());
    drop(observed);
    assert_eq!(in_time(answer).await, Err(AckError::Disconnected));
}

#[tokio::test]
async fn the_client_acknowledges_at_once_or_later() {
    let server = Server::start().await;
    let observed = server.connected().await;
    let client = &observed.client;
    let mut answered = Inbox::of(client, "answered");

    let at_once = client.on_with_ack("question", |question: Value, ack| {
        ack.expect("the server asks for it")
            .send(&json!({ "you asked": question }))
            .unwrap();
    });
    client.emit("ask-me", "how are you").unwrap();
    assert_eq!(
        answered.next().await,
        json!({ "answer": { "you asked": "how are you" } })
    );
    drop(at_once);

    let mut acks = Inbox::new(|sender| {
        client.on_with_ack("question", move |_: Value, ack| {
            sender.send(ack.unwrap()).unwrap()
        })
    });
    client.emit("ask-me", "later").unwrap();
    acks.next().await.send(&true).unwrap();
    assert_eq!(answered.next().await, json!({ "answer": true }));
}

#[tokio::test]
async fn the_first_of_several_acknowledgements_counts() {
    let server = Server::start().await;
    let observed = server.connected().await;
    let client = &observed.client;
    let mut answered = Inbox::of(client, "answered");
    let _listeners = [1, 2].map(|number| {
        client.on_with_ack("question", move |_: Value, ack| {
            ack.unwrap().send(&number).unwrap()
        })
    });
    client.emit("ask-me", "who is first").unwrap();
    assert_eq!(answered.next().await, json!({ "answer": 1 }));
}

#[tokio::test]
async fn nothing_is_acknowledged_when_nobody_does() {
    let server = Server::start().await;
    let observed = server.connected().await;
    let mut answered = Inbox::of(&observed.client, "answered");
    let mut questions = Inbox::of(&observed.client, "question");
    observed.client.emit("ask-me", "anybody there").unwrap();
    assert_eq!(questions.next().await, json!("anybody there"));
    let answer = answered.next().await;
    assert!(answer["error"].is_string(), "{answer}");
}

#[tokio::test]
async fn an_acknowledgement_after_the_connection_is_an_error() {
    let server = Server::start().await;
    let mut observed = server.connected().await;
    let client = observed.client.clone();
    let mut acks = Inbox::new(|sender| {
        client.on_with_ack("question", move |_: Value, ack| {
            sender.send(ack.unwrap()).unwrap()
        })
    });
    client.emit("ask-me", "will you be there").unwrap();
    let ack = acks.next().await;
    client.disconnect();
    client.connect();
    observed.wait_until_connected().await;
    assert!(ack.send(&1).is_err());
}
