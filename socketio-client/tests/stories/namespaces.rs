use socketio_client::{ConnectionEvent, DisconnectReason, NamespaceInUse, State};

use crate::support::{Observed, about, connected, round_trip};

/// A connected client of another namespace over the same connection.
async fn joined(observed: &Observed, namespace: &str) -> Observed {
    Observed::connected(observed.client.namespace(namespace).unwrap()).await
}

pub async fn one_connection_serves_several_namespaces() {
    let main = connected("/").await;
    let other = joined(&main, "/other").await;
    let line = about(&main.client, "line").await;
    assert_eq!(about(&other.client, "line").await, line);
    round_trip(&main.client).await;
    round_trip(&other.client).await;
}

pub async fn two_builders_are_two_connections() {
    let (one, two) = (connected("/").await, connected("/other").await);
    let line = about(&one.client, "line").await;
    assert_ne!(about(&two.client, "line").await, line);
}

pub async fn a_namespace_has_one_client_on_a_connection() {
    let main = connected("/").await;
    assert!(matches!(main.client.namespace("/"), Err(NamespaceInUse)));
    let other = main.client.namespace("/other").unwrap();
    assert!(matches!(
        main.client.namespace("/other"),
        Err(NamespaceInUse)
    ));
    drop(other);
    joined(&main, "/other").await;
}

pub async fn a_namespace_can_be_joined_when_the_connection_is_there() {
    let main = connected("/").await;
    round_trip(&main.client).await;
    let other = joined(&main, "/other").await;
    round_trip(&other.client).await;
}

pub async fn a_namespace_can_be_joined_when_the_connection_has_ended() {
    let main = connected("/").await;
    main.client.disconnect();
    let other = joined(&main, "/other").await;
    round_trip(&other.client).await;
    assert_eq!(main.client.state(), State::Disconnected);
}

pub async fn leaving_one_namespace_leaves_the_connection_to_the_other() {
    let mut main = connected("/").await;
    let mut other = joined(&main, "/other").await;
    // socketioxide ignores a CONNECT while it still works on the one before, and answers that one
    // before it has ended; whoever it also answers an event to is past that.
    round_trip(&other.client).await;
    other.client.disconnect();
    let reason = DisconnectReason::Client;
    let left = ConnectionEvent::Disconnected { reason };
    assert_eq!(other.changes.next().await, left);
    round_trip(&main.client).await;
    assert!(main.changes.is_empty());
    other.client.connect();
    other.wait_until_connected().await;
    let line = about(&main.client, "line").await;
    assert_eq!(about(&other.client, "line").await, line);
}

pub async fn connecting_while_another_disconnects_works() {
    let main = connected("/").await;
    let other = main.client.namespace("/other").unwrap();
    main.client.disconnect();
    let other = Observed::connected(other).await;
    round_trip(&other.client).await;
}

pub async fn a_refusal_of_one_namespace_is_no_concern_of_the_other() {
    let mut main = connected("/").await;
    let mut guarded = Observed::new(main.client.namespace("/guarded").unwrap());
    guarded.client.connect();
    assert_eq!(guarded.failure().await, ("unauthorized".to_owned(), true));
    round_trip(&main.client).await;
    assert!(main.changes.is_empty());
    assert_eq!(guarded.client.state(), State::Disconnected);
}

pub async fn a_line_that_breaks_comes_back_for_all_but_those_that_left() {
    let mut main = connected("/").await;
    let mut other = joined(&main, "/other").await;
    let idle = Observed::new(main.client.namespace("/slow").unwrap());
    main.break_the_line().await;
    main.wait_until_connected().await;
    other.wait_until_connected().await;
    assert_eq!(idle.client.state(), State::Disconnected);

    other.client.disconnect();
    main.break_the_line().await;
    main.wait_until_connected().await;
    assert_eq!(other.client.state(), State::Disconnected);
}
