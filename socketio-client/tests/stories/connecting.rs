use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use serde_json::{Value, json};
use socketio_client::{
    AuthError, Client, ConnectionEvent, Namespace, Reconnection, State, TransportChoice,
};

use crate::support::{
    ALL, Inbox, Observed, TOKEN, about, builder, connected, in_time, origin, round_trip, soon,
};

/// Nobody listens on this port.
const NOBODY: &str = "http://127.0.0.1:9";

pub async fn connects_and_knows_its_id() {
    for namespace in ["/", "/other"] {
        let mut observed = Observed::new(builder(namespace).build());
        let client = observed.client.clone();
        assert_eq!((client.state(), client.id()), (State::Disconnected, None));
        assert!(!client.is_active());
        client.connect();
        assert_eq!(client.state(), State::Connecting);
        assert!(client.is_active() && !client.is_connected());
        let id = observed.wait_until_connected().await;
        assert!(client.is_connected());
        assert_eq!(client.id().as_deref(), Some(id.as_str()));
        assert_eq!(about(&client, "id").await, json!(id));
        client.disconnect();
        assert_eq!((client.state(), client.id()), (State::Disconnected, None));
    }
}

pub async fn nothing_happens_before_it_is_told_to_connect() {
    let mut idle = Observed::new(builder("/").build());
    round_trip(&connected("/").await.client).await;
    assert_eq!(idle.client.state(), State::Disconnected);
    assert!(idle.changes.is_empty());
}

pub async fn connecting_twice_opens_one_connection() {
    let client = builder("/").build();
    let mut welcomes = Inbox::of(&client, "welcome");
    let mut observed = Observed::new(client);
    observed.client.connect();
    observed.client.connect();
    observed.wait_until_connected().await;
    observed.client.connect();
    welcomes.next().await;
    round_trip(&observed.client).await;
    assert!(welcomes.is_empty());
    assert!(observed.changes.is_empty());
}

pub async fn every_way_leads_to_the_server() {
    for transports in ALL {
        let observed = Observed::connected(builder("/").transports(transports).build()).await;
        let wanted = match transports {
            TransportChoice::PollingOnly => "polling",
            _ => "websocket",
        };
        in_time(async { while about(&observed.client, "transport").await != wanted {} }).await;
    }
}

pub async fn the_query_arrives_as_it_was_given() {
    let builder = builder("/").query("who", "me").query("a b", "&=ü?");
    let observed = Observed::connected(builder.build()).await;
    let query = about(&observed.client, "query").await;
    let query = query.as_str().unwrap();
    for part in ["EIO=4", "who=me", "a%20b=%26%3D%C3%BC%3F"] {
        assert!(query.split('&').any(|each| each == part), "{query}");
    }
}

pub async fn what_it_authenticates_with_is_asked_anew_for_each_connection() {
    let asked = AtomicU32::new(0);
    let auth = move || {
        let number = asked.fetch_add(1, Ordering::Relaxed) + 1;
        async move { Ok(json!({ "token": TOKEN, "number": number })) }
    };
    let mut observed = connected(Namespace::new("/guarded").auth(auth)).await;
    for number in 1..=3 {
        let auth: Value = in_time(observed.client.emit_with_ack("auth", &()))
            .await
            .unwrap();
        assert_eq!(auth, json!({ "token": TOKEN, "number": number }));
        if number == 1 {
            observed.break_the_line().await;
        } else {
            observed.client.disconnect();
            observed.client.connect();
        }
        observed.wait_until_connected().await;
    }
}

pub async fn a_refusal_is_told_once_and_not_tried_again_until_asked() {
    for transports in ALL {
        let auth = || async { Ok(json!({ "token": "guess" })) };
        let namespace = Namespace::new("/guarded").auth(auth);
        let mut observed = Observed::new(builder(namespace).transports(transports).build());
        for _ in 0..2 {
            observed.client.connect();
            let event = observed.changes.next().await;
            let ConnectionEvent::ConnectError {
                message,
                data,
                refused: true,
            } = event
            else {
                panic!("not refused: {event:?}");
            };
            assert_eq!(message, "unauthorized");
            // The one server sends data along, the other has none to send.
            let data = data.map(|data| data.read::<Value>().unwrap());
            assert!(matches!(&data, None | Some(Value::Object(_))), "{data:?}");
            assert_eq!(observed.client.state(), State::Disconnected);
        }
        assert!(observed.changes.is_empty());
    }
}

