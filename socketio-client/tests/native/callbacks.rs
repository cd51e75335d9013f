use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use crate::server::Server;
use crate::support::Inbox;

#[tokio::test]
async fn a_callback_may_subscribe_and_unsubscribe() {
    let server = Server::start().await;
    let observed = server.connected().await;
    let client = &observed.client;
    let mut second = Inbox::of(client, "second");
    let own = Arc::new(Mutex::new(None));
    let slot = Arc::clone(&own);
    let handle = client.clone();
    let mut heard = Inbox::new(|sender| {
        let listener = client.on("echoed", move |payload: Value| {
            // Its own listener, which drops this very callback.
            drop(slot.lock().unwrap().take());
            handle.on("second", |_: Value| {}).forget();
            sender.send(payload);
        });
        *own.lock().unwrap() = Some(listener);
        client.on("never", |_: Value| {})
    });
    client.emit("echo-event", &1).unwrap();
    assert_eq!(heard.next().await, json!(1));
    client.emit("echo-event", &2).unwrap();
    let _echo: Value = client.emit_with_ack("echo", &3).await.unwrap();
    assert!(heard.is_empty());
    assert!(second.is_empty());
}

#[tokio::test]
async fn a_callback_that_unsubscribes_another_is_obeyed_at_once() {
    let server = Server::start().await;
    let observed = server.connected().await;
    let client = &observed.client;
    let other = Arc::new(Mutex::new(None));
    let slot = Arc::clone(&other);
    let mut first = Inbox::new(|sender| {
        client.on("echoed", move |payload: Value| {
            drop(slot.lock().unwrap().take());
            sender.send(payload);
        })
    });
    let mut second = Inbox::new(|sender| {
        *other.lock().unwrap() =
            Some(client.on("echoed", move |payload: Value| sender.send(payload)));
        client.on("never", |_: Value| {})
    });
    client.emit("echo-event", &1).unwrap();
    assert_eq!(first.next().await, json!(1));
    let _echo: Value = client.emit_with_ack("echo", &2).await.unwrap();
    assert!(second.is_empty());
}

#[tokio::test]
async fn a_callback_may_drop_the_last_handle() {
    let server = Server::start().await;
    let witness = server.connected().await;
    let mut gone = Inbox::of(&witness.client, "gone");
    let leaving = server.connected().await;
    let id = leaving.client.id();
    let client = leaving.client.clone();
    let last = Mutex::new(Some(leaving.client.clone()));
    client
        .on("echoed", move |_: Value| drop(last.lock().unwrap().take()))
        .forget();
    client.emit("echo-event", &1).unwrap();
    drop((client, leaving));
    assert_eq!(gone.next().await, json!(id));
}

#[tokio::test]
async fn a_callback_that_panics_does_not_end_the_connection() {
    let server = Server::start().await;
    let observed = server.connected().await;
    let client = &observed.client;
    let _panicking = client.on("echoed", |payload: Value| {
        assert_ne!(payload, json!("panic"), "on purpose")
    });
    let mut echoed = Inbox::of(client, "echoed");
    for payload in ["panic", "calm"] {
        client.emit("echo-event", payload).unwrap();
        assert_eq!(echoed.next().await, json!(payload));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn handles_on_several_threads_are_one_client() {
    let server = Server::start().await;
    let observed = server.connected().await;
    let tasks = [1, 2, 3].map(|task: u32| {
        let client = observed.client.clone();
        tokio::spawn(async move {
            for number in 0..50 {
                let echo: (u32, u32) = client.emit_with_ack("echo", &(task, number)).await.unwrap();
                assert_eq!(echo, (task, number));
            }
        })
    });
    for task in tasks {
        task.await.unwrap();
    }
}
