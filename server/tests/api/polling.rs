//! A client of HTTP long-polling that reads only when it is told to.

use protocol::NAMESPACE;
use serde_json::{Value, json};

use crate::support::{TestUser, get, post};

pub struct Polling {
    origin: String,
    path: String,
}

impl Polling {
    /// Begins a session. `query` begins with `&` if there is any.
    pub async fn open(origin: &str, query: &str, headers: &[(&str, &str)]) -> Self {
        let path = format!("/socket.io/?EIO=4&transport=polling{query}");
        let opened = get(origin, &path, headers).await.text();
        let handshake: Value =
            serde_json::from_str(opened.strip_prefix('0').expect("an open packet")).expect("json");
        let sid = handshake["sid"].as_str().expect("a session");
        Self {
            origin: origin.to_owned(),
            path: format!("{path}&sid={sid}"),
        }
    }

    /// Somebody who comes into the chat and will resync by themselves.
    pub async fn connect(user: &TestUser) -> Self {
        let polling = Self::open(&user.origin, "", &[]).await;
        let auth = json!({ "token": user.token, "resyncs": true });
        polling.send(&format!("40{NAMESPACE},{auth}")).await;
        polling.read_until("40/chat").await;
        polling
    }

    pub async fn send(&self, packet: &str) {
        let answer = post(&self.origin, &self.path, &[], packet).await;
        assert_eq!(answer.status, 200);
    }

    pub async fn read(&self) -> String {
        let answer = get(&self.origin, &self.path, &[]).await;
        assert_eq!(answer.status, 200, "the connection still stands");
        answer.text()
    }

    /// Reads until something comes that holds `text`, and returns it.
    pub async fn read_until(&self, text: &str) -> String {
        loop {
            let read = self.read().await;
            if read.contains(text) {
                return read;
            }
        }
    }
}
