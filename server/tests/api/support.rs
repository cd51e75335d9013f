//! A server and people who use it, in a line each.

use std::{path::Path, time::Duration};

use axum::http::HeaderMap;
use natter_server::{
    Server,
    config::{Config, SignIn, Switch},
    listener::Bounds,
    services::limits::Rates,
};
use protocol::{
    Conversation, ErrorBody, Message, NAMESPACE, Problem, Receipt, SOCKET_TOKEN_HEADER, Session,
    Username,
    events::{
        Acknowledgement, ClientEvent, Delivered, DeliveryStatus, GroupChanged, GroupHappened,
        GroupLeft, MessageEvent, NewGroup, OnlineStatus, PresenceChanged, Resync, ServerEvent,
        SessionEnded, UserChanged, UserTyping,
    },
};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use socketio_client::{Client, ConnectionEvent, Listener, Namespace};
use tempfile::TempDir;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::database::TestDatabase;

/// Longest wait for something that has to happen.
const PATIENCE: Duration = Duration::from_secs(15);

/// A running server with a data directory and a database of its own.
pub struct TestServer {
    pub server: Server,
    pub config: Config,
    database: TestDatabase,
    data: TempDir,
}

impl TestServer {
    pub async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    pub async fn start_with(change: impl FnOnce(&mut Config)) -> Self {
        let data = tempfile::tempdir().expect("a temporary directory");
        let mut config = config(data.path());
        change(&mut config);
        Self::start_on(TestDatabase::new(), config, data).await
    }

    /// Starts a server on a database that holds something already.
    pub async fn on(database: TestDatabase) -> Self {
        let data = tempfile::tempdir().expect("a temporary directory");
        let config = config(data.path());
        Self::start_on(database, config, data).await
    }

    /// Starts a server on a database and a data directory, which another may have left.
    pub async fn start_on(database: TestDatabase, mut config: Config, data: TempDir) -> Self {
        config.database_url = Some(database.url.clone());
        let server = Server::start(&config).await.expect("the server starts");
        Self {
            server,
            config,
            database,
            data,
        }
    }

    /// Stops the server and starts it again, with the same data and port.
    pub async fn restart(self) -> Self {
        let (database, config, data) = self.stop().await;
        Self::start_on(database, config, data).await
    }

    /// Stops the server and leaves what is needed to start it again at the same port.
    pub async fn stop(mut self) -> (TestDatabase, Config, TempDir) {
        self.config.addr = self.server.address();
        self.server.stop().await;
        (self.database, self.config, self.data)
    }

    pub fn origin(&self) -> String {
        format!("http://{}", self.server.address())
    }

    /// Where the data directory is.
    pub fn data(&self) -> &Path {
        self.data.path()
    }

    /// The URL of its database.
    pub fn database_url(&self) -> &str {
        &self.database.url
    }

    /// Signs in by name alone.
    pub async fn sign_in(&self, name: &str) -> TestUser {
        let body = json!({ "username": name });
        let answer = post(&self.origin(), "/web/login", &[], body.to_string()).await;
        TestUser::from(&self.origin(), &answer)
    }

    /// Signs somebody in and connects one socket of theirs.
    pub async fn connect(&self, name: &str) -> TestSocket {
        self.sign_in(name).await.connect().await
    }
}

pub fn config(data: &Path) -> Config {
    Config {
        addr: ([127, 0, 0, 1], 0).into(),
        socket_addr: None,
        data_dir: data.to_path_buf(),
        database_url: None,
        sign_in: SignIn::Name,
        session_length: Duration::from_secs(3_600),
        session_longest: Duration::from_secs(7 * 24 * 3_600),
        confirmed_for: Duration::from_secs(600),
        public_origin: None,
        trusted_proxies: Vec::new(),
        tls: None,
        site_dir: None,
        rates: Rates::default(),
        rate_limits: Switch::On,
        bounds: Bounds::default(),
        presence_grace: Duration::from_millis(300),
    }
}

