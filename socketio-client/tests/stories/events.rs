use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;
use serde_json::{Value, json};
use socketio_client::{Args, Client, EmitError, Event, State};

use crate::support::{ALL, Inbox, Observed, builder, connected, in_time, keeping, round_trip};

/// Waits until the server reacts to events one after the other.
async fn ready(client: &Client) {
    let mut echoed = Inbox::of(client, "echoed");
    client.emit("echo-event", "ready").unwrap();
    echoed.next().await;
}

pub async fn nothing_is_lost_doubled_or_out_of_order_also_in_the_middle_of_an_upgrade() {
    for transports in ALL {
        for _ in 0..5 {
            let client = builder("/").transports(transports).build();
            let Observed { client, .. } = Observed::connected(client).await;
            ready(&client).await;
            let mut echoed = Inbox::of(&client, "echoed");
            for number in 0..200 {
                client.emit("echo-in-order", &number).unwrap();
                if number % 50 == 0 {
                    round_trip(&client).await;
                }
            }
            for number in 0..200 {
                assert_eq!(echoed.next().await, json!(number), "{transports:?}");
            }
            assert!(echoed.is_empty());
        }
    }
}

pub async fn an_event_at_the_very_beginning_is_not_missed() {
    let client = builder("/").build();
    let mut welcomes = Inbox::of(&client, "welcome");
    client.connect();
    let welcome = welcomes.next().await;
    assert!(client.is_connected());
    assert_eq!(welcome["id"], json!(client.id()));
}

pub async fn every_kind_of_payload_comes_back_as_it_went() {
    let Observed { client, .. } = connected("/").await;
    for payload in [
        json!(false),
        json!(null),
        json!(0),
        json!(-1.5),
        json!(""),
        json!([]),
        json!([[1], {}]),
        json!({ "a": { "b": [null, true] } }),
        json!("2026-11-23T05:48:46.000Z"),
        json!("てすと"),
        json!("Я Б Г Д Ж Й"),
        json!("Ä ä Ü ü ß"),
        json!("😀 \u{2028} \u{0} \" \\ \n"),
    ] {
        let echo = client.emit_with_ack::<Value>("echo", &payload);
        assert_eq!(in_time(echo).await, Ok(payload));
    }
}

pub async fn several_arguments_go_both_ways() {
    let Observed { client, .. } = connected("/").await;
    let two = Args((5, json!({ "test": true })));
    let answer = client.emit_with_ack::<Args<(u8, Value)>>("echo-two", &two);
    assert_eq!(in_time(answer).await, Ok(two.clone()));
    let mut both =
        Inbox::new(|sender| client.on("two", move |both: Args<(u8, Value)>| sender.send(both)));
    let mut first = Inbox::of(&client, "two");
    client.emit("emit-two", &two).unwrap();
    assert_eq!(both.next().await, two);
    assert_eq!(first.next().await, json!(5));
}

pub async fn events_that_are_types_carry_their_names_with_them() {
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Echo(String);
    impl Event for Echo {
        const NAME: &'static str = "echo";
        type Ack = String;
    }
    let Observed { client, .. } = connected("/").await;
    let answer = in_time(client.ask(&Echo("hello".to_owned()))).await;
    assert_eq!(answer.as_deref(), Ok("hello"));
}

pub async fn payloads_that_do_not_fit_are_not_delivered() {
    #[derive(Debug, PartialEq, Deserialize)]
    struct Point {
        x: i32,
    }
    let Observed { client, .. } = connected("/").await;
    let mut points =
        Inbox::new(|sender| client.on("echoed", move |point: Point| sender.send(point)));
    client.emit("echo-event", "no point").unwrap();
    client.emit("echo-event", &json!({ "x": 3 })).unwrap();
    assert_eq!(points.next().await, Point { x: 3 });
}

pub async fn a_payload_that_is_no_json_is_an_error_and_nothing_is_sent() {
    let Observed { client, .. } = connected("/").await;
    let payload = std::collections::BTreeMap::from([((1, 2), 3)]);
    let emitted = client.emit("echo", &payload);
    assert!(matches!(emitted, Err(EmitError::Invalid(_))));
    let emitted = client.emit("echo-two", &Args("no list"));
    assert!(matches!(emitted, Err(EmitError::Invalid(_))));
    round_trip(&client).await;
    assert_eq!(client.state(), State::Connected);
}

pub async fn a_name_that_the_protocol_keeps_for_itself_is_an_error() {
    let Observed { client, .. } = connected("/").await;
    for name in ["connect", "connect_error", "disconnect"] {
        assert_eq!(client.emit(name, &1), Err(EmitError::ReservedName));
    }
    round_trip(&client).await;
}

pub async fn a_listener_hears_its_own_events_until_it_is_dropped() {
    let Observed { client, .. } = connected("/").await;
    let mut first = Inbox::of(&client, "echoed");
    let mut second = Inbox::of(&client, "echoed");
    let mut other = Inbox::of(&client, "other");
    client.emit("echo-event", &1).unwrap();
    assert_eq!(first.next().await, json!(1));
    assert_eq!(second.next().await, json!(1));
    drop(first);
    client.emit("echo-event", &2).unwrap();
    assert_eq!(second.next().await, json!(2));
    assert!(other.is_empty());
}

