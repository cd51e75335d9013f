//! The client against the official server, by every way to it.
//!
//! `cargo xtask test official` starts `end2end/support/official_server.mjs` and tells its origin in
//! the environment variable `SOCKETIO_OFFICIAL_ORIGIN`. Without Node there is nothing to run them
//! against, so they are a target that is run only when it is named.

#[expect(dead_code, reason = "only what the server asks for is of use here")]
#[path = "../../examples/echo_server.rs"]
mod echo_server;
#[expect(dead_code, reason = "the server is another one here")]
#[path = "../native/support.rs"]
mod support;

use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;
use serde_json::{Value, json};
use socketio_client::{
    Builder, Client, ConnectionEvent, DisconnectReason, Namespace, TransportChoice,
};

use crate::echo_server::TOKEN;
use crate::support::{Inbox, Observed, in_time, soon};

const ALL: [TransportChoice; 4] = [
    TransportChoice::PollingThenWebSocket,
    TransportChoice::PollingOnly,
    TransportChoice::WebSocketOnly,
    TransportChoice::WebSocketThenPolling,
];

fn client(namespace: impl Into<Namespace>, transports: TransportChoice) -> Builder {
    let origin = std::env::var("SOCKETIO_OFFICIAL_ORIGIN")
        .expect("SOCKETIO_OFFICIAL_ORIGIN is to be the origin of the official server");
    Client::builder(origin, namespace)
        .reconnection(soon())
        .transports(transports)
}

async fn transport(client: &Client) -> String {
    in_time(client.emit_with_ack("transport", &()))
        .await
        .unwrap()
}

#[tokio::test]
async fn nothing_is_lost_doubled_or_out_of_order_also_in_the_middle_of_an_upgrade() {
    for transports in ALL {
        for _ in 0..10 {
            let observed = Observed::connected(client("/", transports).build()).await;
            let mut echoed = Inbox::of(&observed.client, "echoed");
            for number in 0..200 {
                observed.client.emit("echo-in-order", &number).unwrap();
                if number % 7 == 0 {
                    tokio::task::yield_now().await;
                }
            }
            for number in 0..200 {
                assert_eq!(echoed.next().await, json!(number), "{transports:?}");
            }
        }
    }
}

#[tokio::test]
async fn polling_moves_to_a_websocket_and_stays_where_it_is_told_to() {
    let observed = Observed::connected(client("/", TransportChoice::PollingOnly).build()).await;
    assert_eq!(transport(&observed.client).await, "polling");
    let upgrading = client("/", TransportChoice::PollingThenWebSocket).build();
    let observed = Observed::connected(upgrading).await;
    in_time(async { while transport(&observed.client).await != "websocket" {} }).await;
    for transports in [
        TransportChoice::WebSocketOnly,
        TransportChoice::WebSocketThenPolling,
    ] {
        let observed = Observed::connected(client("/", transports).build()).await;
        assert_eq!(transport(&observed.client).await, "websocket");
    }
}

#[tokio::test]
async fn acknowledgements_go_both_ways() {
    for transports in ALL {
        let observed = Observed::connected(client("/", transports).build()).await;
        let answer = observed
            .client
            .emit_with_ack::<Value>("echo", &json!({ "a": [1, null] }));
        assert_eq!(
            in_time(answer).await,
            Ok(json!({ "a": [1, null] })),
            "{transports:?}"
        );
        let _question = observed
            .client
            .on_with_ack("question", |question: Value, ack| {
                ack.unwrap().send(&json!([question, "back"])).unwrap();
            });
        let mut answered = Inbox::of(&observed.client, "answered");
        observed.client.emit("ask-me", &json!("who")).unwrap();
        assert_eq!(
            answered.next().await["answer"],
            json!(["who", "back"]),
            "{transports:?}"
        );
    }
}

#[tokio::test]
async fn bytes_come_back_as_they_went() {
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct File {
        name: String,
        parts: Vec<ByteBuf>,
    }
    for transports in ALL {
        let observed = Observed::connected(client("/", transports).build()).await;
        let file = File {
            name: "ü".to_owned(),
            parts: vec![
                ByteBuf::from((0..=255).collect::<Vec<u8>>()),
                ByteBuf::from([]),
            ],
        };
        let answer = observed.client.emit_with_ack::<File>("echo", &file);
        assert_eq!(in_time(answer).await, Ok(file), "{transports:?}");
    }
}

#[tokio::test]
async fn a_namespace_refuses_in_its_own_words_and_takes_who_may_enter() {
    for transports in ALL {
        let mut refused = Observed::new(client("/guarded", transports).build());
        refused.client.connect();
        let error = refused.changes.next().await;
        let ConnectionEvent::ConnectError {
            message,
            data,
            refused,
        } = error
        else {
            panic!("{error:?}");
        };
        let data = data.map(|data| data.read::<Value>().unwrap());
        assert_eq!((message.as_str(), refused), ("unauthorized", true));
        assert_eq!(data, Some(json!({ "code": 7 })), "{transports:?}");

        let auth = || async { Ok(json!({ "token": TOKEN })) };
        let admitted = client(Namespace::new("/guarded").auth(auth), transports).build();
        let admitted = Observed::connected(admitted).await;
        let auth: Value = in_time(admitted.client.emit_with_ack("auth", &()))
            .await
            .unwrap();
        assert_eq!(auth, json!({ "token": TOKEN }), "{transports:?}");
    }
}

#[tokio::test]
async fn a_server_that_dismisses_is_not_called_again() {
    for transports in ALL {
        let mut observed = Observed::connected(client("/", transports).build()).await;
        observed.client.emit("dismiss", &()).unwrap();
        let reason = DisconnectReason::Server;
        let event = observed.changes.next().await;
        assert_eq!(
            event,
            ConnectionEvent::Disconnected { reason },
            "{transports:?}"
        );
        assert!(observed.changes.is_empty(), "{transports:?}");
    }
}