/// What a request was answered with.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    headers: HeaderMap,
    body: String,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<String> {
        let value = self.headers.get(name)?;
        Some(value.to_str().expect("a readable header").to_owned())
    }

    /// Every header of this name.
    pub fn headers(&self, name: &str) -> Vec<String> {
        let values = self.headers.get_all(name).iter();
        values
            .map(|value| value.to_str().expect("a readable header").to_owned())
            .collect()
    }

    pub fn json<T: DeserializeOwned>(&self) -> T {
        serde_json::from_str(&self.body)
            .unwrap_or_else(|error| panic!("not the documented shape ({error}): {}", self.body))
    }

    pub fn text(&self) -> String {
        self.body.clone()
    }

    /// The body of an error.
    pub fn problem(&self) -> Problem {
        let content_type = self.header("content-type");
        assert_eq!(
            content_type.as_deref(),
            Some("application/problem+json"),
            "{self:?}"
        );
        self.json()
    }
}

pub async fn get(origin: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
    let mut request = agent().get(format!("{origin}{path}"));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    answer(move || request.call()).await
}

pub async fn post(
    origin: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: impl Into<String>,
) -> Answer {
    send("POST", origin, path, headers, body).await
}

pub async fn send(
    method: &str,
    origin: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: impl Into<String>,
) -> Answer {
    let mut request = ureq::http::Request::builder()
        .method(method)
        .uri(format!("{origin}{path}"))
        .header("content-type", "application/json");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(body.into()).expect("a request");
    answer(move || agent().run(request)).await
}

fn agent() -> ureq::Agent {
    ureq::Agent::config_builder()
        .http_status_as_error(false)
        .timeout_global(Some(PATIENCE))
        .build()
        .into()
}

/// The client blocks, so it does so beside the runtime on which the server runs.
async fn answer(
    request: impl FnOnce() -> Result<ureq::http::Response<ureq::Body>, ureq::Error> + Send + 'static,
) -> Answer {
    let ask = move || {
        let mut response = request().expect("an answer");
        Answer {
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            body: response
                .body_mut()
                .read_to_string()
                .expect("a readable body"),
        }
    };
    tokio::task::spawn_blocking(ask)
        .await
        .expect("a request that does not panic")
}

/// Somebody who has signed in.
#[derive(Clone)]
pub struct TestUser {
    pub origin: String,
    pub token: String,
    /// As a Cookie header carries it.
    pub cookie: String,
    pub session: Session,
}

impl TestUser {
    /// Whoever was let in by this answer.
    pub fn from(origin: &str, answer: &Answer) -> Self {
        assert_eq!(answer.status, 200, "{}", answer.text());
        let cookie = answer.header("set-cookie").expect("a cookie");
        Self {
            origin: origin.to_owned(),
            token: answer.header(SOCKET_TOKEN_HEADER).expect("a token"),
            cookie: cookie.split(';').next().expect("a cookie").to_owned(),
            session: answer.json(),
        }
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.send("POST", path, body).await
    }

    /// A request of any method, with a body.
    pub async fn send(&self, method: &str, path: &str, body: Value) -> Answer {
        let headers = [("cookie", self.cookie.as_str())];
        send(method, &self.origin, path, &headers, body.to_string()).await
    }

    pub async fn get(&self, path: &str) -> Answer {
        get(&self.origin, path, &[("cookie", &self.cookie)]).await
    }

    pub async fn get_json<T: DeserializeOwned>(&self, path: &str) -> T {
        let answer = self.get(path).await;
        assert_eq!(answer.status, 200, "{path}");
        answer.json()
    }

    pub async fn conversations(&self) -> Vec<Conversation> {
        self.get_json("/web/conversations").await
    }

    pub async fn history(&self, conversation: &str) -> Vec<Message> {
        self.get_json(&format!(
            "/web/conversations/{conversation}/messages?limit=200"
        ))
        .await
    }

