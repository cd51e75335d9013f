use std::time::Duration;

use serde_json::json;
use socketio_client::{AckError, AckFuture, Args, Client, ConnectionEvent, Namespace};

use crate::support::{Inbox, Observed, about, builder, connected, in_time, patient, round_trip};

/// Sends each event up to three times.
fn retrying(ack_timeout: Duration) -> Namespace {
    Namespace::new("/").retries(2).ack_timeout(ack_timeout)
}

/// Wants a number noted; the server acknowledges it from the given reception on.
fn note(client: &Client, number: u32, from: usize) -> AckFuture<()> {
    client.emit_with_ack("note", &Args((number, from)))
}

/// What the server has noted of this connection.
async fn notes(client: &Client) -> Vec<u32> {
    in_time(client.emit_with_ack("notes", &())).await.unwrap()
}

pub async fn with_retries_events_arrive_in_order_each_after_the_one_before() {
    let Observed { client, .. } = connected(retrying(Duration::from_millis(100))).await;
    let answers = [(1, 1), (2, 3), (3, 2)].map(|(number, from)| note(&client, number, from));
    for answer in answers {
        assert_eq!(in_time(answer).await, Ok(()));
    }
    assert_eq!(notes(&client).await, [1, 2, 2, 2, 3, 3]);
}

pub async fn with_retries_an_event_that_is_never_acknowledged_fails_in_the_end() {
    let Observed { client, .. } = connected(retrying(Duration::from_millis(50))).await;
    let never = note(&client, 1, usize::from(u16::MAX));
    let next = note(&client, 2, 1);
    assert_eq!(in_time(never).await, Err(AckError::TimedOut));
    assert_eq!(in_time(next).await, Ok(()));
    assert_eq!(notes(&client).await, [1, 1, 1, 2]);
}

pub async fn with_retries_nothing_is_sent_without_a_connection() {
    let client = builder(retrying(Duration::from_secs(10))).build();
    let mut outgoing =
        Inbox::new(|sender| client.on_any_outgoing(move |name, _| sender.send(name.to_owned())));
    let answer = note(&client, 1, 1);
    round_trip(&connected("/").await.client).await;
    assert!(outgoing.is_empty());
    client.connect();
    assert_eq!(outgoing.next().await, "note");
    assert_eq!(in_time(answer).await, Ok(()));
    assert_eq!(notes(&client).await, [1]);
}

pub async fn with_retries_what_is_emitted_on_connecting_is_sent_once() {
    let client = builder(retrying(Duration::from_secs(10))).build();
    let handle = client.clone();
    let _listener = client.on_connection(move |event| {
        if let ConnectionEvent::Connected { .. } = event {
            handle.emit("note", &Args((1, 1))).unwrap();
        }
    });
    client.connect();
    assert_eq!(in_time(note(&client, 2, 1)).await, Ok(()));
    let mut noted = notes(&client).await;
    noted.sort_unstable();
    assert_eq!(noted, [1, 2]);
}

pub async fn with_retries_an_event_survives_the_line() {
    let mut observed = connected(retrying(Duration::from_secs(10))).await;
    // The server notes it for the first time, and has forgotten that when it comes again.
    let first = observed.client.id();
    let answer = note(&observed.client, 1, 1);
    let other = observed.client.namespace("/other").unwrap();
    let mut other = Observed::connected(other).await;
    other.break_the_line().await;
    observed.wait_until_connected().await;
    assert_ne!(observed.client.id(), first);
    assert_eq!(in_time(answer).await, Ok(()));
    assert_eq!(in_time(note(&observed.client, 2, 1)).await, Ok(()));
}

pub async fn a_server_that_keeps_what_was_missed_is_asked_for_it() {
    let keeping = || builder("/").path("/keeping/");
    let client = keeping().reconnection(patient()).build();
    let mut observed = Observed::connected(client.clone()).await;
    let other = Observed::connected(keeping().build()).await;
    let mut shouted = Inbox::of(&client, "shouted");
    other.client.emit("shout", &1).unwrap();
    assert_eq!(shouted.next().await, json!(1));
    let keeps = about(&client, "server").await == "socket.io";
    let id = client.id();

    observed.break_the_line().await;
    other.client.emit("shout", &2).unwrap();
    round_trip(&other.client).await;
    client.reconnect_now();
    let connected = observed
        .changes
        .find(|event| matches!(event, ConnectionEvent::Connected { .. }))
        .await;
    let ConnectionEvent::Connected { recovered, .. } = connected else {
        panic!("looked for exactly that");
    };
    assert_eq!(recovered, keeps);
    // A session that goes on keeps its name.
    assert_eq!(client.id() == id, keeps);
    if keeps {
        assert_eq!(shouted.next().await, json!(2));
    }
    other.client.emit("shout", &3).unwrap();
    assert_eq!(shouted.next().await, json!(3));
}
