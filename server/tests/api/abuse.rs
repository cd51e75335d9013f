//! Whoever means harm: slow, large, many, forged. Others feel nothing of it, and it costs so much and
//! no more.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use base64::{
    Engine,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD},
};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use natter_server::services::limits::Rate;
use protocol::ErrorCode;
use serde_json::{Value, json};
use socketio_client::ConnectionEvent;

use crate::{
    people::{PASSWORD, log_in, member, owner, server, server_with},
    support::{TestServer, TestSocket, TestUser, get, post},
    wire::Wire,
};

/// Whoever attacks, as a proxy would tell.
const ATTACKER: &str = "198.51.100.7";

/// A server behind a proxy on this machine, which may tell who comes through it.
async fn proxied(connects: u32) -> TestServer {
    server_with(|config| {
        config.trusted_proxies = vec!["127.0.0.1/32".parse().expect("a network")];
        config.rates.connect = Rate::new(connects, Duration::from_secs(60));
    })
    .await
}

/// Sends the same request many times over a few connections, and returns each answer's status and
/// whether it says when to try again.
async fn flood(server: SocketAddr, request: &str, times: usize) -> Vec<(u16, bool)> {
    const LINES: usize = 20;
    let mut lines = Vec::new();
    for _ in 0..LINES {
        let request = request.to_owned();
        lines.push(tokio::spawn(async move {
            let mut wire = Wire::connect(server).await;
            let mut answers = Vec::new();
            for _ in 0..times / LINES {
                wire.write(&request).await;
                let answer = wire.answer().await;
                answers.push((answer.status, answer.head.contains("\r\nretry-after: ")));
            }
            answers
        }));
    }
    let mut answers = Vec::new();
    for line in lines {
        answers.extend(line.await.expect("a line that does not panic"));
    }
    answers
}

fn count(answers: &[(u16, bool)], status: u16) -> usize {
    answers.iter().filter(|(it, _)| *it == status).count()
}

/// Memory of this process, which is server and client at once.
fn resident_kilobytes() -> Option<usize> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

#[tokio::test(flavor = "multi_thread")]
async fn who_never_ends_a_request_is_cut_off_and_nobody_waits_for_it() {
    let server = server_with(|config| config.bounds.head = Duration::from_secs(1)).await;
    let mut slow = Vec::new();
    for number in 0..500 {
        let mut wire = Wire::connect(server.server.address()).await;
        // Nothing at all, half of a first line, and headers without an end.
        let begun = [
            "",
            "GET /hea",
            "GET /health HTTP/1.1\r\nhost: localhost\r\nx: y\r\n",
        ];
        wire.write(begun[number % 3]).await;
        slow.push(wire);
    }
    let asked = Instant::now();
    assert_eq!(get(&server.origin(), "/health", &[]).await.status, 200);
    println!(
        "beside 500 slow connections a request takes {} ms",
        asked.elapsed().as_millis()
    );
    for wire in &mut slow {
        wire.closed().await;
    }
    println!(
        "the last of them is closed after {} ms",
        asked.elapsed().as_millis()
    );
}

#[tokio::test]
async fn a_connection_without_a_request_is_closed_and_so_is_one_that_asks_nothing_more() {
    let server = server_with(|config| config.bounds.head = Duration::from_millis(500)).await;
    let mut wire = Wire::connect(server.server.address()).await;
    wire.write("GET /health HTTP/1.1\r\nhost: localhost\r\n\r\n")
        .await;
    assert_eq!(wire.answer().await.status, 200);
    wire.closed().await;
}

#[tokio::test]
async fn one_network_has_so_many_connections_and_gets_more_when_it_has_closed_some() {
    let server = server_with(|config| {
        config.bounds.connections_of_network = 10;
        config.bounds.head = Duration::from_secs(2);
    })
    .await;
    let mut held = Vec::new();
    for _ in 0..10 {
        held.push(Wire::connect(server.server.address()).await);
    }
    while server.server.connections() < 10 {
        tokio::task::yield_now().await;
    }
    Wire::connect(server.server.address()).await.closed().await;
    for wire in &mut held {
        wire.closed().await;
    }
    while server.server.connections() > 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(get(&server.origin(), "/health", &[]).await.status, 200);
}

