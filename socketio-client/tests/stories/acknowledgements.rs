use std::time::Duration;

use serde_json::{Value, json};
use socketio_client::{AckError, Namespace};

use crate::support::{ALL, Inbox, Observed, builder, connected, in_time};

pub async fn many_acknowledgements_find_their_events() {
    for transports in ALL {
        let client = builder("/").transports(transports).build();
        let Observed { client, .. } = Observed::connected(client).await;
        let answers: Vec<_> = (0..100)
            .map(|number| client.emit_with_ack::<u32>("echo", &number))
            .collect();
        for (number, answer) in (0..).zip(answers) {
            assert_eq!(in_time(answer).await, Ok(number), "{transports:?}");
        }
    }
}

pub async fn an_event_is_sent_when_it_is_emitted_and_not_when_its_answer_is_awaited() {
    let Observed { client, .. } = connected("/").await;
    let mut echoed = Inbox::of(&client, "echoed");
    let answer = client.emit_with_ack::<Value>("echo-event", &7);
    assert_eq!(echoed.next().await, json!(7));
    drop(answer);
}

pub async fn an_answer_of_another_shape_is_an_error() {
    let Observed { client, .. } = connected("/").await;
    let answer = in_time(client.emit_with_ack::<u32>("echo", "one")).await;
    assert!(matches!(answer, Err(AckError::Invalid(_))));
}

pub async fn an_answer_that_does_not_come_times_out() {
    let namespace = Namespace::new("/").ack_timeout(Duration::from_millis(50));
    let Observed { client, .. } = connected(namespace).await;
    let answer = client.emit_with_ack::<Value>("silence", &());
    assert_eq!(in_time(answer).await, Err(AckError::TimedOut));
}

pub async fn a_single_answer_can_have_its_own_time_limit() {
    let an_hour = Duration::from_secs(3600);
    let Observed { client, .. } = connected(Namespace::new("/").ack_timeout(an_hour)).await;
    let hurried = client.emit_with_ack::<Value>("silence", &());
    let hurried = hurried.within(Duration::from_millis(50));
    assert_eq!(in_time(hurried).await, Err(AckError::TimedOut));
    let answered = client.emit_with_ack::<u8>("echo", &1);
    assert_eq!(in_time(answered.within(an_hour)).await, Ok(1));
}

pub async fn without_a_connection_there_is_no_answer() {
    let client = builder("/").build();
    let answer = client.emit_with_ack::<Value>("echo", &1);
    assert_eq!(in_time(answer).await, Err(AckError::NotConnected));
}

pub async fn an_event_that_is_kept_too_long_has_no_answer() {
    // Its time limit is shorter than what is kept may be old.
    let namespace = Namespace::new("/")
        .buffer(1, Duration::from_secs(10))
        .ack_timeout(Duration::from_millis(50));
    let client = builder(namespace).build();
    let answer = client.emit_with_ack::<Value>("echo", &1);
    assert_eq!(in_time(answer).await, Err(AckError::TimedOut));
    // And the other way round.
    let namespace = Namespace::new("/").buffer(1, Duration::from_millis(50));
    let client = builder(namespace).build();
    let answer = client.emit_with_ack::<Value>("echo", &1);
    assert_eq!(in_time(answer).await, Err(AckError::NotConnected));
}

pub async fn disconnecting_ends_the_wait_for_every_answer() {
    let Observed { client, .. } = connected("/").await;
    let answers = [(); 2].map(|()| client.emit_with_ack::<Value>("silence", &()));
    client.disconnect();
    for answer in answers {
        assert_eq!(in_time(answer).await, Err(AckError::Disconnected));
    }
}

pub async fn a_line_that_breaks_ends_the_wait_for_every_answer() {
    let mut observed = connected("/").await;
    let answers = [(); 2].map(|()| observed.client.emit_with_ack::<Value>("silence", &()));
    observed.break_the_line().await;
    for answer in answers {
        assert_eq!(in_time(answer).await, Err(AckError::Disconnected));
    }
}

pub async fn dropping_the_client_ends_the_wait_for_every_answer() {
    let observed = connected("/").await;
    let answer = observed.client.emit_with_ack::<Value>("silence", &());
    drop(observed);
    assert_eq!(in_time(answer).await, Err(AckError::Disconnected));
}

pub async fn the_client_acknowledges_at_once_or_later() {
    for transports in ALL {
        let client = builder("/").transports(transports).build();
        let Observed { client, .. } = Observed::connected(client).await;
        let mut answered = Inbox::of(&client, "answered");
        let at_once = client.on_with_ack("question", |question: Value, ack| {
            let ack = ack.expect("the server asks for it");
            ack.send(&json!({ "you asked": question })).unwrap();
        });
        client.emit("ask-me", "how are you").unwrap();
        let answer = json!({ "answer": { "you asked": "how are you" } });
        assert_eq!(answered.next().await, answer, "{transports:?}");
        drop(at_once);

        let mut acks = Inbox::new(|sender| {
            client.on_with_ack("question", move |_: Value, ack| sender.send(ack.unwrap()))
        });
        client.emit("ask-me", "later").unwrap();
        acks.next().await.send(&true).unwrap();
        assert_eq!(answered.next().await, json!({ "answer": true }));
    }
}

pub async fn the_first_of_several_acknowledgements_counts() {
    let Observed { client, .. } = connected("/").await;
    let mut answered = Inbox::of(&client, "answered");
    let _listeners = [1, 2].map(|number| {
        client.on_with_ack("question", move |_: Value, ack| {
            ack.unwrap().send(&number).unwrap()
        })
    });
    client.emit("ask-me", "who is first").unwrap();
    assert_eq!(answered.next().await, json!({ "answer": 1 }));
}

pub async fn nothing_is_acknowledged_when_nobody_does() {
    let Observed { client, .. } = connected("/").await;
    let mut answered = Inbox::of(&client, "answered");
    let mut questions = Inbox::of(&client, "question");
    client.emit("ask-me", "anybody there").unwrap();
    assert_eq!(questions.next().await, json!("anybody there"));
    let answer = answered.next().await;
    assert!(answer["error"].is_string(), "{answer}");
}

pub async fn an_acknowledgement_after_the_connection_is_an_error() {
    let mut observed = connected("/").await;
    let client = observed.client.clone();
    let mut acks = Inbox::new(|sender| {
        client.on_with_ack("question", move |_: Value, ack| sender.send(ack.unwrap()))
    });
    client.emit("ask-me", "will you be there").unwrap();
    let ack = acks.next().await;
    client.disconnect();
    client.connect();
    observed.wait_until_connected().await;
    assert!(ack.send(&1).is_err());
}