    /// Connects a socket and waits until the server has taken it in.
    pub async fn connect(&self) -> TestSocket {
        self.connect_with(json!({ "token": self.token }), true)
            .await
    }

    /// Connects a socket which acknowledges messages only if `acknowledges`.
    pub async fn connect_with(&self, auth: Value, acknowledges: bool) -> TestSocket {
        let socket = TestSocket::open(self, auth, acknowledges);
        let connected = socket.connection().await;
        assert!(
            matches!(connected, ConnectionEvent::Connected { .. }),
            "{connected:?}"
        );
        socket
    }
}

/// A socket and everything that came over it.
pub struct TestSocket {
    pub user: TestUser,
    pub client: Client,
    events: tokio::sync::Mutex<UnboundedReceiver<ServerEvent>>,
    connection: tokio::sync::Mutex<UnboundedReceiver<ConnectionEvent>>,
    _listeners: Vec<Listener>,
}

impl TestSocket {
    /// Begins to connect.
    pub fn open(user: &TestUser, auth: Value, acknowledges: bool) -> Self {
        let namespace = Namespace::new(NAMESPACE).auth(move || {
            let auth = auth.clone();
            async move { Ok(auth) }
        });
        let client = Client::builder(&user.origin, namespace).build();
        let (events, received) = unbounded_channel();
        let (changes, connection) = unbounded_channel();
        let receiver = user.session.username.clone();
        let listeners = vec![
            listen_to_messages(&client, events.clone(), receiver, acknowledges),
            listen::<DeliveryStatus>(
                &client,
                ServerEvent::UPDATE_DELIVERY_STATUS_ON_CONNECTION,
                &events,
                ServerEvent::UpdateDeliveryStatusOnConnection,
            ),
            listen::<Receipt>(&client, ServerEvent::RECEIPT, &events, ServerEvent::Receipt),
            listen::<OnlineStatus>(
                &client,
                ServerEvent::ONLINE_STATUS,
                &events,
                ServerEvent::OnlineStatus,
            ),
            listen::<UserTyping>(
                &client,
                ServerEvent::USER_TYPING,
                &events,
                ServerEvent::UserTyping,
            ),
            listen::<Resync>(&client, ServerEvent::RESYNC, &events, ServerEvent::Resync),
            listen::<PresenceChanged>(
                &client,
                ServerEvent::PRESENCE,
                &events,
                ServerEvent::Presence,
            ),
            listen::<UserChanged>(
                &client,
                ServerEvent::USER_CHANGED,
                &events,
                ServerEvent::UserChanged,
            ),
            listen::<NewGroup>(
                &client,
                ServerEvent::NEW_GROUP,
                &events,
                ServerEvent::NewGroup,
            ),
            listen::<GroupChanged>(
                &client,
                ServerEvent::GROUP_CHANGED,
                &events,
                ServerEvent::GroupChanged,
            ),
            listen::<GroupHappened>(
                &client,
                ServerEvent::GROUP_EVENT,
                &events,
                ServerEvent::GroupEvent,
            ),
            listen::<GroupLeft>(
                &client,
                ServerEvent::GROUP_LEFT,
                &events,
                ServerEvent::GroupLeft,
            ),
            listen::<SessionEnded>(
                &client,
                ServerEvent::TOKEN_EXPIRED,
                &events,
                ServerEvent::TokenExpired,
            ),
            client.on_connection(move |event| drop(changes.send(event))),
        ];
        client.connect();
        Self {
            user: user.clone(),
            client,
            events: received.into(),
            connection: connection.into(),
            _listeners: listeners,
        }
    }

    /// The next change of the connection.
    pub async fn connection(&self) -> ConnectionEvent {
        let mut connection = self.connection.lock().await;
        tokio::time::timeout(PATIENCE, connection.recv())
            .await
            .expect("a change of the connection in time")
            .expect("a connection")
    }

