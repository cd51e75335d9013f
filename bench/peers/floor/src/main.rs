//! The floor: what remains of a chat server when everything is left out that can be.
//!
//! It speaks just enough of Engine.IO and Socket.IO for the same clients to use it, answers each
//! message and each acknowledgement, and passes every message on to every socket, in the same
//! bytes as Natter does. It checks nothing, knows nobody and stores nothing.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use anyhow::{Context, Result};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::mpsc,
    time::interval,
};
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};

/// As the contract has it.
const PING_INTERVAL: Duration = Duration::from_secs(25);
/// Frames that are written together.
const TOGETHER: usize = 64;

/// Everybody who is connected.
#[derive(Default)]
struct Everybody {
    sockets: Mutex<Vec<mpsc::UnboundedSender<Utf8Bytes>>>,
    messages: AtomicU64,
}

#[tokio::main]
async fn main() -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("listening on http://{}", listener.local_addr()?);
    let everybody = Arc::<Everybody>::default();
    loop {
        let (stream, _) = listener.accept().await?;
        let everybody = Arc::clone(&everybody);
        tokio::spawn(async move {
            // Whoever goes is not missed.
            let _ = serve(stream, everybody).await;
        });
    }
}

async fn serve(stream: TcpStream, everybody: Arc<Everybody>) -> Result<()> {
    stream.set_nodelay(true)?;
    let mut socket = tokio_tungstenite::accept_async(stream).await?;
    let open = r#"0{"sid":"floor","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}"#;
    socket.send(Message::text(open)).await?;
    let (sender, mut outgoing) = mpsc::unbounded_channel();
    let mut frames = Vec::with_capacity(TOGETHER);
    let mut ping = interval(PING_INTERVAL);
    ping.tick().await;
    loop {
        tokio::select! {
            count = outgoing.recv_many(&mut frames, TOGETHER) => {
                if count == 0 {
                    return Ok(());
                }
                for frame in frames.drain(..) {
                    socket.feed(Message::Text(frame)).await?;
                }
                socket.flush().await?;
            }
            incoming = socket.next() => match incoming {
                Some(Ok(Message::Text(frame))) => everybody.hear(&frame, &sender)?,
                Some(Ok(Message::Close(_)) | Err(_)) | None => return Ok(()),
                Some(Ok(_)) => {}
            },
            _ = ping.tick() => socket.send(Message::text("2")).await?,
        }
    }
}

impl Everybody {
    fn hear(&self, frame: &str, sender: &mpsc::UnboundedSender<Utf8Bytes>) -> Result<()> {
        if frame.starts_with("40/chat,") {
            sender.send(r#"40/chat,{"sid":"floor"}"#.into())?;
            let mut sockets = self.sockets.lock().unwrap_or_else(PoisonError::into_inner);
            sockets.push(sender.clone());
        } else if let Some(event) = frame.strip_prefix("42/chat,") {
            self.event(event, sender)?;
        }
        // An acknowledgement (43) asks for nothing.
        Ok(())
    }

    fn event(&self, event: &str, sender: &mpsc::UnboundedSender<Utf8Bytes>) -> Result<()> {
        let (id, arguments) = event.split_at(event.find('[').context("no arguments")?);
        let arguments: Value = serde_json::from_str(arguments)?;
        let Some(text) = arguments[1]["text"].as_str() else {
            // A group is made: everybody is in it.
            let made = json!([{ "success": true, "response": { "id": "floor" } }]);
            sender.send(format!("43/chat,{id}{made}").into())?;
            return Ok(());
        };
        let seq = self.messages.fetch_add(1, Relaxed);
        let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis();
        let message = json!({
            "id": "00000000-0000-0000-0000-000000000000",
            "clientId": "00000000-0000-0000-0000-000000000000",
            "conversationId": "00000000-0000-0000-0000-000000000000",
            "seq": seq,
            "sender": "user0",
            "groupId": "00000000-0000-0000-0000-000000000000",
            "text": text,
            "sentAt": u64::try_from(now)?,
            "delivered": false,
        });
        let answer = json!([{ "success": true, "response": message }]);
        sender.send(format!("43/chat,{id}{answer}").into())?;
        let event = json!(["response", { "response": message }]);
        let event = Utf8Bytes::from(format!("42/chat,{seq}{event}"));
        let mut sockets = self.sockets.lock().unwrap_or_else(PoisonError::into_inner);
        sockets.retain(|socket| socket.send(event.clone()).is_ok());
        Ok(())
    }
}
