use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;
use serde_json::{Value, json};
use socketio_client::{Args, Builder, ConnectionEvent, Namespace, Parser};

use crate::support::{ALL, Inbox, Observed, TOKEN, builder, in_time, round_trip};

/// The settings of a client for the path where the server has this parser.
fn speaking(namespace: impl Into<Namespace>) -> Builder {
    builder(namespace)
        .path("/msgpack/")
        .parser(Parser::MessagePack)
}

async fn connected() -> Observed {
    Observed::connected(speaking("/").build()).await
}

pub async fn messagepack_carries_every_kind_of_payload() {
    for transports in ALL {
        let client = speaking("/").transports(transports).build();
        let Observed { client, .. } = Observed::connected(client).await;
        for payload in [
            json!(false),
            json!(null),
            json!([0, 127, 128, 255, 256, 65_535, 65_536, u32::MAX, 1_u64 << 53]),
            json!([
                -1,
                -32,
                -33,
                -128,
                -129,
                -32_768,
                -32_769,
                i32::MIN,
                -(1_i64 << 53)
            ]),
            json!([-1.5, 0.1, 2.5e-300]),
            json!({ "a": { "b": [null, true] }, "": [] }),
            json!("x".repeat(300)),
            json!(vec![1; 70]),
            json!("😀 \u{2028} \u{0} \" \\ \n"),
        ] {
            let echo = client.emit_with_ack::<Value>("echo", &payload);
            assert_eq!(in_time(echo).await, Ok(payload), "{transports:?}");
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct File {
    name: String,
    content: ByteBuf,
}

pub async fn messagepack_carries_bytes_both_ways() {
    for transports in ALL {
        let client = speaking("/").transports(transports).build();
        let Observed { client, .. } = Observed::connected(client).await;
        for content in [(0..=255).collect(), vec![], vec![7; 1000]] {
            let file = File {
                name: "ü".to_owned(),
                content: ByteBuf::from(content),
            };
            let answer = client.emit_with_ack::<File>("echo-bytes", &file);
            assert_eq!(in_time(answer).await, Ok(file), "{transports:?}");
        }
        let mut files =
            Inbox::new(|sender| client.on("bytes", move |file: File| sender.send(file)));
        client.emit("bytes-please", &[0, 1, 255]).unwrap();
        assert_eq!(files.next().await.content, [0, 1, 255], "{transports:?}");
    }
}

pub async fn messagepack_carries_several_arguments() {
    let Observed { client, .. } = connected().await;
    let two = Args((5, json!({ "test": true })));
    let answer = client.emit_with_ack::<Args<(u8, Value)>>("echo-two", &two);
    assert_eq!(in_time(answer).await, Ok(two.clone()));
    let mut both =
        Inbox::new(|sender| client.on("two", move |both: Args<(u8, Value)>| sender.send(both)));
    client.emit("emit-two", &two).unwrap();
    assert_eq!(both.next().await, two);
}

pub async fn messagepack_carries_acknowledgements_both_ways() {
    let Observed { client, .. } = connected().await;
    let answers: Vec<_> = (0..300)
        .map(|number| client.emit_with_ack::<u32>("echo", &number))
        .collect();
    for (number, answer) in (0..).zip(answers) {
        assert_eq!(in_time(answer).await, Ok(number));
    }
    let mut answered = Inbox::of(&client, "answered");
    let _listener = client.on_with_ack("question", |question: Value, ack| {
        let ack = ack.expect("the server asks for it");
        ack.send(&json!({ "you asked": question })).unwrap();
    });
    client.emit("ask-me", "how are you").unwrap();
    let answer = json!({ "answer": { "you asked": "how are you" } });
    assert_eq!(answered.next().await, answer);
}

pub async fn messagepack_carries_authentication_and_refusals() {
    let guarded = |token: &'static str| {
        let auth = move || async move { Ok(json!({ "token": token })) };
        speaking(Namespace::new("/guarded").auth(auth)).build()
    };
    let allowed = Observed::connected(guarded(TOKEN)).await;
    round_trip(&allowed.client).await;
    let mut refused = Observed::new(guarded("wrong"));
    refused.client.connect();
    let refusal = ("unauthorized".to_owned(), true);
    assert_eq!(refused.failure().await, refusal);
}

pub async fn messagepack_joins_leaves_and_outlives_the_line() {
    let mut observed = connected().await;
    let other = observed.client.namespace("/other").unwrap();
    let other = Observed::connected(other).await;
    round_trip(&other.client).await;
    other.client.disconnect();
    round_trip(&observed.client).await;
    observed.break_the_line().await;
    observed.wait_until_connected().await;
    round_trip(&observed.client).await;
    observed.client.emit("dismiss", &()).unwrap();
    let dismissed = |event: &ConnectionEvent| {
        matches!(event, ConnectionEvent::Disconnected { reason }
            if *reason == socketio_client::DisconnectReason::Server)
    };
    observed.changes.find(dismissed).await;
}
