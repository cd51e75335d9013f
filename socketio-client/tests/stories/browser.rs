//! What only a browser has: the life of a page, an origin of its own, one thread.

use std::cell::RefCell;
use std::rc::Rc;

use serde_json::{Value, json};
use socketio_client::{Client, ConnectionEvent, Listener, Reconnection};
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::Event;

use crate::support::{AN_HOUR, Inbox, LOST, Observed, builder, connected, patient, round_trip};

fn tell_the_page(event: &str) {
    let window = web_sys::window().unwrap();
    window.dispatch_event(&Event::new(event).unwrap()).unwrap();
}

#[wasm_bindgen_test]
async fn the_page_coming_back_skips_the_delay() {
    let mut observed = Observed::connected(builder("/").reconnection(patient()).build()).await;
    for event in ["online", "pageshow", "visibilitychange", "resume"] {
        tell_the_page("offline");
        assert_eq!(observed.changes.next().await, LOST);
        let waiting = ConnectionEvent::Waiting {
            attempt: 1,
            delay: AN_HOUR,
        };
        assert_eq!(observed.changes.next().await, waiting);
        if let "visibilitychange" | "resume" = event {
            let document = web_sys::window().unwrap().document().unwrap();
            document
                .dispatch_event(&Event::new(event).unwrap())
                .unwrap();
        } else {
            tell_the_page(event);
        }
        observed.wait_until_connected().await;
        // While connected they change nothing.
        tell_the_page("online");
        round_trip(&observed.client).await;
        assert!(observed.changes.is_empty());
    }
}

#[wasm_bindgen_test]
async fn without_an_origin_it_is_the_page_s_own() {
    let client = Client::builder("", "/")
        .reconnection(Reconnection::never())
        .build();
    let mut observed = Observed::new(client);
    observed.client.connect();
    // The page comes from a server that has no sockets.
    let refusal = ("The server answered 404.".to_owned(), false);
    assert_eq!(observed.failure().await, refusal);
}

#[wasm_bindgen_test]
async fn a_callback_may_call_the_client_back() {
    let client = builder("/").build();
    let mut echoed = Inbox::of(&client, "echoed");
    let own: Rc<RefCell<Option<Listener>>> = Rc::default();
    let slot = Rc::clone(&own);
    let handle = client.clone();
    let mut connections = 0;
    let listener = client.on_connection(move |event| match event {
        ConnectionEvent::Connected { .. } if connections == 0 => {
            connections += 1;
            handle.disconnect();
        }
        ConnectionEvent::Connected { .. } => {
            handle.emit("echo-event", &connections).unwrap();
            handle.on("never", |_: Value| {}).forget();
            // Its own listener, which drops this very callback.
            drop(slot.borrow_mut().take());
        }
        ConnectionEvent::Disconnected { .. } => handle.connect(),
        _ => {}
    });
    *own.borrow_mut() = Some(listener);
    client.connect();
    assert_eq!(echoed.next().await, json!(1));
    assert!(own.borrow().is_none());
}

#[wasm_bindgen_test]
async fn the_last_handle_takes_the_connection_with_it_even_from_a_callback() {
    let witness = connected("/").await;
    let mut gone = Inbox::of(&witness.client, "gone");
    let Observed { client, changes } = connected("/").await;
    let id = client.id();
    let last = RefCell::new(Some(client.clone()));
    client
        .on("echoed", move |_: Value| drop(last.borrow_mut().take()))
        .forget();
    client.emit("echo-event", &1).unwrap();
    drop((client, changes));
    // Other stories' clients come and go as well.
    gone.find(|each| *each == json!(id)).await;
}

#[wasm_bindgen_test]
fn handles_may_stand_where_a_framework_asks_for_send() {
    fn is_send<T: Send + Sync + Clone>(_: &T) {}
    is_send(&builder("/").build());
}
