//! The client against a real server, in a browser.
//!
//! The server is the example `echo_server`; its origin is compiled in by the environment variable
//! `SOCKETIO_TEST_ORIGIN`. The README says how to run this.

#![cfg(target_arch = "wasm32")]

use std::cell::{Cell, RefCell};
use std::fmt::Debug;
use std::rc::Rc;
use std::time::Duration;

use futures_channel::mpsc;
use futures_util::future::{Either, select};
use futures_util::{StreamExt, pin_mut};
use gloo_timers::future::TimeoutFuture;
use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;
use serde_json::{Value, json};
use socketio_client::{
    AckError, Builder, Client, ConnectionEvent, DisconnectReason, EmitError, Listener, Namespace,
    Reconnection, State, TransportChoice,
};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use web_sys::Event;

wasm_bindgen_test_configure!(run_in_browser);

const TOKEN: &str = "open sesame";
const PATIENCE_MILLIS: u32 = 15_000;
const LOST: ConnectionEvent = ConnectionEvent::Disconnected {
    reason: DisconnectReason::TransportClosed,
};

fn origin() -> &'static str {
    let Some(origin) = option_env!("SOCKETIO_TEST_ORIGIN") else {
        panic!(
            "Set SOCKETIO_TEST_ORIGIN to the origin that the example echo_server prints, and build again."
        );
    };
    origin
}

fn builder(namespace: impl Into<Namespace>) -> Builder {
    Client::builder(origin(), namespace).reconnection(Reconnection {
        delay: Duration::from_millis(20),
        delay_max: Duration::from_millis(50),
        ..Reconnection::default()
    })
}

/// What comes out of callbacks, in order.
struct Inbox<T> {
    receiver: mpsc::UnboundedReceiver<T>,
    _listener: Listener,
}

impl<T: Debug> Inbox<T> {
    fn new(subscribe: impl FnOnce(mpsc::UnboundedSender<T>) -> Listener) -> Self {
        let (sender, receiver) = mpsc::unbounded();
        Self {
            receiver,
            _listener: subscribe(sender),
        }
    }

    async fn next(&mut self) -> T {
        in_time(self.receiver.next())
            .await
            .expect("the callback is gone")
    }

    fn is_empty(&mut self) -> bool {
        self.receiver.try_recv().is_err()
    }
}

impl Inbox<Value> {
    fn of(client: &Client, name: &str) -> Self {
        Self::new(|sender| client.on(name, move |payload| sender.unbounded_send(payload).unwrap()))
    }
}

fn changes(client: &Client) -> Inbox<ConnectionEvent> {
    Inbox::new(|sender| client.on_connection(move |event| sender.unbounded_send(event).unwrap()))
}

async fn wait_until_connected(changes: &mut Inbox<ConnectionEvent>) -> String {
    loop {
        if let ConnectionEvent::Connected { id, .. } = changes.next().await {
            return id;
        }
    }
}

async fn connected(builder: Builder) -> (Client, Inbox<ConnectionEvent>) {
    let client = builder.build();
    let mut changes = changes(&client);
    client.connect();
    wait_until_connected(&mut changes).await;
    (client, changes)
}

/// A test that hangs fails.
async fn in_time<F: Future>(future: F) -> F::Output {
    let late = TimeoutFuture::new(PATIENCE_MILLIS);
    pin_mut!(future);
    match select(future, late).await {
        Either::Left((output, _)) => output,
        Either::Right(_) => panic!("it did not happen in time"),
    }
}

fn tell_the_page(event: &str) {
    let window = web_sys::window().unwrap();
    window.dispatch_event(&Event::new(event).unwrap()).unwrap();
}

#[wasm_bindgen_test]
async fn connects_and_knows_its_id() {
    let client = builder("/").build();
    let mut changes = changes(&client);
    assert_eq!((client.state(), client.id()), (State::Disconnected, None));
    client.connect();
    client.connect();
    assert_eq!(client.state(), State::Connecting);
    let id = wait_until_connected(&mut changes).await;
    assert_eq!((client.state(), client.id()), (State::Connected, Some(id)));
    client.connect();
    assert!(changes.is_empty());
}

