//! People with real accounts: how they come in, in a line each.

use natter_server::config::{Config, SignIn};
use protocol::{Role, Secret, administration::NewLink};
use serde_json::{Value, json};

use crate::support::{Answer, TestServer, TestUser, post};

/// The password of everybody who is not asked for another one.
pub const PASSWORD: &str = "a trombone in the attic";

/// A server on which people have accounts, and nobody has one yet.
pub async fn server() -> TestServer {
    server_with(|_| {}).await
}

pub async fn server_with(change: impl FnOnce(&mut Config)) -> TestServer {
    TestServer::start_with(|config| {
        config.sign_in = SignIn::Account;
        change(config);
    })
    .await
}

/// The token of a link: what stands behind its `#`.
pub fn token(link: &Secret) -> String {
    let (_, token) = link.reveal().split_once('#').expect("a token");
    token.to_owned()
}

/// The server's owner, who comes in by the link that the server printed.
pub async fn owner(server: &TestServer, name: &str) -> TestUser {
    let token = token(server.server.owner_link().expect("nobody owns it yet"));
    let answer = join(server, Some(&token), name, PASSWORD).await;
    let owner = TestUser::from(&server.origin(), &answer);
    assert_eq!(owner.session.role, Role::Owner);
    owner
}

pub async fn join(server: &TestServer, token: Option<&str>, name: &str, password: &str) -> Answer {
    let body = json!({ "token": token, "username": name, "password": password });
    post(&server.origin(), "/web/join", &[], body.to_string()).await
}

pub async fn invite(by: &TestUser, uses: u32) -> NewLink {
    let answer = by
        .post("/web/admin/invitations", json!({ "uses": uses, "days": 1 }))
        .await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

/// Somebody who joins by an invitation.
pub async fn member(server: &TestServer, owner: &TestUser, name: &str) -> TestUser {
    let link = invite(owner, 1).await;
    let answer = join(server, Some(&token(&link.url)), name, PASSWORD).await;
    TestUser::from(&server.origin(), &answer)
}

pub async fn log_in(server: &TestServer, name: &str, password: &str) -> Answer {
    let body = json!({ "username": name, "password": password });
    post(&server.origin(), "/web/login", &[], body.to_string()).await
}

/// Somebody signs in once more, as on another device.
pub async fn log_in_again(server: &TestServer, name: &str) -> TestUser {
    TestUser::from(&server.origin(), &log_in(server, name, PASSWORD).await)
}

pub async fn make_admin(owner: &TestUser, name: &str) {
    change(owner, name, json!({ "role": "admin" })).await;
}

/// Changes somebody, which has to succeed.
pub async fn change(by: &TestUser, name: &str, change: Value) {
    let path = format!("/web/admin/people/{name}");
    let answer = by.send("PATCH", &path, change).await;
    assert_eq!(answer.status, 204, "{}", answer.text());
}