pub async fn a_namespace_that_is_not_there_is_refused() {
    let mut observed = Observed::new(builder("/nowhere").build());
    observed.client.connect();
    let refusal = observed.failure().await;
    assert_eq!(refusal, ("Invalid namespace".to_owned(), true));
    assert_eq!(observed.client.state(), State::Disconnected);
}

pub async fn a_server_that_is_not_there_is_tried_as_often_as_the_settings_say() {
    let twice = Reconnection {
        delay: Duration::from_millis(10),
        delay_max: Duration::from_millis(15),
        jitter: 0.0,
        attempts: Some(2),
    };
    let client = Client::builder(NOBODY, "/").reconnection(twice).build();
    let mut observed = Observed::new(client);
    observed.client.connect();
    for (attempt, millis) in [(1, 10), (2, 15)] {
        let (_message, refused) = observed.failure().await;
        assert!(!refused);
        let delay = Duration::from_millis(millis);
        let waiting = ConnectionEvent::Waiting { attempt, delay };
        assert_eq!(observed.changes.next().await, waiting);
    }
    observed.failure().await;
    assert_eq!(observed.client.state(), State::Disconnected);
    assert!(observed.changes.is_empty());
}

pub async fn without_reconnection_one_failure_is_the_end() {
    let client = Client::builder(NOBODY, "/").reconnection(Reconnection::never());
    let mut observed = Observed::new(client.build());
    observed.client.connect();
    observed.failure().await;
    assert_eq!(observed.client.state(), State::Disconnected);
    assert!(observed.changes.is_empty());
}

pub async fn a_server_that_does_not_answer_in_time_is_tried_again() {
    for transports in ALL {
        let client = builder("/slow")
            .transports(transports)
            .connect_timeout(Duration::from_millis(300));
        let mut observed = Observed::new(client.build());
        observed.client.connect();
        let late = ("The server did not answer in time.".to_owned(), false);
        assert_eq!(observed.failure().await, late, "{transports:?}");
        let waiting = observed.changes.next().await;
        assert!(matches!(
            waiting,
            ConnectionEvent::Waiting { attempt: 1, .. }
        ));
        assert_eq!(observed.failure().await, late, "{transports:?}");
    }
}

pub async fn disconnecting_in_the_middle_of_connecting_is_no_error() {
    for transports in ALL {
        let mut observed = Observed::new(builder("/").transports(transports).build());
        observed.client.connect();
        observed.client.disconnect();
        assert_eq!(observed.client.state(), State::Disconnected);
        round_trip(&connected("/").await.client).await;
        assert!(observed.changes.is_empty(), "{transports:?}");
        observed.client.connect();
        observed.wait_until_connected().await;
    }
}

pub async fn a_path_without_a_server_is_told_with_its_status() {
    let mut observed = Observed::new(builder("/").path("/elsewhere/").build());
    observed.client.connect();
    let (message, refused) = observed.failure().await;
    // A page may not read an answer of another origin that does not allow it.
    let messages = ["The server answered 404.", "The server cannot be reached."];
    assert!(messages.contains(&message.as_str()), "{message}");
    assert!(!refused);
}

pub async fn a_wrong_address_is_told_and_not_tried_again() {
    for origin in ["localhost", "http://", "http://["] {
        let mut observed = Observed::new(Client::builder(origin, "/").build());
        observed.client.connect();
        let (_message, refused) = observed.failure().await;
        assert!(!refused);
        assert_eq!(observed.client.state(), State::Disconnected, "{origin}");
        assert!(observed.changes.is_empty(), "{origin}");
    }
}

pub async fn an_authentication_that_fails_once_is_tried_again() {
    let asked = AtomicU32::new(0);
    let auth = move || {
        let first = asked.fetch_add(1, Ordering::Relaxed) == 0;
        async move {
            if first {
                Err(AuthError::new("the token service is away"))
            } else {
                Ok(json!({ "token": TOKEN }))
            }
        }
    };
    let mut observed = Observed::new(builder(Namespace::new("/guarded").auth(auth)).build());
    observed.client.connect();
    let failure = ("the token service is away".to_owned(), false);
    assert_eq!(observed.failure().await, failure);
    observed.wait_until_connected().await;
}

pub async fn an_authentication_that_is_over_is_not_tried_again() {
    let auth = || async { Err::<(), _>(AuthError::stop("signed out")) };
    let namespace = Namespace::new("/guarded").auth(auth);
    let client = Client::builder(origin(), namespace).reconnection(soon());
    let mut observed = Observed::new(client.build());
    observed.client.connect();
    assert_eq!(observed.failure().await, ("signed out".to_owned(), false));
    assert_eq!(observed.client.state(), State::Disconnected);
    assert!(observed.changes.is_empty());
}
