//! A native program that talks to the package `echo-server`.
//!
//! ```sh
//! cargo run -p echo-server 127.0.0.1:4000 &
//! cargo run -p socketio-client --features native --example native http://127.0.0.1:4000
//! ```

use std::error::Error;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use socketio_client::{Args, Client, ConnectionEvent, Event, Namespace};

/// An event is a type: its name and payload, and what an acknowledgement of it says.
#[derive(Serialize, Deserialize)]
struct Echo(String);

impl Event for Echo {
    const NAME: &'static str = "echo";
    type Ack = String;
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let origin = std::env::args().nth(1);
    let origin = origin.unwrap_or_else(|| "http://127.0.0.1:4000".to_owned());
    let client = Client::builder(origin, "/").build();

    // Listeners are guards: dropping one unsubscribes it.
    let _welcome = client.on("welcome", |welcome: Value| println!("welcome: {welcome}"));
    wait_until_connected(&client).await;

    // Every acknowledgement is a `Result`, whatever happens to the connection.
    let answer = client.ask(&Echo("hello".to_owned())).await?;
    println!("the server says: {answer}");
    let Args((first, second)): Args<(u32, String)> =
        client.emit_with_ack("echo-two", &Args((1, "two"))).await?;
    println!("and: {first}, {second}");

    // Another namespace over the same connection, with what it authenticates with.
    let token = || async { Ok(serde_json::json!({ "token": "open sesame" })) };
    let guarded = client.namespace(Namespace::new("/guarded").auth(token))?;
    wait_until_connected(&guarded).await;
    let auth: Value = guarded.emit_with_ack("auth", &()).await?;
    println!("it knows us by {auth}");
    Ok(())
}

/// Connects, and tells what happens meanwhile.
async fn wait_until_connected(client: &Client) {
    let (sender, mut changes) = tokio::sync::mpsc::unbounded_channel();
    let _listener = client.on_connection(move |event| {
        // Nobody listens any more once it is connected.
        let _sent = sender.send(event);
    });
    client.connect();
    while let Some(event) = changes.recv().await {
        println!("{event:?}");
        if let ConnectionEvent::Connected { .. } = event {
            return;
        }
    }
}
