use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use socketio_client::{Args, EmitError, Event, Namespace, State};

use crate::support::{Inbox, Server};

#[tokio::test]
async fn events_go_both_ways_in_order() {
    let server = Server::start().await;
    let observed = server.connected().await;
    let mut echoed = Inbox::of(&observed.client, "echoed");
    for number in 0..3 {
        observed
            .client
            .emit("echo-event", &json!({ "number": number }))
            .unwrap();
        assert_eq!(echoed.next().await, json!({ "number": number }));
    }
}

#[tokio::test]
async fn an_event_at_the_very_beginning_is_not_missed() {
    let server = Server::start().await;
    let client = server.client("/").build();
    let mut welcomes = Inbox::of(&client, "welcome");
    client.connect();
    assert_eq!(welcomes.next().await["id"], json!(client.id()));
}

#[tokio::test]
async fn a_listener_hears_its_own_events_until_it_is_dropped() {
    let server = Server::start().await;
    let observed = server.connected().await;
    let client = &observed.client;
    let mut first = Inbox::of(client, "echoed");
    let mut second = Inbox::of(client, "echoed");
    let mut other = Inbox::of(client, "other");
    client.emit("echo-event", &1).unwrap();
    assert_eq!(
        (first.next().await, second.next().await),
        (json!(1), json!(1))
    );
    drop(first);
    client.emit("echo-event", &2).unwrap();
    assert_eq!(second.next().await, json!(2));
    assert!(other.is_empty());
}

#[tokio::test]
async fn who_listens_for_everything_hears_every_name_first() {
    let server = Server::start().await;
    let observed = server.connected().await;
    let (sender, mut heard) = tokio::sync::mpsc::unbounded_channel();
    let first = sender.clone();
    let _any = observed.client.on_any(move |name, arguments| {
        if name != "welcome" {
            first.send(format!("{name} {arguments:?}")).unwrap();
        }
    });
    let _echoed = observed.client.on("echoed", move |number: u8| {
        sender.send(number.to_string()).unwrap();
    });
    observed.client.emit("echo-event", &7).unwrap();
    assert_eq!(heard.recv().await.as_deref(), Some("echoed [7]"));
    assert_eq!(heard.recv().await.as_deref(), Some("7"));
}

#[tokio::test]
async fn who_listens_for_what_goes_out_hears_it_when_it_is_sent() {
    let server = Server::start().await;
    let client = server
        .client(Namespace::new("/").buffer(10, Duration::from_secs(10)))
        .build();
    let (sender, mut heard) = tokio::sync::mpsc::unbounded_channel();
    let connections = sender.clone();
    let outgoing = client.on_any_outgoing(move |name, arguments| {
        sender.send(format!("{name} {arguments:?}")).unwrap();
    });
    let _connection = client.on_connection(move |_| {
        connections.send("connected".to_owned()).unwrap();
    });
    client.emit("kept", &1).unwrap();
    client.connect();
    assert_eq!(heard.recv().await.as_deref(), Some("connected"));
    assert_eq!(heard.recv().await.as_deref(), Some("kept [1]"));
    client.emit("sent", &Args((2, "two"))).unwrap();
    assert_eq!(heard.recv().await.as_deref(), Some("sent [2, \"two\"]"));
    drop(outgoing);
    client.emit("unheard", &3).unwrap();
    assert!(heard.try_recv().is_err());
}

#[tokio::test]
async fn what_is_emitted_before_the_connection_is_sent_with_it() {
    let server = Server::start().await;
    let client = server
        .client(Namespace::new("/").buffer(10, Duration::from_secs(10)))
        .build();
    let mut echoed = Inbox::of(&client, "echoed");
    client.emit("echo-event", &1).unwrap();
    let answer = client.emit_with_ack::<u8>("echo", &2);
    client.connect();
    assert_eq!(echoed.next().await, json!(1));
    assert_eq!(answer.await, Ok(2));
}

#[tokio::test]
async fn events_that_are_types_carry_their_names_with_them() {
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Echo(String);
    impl Event for Echo {
        const NAME: &'static str = "echo";
        type Ack = String;
    }
    let server = Server::start().await;
    let observed = server.connected().await;
    let answer = observed.client.ask(&Echo("hello".to_owned())).await;
    assert_eq!(answer.as_deref(), Ok("hello"));
}

#[tokio::test]
async fn payloads_that_do_not_fit_are_not_delivered() {
    #[derive(Debug, PartialEq, Deserialize)]
    struct Point {
        x: i32,
    }
    let server = Server::start().await;
    let observed = server.connected().await;
    let mut points = Inbox::new(|sender| {
        observed
            .client
            .on("echoed", move |point: Point| sender.send(point).unwrap())
    });
    observed.client.emit("echo-event", "no point").unwrap();
    observed
        .client
        .emit("echo-event", &json!({ "x": 3 }))
        .unwrap();
    assert_eq!(points.next().await, Point { x: 3 });
}

#[tokio::test]
async fn binary_events_arrive_with_their_bytes() {
    #[derive(Debug, Deserialize)]
    struct File {
        name: String,
        content: Vec<u8>,
    }
    let server = Server::start().await;
    let observed = server.connected().await;
    let mut files = Inbox::new(|sender| {
        observed
            .client
            .on("bytes", move |file: File| sender.send(file).unwrap())
    });
    observed.client.emit("bytes-please", &[0, 1, 255]).unwrap();
    let file = files.next().await;
    assert_eq!(
        (file.name.as_str(), file.content.as_slice()),
        ("echo.bin", &[0, 1, 255][..])
    );
}

#[tokio::test]
async fn a_payload_that_is_no_json_is_an_error_and_nothing_is_sent() {
    let server = Server::start().await;
    let observed = server.connected().await;
    let payload = std::collections::BTreeMap::from([((1, 2), 3)]);
    assert!(matches!(
        observed.client.emit("echo", &payload),
        Err(EmitError::Invalid(_))
    ));
    let _echo: Value = observed.client.emit_with_ack("echo", &1).await.unwrap();
    assert_eq!(observed.client.state(), State::Connected);
}