pub async fn who_listens_for_everything_hears_every_name_first() {
    let Observed { client, .. } = connected("/").await;
    ready(&client).await;
    let (sender, mut heard) = Inbox::open();
    let first = sender.clone();
    let any = client.on_any(move |name, arguments| {
        // The welcome may come late, and other stories' clients come and go.
        if name == "echoed" {
            first.send(format!("{name} {arguments:?}"));
        }
    });
    let _echoed = client.on("echoed", move |number: u8| sender.send(number.to_string()));
    client.emit("echo-event", &7).unwrap();
    assert_eq!(heard.next().await, "echoed [7]");
    assert_eq!(heard.next().await, "7");
    drop(any);
    client.emit("echo-event", &8).unwrap();
    assert_eq!(heard.next().await, "8");
}

pub async fn who_listens_for_what_goes_out_hears_it_when_it_is_sent() {
    let client = builder(keeping("/")).build();
    let (sender, mut heard) = Inbox::open();
    let connections = sender.clone();
    let outgoing = client.on_any_outgoing(move |name, arguments| {
        sender.send(format!(
            "{name} {arguments:?} {:?}",
            arguments.attachments()
        ));
    });
    let _connection = client.on_connection(move |_| connections.send("connected".to_owned()));
    client.emit("kept", &1).unwrap();
    client.connect();
    assert_eq!(heard.next().await, "connected");
    assert_eq!(heard.next().await, "kept [1] []");
    client.emit("sent", &Args((2, "two"))).unwrap();
    assert_eq!(heard.next().await, "sent [2, \"two\"] []");
    client.emit("bytes", &ByteBuf::from([1, 2])).unwrap();
    let placeholder = r#"{"_placeholder":true,"num":0}"#;
    assert_eq!(
        heard.next().await,
        format!("bytes [{placeholder}] [[1, 2]]")
    );
    drop(outgoing);
    client.emit("unheard", &3).unwrap();
    round_trip(&client).await;
    assert!(heard.is_empty());
}

pub async fn what_is_emitted_before_the_connection_is_sent_with_it() {
    let client = builder(keeping("/")).build();
    let mut echoed = Inbox::of(&client, "echoed");
    client.emit("echo-event", &1).unwrap();
    let answer = client.emit_with_ack::<u8>("echo", &2);
    client.connect();
    assert_eq!(echoed.next().await, json!(1));
    assert_eq!(in_time(answer).await, Ok(2));
}

pub async fn without_a_connection_nothing_volatile_is_kept() {
    let client = builder(keeping("/")).build();
    let mut echoed = Inbox::of(&client, "echoed");
    let emitted = client.emit_volatile("echo-event", &1);
    assert_eq!(emitted, Err(EmitError::NotConnected));
    let observed = Observed::connected(client.clone()).await;
    observed.client.emit_volatile("echo-event", &2).unwrap();
    assert_eq!(echoed.next().await, json!(2));
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct File {
    name: String,
    content: ByteBuf,
}

impl File {
    fn of(bytes: impl Into<Vec<u8>>) -> Self {
        Self {
            name: "ü".to_owned(),
            content: ByteBuf::from(bytes),
        }
    }
}

pub async fn bytes_come_back_as_they_went() {
    for transports in ALL {
        let client = builder("/").transports(transports).build();
        let Observed { client, .. } = Observed::connected(client).await;
        let all: Vec<u8> = (0..=255).collect();
        for file in [File::of(all), File::of([])] {
            let answer = client.emit_with_ack::<File>("echo-bytes", &file);
            assert_eq!(in_time(answer).await, Ok(file), "{transports:?}");
        }
        // A plain vector takes bytes as well.
        #[derive(Debug, Deserialize)]
        struct Plain {
            content: Vec<u8>,
        }
        let mut files =
            Inbox::new(|sender| client.on("bytes", move |file: Plain| sender.send(file)));
        client.emit("bytes-please", &[0, 1, 255]).unwrap();
        assert_eq!(files.next().await.content, [0, 1, 255], "{transports:?}");
    }
}

pub async fn bytes_keep_their_place_among_other_events() {
    for transports in ALL {
        let client = builder("/").transports(transports).build();
        let Observed { client, .. } = Observed::connected(client).await;
        let answers = [1, 2, 3].map(|byte: u8| {
            let file = client.emit_with_ack::<File>("echo-bytes", &File::of([byte]));
            let text = client.emit_with_ack::<u8>("echo", &byte);
            (byte, file, text)
        });
        for (byte, file, text) in answers {
            assert_eq!(in_time(file).await, Ok(File::of([byte])), "{transports:?}");
            assert_eq!(in_time(text).await, Ok(byte), "{transports:?}");
        }
    }
}
