//! What every answer says to browsers about itself.

use std::path::Path;

use crate::support::{Answer, TestServer, get, post};

/// A site as a build leaves it, with a file of each kind.
fn site(folder: &Path) {
    let package = folder.join("pkg");
    std::fs::create_dir(&package).expect("a folder");
    for (name, text) in [
        ("natter.js", "1"),
        ("natter.css", "a{}"),
        ("natter.wasm", ""),
    ] {
        std::fs::write(package.join(name), text).expect("a file");
    }
    std::fs::write(folder.join("robots.txt"), "User-agent: *").expect("a file");
    std::fs::write(folder.join("favicon.svg"), "<svg/>").expect("a file");
}

async fn answers(server: &TestServer) -> Vec<(&'static str, Answer)> {
    let mut answers = Vec::new();
    for path in [
        "/",
        "/people/bob",
        "/no/such/place",
        "/pkg/natter.js",
        "/pkg/natter.css",
        "/pkg/natter.wasm",
        "/pkg/nothing.js",
        "/robots.txt",
        "/favicon.svg",
        "/health",
        "/ready",
        "/web/session",
        "/web/nothing",
        "/socket.io/?EIO=4&transport=polling",
        "/socket.io/?EIO=4&transport=polling&sid=unknown",
        "/socket.io/",
    ] {
        answers.push((path, get(&server.origin(), path, &[]).await));
    }
    let foreign = [("origin", "http://evil.example")];
    let refused = post(&server.origin(), "/web/login", &foreign, "{}").await;
    assert_eq!(refused.status, 403);
    answers.push(("/web/login", refused));
    answers
}

async fn server(origin: Option<&str>) -> (TestServer, tempfile::TempDir) {
    let folder = tempfile::tempdir().expect("a folder");
    site(folder.path());
    let server = TestServer::start_with(|config| {
        config.site_dir = Some(folder.path().to_path_buf());
        config.public_origin = origin.map(str::to_owned);
    })
    .await;
    (server, folder)
}

#[tokio::test]
async fn every_answer_is_protected_whatever_it_is() {
    let (server, _folder) = server(None).await;
    for (path, answer) in answers(&server).await {
        let header = |name: &str| answer.header(name).unwrap_or_default();
        assert_eq!(header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(header("x-frame-options"), "DENY", "{path}");
        assert_eq!(header("referrer-policy"), "same-origin", "{path}");
        assert_eq!(
            header("cross-origin-opener-policy"),
            "same-origin",
            "{path}"
        );
        assert_eq!(
            header("cross-origin-resource-policy"),
            "same-origin",
            "{path}"
        );
        assert!(header("permissions-policy").contains("camera=()"), "{path}");
        let policy = header("content-security-policy");
        assert!(policy.contains("default-src 'none'"), "{path}: {policy}");
        assert!(
            policy.contains("frame-ancestors 'none'"),
            "{path}: {policy}"
        );
        let is_page = header("content-type").starts_with("text/html");
        assert_eq!(policy.contains("'nonce-"), is_page, "{path}: {policy}");
        assert_eq!(answer.header("strict-transport-security"), None, "{path}");
    }
}

#[tokio::test]
async fn browsers_that_come_by_tls_are_told_to_come_by_tls_alone() {
    let (server, _folder) = server(Some("https://chat.example")).await;
    for (path, answer) in answers(&server).await {
        let policy = answer.header("strict-transport-security");
        assert_eq!(
            policy.as_deref(),
            Some("max-age=31536000; includeSubDomains"),
            "{path}"
        );
    }
}

#[tokio::test]
async fn text_says_that_it_is_utf_8_and_what_is_private_is_kept_nowhere() {
    let (server, _folder) = server(None).await;
    for (path, kind) in [
        ("/", "text/html; charset=utf-8"),
        ("/pkg/natter.js", "text/javascript; charset=utf-8"),
        ("/pkg/natter.css", "text/css; charset=utf-8"),
        ("/robots.txt", "text/plain; charset=utf-8"),
        ("/favicon.svg", "image/svg+xml; charset=utf-8"),
        ("/pkg/natter.wasm", "application/wasm"),
    ] {
        let answer = get(&server.origin(), path, &[]).await;
        assert_eq!(
            answer.header("content-type").as_deref(),
            Some(kind),
            "{path}"
        );
    }
    for path in ["/", "/web/session", "/socket.io/?EIO=4&transport=polling"] {
        let answer = get(&server.origin(), path, &[]).await;
        assert_eq!(answer.header("cache-control").as_deref(), Some("no-store"));
    }
}
