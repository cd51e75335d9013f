use std::time::Duration;

use serde_json::{Value, json};
use socketio_client::{AckError, ConnectionEvent, DisconnectReason, EmitError, Namespace, State};

use crate::support::{
    ALL, AN_HOUR, Inbox, LOST, Observed, about, builder, connected, in_time, patient, round_trip,
};

pub async fn a_line_that_breaks_is_opened_again_with_another_id() {
    let mut observed = connected("/").await;
    let first = observed.client.id().unwrap();
    observed.break_the_line().await;
    let waiting = observed.changes.next().await;
    assert!(matches!(
        waiting,
        ConnectionEvent::Waiting { attempt: 1, .. }
    ));
    let second = observed.wait_until_connected().await;
    assert_ne!(first, second);
    assert_eq!(about(&observed.client, "id").await, json!(second));
}

pub async fn disconnecting_and_connecting_begins_anew() {
    let mut observed = connected("/").await;
    let first = observed.client.id().unwrap();
    observed.client.disconnect();
    assert_eq!(observed.client.state(), State::Disconnected);
    let emitted = observed.client.emit("echo", &1);
    assert_eq!(emitted, Err(EmitError::NotConnected));
    let reason = DisconnectReason::Client;
    let left = ConnectionEvent::Disconnected { reason };
    assert_eq!(observed.changes.next().await, left);
    observed.client.connect();
    assert_ne!(observed.wait_until_connected().await, first);
}

pub async fn after_connecting_anew_it_still_reconnects_by_itself() {
    let mut observed = connected("/").await;
    observed.client.disconnect();
    observed.client.connect();
    observed.wait_until_connected().await;
    observed.break_the_line().await;
    observed.wait_until_connected().await;
    round_trip(&observed.client).await;
}

pub async fn disconnecting_while_it_waits_ends_the_waiting() {
    let mut observed = Observed::connected(builder("/").reconnection(patient()).build()).await;
    observed.break_the_line().await;
    let (attempt, delay) = (1, AN_HOUR);
    let waiting = ConnectionEvent::Waiting { attempt, delay };
    assert_eq!(observed.changes.next().await, waiting);
    assert_eq!(observed.client.state(), State::Waiting { attempt, delay });
    observed.client.disconnect();
    assert!(!observed.client.is_active());
    observed.client.reconnect_now();
    assert_eq!(observed.client.state(), State::Disconnected);
    observed.client.connect();
    observed.wait_until_connected().await;
    observed.break_the_line().await;
    observed.client.reconnect_now();
    observed.wait_until_connected().await;
}

pub async fn what_the_server_ends_is_not_begun_again() {
    for transports in ALL {
        let client = builder("/").transports(transports).build();
        let mut observed = Observed::connected(client).await;
        observed.client.emit("dismiss", &()).unwrap();
        let reason = DisconnectReason::Server;
        let ended = ConnectionEvent::Disconnected { reason };
        assert_eq!(observed.changes.next().await, ended, "{transports:?}");
        assert_eq!(observed.client.state(), State::Disconnected);
        assert!(observed.changes.is_empty(), "{transports:?}");
    }
}

pub async fn a_connection_outlives_many_heartbeats() {
    // Longer than the server waits for a pong and the client for a ping.
    let limit = Duration::from_secs(4);
    let mut lines = Vec::new();
    for transports in ALL {
        let namespace = Namespace::new("/").ack_timeout(limit);
        let client = builder(namespace).transports(transports).build();
        lines.push(Observed::connected(client).await);
    }
    let silence = lines[0].client.emit_with_ack::<Value>("silence", &());
    assert_eq!(in_time(silence).await, Err(AckError::TimedOut));
    for mut line in lines {
        assert_eq!(line.client.state(), State::Connected);
        assert!(line.changes.is_empty());
        round_trip(&line.client).await;
    }
}

pub async fn the_last_handle_takes_the_connection_with_it() {
    let witness = connected("/").await;
    let mut gone = Inbox::of(&witness.client, "gone");
    let Observed { client, changes } = connected("/").await;
    let id = json!(client.id());
    let clone = client.clone();
    drop((client, changes));
    round_trip(&clone).await;
    drop(clone);
    // Other stories' clients come and go as well.
    gone.find(|each| *each == id).await;
}

pub async fn a_callback_may_disconnect_and_connect() {
    let client = builder("/").build();
    let mut echoed = Inbox::of(&client, "echoed");
    let handle = client.clone();
    let mut connections = 0;
    let _listener = client.on_connection(move |event| match event {
        ConnectionEvent::Connected { .. } => {
            connections += 1;
            if connections == 1 {
                handle.disconnect();
            } else {
                assert_eq!(handle.state(), State::Connected);
                handle.emit("echo-event", &connections).unwrap();
            }
        }
        ConnectionEvent::Disconnected { .. } => {
            assert_ne!(event, LOST);
            handle.connect();
        }
        _ => {}
    });
    client.connect();
    assert_eq!(echoed.next().await, json!(2));
}