    /// Carries out an event and returns what its acknowledgement says.
    pub async fn ask<E: ClientEvent>(&self, event: &E) -> Result<E::Response, ErrorBody> {
        let acknowledgement: Acknowledgement<E::Response> = self
            .client
            .emit_with_ack(E::NAME, event)
            .await
            .expect("an acknowledgement");
        acknowledgement
            .into_result()
            .expect("a response or an error")
    }

    /// Sends a private message, which has to succeed.
    pub async fn write(&self, receiver: &str, text: &str) -> Message {
        self.ask(&private_message(receiver, text))
            .await
            .expect("stored")
    }

    /// Waits for the next event that `pick` takes, passing over others.
    pub async fn next<T>(&self, mut pick: impl FnMut(ServerEvent) -> Option<T>) -> T {
        let mut events = self.events.lock().await;
        let search = async {
            loop {
                let event = events.recv().await.expect("a socket that listens");
                if let Some(picked) = pick(event) {
                    return picked;
                }
            }
        };
        tokio::time::timeout(PATIENCE, search)
            .await
            .expect("the awaited event in time")
    }

    pub async fn user_changed(&self) -> UserChanged {
        self.next(|event| match event {
            ServerEvent::UserChanged(change) => Some(change),
            _ => None,
        })
        .await
    }

    /// Waits until the server has said that the session has ended, and has closed the socket.
    pub async fn ended(&self) -> SessionEnded {
        let said = self
            .next(|event| match event {
                ServerEvent::TokenExpired(ended) => Some(ended),
                _ => None,
            })
            .await;
        loop {
            if let ConnectionEvent::Disconnected { .. } = self.connection().await {
                return said;
            }
        }
    }

    pub async fn next_message(&self) -> Message {
        self.next(|event| match event {
            ServerEvent::Response(event) => Some(event.response),
            _ => None,
        })
        .await
    }

    /// What has come and was not asked for yet.
    pub async fn waiting(&self) -> Vec<ServerEvent> {
        let mut events = self.events.lock().await;
        std::iter::from_fn(|| events.try_recv().ok()).collect()
    }
}

impl Drop for TestSocket {
    fn drop(&mut self) {
        self.client.disconnect();
    }
}

fn listen<T: DeserializeOwned + Send + 'static>(
    client: &Client,
    name: &str,
    events: &UnboundedSender<ServerEvent>,
    wrap: fn(T) -> ServerEvent,
) -> Listener {
    let events = events.clone();
    client.on(name, move |payload: T| drop(events.send(wrap(payload))))
}

fn listen_to_messages(
    client: &Client,
    events: UnboundedSender<ServerEvent>,
    receiver: Username,
    acknowledges: bool,
) -> Listener {
    client.on_with_ack(ServerEvent::RESPONSE, move |payload: MessageEvent, ack| {
        if let Some(ack) = ack.filter(|_| acknowledges) {
            ack.send(&Delivered {
                success: true,
                receiver: receiver.clone(),
            })
            .expect("a connected socket");
        }
        drop(events.send(ServerEvent::Response(payload)));
    })
}

pub fn private_message(receiver: &str, text: &str) -> protocol::events::PrivateMessage {
    protocol::events::PrivateMessage {
        client_id: None,
        receiver: receiver.to_owned(),
        text: text.to_owned(),
    }
}

pub fn group_message(group: &str, text: &str) -> protocol::events::GroupMessage {
    protocol::events::GroupMessage {
        client_id: None,
        group_id: group.to_owned(),
        text: text.to_owned(),
    }
}

pub fn create_group(name: &str, members: &[&str]) -> protocol::events::CreateGroup {
    protocol::events::CreateGroup {
        client_id: None,
        name: name.to_owned(),
        members: members.iter().map(ToString::to_string).collect(),
    }
}

/// A UUID of its own for each number.
pub fn client_id(number: u64) -> Option<String> {
    Some(format!("00000000-0000-4000-8000-{number:012x}"))
}
