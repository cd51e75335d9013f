//! A server with real accounts, and people who join it, in a line each.

use std::time::Duration;

use natter_server::{
    config::{Config, SignIn},
    storage::{self, Database},
};
use protocol::{
    Problem, SOCKET_TOKEN_HEADER, Session,
    account::{Account, Device},
    administration::{AuditEntry, NewLink},
};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::support::{Answer, TestServer, TestUser, post};

/// Good enough for everybody.
pub const PASSWORD: &str = "trombone under water";

/// A server with accounts, as browsers reach it: by a name.
pub struct AccountServer {
    pub inner: TestServer,
    pub database: Database,
}

impl AccountServer {
    pub async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    pub async fn start_with(change: impl FnOnce(&mut Config)) -> Self {
        let inner = TestServer::start_with(|config| {
            config.sign_in = SignIn::Account;
            change(config);
        })
        .await;
        let url = inner.config.database_url.as_deref().expect("a database");
        let database = Database::open(url).await.expect("the server's database");
        Self { inner, database }
    }

    pub fn origin(&self) -> String {
        format!("http://localhost:{}", self.inner.server.address().port())
    }

    /// Somebody who owns the server, by the link that it told at its start.
    pub async fn owner(&self, name: &str) -> Member {
        let link = self.inner.server.owner_link().expect("nobody owns it yet");
        self.join(link.reveal(), name).await
    }

    /// Somebody whom `inviter` invites.
    pub async fn invited(&self, inviter: &Member, name: &str) -> Member {
        let wanted = json!({ "uses": 1, "days": 1 });
        let link: NewLink = inviter.post("/web/admin/invitations", wanted).await.json();
        self.join(link.url.reveal(), name).await
    }

    async fn join(&self, link: &str, name: &str) -> Member {
        let body = json!({ "token": token(link), "username": name, "password": PASSWORD });
        let answer = post(&self.origin(), "/web/join", &[], body.to_string()).await;
        Member::signed_in(&self.origin(), &answer)
    }

    pub async fn sign_in(&self, name: &str, password: &str) -> Answer {
        let body = json!({ "username": name, "password": password });
        post(&self.origin(), "/web/login", &[], body.to_string()).await
    }
}

/// The token of a link.
pub fn token(link: &str) -> &str {
    link.split_once('#').expect("a token in the link").1
}

/// Somebody with an account, signed in once.
pub struct Member {
    pub user: TestUser,
}

impl Member {
    /// Whoever this answer signs in.
    pub fn signed_in(origin: &str, answer: &Answer) -> Self {
        assert_eq!(answer.status, 200, "{answer:?}");
        let cookie = answer.header("set-cookie").expect("a cookie");
        let cookie = cookie.split(';').next().expect("a cookie").to_owned();
        let user = TestUser {
            origin: origin.to_owned(),
            token: answer.header(SOCKET_TOKEN_HEADER).expect("a token"),
            cookie,
            session: answer.json::<Session>(),
        };
        Self { user }
    }

    pub fn name(&self) -> &str {
        self.user.session.username.as_str()
    }

    pub async fn get_json<T: DeserializeOwned>(&self, path: &str) -> T {
        self.user.get_json(path).await
    }

    pub async fn is_signed_in(&self) -> bool {
        self.user.get("/web/session").await.status == 200
    }

    pub async fn account(&self) -> Account {
        self.get_json("/web/account").await
    }

    pub async fn audit(&self) -> Vec<AuditEntry> {
        self.get_json("/web/admin/audit").await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        let headers = [("cookie", &*self.user.cookie)];
        post(&self.user.origin, path, &headers, body.to_string()).await
    }

    /// The status of a deletion, and what was wrong with it.
    pub async fn delete(&self, path: &str) -> (u16, Option<Problem>) {
        let agent: ureq::Agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(Duration::from_secs(15)))
            .build()
            .into();
        let request = agent
            .delete(format!("{}{path}", self.user.origin))
            .header("cookie", &self.user.cookie);
        let delete = move || {
            let mut response = request.call().expect("an answer");
            let status = response.status().as_u16();
            let body = response.body_mut().read_to_string().expect("a body");
            (status, serde_json::from_str(&body).ok())
        };
        tokio::task::spawn_blocking(delete)
            .await
            .expect("a request that does not panic")
    }

    /// Lets so much time pass since they proved who they are that it does not count any more.
    pub async fn grow_stale(&self, server: &AccountServer) {
        let devices: Vec<Device> = self.get_json("/web/sessions").await;
        let current = devices.iter().find(|device| device.current);
        let id = &current.expect("this session").id;
        let transaction = server.database.begin().await.expect("a transaction");
        storage::sessions::confirmed(&transaction, id, 0)
            .await
            .expect("a session");
        server.database.commit(transaction).await.expect("a commit");
    }
}
