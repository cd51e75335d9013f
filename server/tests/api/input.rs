//! What nobody should send: encoded twice, nested without end, the same at once, SQL, another type, fields
//! that are not one's own to set, addresses of files, requests from foreign pages.

use std::time::Duration;

use natter_server::{
    config::SignIn,
    services::limits::Rate,
    storage::entities::links::{Column, Entity},
};
use protocol::{
    ErrorCode, NAMESPACE, Role, User,
    account::{Account, Device, RecoveryCodes},
    administration::NewLink,
};
use sea_orm::{EntityTrait, sea_query::Expr};
use serde_json::{Value, json};
use socketio_client::ConnectionEvent;

use crate::{
    ceremonies::database,
    people::{
        PASSWORD, change, invite, join, log_in, log_in_again, member, owner, server, server_with,
        token,
    },
    polling::Polling,
    support::{TestServer, TestSocket, TestUser, create_group, get, post, send},
    wire::Wire,
};

/// Every request to `/web`, as it is described.
const DOCUMENT: &str = include_str!("../../../docs/openapi.json");

const SQL: &str = "x'); DROP TABLE accounts; --";
const SQL_IN_AN_ADDRESS: &str = "x%27%29%3B%20DROP%20TABLE%20accounts%3B%20--";

/// Method and address of each operation, and whether it is there for whoever is not signed in.
fn operations() -> Vec<(String, String, bool)> {
    let document: Value = serde_json::from_str(DOCUMENT).expect("JSON");
    let mut operations = Vec::new();
    for (path, item) in document["paths"].as_object().expect("paths") {
        for (method, operation) in item.as_object().expect("operations") {
            let is_public = operation["security"] == json!([{}]);
            let path = path.replace(['{', '}'], "");
            operations.push((method.to_uppercase(), path, is_public));
        }
    }
    operations
}

#[tokio::test]
async fn what_is_encoded_is_decoded_once() {
    let server = server().await;
    let olivia = owner(&server, "olivia").await;
    let mia = member(&server, &olivia, "mia").await;
    let sign_out = async |name: &str| {
        let path = format!("/web/admin/people/{name}/sign-out");
        olivia.post(&path, json!({})).await
    };
    for wrong in ["%256Dia", "mia%00", "%2E%2E%2Fmia", "mia%2Fsign-out"] {
        let answer = sign_out(wrong).await;
        assert_eq!(answer.problem().code, ErrorCode::NotFound, "{wrong}");
    }
    assert_eq!(sign_out("%FF").await.status, 400);
    assert_eq!(mia.get("/web/session").await.status, 200);
    assert_eq!(sign_out("%6Dia").await.status, 204);
    assert_eq!(mia.get("/web/session").await.status, 401);

    let text = r"%3Cb%3E &lt;b&gt; %253C \u003c";
    let message = olivia.connect().await.write("mia", text).await;
    let history = olivia.history(message.conversation_id.as_str()).await;
    assert_eq!(history[0].text, text);
}