#[wasm_bindgen_test]
async fn connects_with_what_the_server_wants_to_see_asked_anew_each_time() {
    let asked = Rc::new(Cell::new(0));
    let counter = Rc::clone(&asked);
    let auth = move || {
        counter.set(counter.get() + 1);
        let number = counter.get();
        async move { Ok(json!({ "token": TOKEN, "number": number })) }
    };
    let (client, mut changes) = connected(builder(Namespace::new("/guarded").auth(auth))).await;
    for number in 1..3 {
        let auth: Value = client.emit_with_ack("auth", &()).await.unwrap();
        assert_eq!(auth, json!({ "token": TOKEN, "number": number }));
        tell_the_page("offline");
        wait_until_connected(&mut changes).await;
    }
}

#[wasm_bindgen_test]
async fn a_refusal_is_told_and_not_tried_again() {
    let client = builder("/guarded").build();
    let mut changes = changes(&client);
    client.connect();
    let ConnectionEvent::ConnectError {
        message, refused, ..
    } = changes.next().await
    else {
        panic!("not refused");
    };
    assert_eq!((message.as_str(), refused), ("unauthorized", true));
    assert_eq!(client.state(), State::Disconnected);
}

#[wasm_bindgen_test]
async fn the_server_acknowledges_and_an_event_is_sent_when_it_is_emitted() {
    let (client, _changes) = connected(builder("/")).await;
    let answers: Vec<_> = (0..10)
        .map(|number| client.emit_with_ack::<u32>("echo", &number))
        .collect();
    for (number, answer) in (0..).zip(answers) {
        assert_eq!(in_time(answer).await, Ok(number));
    }
    let mut echoed = Inbox::of(&client, "echoed");
    let answer = client.emit_with_ack::<Value>("echo-event", "hello");
    assert_eq!(echoed.next().await, json!("hello"));
    drop(answer);
}

#[wasm_bindgen_test]
async fn an_answer_that_does_not_come_times_out() {
    let (client, _changes) = connected(builder(
        Namespace::new("/").ack_timeout(Duration::from_millis(50)),
    ))
    .await;
    let answer = client.emit_with_ack::<Value>("silence", &());
    assert_eq!(in_time(answer).await, Err(AckError::TimedOut));
}

#[wasm_bindgen_test]
async fn the_client_acknowledges() {
    let (client, _changes) = connected(builder("/")).await;
    let mut answered = Inbox::of(&client, "answered");
    let _listener = client.on_with_ack("question", |question: Value, ack| {
        ack.expect("the server asks for it")
            .send(&json!({ "you asked": question }))
            .unwrap();
    });
    client.emit("ask-me", "how are you").unwrap();
    assert_eq!(
        answered.next().await,
        json!({ "answer": { "you asked": "how are you" } })
    );
}

#[wasm_bindgen_test]
async fn binary_events_arrive_with_their_bytes() {
    #[derive(Debug, Deserialize)]
    struct File {
        content: Vec<u8>,
    }
    let (client, _changes) = connected(builder("/")).await;
    let mut files = Inbox::new(|sender| {
        client.on("bytes", move |file: File| {
            sender.unbounded_send(file).unwrap()
        })
    });
    client.emit("bytes-please", &[0, 1, 255]).unwrap();
    assert_eq!(files.next().await.content, [0, 1, 255]);
}

#[wasm_bindgen_test]
async fn disconnecting_ends_the_wait_for_every_answer_and_connecting_begins_anew() {
    let (client, mut changes) = connected(builder("/")).await;
    let answer = client.emit_with_ack::<Value>("silence", &());
    client.disconnect();
    assert_eq!(in_time(answer).await, Err(AckError::Disconnected));
    assert_eq!(client.emit("echo", &1), Err(EmitError::NotConnected));
    let reason = DisconnectReason::Client;
    assert_eq!(
        changes.next().await,
        ConnectionEvent::Disconnected { reason }
    );
    client.connect();
    wait_until_connected(&mut changes).await;
}

#[wasm_bindgen_test]
async fn what_the_server_ends_is_not_begun_again() {
    let (client, mut changes) = connected(builder("/")).await;
    client.emit("dismiss", &()).unwrap();
    let reason = DisconnectReason::Server;
    assert_eq!(
        changes.next().await,
        ConnectionEvent::Disconnected { reason }
    );
    assert_eq!(client.state(), State::Disconnected);
}

#[wasm_bindgen_test]
async fn a_server_that_hangs_up_is_called_again() {
    let (client, mut changes) = connected(builder("/")).await;
    let answer = client.emit_with_ack::<Value>("echo", &"x".repeat(64 * 1024));
    assert_eq!(in_time(answer).await, Err(AckError::Disconnected));
    assert_eq!(changes.next().await, LOST);
    wait_until_connected(&mut changes).await;
    assert_eq!(client.emit_with_ack::<u32>("echo", &1).await, Ok(1));
}

