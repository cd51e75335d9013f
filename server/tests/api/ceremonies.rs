//! People who use passkeys, in a line each.

use natter_server::storage::{self, Database};
use protocol::{
    ErrorCode, Problem,
    account::{Account, Device, Passkey, PasskeyChallenge},
    administration::AuditEntry,
};
use serde_json::{Value, json};

use crate::{
    authenticator::{Authenticator, Ceremony},
    people,
    support::{Answer, TestServer, TestUser, post},
};

pub const ADDING: &str = "/web/account/passkeys";
pub const SIGNING_IN: &str = "/web/login/passkey";
pub const CONFIRMING: &str = "/web/confirm/passkey";

/// Where browsers reach the server: by a name, which passkeys need.
pub fn origin(server: &TestServer) -> String {
    format!("http://localhost:{}", server.server.address().port())
}

fn by_name(server: &TestServer, user: TestUser) -> TestUser {
    TestUser {
        origin: origin(server),
        ..user
    }
}

/// Whoever this answer signs in.
pub fn signed_in(server: &TestServer, answer: &Answer) -> TestUser {
    TestUser::from(&origin(server), answer)
}

/// The owner.
pub async fn alice(server: &TestServer) -> TestUser {
    by_name(server, people::owner(server, "alice").await)
}

/// Somebody whom the owner invites.
pub async fn bob(server: &TestServer, alice: &TestUser) -> TestUser {
    by_name(server, people::member(server, alice, "bob").await)
}

pub async fn is_signed_in(user: &TestUser) -> bool {
    user.get("/web/session").await.status == 200
}

pub async fn passkeys_of(user: &TestUser) -> Vec<Passkey> {
    user.get_json::<Account>("/web/account").await.passkeys
}

pub async fn audit(user: &TestUser) -> Vec<AuditEntry> {
    user.get_json("/web/admin/audit").await
}

pub async fn remove(user: &TestUser, path: &str) -> Answer {
    user.send("DELETE", path, Value::Null).await
}

/// The server's own database.
pub async fn database(server: &TestServer) -> Database {
    let database = Database::open(server.database_url());
    database.await.expect("the server's database")
}

/// Lets so much time pass since somebody proved who they are that it does not count any more.
pub async fn grow_stale(server: &TestServer, user: &TestUser) {
    let devices: Vec<Device> = user.get_json("/web/sessions").await;
    let current = devices.iter().find(|device| device.current);
    let id = &current.expect("this session").id;
    let database = database(server).await;
    let transaction = database.begin().await.expect("a transaction");
    let confirmed = storage::sessions::confirmed(&transaction, id, 0);
    confirmed.await.expect("a session");
    database.commit(transaction).await.expect("a commit");
}

/// A challenge and what it asks for.
pub struct Asked {
    pub id: String,
    pub options: Value,
}

impl Asked {
    pub fn from(answer: &Answer) -> Self {
        assert_eq!(answer.status, 200, "{answer:?}");
        let challenge: PasskeyChallenge = answer.json();
        Self {
            id: challenge.id,
            options: serde_json::from_str(&challenge.options).expect("options"),
        }
    }

    pub fn answered(&self, credential: String) -> Value {
        json!({ "id": self.id, "credential": credential })
    }
}

pub async fn ask(user: &TestUser, path: &str) -> Asked {
    Asked::from(&user.post(&format!("{path}/start"), Value::Null).await)
}

pub async fn ask_to_sign_in(server: &TestServer) -> Asked {
    let path = format!("{SIGNING_IN}/start");
    Asked::from(&post(&origin(server), &path, &[], "").await)
}

pub async fn try_to_add(
    user: &TestUser,
    device: &mut Authenticator,
    ceremony: &Ceremony,
) -> Answer {
    let asked = ask(user, ADDING).await;
    let mut body = asked.answered(device.register(ceremony, &asked.options));
    body["name"] = "My phone".into();
    user.post(ADDING, body).await
}

/// A passkey that was added to somebody's account.
pub async fn add(user: &TestUser) -> Authenticator {
    let mut device = Authenticator::new();
    let ceremony = Ceremony::at(&user.origin);
    let answer = try_to_add(user, &mut device, &ceremony).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    device
}

pub async fn sign_in_by(server: &TestServer, body: Value) -> Answer {
    post(&origin(server), SIGNING_IN, &[], body.to_string()).await
}

pub async fn try_to_sign_in(
    server: &TestServer,
    device: &mut Authenticator,
    ceremony: &Ceremony,
) -> Answer {
    let asked = ask_to_sign_in(server).await;
    let answer = asked.answered(device.sign(ceremony, &asked.options));
    sign_in_by(server, answer).await
}

pub async fn sign_in(server: &TestServer, device: &mut Authenticator) -> Answer {
    try_to_sign_in(server, device, &Ceremony::at(&origin(server))).await
}

pub async fn try_to_confirm(
    user: &TestUser,
    device: &mut Authenticator,
    ceremony: &Ceremony,
) -> Answer {
    let asked = ask(user, CONFIRMING).await;
    let answer = asked.answered(device.sign(ceremony, &asked.options));
    user.post(CONFIRMING, answer).await
}

pub fn assert_refused(answer: &Answer) -> Problem {
    assert_eq!(answer.status, 403, "{answer:?}");
    assert_eq!(answer.header("set-cookie"), None);
    let problem = answer.problem();
    assert_eq!(problem.code, ErrorCode::PasskeyRefused);
    problem
}

/// What can be wrong with an answer that is otherwise as it should be.
pub fn wrong_ceremonies(origin: &str) -> Vec<(&'static str, Ceremony)> {
    let right = Ceremony::at(origin);
    let elsewhere = |origin: &str| Ceremony {
        origin: origin.to_owned(),
        ..right.clone()
    };
    vec![
        ("another site", elsewhere("https://evil.example")),
        ("another port", elsewhere("http://localhost:1")),
        (
            "another scheme",
            elsewhere(&origin.replace("http", "https")),
        ),
        (
            "a name below ours",
            elsewhere(&origin.replace("//", "//evil.")),
        ),
        (
            "a frame",
            Ceremony {
                cross_origin: true,
                ..right.clone()
            },
        ),
        (
            "for somebody else",
            Ceremony {
                rp_id: "evil.example".to_owned(),
                ..right.clone()
            },
        ),
        (
            "nobody verified",
            Ceremony {
                user_verified: false,
                ..right
            },
        ),
    ]
}