#[tokio::test]
async fn json_that_nests_without_end_is_refused_and_harms_nobody() {
    let server = server().await;
    let olivia = owner(&server, "olivia").await;
    member(&server, &olivia, "mia").await;
    let (open, close) = ("[".repeat(30_000), "]".repeat(30_000));
    for nested in [
        open.clone(),
        format!("{open}{close}"),
        format!(r#"{{"username":{open}{close}}}"#),
        format!(r#"{{"other":{open}"#),
    ] {
        let answer = post(&server.origin(), "/web/login", &[], nested).await;
        assert!((400..500).contains(&answer.status), "{}", answer.status);
        assert_eq!(answer.problem().code, ErrorCode::InvalidPayload);
    }
    let deeper = "[".repeat(1_000_000);
    let answer = post(&server.origin(), "/web/login", &[], deeper).await;
    assert_eq!(answer.problem().code, ErrorCode::PayloadTooLarge);

    let nested = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let stranger = Polling::open(&server.origin(), "", &[]).await;
    let auth = format!("40{NAMESPACE},{{\"token\":{nested}}}");
    stranger.send(&auth).await;
    let refused = stranger.read_until("44/chat").await;
    assert!(refused.contains("unauthorized"), "{refused}");
    let polling = Polling::connect(&olivia).await;
    let event = format!("42{NAMESPACE},0[\"privateMessage\",{nested}]");
    polling.send(&event).await;
    let refused = polling.read_until("43/chat,0").await;
    assert!(refused.contains("invalid-payload"), "{refused}");
    olivia.connect().await.write("mia", "still here").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_who_join_at_once_by_a_link_for_three_are_three() {
    let server = server_with(|config| {
        config.rates.join = Rate::new(1_000, Duration::from_secs(60));
    })
    .await;
    let olivia = owner(&server, "olivia").await;
    let invitation = token(&invite(&olivia, 3).await.url);
    // Letters of which no two look alike, because whoever looks like somebody is refused for that.
    let names: Vec<String> = "abcdefghjk"
        .chars()
        .flat_map(|first| {
            "tuvxy"
                .chars()
                .map(move |last| format!("guest-{first}{last}"))
        })
        .collect();
    assert_eq!(names.len(), 50);
    let joining = names
        .iter()
        .map(|name| join(&server, Some(&invitation), name, PASSWORD));
    let answers = futures_util::future::join_all(joining).await;
    let (joined, refused): (Vec<_>, Vec<_>) =
        answers.iter().partition(|answer| answer.status == 200);
    assert_eq!(joined.len(), 3);
    for answer in refused {
        assert_eq!(answer.problem().code, ErrorCode::InvalidLink);
    }
    assert_eq!(olivia.get_json::<Vec<User>>("/web/users").await.len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recovery_code_that_is_used_twenty_times_at_once_begins_one_session() {
    let server = server().await;
    let olivia = owner(&server, "olivia").await;
    let made = olivia
        .post("/web/account/recovery-codes", json!({}))
        .await
        .json::<RecoveryCodes>();
    let code = made.codes[0].reveal();
    let body = json!({ "username": "olivia", "code": code, "newPassword": "another trombone" });
    let origin = server.origin();
    let using = (0..20).map(|_| post(&origin, "/web/login/recovery", &[], body.to_string()));
    let answers = futures_util::future::join_all(using).await;
    let (came_in, refused): (Vec<_>, Vec<_>) =
        answers.iter().partition(|answer| answer.status == 200);
    assert_eq!(came_in.len(), 1);
    assert!(refused.iter().all(|answer| answer.status == 401));
    let olivia = TestUser::from(&origin, came_in[0]);
    let devices: Vec<Device> = olivia.get_json("/web/sessions").await;
    assert_eq!(devices.len(), 1);
}

#[tokio::test]
async fn whoever_is_deactivated_comes_in_by_no_way() {
    let server = server().await;
    let olivia = owner(&server, "olivia").await;
    let mia = member(&server, &olivia, "mia").await;
    let codes: RecoveryCodes = mia
        .post("/web/account/recovery-codes", json!({}))
        .await
        .json();
    let link: NewLink = olivia
        .post("/web/admin/people/mia/reset", json!({}))
        .await
        .json();
    let origin = server.origin();
    let ways = async || {
        let code = codes.codes[0].reveal();
        let recovery =
            json!({ "username": "mia", "code": code, "newPassword": "another trombone" });
        let reset = json!({ "token": token(&link.url), "password": "another trombone" });
        let recovery = recovery.to_string();
        [
            log_in(&server, "mia", PASSWORD).await.status,
            post(&origin, "/web/login/recovery", &[], recovery)
                .await
                .status,
            post(&origin, "/web/reset", &[], reset.to_string())
                .await
                .status,
        ]
    };
    change(&olivia, "mia", json!({ "deactivated": true })).await;
    assert_eq!(ways().await, [401, 401, 404]);
    for path in ["session", "sessions", "account", "users", "conversations"] {
        let path = format!("/web/{path}");
        assert_eq!(mia.get(&path).await.status, 401, "{path}");
    }
    let socket = TestSocket::open(&mia, json!({ "token": mia.token }), true);
    match socket.connection().await {
        ConnectionEvent::ConnectError { message, .. } => assert_eq!(message, "unauthorized"),
        other => panic!("no refusal: {other:?}"),
    }
    // The link is gone for good; the others were right and come back with the right to sign in.
    change(&olivia, "mia", json!({ "deactivated": false })).await;
    assert_eq!(mia.get("/web/session").await.status, 401);
    assert_eq!(ways().await, [200, 200, 404]);
}

#[tokio::test]
async fn nobody_comes_in_as_one_of_the_people_of_a_demo_where_there_are_accounts() {
    let server = TestServer::start().await;
    server.sign_in("alice").await;
    let (database, mut config, data) = server.stop().await;
    config.sign_in = SignIn::Account;
    let server = TestServer::start_on(database, config, data).await;
    let by_name = r#"{"username":"alice"}"#;
    let answer = post(&server.origin(), "/web/login", &[], by_name).await;
    assert_eq!(answer.status, 401, "a name alone is not enough");
    for password in ["", "alice", PASSWORD] {
        assert_eq!(log_in(&server, "alice", password).await.status, 401);
    }
    let olivia = owner(&server, "olivia").await;
    let link: NewLink = olivia
        .post("/web/admin/people/alice/reset", json!({}))
        .await
        .json();
    let body = json!({ "token": token(&link.url), "password": PASSWORD }).to_string();
    let reset = post(&server.origin(), "/web/reset", &[], body).await;
    assert_eq!(reset.status, 200, "by a link of the owner");
    let fresh = crate::people::server().await;
    let olivia = owner(&fresh, "olivia").await;
    let others: Vec<User> = olivia.get_json("/web/users").await;
    assert!(others.is_empty(), "a new server knows nobody: {others:?}");
}

#[tokio::test]
async fn a_device_is_named_in_words_of_ours_whatever_the_browser_says() {
    let server = server().await;
    owner(&server, "olivia").await;
    let markup = "<img src=x onerror=alert(1)>".repeat(300);
    for (agent, name) in [
        (markup.as_str(), "A program"),
        ("<b>Firefox/1</b> \"Linux\"", "Firefox on Linux"),
    ] {
        let body = json!({ "username": "olivia", "password": PASSWORD }).to_string();
        let headers = [("user-agent", agent)];
        let answer = post(&server.origin(), "/web/login", &headers, body).await;
        let olivia = TestUser::from(&server.origin(), &answer);
        let devices: Vec<Device> = olivia.get_json("/web/sessions").await;
        let current = devices.iter().find(|device| device.current);
        assert_eq!(current.expect("this one").browser, name);
    }
}

#[tokio::test]
async fn sql_is_text_like_any_other() {
    let server = server().await;
    let olivia = owner(&server, "olivia").await;
    let mia = member(&server, &olivia, "mia").await;
    for (path, body) in [
        ("/web/login", json!({ "username": SQL, "password": SQL })),
        (
            "/web/login",
            json!({ "username": "olivia", "password": SQL }),
        ),
        (
            "/web/login/recovery",
            json!({ "username": "olivia", "code": SQL, "newPassword": SQL }),
        ),
        ("/web/links", json!({ "token": SQL })),
        (
            "/web/join",
            json!({ "token": SQL, "username": SQL, "password": SQL }),
        ),
        ("/web/reset", json!({ "token": SQL, "password": SQL })),
        ("/web/confirm", json!({ "password": SQL })),
        (
            "/web/account/password",
            json!({ "current": SQL, "new": SQL }),
        ),
    ] {
        let answer = olivia.post(path, body).await;
        assert!((400..500).contains(&answer.status), "{path}: {answer:?}");
    }
    for (method, path) in [
        ("DELETE", format!("/web/sessions/{SQL_IN_AN_ADDRESS}")),
        (
            "DELETE",
            format!("/web/admin/invitations/{SQL_IN_AN_ADDRESS}"),
        ),
        (
            "POST",
            format!("/web/admin/people/{SQL_IN_AN_ADDRESS}/reset"),
        ),
    ] {
        let answer = olivia.send(method, &path, json!({})).await;
        assert_eq!(answer.status, 404, "{path}");
    }
    for (path, status) in [
        (
            format!("/web/conversations/{SQL_IN_AN_ADDRESS}/messages"),
            404,
        ),
        (format!("/web/changes?after={SQL_IN_AN_ADDRESS}"), 400),
        (format!("/web/admin/audit?before={SQL_IN_AN_ADDRESS}"), 400),
    ] {
        assert_eq!(olivia.get(&path).await.status, status, "{path}");
    }

    let renamed = mia.send("PATCH", "/web/account", json!({ "displayName": SQL }));
    assert_eq!(renamed.await.json::<Account>().display_name, SQL);
    let socket = olivia.connect().await;
    let group = socket.ask(&create_group(SQL, &["mia"])).await;
    assert_eq!(group.expect("a group").name, SQL);
    let message = socket.write("mia", SQL).await;
    let history = mia.history(message.conversation_id.as_str()).await;
    assert_eq!(history[0].text, SQL);
    let users: Vec<User> = olivia.get_json("/web/users").await;
    assert_eq!(users.len(), 1);
    assert_eq!(users[0].display_name, SQL);
}

#[tokio::test]
async fn what_is_far_too_long_is_wrong_like_anything_else_and_what_comes_twice_is_refused() {
    let server = server().await;
    let olivia = owner(&server, "olivia").await;
    let long = "A".repeat(60_000);
    for (path, body, status) in [
        ("/web/links", json!({ "token": long }), 404),
        (
            "/web/reset",
            json!({ "token": long, "password": PASSWORD }),
            404,
        ),
        (
            "/web/login",
            json!({ "username": long, "password": PASSWORD }),
            401,
        ),
        (
            "/web/login",
            json!({ "username": "olivia", "password": long }),
            401,
        ),
        (
            "/web/login/recovery",
            json!({ "username": "olivia", "code": long, "newPassword": PASSWORD }),
            401,
        ),
        (
            "/web/account/password",
            json!({ "current": PASSWORD, "new": long }),
            422,
        ),
    ] {
        assert_eq!(olivia.post(path, body).await.status, status, "{path}");
    }
    for path in [
        "/web/changes?after=0&after=0",
        "/web/admin/audit?before=9&before=9",
        "/web/conversations/any/messages?limit=9&limit=9",
    ] {
        assert_eq!(olivia.get(path).await.status, 400, "{path}");
    }
    let once = format!(r#"{{"username":"olivia","password":"{PASSWORD}"}}"#);
    let twice = once.replacen('{', r#"{"username":"olivia","#, 1);
    let sign_in = async |body: &str| post(&server.origin(), "/web/login", &[], body).await;
    assert_eq!(sign_in(&once).await.status, 200);
    let refused = sign_in(&twice).await;
    assert_eq!(refused.problem().code, ErrorCode::InvalidPayload);
}

#[tokio::test]
async fn a_password_counts_exactly_as_it_was_typed() {
    let server = server().await;
    let olivia = owner(&server, "olivia").await;
    let password = format!(" Trombone {} ", "🎺".repeat(64));
    let body = json!({ "current": PASSWORD, "new": password });
    let changed = olivia.post("/web/account/password", body).await;
    assert_eq!(changed.status, 204);
    for other in [
        password.trim().to_owned(),
        password.to_lowercase(),
        password.to_uppercase(),
        password.replacen('🎺', "", 1),
        format!("{password}🎺"),
    ] {
        assert_eq!(log_in(&server, "olivia", &other).await.status, 401);
    }
    assert_eq!(log_in(&server, "olivia", &password).await.status, 200);
}

#[tokio::test]
async fn a_link_holds_no_longer_than_it_says() {
    let server = server().await;
    let olivia = owner(&server, "olivia").await;
    let invitation = token(&invite(&olivia, 2).await.url);
    let first = join(&server, Some(&invitation), "mia", PASSWORD).await;
    assert_eq!(first.status, 200);
    let database = database(&server).await;
    let transaction = database.begin().await.expect("a transaction");
    Entity::update_many()
        .col_expr(Column::ExpiresAt, Expr::value(1_i64))
        .exec(&transaction)
        .await
        .expect("older links");
    database.commit(transaction).await.expect("a commit");
    let late = join(&server, Some(&invitation), "noah", PASSWORD).await;
    assert_eq!(late.problem().code, ErrorCode::InvalidLink);
    let body = json!({ "token": invitation }).to_string();
    let look = post(&server.origin(), "/web/links", &[], body).await;
    assert_eq!(look.problem().code, ErrorCode::InvalidLink);
}

#[tokio::test]
async fn fields_that_are_not_ones_own_to_set_change_nothing() {
    let server = server().await;
    let olivia = owner(&server, "olivia").await;
    let invitation = token(&invite(&olivia, 1).await.url);
    let body = json!({
        "token": invitation, "username": "mia", "password": PASSWORD,
        "id": 1, "role": "owner", "hasPassword": false, "passwordHash": "x",
    });
    let answer = post(&server.origin(), "/web/join", &[], body.to_string()).await;
    let mia = TestUser::from(&server.origin(), &answer);
    assert_eq!(mia.session.role, Role::Member);
    let body = json!({
        "displayName": "Mia M.", "id": 1, "username": "olivia", "role": "owner",
        "passwordHash": null, "deactivated": true, "recoveryCodes": 10,
    });
    let account: Account = mia.send("PATCH", "/web/account", body).await.json();
    assert_eq!(account.display_name, "Mia M.");
    assert_eq!(account.username.as_str(), "mia");
    assert_eq!((account.role, account.recovery_codes), (Role::Member, 0));
    assert_eq!(log_in(&server, "mia", PASSWORD).await.status, 200);
}

#[tokio::test]
async fn a_body_that_is_not_said_to_be_json_is_refused_everywhere() {
    let server = server().await;
    let olivia = owner(&server, "olivia").await;
    let body = json!({ "username": "olivia", "password": PASSWORD, "token": "x" }).to_string();
    let mut wire = Wire::connect(server.server.address()).await;
    for path in [
        "/web/login",
        "/web/login/recovery",
        "/web/links",
        "/web/join",
        "/web/reset",
        "/web/confirm",
        "/web/account/password",
        "/web/admin/invitations",
    ] {
        for kind in [
            "content-type: text/plain\r\n",
            "content-type: application/x-www-form-urlencoded\r\n",
            "content-type: multipart/form-data; boundary=x\r\n",
            "",
        ] {
            wire.write(format!(
                "POST {path} HTTP/1.1\r\nhost: localhost\r\ncookie: {}\r\n{kind}content-length: {}\r\n\r\n{body}",
                olivia.cookie,
                body.len()
            ))
            .await;
            let answer = wire.answer().await;
            assert_eq!(answer.status, 415, "{path} {kind}");
            assert!(answer.body.contains("unsupported-media-type"), "{answer:?}");
        }
    }
}

#[tokio::test]
async fn nothing_answers_trace_or_another_method_that_nobody_needs() {
    let server = TestServer::start().await;
    for method in ["TRACE", "TRACK", "PROPFIND", "DEBUG"] {
        for path in [
            "/",
            "/health",
            "/robots.txt",
            "/web/session",
            "/socket.io/?EIO=4&transport=polling",
        ] {
            let mut wire = Wire::connect(server.server.address()).await;
            wire.write(format!(
                "{method} {path} HTTP/1.1\r\nhost: localhost\r\ncookie: chatToken=echo\r\n\r\n"
            ))
            .await;
            let answer = wire.answer().await;
            assert!(
                (400..500).contains(&answer.status),
                "{method} {path}: {answer:?}"
            );
            let said = format!("{}{}", answer.head, answer.body);
            assert!(!said.contains("chatToken=echo"), "{method} {path}");
        }
    }
}

#[tokio::test]
async fn a_request_of_two_lengths_hides_no_other_in_it() {
    let server = server().await;
    let olivia = owner(&server, "olivia").await;
    let hidden = format!(
        "POST /web/logout HTTP/1.1\r\nhost: localhost\r\ncookie: {}\r\ncontent-length: 0\r\n\r\n",
        olivia.cookie
    );
    let post_to = "POST /web/links HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json";
    for lengths in [
        "content-length: 0\r\ncontent-length: 5\r\n\r\n",
        "content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        "transfer-encoding: chunked\r\ncontent-length: 5\r\n\r\n0\r\n\r\n",
        "transfer-encoding: chunked, identity\r\n\r\n0\r\n\r\n",
    ] {
        let mut wire = Wire::connect(server.server.address()).await;
        wire.write(format!("{post_to}\r\n{lengths}{hidden}")).await;
        wire.closed().await;
        assert_eq!(olivia.get("/web/session").await.status, 200, "{lengths}");
    }
    let mut wire = Wire::connect(server.server.address()).await;
    wire.write(&hidden).await;
    assert_eq!(wire.answer().await.status, 204, "by itself it counts");
}

#[tokio::test]
async fn no_file_is_served_but_those_of_the_site() {
    let folder = tempfile::tempdir().expect("a folder");
    let site = folder.path().join("site");
    std::fs::create_dir_all(site.join("pkg")).expect("a folder");
    for (name, text) in [
        ("secret", "not for anybody"),
        ("natter.sqlite", "not for anybody"),
        ("site/pkg/unlisted.js", "1"),
    ] {
        std::fs::write(folder.path().join(name), text).expect("a file");
    }
    let server = TestServer::start_with(|config| config.site_dir = Some(site)).await;
    let file = get(&server.origin(), "/pkg/unlisted.js", &[]).await;
    assert_eq!(file.status, 200);
    for path in [
        "/../secret",
        "/pkg/../../secret",
        "/..%2fsecret",
        "/%2e%2e/secret",
        "/pkg/..%2f..%2fnatter.sqlite",
        "/pkg/..%5c..%5csecret",
        "/pkg//etc/passwd",
        "/secret",
        "/natter.sqlite",
        "/.git/HEAD",
        "/pkg",
        "/pkg/",
    ] {
        let mut wire = Wire::connect(server.server.address()).await;
        wire.write(format!("GET {path} HTTP/1.1\r\nhost: localhost\r\n\r\n"))
            .await;
        let answer = wire.answer().await;
        assert!((400..500).contains(&answer.status), "{path}: {answer:?}");
        assert!(!answer.body.contains("not for anybody"), "{path}");
        assert!(!answer.body.contains("unlisted"), "{path}");
    }
}

#[tokio::test]
async fn a_foreign_page_changes_nothing_and_reads_nothing() {
    let server = server().await;
    let olivia = owner(&server, "olivia").await;
    let origin = server.origin();
    for (method, path, _) in operations() {
        for said in [
            ("origin", "http://evil.example"),
            ("origin", "null"),
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-site", "same-site"),
        ] {
            let headers = [("cookie", olivia.cookie.as_str()), said];
            let answer = match method.as_str() {
                "GET" => get(&origin, &path, &headers).await,
                method => send(method, &origin, &path, &headers, "{}").await,
            };
            if method != "GET" {
                assert_eq!(answer.status, 403, "{method} {path} {said:?}");
                assert_eq!(answer.problem().code, ErrorCode::ForeignOrigin);
            }
            for header in ["origin", "credentials", "headers", "methods"] {
                let header = format!("access-control-allow-{header}");
                assert_eq!(answer.header(&header), None, "{method} {path}");
            }
        }
    }
    assert_eq!(olivia.get("/web/session").await.status, 200);
}

#[tokio::test]
async fn whoever_is_not_signed_in_finds_nothing_but_the_ways_in() {
    let server = server().await;
    owner(&server, "olivia").await;
    let origin = server.origin();
    let mut closed = 0;
    for (method, path, is_public) in operations() {
        if is_public {
            continue;
        }
        let answer = match method.as_str() {
            "GET" => get(&origin, &path, &[]).await,
            method => send(method, &origin, &path, &[], "{}").await,
        };
        assert_eq!(answer.status, 401, "{method} {path}");
        assert_eq!(answer.problem().code, ErrorCode::Unauthorized);
        closed += 1;
    }
    assert!(closed > 20, "{closed}");
    let olivia = log_in_again(&server, "olivia").await;
    assert_eq!(olivia.get("/web/account").await.status, 200);
}

/// Runs the program, its log in a file, and says where it listens.
#[cfg(unix)]
fn logged(
    database: &crate::database::TestDatabase,
    data: &std::path::Path,
    sign_in: &str,
) -> (std::process::Child, String) {
    use std::{
        io::{BufRead, BufReader},
        process::Stdio,
    };

    let mut server = crate::process::program(data)
        .env("DATABASE_URL", &database.url)
        .env("NATTER_SIGN_IN", sign_in)
        .env("NATTER_LOG", "debug")
        .env("NATTER_LOG_FORMAT", "json")
        .stdout(Stdio::piped())
        .stderr(std::fs::File::create(data.join("log")).expect("a file"))
        .spawn()
        .expect("the server starts");
    let mut lines = BufReader::new(server.stdout.take().expect("its output")).lines();
    let greeting = lines.next().expect("a line").expect("text");
    let origin = greeting
        .strip_prefix("Natter is running at ")
        .expect("an address");
    let origin = origin.to_owned();
    (server, origin)
}

/// Ends the program, and reads its log.
#[cfg(unix)]
fn log_of(mut server: std::process::Child, data: &std::path::Path) -> Vec<Value> {
    let asked = std::process::Command::new("kill")
        .arg(server.id().to_string())
        .status();
    assert!(asked.expect("kill runs").success());
    assert!(server.wait().expect("it ends").success());
    let log = std::fs::read_to_string(data.join("log")).expect("a log");
    log.lines()
        .map(|line| serde_json::from_str(line).expect("a line of JSON"))
        .collect()
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_fault_of_ours_is_in_the_log_with_its_cause_and_in_no_answer() {
    use sea_orm::{ConnectionTrait, Database};

    let data = tempfile::tempdir().expect("a directory");
    let own = crate::database::TestDatabase::new();
    let (server, origin) = logged(&own, data.path(), "name");
    let answer = post(&origin, "/web/login", &[], r#"{"username":"alice"}"#).await;
    let alice = TestUser::from(&origin, &answer);
    assert_eq!(alice.get("/web/conversations").await.status, 200);
    let database = Database::connect(&own.url).await.expect("the database");
    database
        .execute_unprepared("ALTER TABLE conversations RENAME TO somewhere_else")
        .await
        .expect("renamed");
    database.close().await.expect("closed");
    let fault = alice.get("/web/conversations").await;
    assert_eq!(fault.status, 500);
    assert_eq!(fault.problem().code, ErrorCode::Internal);
    assert!(!fault.text().contains("conversations"), "{}", fault.text());
    let log = log_of(server, data.path());
    let told = log.iter().any(|line| {
        let error = line["fields"]["error"].as_str().unwrap_or_default();
        line["level"] == "ERROR" && error.contains("conversations")
    });
    assert!(told, "{log:?}");
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn what_is_refused_is_a_line_of_json_and_nobody_writes_lines_of_their_own() {
    let data = tempfile::tempdir().expect("a directory");
    let own = crate::database::TestDatabase::new();
    let (server, origin) = logged(&own, data.path(), "account");
    let origin = origin.as_str();
    let name = "mia\r\n{\"level\":\"ERROR\"}\u{1b}[2J";
    let body = json!({ "username": name, "password": PASSWORD }).to_string();
    let wrong = post(origin, "/web/login", &[], body.clone()).await;
    assert_eq!(wrong.status, 401);
    let foreign = [("origin", "http://evil.example")];
    let foreign = post(origin, "/web/login", &foreign, body).await;
    assert_eq!(foreign.status, 403);
    let nothing = get(origin, "/web/%0D%0A%7B%7D%1B", &[]).await;
    assert_eq!(nothing.status, 404);

    let lines = log_of(server, data.path());
    for line in &lines {
        let time = line["timestamp"].as_str().expect("a time");
        assert!(time.ends_with('Z'), "in UTC: {time}");
        assert_ne!(line["level"], "ERROR", "{line}");
    }
    let told = |field: &str, value: &str| lines.iter().any(|line| line["fields"][field] == value);
    assert!(told("code", "InvalidCredentials"), "{lines:?}");
    assert!(told("code", "ForeignOrigin"), "{lines:?}");
    assert!(told("action", "sign-in-failed"), "{lines:?}");
    assert!(told("address", "127.0.0.1"), "{lines:?}");
}
