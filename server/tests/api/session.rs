//! `/web/login`, `/web/session`, `/web/users`.

use std::time::Duration;

use protocol::{ErrorCode, Session, User};
use serde_json::json;

use crate::support::{Answer, TestServer, get, post};

async fn log_in(server: &TestServer, body: &serde_json::Value) -> Answer {
    post(&server.origin(), "/web/login", &[], body.to_string()).await
}

#[tokio::test]
async fn a_known_name_signs_in_and_its_cookie_holds_the_session() {
    let server = TestServer::start().await;
    let alice = server.sign_in("  Alice ").await;
    assert_eq!(alice.session.username.as_str(), "alice");
    let session: Session = alice.get_json("/web/session").await;
    assert_eq!(session, alice.session);
}

#[tokio::test]
async fn an_unknown_name_is_refused_on_its_field_and_so_is_one_that_cannot_be() {
    let server = TestServer::start().await;
    for name in ["mallory", "", "a b", "<script>", &"x".repeat(10_000)] {
        let response = log_in(&server, &json!({ "username": name })).await;
        assert_eq!(response.status, 401);
        assert_eq!(response.header("set-cookie"), None);
        let problem = response.problem();
        assert_eq!(problem.code, ErrorCode::InvalidCredentials);
        assert_eq!(problem.field.as_deref(), Some("username"));
    }
}

#[tokio::test]
async fn a_body_that_is_no_login_is_a_problem_and_not_a_fault() {
    let server = TestServer::start().await;
    for body in [
        json!({}),
        json!([]),
        json!(["alice", null]),
        json!({ "username": 7 }),
        json!(null),
    ] {
        let response = log_in(&server, &body).await;
        assert!((400..500).contains(&response.status), "{body}");
        assert_eq!(response.problem().code, ErrorCode::InvalidPayload);
    }
    let malformed = post(&server.origin(), "/web/login", &[], "{\"username\":").await;
    assert_eq!(malformed.status, 400);
    assert_eq!(malformed.problem().code, ErrorCode::InvalidPayload);
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused() {
    let server = TestServer::start().await;
    let response = log_in(&server, &json!({ "username": "x".repeat(4_000_000) })).await;
    assert_eq!(response.status, 413);
    assert_eq!(response.problem().code, ErrorCode::PayloadTooLarge);
}

#[tokio::test]
async fn neither_token_passes_for_the_other() {
    let server = TestServer::start().await;
    let mut alice = server.sign_in("alice").await;
    assert_eq!(alice.get("/web/session").await.status, 200);
    alice.cookie = format!("chatToken={}", alice.token);
    assert_eq!(alice.get("/web/session").await.status, 401);
}

#[tokio::test]
async fn a_session_ends_when_its_time_is_over() {
    let server =
        TestServer::start_with(|config| config.session_length = Duration::from_secs(1)).await;
    let alice = server.sign_in("alice").await;
    assert_eq!(alice.get("/web/session").await.status, 200);
    let ended = async {
        while alice.get("/web/session").await.status != 401 {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(5), ended)
        .await
        .expect("the session ends");
}

#[tokio::test]
async fn a_page_of_another_origin_cannot_sign_anybody_in() {
    let server = TestServer::start().await;
    let from = async |origin: String| {
        let body = json!({ "username": "alice" }).to_string();
        post(&server.origin(), "/web/login", &[("origin", &origin)], body).await
    };
    assert_eq!(from(server.origin()).await.status, 200);
    let refused = from("http://evil.example".to_owned()).await;
    assert_eq!(refused.status, 403);
    assert_eq!(refused.problem().code, ErrorCode::ForeignOrigin);
}

#[tokio::test]
async fn users_are_the_others_with_their_presence() {
    let server = TestServer::start().await;
    let alice = server.sign_in("alice").await;
    let _bob = server.connect("bob").await;
    let users: Vec<User> = alice.get_json("/web/users").await;
    let names: Vec<_> = users.iter().map(|user| user.username.as_str()).collect();
    assert_eq!(names, ["bob", "carol", "dave"]);
    assert_eq!(users[0].display_name, "Bob");
    assert!(!users[1].online);
    let online = async {
        loop {
            let users: Vec<User> = alice.get_json("/web/users").await;
            if users[0].online {
                return;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(5), online)
        .await
        .expect("bob counts as online");
}

#[tokio::test]
async fn an_address_that_does_not_exist_is_a_problem_too() {
    let server = TestServer::start().await;
    let response = get(&server.origin(), "/web/nothing", &[]).await;
    assert_eq!(response.status, 404);
    assert_eq!(response.problem().code, ErrorCode::NotFound);
}