#[tokio::test]
async fn a_head_that_is_too_large_is_refused() {
    let server = server().await;
    for head in [
        format!("x: {}\r\n", "y".repeat(1_000_000)),
        "x: y\r\n".repeat(1_000),
    ] {
        let mut wire = Wire::connect(server.server.address()).await;
        wire.write(format!(
            "GET /health HTTP/1.1\r\nhost: localhost\r\n{head}\r\n"
        ))
        .await;
        wire.closed().await;
    }
    assert_eq!(get(&server.origin(), "/health", &[]).await.status, 200);
}

#[tokio::test]
async fn a_body_that_does_not_come_is_not_waited_for() {
    let server = server_with(|config| config.bounds.request = Duration::from_millis(300)).await;
    let polling = "/socket.io/?EIO=4&transport=polling";
    let opened = get(&server.origin(), polling, &[]).await.text();
    let opened: Value = serde_json::from_str(&opened[1..]).expect("an open packet");
    let packets = format!(
        "{polling}&sid={}",
        opened["sid"].as_str().expect("a session")
    );
    for path in ["/web/login", &packets] {
        let mut wire = Wire::connect(server.server.address()).await;
        wire.write(format!(
            "POST {path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{{"
        ))
        .await;
        let answer = wire.answer().await;
        assert_eq!(answer.status, 408, "{path}");
        assert!(answer.body.contains("request-timeout"), "{answer:?}");
        wire.closed().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_of_a_hundred_megabytes_is_refused_before_it_is_sent() {
    const MEGABYTES: usize = 100;
    let server = server().await;
    let before = resident_kilobytes();
    for path in ["/web/login", "/web/join", "/"] {
        let mut wire = Wire::connect(server.server.address()).await;
        wire.write(format!(
            "POST {path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
            MEGABYTES << 20
        ))
        .await;
        let started = Instant::now();
        let megabyte = vec![b' '; 1 << 20];
        let mut sent = 0;
        while sent < MEGABYTES && wire.write(&megabyte).await {
            sent += 1;
        }
        println!(
            "{path}: {sent} of {MEGABYTES} MB were taken, in {} ms",
            started.elapsed().as_millis()
        );
        assert!(sent < MEGABYTES, "{path}");
        wire.closed().await;
    }
    println!(
        "memory: {before:?} KB before, {:?} after",
        resident_kilobytes()
    );
    assert_eq!(get(&server.origin(), "/health", &[]).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_handshakes_that_go_no_further_leave_others_served() {
    const TIMES: usize = 10_000;
    let server = proxied(100_000).await;
    let most = server.config.bounds.sessions_of_network;
    let olivia = owner(&server, "olivia").await;
    let mia = member(&server, &olivia, "mia").await.connect().await;
    let before = resident_kilobytes();
    let started = Instant::now();
    let request = format!(
        "GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nhost: localhost\r\nx-forwarded-for: {ATTACKER}\r\n\r\n"
    );
    let answers = flood(server.server.address(), &request, TIMES).await;
    let opened = count(&answers, 200);
    println!(
        "{opened} of {TIMES} sessions were begun in {} ms; memory {before:?} KB before, {:?} after",
        started.elapsed().as_millis(),
        resident_kilobytes()
    );
    // Those that have ended meanwhile make room for others.
    assert!(opened >= most && server.server.socket_sessions() <= most + 2);
    assert!(
        answers
            .iter()
            .all(|(status, says_when)| *status == 200 || (*status == 429 && *says_when))
    );

    let asked = Instant::now();
    let socket = olivia.connect().await;
    socket.write("mia", "hello").await;
    assert_eq!(mia.next_message().await.text, "hello");
    println!(
        "meanwhile somebody else connects and sends in {} ms",
        asked.elapsed().as_millis()
    );
    let ended = async {
        while server.server.socket_sessions() > 2 {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), ended)
        .await
        .expect("what goes no further ends");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_begins_too_many_sessions_is_told_when_to_try_again() {
    let server = proxied(40).await;
    for transport in ["polling", "websocket"] {
        let request = format!(
            "GET /socket.io/?EIO=4&transport={transport} HTTP/1.1\r\nhost: localhost\r\nx-forwarded-for: {transport}, 203.0.113.{}\r\n\r\n",
            transport.len()
        );
        let answers = flood(server.server.address(), &request, 200).await;
        assert!((1..=160).contains(&count(&answers, 429)), "{transport}");
    }
    let polling = "/socket.io/?EIO=4&transport=polling";
    let mut last = get(&server.origin(), polling, &[]).await;
    for _ in 0..40 {
        last = get(&server.origin(), polling, &[]).await;
    }
    assert_eq!(last.status, 429);
    let problem = last.problem();
    assert_eq!(problem.code, ErrorCode::TooManyRequests);
    assert!(problem.retry_after.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_sign_ins_from_one_address_hinder_nobody_elsewhere() {
    const TIMES: usize = 10_000;
    let server = proxied(600).await;
    owner(&server, "olivia").await;
    let attack = |number: usize| {
        let body =
            json!({ "username": "nobody", "password": format!("guess {number}") }).to_string();
        format!(
            "POST /web/login HTTP/1.1\r\nhost: localhost\r\nx-forwarded-for: {ATTACKER}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        )
    };
    let address = server.server.address();
    let started = Instant::now();
    let flooding = tokio::spawn({
        let request = attack(1);
        async move { flood(address, &request, TIMES).await }
    });
    let mut slowest = Duration::ZERO;
    let mut signed_in = 0;
    while !flooding.is_finished() && signed_in < 20 {
        let asked = Instant::now();
        assert_eq!(log_in(&server, "olivia", PASSWORD).await.status, 200);
        slowest = slowest.max(asked.elapsed());
        signed_in += 1;
    }
    let answers = flooding.await.expect("a flood that does not panic");
    let refused = count(&answers, 429);
    println!(
        "{TIMES} sign-ins in {} ms, {refused} of them refused; meanwhile somebody else signed in \
         {signed_in} times, the slowest in {} ms",
        started.elapsed().as_millis(),
        slowest.as_millis()
    );
    assert_eq!(count(&answers, 401) + refused, TIMES);
    assert!(count(&answers, 401) >= 30, "the contract's thirty a minute");
    assert!(refused > TIMES / 2);
    assert!(
        answers
            .iter()
            .all(|(status, says_when)| *status == 401 || *says_when)
    );
}

#[tokio::test]
async fn a_form_on_another_site_changes_nothing_although_it_says_no_origin() {
    let server = server().await;
    owner(&server, "olivia").await;
    let from = async |site: &str| {
        let body = json!({ "username": "olivia", "password": PASSWORD }).to_string();
        post(
            &server.origin(),
            "/web/login",
            &[("sec-fetch-site", site)],
            body,
        )
        .await
    };
    assert_eq!(from("same-origin").await.status, 200);
    for site in ["cross-site", "same-site"] {
        let refused = from(site).await;
        assert_eq!(refused.status, 403, "{site}");
        assert_eq!(refused.problem().code, ErrorCode::ForeignOrigin);
        assert_eq!(refused.header("set-cookie"), None);
    }
}

/// The claims of a token, with some of them changed.
fn claims(token: &str, change: impl FnOnce(&mut Value)) -> Value {
    let payload = token.split('.').nth(1).expect("a token");
    let payload = BASE64_URL_SAFE_NO_PAD.decode(payload).expect("Base64");
    let mut claims = serde_json::from_slice(&payload).expect("json");
    change(&mut claims);
    claims
}

fn signed(like: &str, algorithm: Algorithm, claims: &Value, key: &[u8]) -> String {
    let mut header = Header::new(algorithm);
    header.kid = jsonwebtoken::decode_header(like).expect("a header").kid;
    encode(&header, claims, &EncodingKey::from_secret(key)).expect("a token")
}

/// Tokens that look like `token` and must not count, by what is wrong with them.
fn forged(token: &str, secret: &[u8]) -> Vec<(&'static str, String)> {
    let same = claims(token, |_| ());
    let (unsigned, signature) = token.rsplit_once('.').expect("a token");
    let none = BASE64_URL_SAFE_NO_PAD.encode(r#"{"alg":"none","typ":"JWT"}"#);
    let payload = token.split('.').nth(1).expect("a token");
    vec![
        ("no algorithm", format!("{none}.{payload}.")),
        (
            "no algorithm, but a signature",
            format!("{none}.{payload}.{signature}"),
        ),
        ("no signature", format!("{unsigned}.")),
        (
            "another key",
            signed(token, Algorithm::HS256, &same, &[7; 64]),
        ),
        (
            "another algorithm",
            signed(token, Algorithm::HS512, &same, secret),
        ),
        (
            "another audience",
            signed(
                token,
                Algorithm::HS256,
                &claims(token, |it| it["aud"] = json!("natter-other")),
                secret,
            ),
        ),
        (
            "no session",
            signed(
                token,
                Algorithm::HS256,
                &claims(token, |it| {
                    it["sid"] = json!("00000000-0000-4000-8000-000000000000")
                }),
                secret,
            ),
        ),
        (
            "somebody else",
            signed(
                token,
                Algorithm::HS256,
                &claims(token, |it| it["sub"] = json!("mallory")),
                secret,
            ),
        ),
        ("too long", format!("{token}{}", "A".repeat(5_000))),
        ("nothing", String::new()),
    ]
}

async fn refusal(user: &TestUser, token: &str) -> String {
    let socket = TestSocket::open(user, json!({ "token": token }), true);
    match socket.connection().await {
        ConnectionEvent::ConnectError { message, .. } => message,
        other => panic!("no refusal: {other:?}"),
    }
}

#[tokio::test]
async fn no_forged_token_counts_neither_as_a_cookie_nor_for_a_socket() {
    let server = server().await;
    let mut olivia = owner(&server, "olivia").await;
    let secret = std::fs::read_to_string(server.data().join("secret")).expect("the secret");
    let secret = BASE64_STANDARD.decode(secret.trim()).expect("Base64");
    let cookie = olivia.cookie.trim_start_matches("chatToken=").to_owned();

    let expired = |token: &str| {
        let past = claims(token, |it| it["exp"] = json!(1_000_000_000));
        signed(token, Algorithm::HS256, &past, &secret)
    };
    // That one is made right but for its time shows that the others are refused for what they are.
    let again = signed(&cookie, Algorithm::HS256, &claims(&cookie, |_| ()), &secret);
    olivia.cookie = format!("chatToken={again}");
    assert_eq!(olivia.get("/web/session").await.status, 200);
    for (what, token) in forged(&cookie, &secret) {
        olivia.cookie = format!("chatToken={token}");
        assert_eq!(olivia.get("/web/session").await.status, 401, "{what}");
    }
    olivia.cookie = format!("chatToken={}", expired(&cookie));
    assert_eq!(olivia.get("/web/session").await.status, 401);

    olivia.connect().await;
    for (what, token) in forged(&olivia.token, &secret) {
        assert_eq!(refusal(&olivia, &token).await, "unauthorized", "{what}");
    }
    let late = refusal(&olivia, &expired(&olivia.token)).await;
    assert_eq!(late, "token-expired");
}

#[tokio::test]
async fn of_two_session_cookies_none_counts() {
    let server = server().await;
    let mut olivia = owner(&server, "olivia").await;
    assert_eq!(olivia.get("/web/session").await.status, 200);
    let good = olivia.cookie.clone();
    for cookies in [format!("chatToken=x; {good}"), format!("{good}; {good}")] {
        olivia.cookie = cookies;
        assert_eq!(olivia.get("/web/session").await.status, 401);
    }
}

#[tokio::test]
async fn signing_in_again_ends_the_session_that_the_browser_had() {
    let server = server().await;
    let before = owner(&server, "olivia").await;
    let elsewhere = log_in(&server, "olivia", PASSWORD).await;
    let elsewhere = TestUser::from(&server.origin(), &elsewhere);
    let socket = before.connect().await;
    let again = async |cookie: &str| {
        let body = json!({ "username": "olivia", "password": PASSWORD }).to_string();
        let answer = post(&server.origin(), "/web/login", &[("cookie", cookie)], body).await;
        TestUser::from(&server.origin(), &answer)
    };
    let after = again(&before.cookie).await;
    socket.ended().await;
    assert_eq!(before.get("/web/session").await.status, 401);
    // A cookie that does not count is in nobody's way.
    again(&before.cookie).await;
    again("chatToken=forged").await;
    for user in [&after, &elsewhere] {
        assert_eq!(user.get("/web/session").await.status, 200);
    }
}

#[tokio::test]
async fn a_link_on_another_site_makes_no_session_last_longer() {
    let server = server_with(|config| {
        config.session_length = Duration::from_secs(5);
        // It is asked as fast as it answers.
        config.rates.requests = Rate::new(1_000_000, Duration::from_secs(1));
    })
    .await;
    let olivia = owner(&server, "olivia").await;
    let from = async |site: &str| {
        let headers = [("cookie", olivia.cookie.as_str()), ("sec-fetch-site", site)];
        let answer = get(&server.origin(), "/web/session", &headers).await;
        assert_eq!(answer.status, 200, "{site}");
        answer.header("set-cookie").is_some()
    };
    // Asked by its own page, it is renewed as soon as a tenth of its time is over.
    let renewed = async {
        loop {
            for site in ["cross-site", "same-site", "none"] {
                assert!(!from(site).await, "{site}");
            }
            if from("same-origin").await {
                return;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(4), renewed)
        .await
        .expect("it is renewed");
}