#[wasm_bindgen_test]
async fn a_connection_outlives_many_heartbeats() {
    // Longer than the server waits for a pong and the client for a ping.
    let (client, mut changes) = connected(builder(
        Namespace::new("/").ack_timeout(Duration::from_secs(4)),
    ))
    .await;
    let answer = client.emit_with_ack::<Value>("silence", &());
    assert_eq!(in_time(answer).await, Err(AckError::TimedOut));
    assert_eq!(client.state(), State::Connected);
    assert!(changes.is_empty());
}

#[wasm_bindgen_test]
async fn the_page_coming_back_skips_the_delay() {
    let an_hour = Duration::from_secs(3600);
    let patient = Reconnection {
        delay: an_hour,
        delay_max: an_hour,
        jitter: 0.0,
        attempts: None,
    };
    let (client, mut changes) = connected(builder("/").reconnection(patient)).await;
    for event in ["online", "pageshow", "visibilitychange"] {
        tell_the_page("offline");
        assert_eq!(changes.next().await, LOST);
        assert_eq!(
            changes.next().await,
            ConnectionEvent::Waiting {
                attempt: 1,
                delay: an_hour
            }
        );
        if event == "visibilitychange" {
            let document = web_sys::window().unwrap().document().unwrap();
            document
                .dispatch_event(&Event::new(event).unwrap())
                .unwrap();
        } else {
            tell_the_page(event);
        }
        wait_until_connected(&mut changes).await;
        // While connected they change nothing.
        tell_the_page("online");
        assert_eq!(client.emit_with_ack::<u32>("echo", &1).await, Ok(1));
        assert!(changes.is_empty());
    }
}

#[wasm_bindgen_test]
async fn without_an_origin_it_is_the_page_s_own() {
    let client = Client::builder("", "/")
        .reconnection(Reconnection::never())
        .build();
    let mut changes = changes(&client);
    client.connect();
    // The page comes from a server that has no sockets.
    let message = "The server answered 404.".to_owned();
    let error = ConnectionEvent::ConnectError {
        message,
        data: None,
        refused: false,
    };
    assert_eq!(changes.next().await, error);
}

#[wasm_bindgen_test]
async fn a_wrong_address_is_told_and_not_tried_again() {
    for origin in ["localhost", "http://", "http://["] {
        let client = Client::builder(origin, "/").build();
        let mut changes = changes(&client);
        client.connect();
        assert!(matches!(
            changes.next().await,
            ConnectionEvent::ConnectError { refused: false, .. }
        ));
        assert_eq!(client.state(), State::Disconnected);
    }
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
    let (witness, _changes) = connected(builder("/")).await;
    let mut gone = Inbox::of(&witness, "gone");
    let (client, changes) = connected(builder("/")).await;
    let id = client.id();
    let last = RefCell::new(Some(client.clone()));
    client
        .on("echoed", move |_: Value| drop(last.borrow_mut().take()))
        .forget();
    client.emit("echo-event", &1).unwrap();
    drop((client, changes));
    // Other tests' clients come and go as well.
    while gone.next().await != json!(id) {}
}

#[wasm_bindgen_test]
fn handles_may_stand_where_a_framework_asks_for_send() {
    fn is_send<T: Send + Sync + Clone>(_: &T) {}
    is_send(&builder("/").build());
}

#[wasm_bindgen_test]
async fn long_polling_carries_events_acknowledgements_and_bytes() {
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct File {
        name: String,
        content: ByteBuf,
    }
    for transports in [
        TransportChoice::PollingOnly,
        TransportChoice::PollingThenWebSocket,
    ] {
        let (client, mut changes) = connected(builder("/").transports(transports)).await;
        let mut echoed = Inbox::of(&client, "echoed");
        for number in 0..3 {
            client.emit("echo-event", &number).unwrap();
            assert_eq!(echoed.next().await, json!(number));
        }
        let file = File {
            name: "a".to_owned(),
            content: ByteBuf::from([0, 128, 255]),
        };
        let answer = in_time(client.emit_with_ack::<File>("echo-bytes", &file)).await;
        assert_eq!(answer, Ok(file));
        assert!(changes.is_empty());
        client.disconnect();
    }
}
