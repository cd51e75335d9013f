//! TLS by the server itself.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::Stdio,
    sync::Arc,
};

use axum::{body::Body, http::Request};
use hyper_util::rt::{TokioExecutor, TokioIo};
use natter_server::config::TlsFiles;
use protocol::{NAMESPACE, SOCKET_TOKEN_HEADER};
use rcgen::{CertifiedKey, KeyPair, generate_simple_self_signed};
use rustls::{
    ClientConfig, ProtocolVersion, RootCertStore, crypto::aws_lc_rs, pki_types::ServerName,
};
use serde_json::{Value, json};
use socketio_client::{Client, ConnectionEvent, Namespace};
use tokio::{net::TcpStream, sync::mpsc::unbounded_channel};
use tokio_rustls::{TlsConnector, client::TlsStream};

use crate::{
    process::{complaint, program},
    support::TestServer,
    wire::{Wire, Written},
};

/// A certificate for this machine that nobody but the test knows.
fn certificate(folder: &Path) -> (TlsFiles, CertifiedKey<KeyPair>) {
    let made = generate_simple_self_signed(["127.0.0.1".to_owned()]).expect("a certificate");
    let files = TlsFiles {
        certificate: folder.join("certificate.pem"),
        key: folder.join("key.pem"),
    };
    std::fs::write(&files.certificate, made.cert.pem()).expect("a file");
    std::fs::write(&files.key, made.signing_key.serialize_pem()).expect("a file");
    (files, made)
}

/// What trusts this certificate and no other.
fn trusting(certificate: &CertifiedKey<KeyPair>, protocols: &[&str]) -> ClientConfig {
    let mut roots = RootCertStore::empty();
    roots.add(certificate.cert.der().clone()).expect("a root");
    let mut config = ClientConfig::builder_with_provider(aws_lc_rs::default_provider().into())
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = protocols.iter().map(|it| it.as_bytes().to_vec()).collect();
    config
}

struct Secure {
    server: TestServer,
    certificate: CertifiedKey<KeyPair>,
    _folder: tempfile::TempDir,
}

impl Secure {
    async fn start() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let (files, certificate) = certificate(folder.path());
        let server = TestServer::start_with(|config| config.tls = Some(files)).await;
        Self {
            server,
            certificate,
            _folder: folder,
        }
    }

    async fn connect(&self, protocols: &[&str]) -> TlsStream<TcpStream> {
        let stream = TcpStream::connect(self.server.server.address())
            .await
            .expect("a connection");
        let name = ServerName::from(self.server.server.address().ip());
        TlsConnector::from(Arc::new(trusting(&self.certificate, protocols)))
            .connect(name, stream)
            .await
            .expect("a handshake")
    }

    async fn sign_in(&self, name: &str) -> Written {
        let mut wire = Wire::over(self.connect(&["http/1.1"]).await);
        let body = json!({ "username": name }).to_string();
        wire.write(format!(
            "POST /web/login HTTP/1.1\r\nhost: {}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            self.server.server.address(),
            body.len()
        ))
        .await;
        wire.answer().await
    }
}

/// The socket token that an answer brings.
fn token(answer: &Written) -> String {
    let name = format!("{SOCKET_TOKEN_HEADER}: ");
    let line = answer
        .head
        .lines()
        .find_map(|line| line.strip_prefix(&name));
    line.expect("a token").to_owned()
}

#[tokio::test]
async fn signing_in_by_tls_sets_a_cookie_for_tls_alone() {
    let secure = Secure::start().await;
    let answer = secure.sign_in("alice").await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let head = answer.head.to_ascii_lowercase();
    let cookie = head
        .lines()
        .find(|line| line.starts_with("set-cookie: chattoken="));
    assert!(cookie.expect("a cookie").contains("; secure"), "{head}");
    assert!(head.contains("strict-transport-security: max-age=31536000"));
}

#[tokio::test]
async fn a_websocket_by_tls_carries_messages() {
    let secure = Secure::start().await;
    let token = token(&secure.sign_in("alice").await);
    let namespace = Namespace::new(NAMESPACE).auth(move || {
        let auth = json!({ "token": token });
        async move { Ok(auth) }
    });
    let origin = format!("https://{}", secure.server.server.address());
    let client = Client::builder(&origin, namespace)
        .tls(Arc::new(trusting(&secure.certificate, &[])))
        .build();
    let (changes, mut connection) = unbounded_channel();
    let _listener = client.on_connection(move |event| drop(changes.send(event)));
    client.connect();
    let connected = connection.recv().await;
    assert!(
        matches!(connected, Some(ConnectionEvent::Connected { .. })),
        "{connected:?}"
    );
    let answer: Value = client
        .emit_with_ack(
            "privateMessage",
            &json!({ "receiver": "bob", "text": "hello" }),
        )
        .await
        .expect("an acknowledgement");
    assert_eq!(answer["success"], true, "{answer}");
    client.disconnect();
}

#[tokio::test]
async fn a_browser_that_speaks_http_2_signs_in_and_polls_over_one_connection() {
    let secure = Secure::start().await;
    let stream = secure.connect(&["h2", "http/1.1"]).await;
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
    assert_eq!(
        stream.get_ref().1.protocol_version(),
        Some(ProtocolVersion::TLSv1_3)
    );
    let (mut sender, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream))
            .await
            .expect("HTTP/2");
    tokio::spawn(connection);
    let origin = format!("https://{}", secure.server.server.address());
    let mut ask = async |method: &str, path: &str, headers: &[(&str, &str)], body: String| {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("{origin}{path}"))
            .header("content-type", "application/json")
            .header("origin", &origin);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Body::from(body)).expect("a request");
        let answer = sender.send_request(request).await.expect("an answer");
        let (parts, body) = answer.into_parts();
        let body = axum::body::to_bytes(Body::new(body), 1 << 20).await;
        let body = String::from_utf8(body.expect("a body").to_vec()).expect("text");
        (parts, body)
    };
    // That its own page may sign in shows that the host is known, which HTTP/2 names elsewhere.
    let body = json!({ "username": "alice" }).to_string();
    let (parts, _) = ask("POST", "/web/login", &[], body).await;
    assert_eq!(parts.status, 200);
    let cookie = parts.headers["set-cookie"].to_str().expect("a cookie");
    let cookie = [("cookie", cookie.split(';').next().expect("a cookie"))];
    let polling = "/socket.io/?EIO=4&transport=polling";
    let (_, opened) = ask("GET", polling, &cookie, String::new()).await;
    let opened: Value = serde_json::from_str(&opened[1..]).expect("an open packet");
    let session = format!(
        "{polling}&sid={}",
        opened["sid"].as_str().expect("a session")
    );
    let connect = format!("40{NAMESPACE},{{}}");
    let (parts, _) = ask("POST", &session, &cookie, connect).await;
    assert_eq!(parts.status, 200);
    let mut answer = String::new();
    while !answer.contains(NAMESPACE) {
        (_, answer) = ask("GET", &session, &cookie, String::new()).await;
    }
    assert!(answer.contains("40/chat"), "{answer}");
}

#[tokio::test]
async fn who_speaks_no_tls_to_a_server_with_tls_gets_nothing() {
    let secure = Secure::start().await;
    let mut plain = Wire::connect(secure.server.server.address()).await;
    plain
        .write("GET /web/session HTTP/1.1\r\nhost: localhost\r\n\r\n")
        .await;
    plain.closed().await;
}

#[tokio::test]
async fn a_handshake_that_does_not_go_on_is_cut_off() {
    let folder = tempfile::tempdir().expect("a folder");
    let (files, _) = certificate(folder.path());
    let server = TestServer::start_with(|config| {
        config.tls = Some(files);
        config.bounds.head = std::time::Duration::from_millis(300);
    })
    .await;
    let mut wire = Wire::connect(server.server.address()).await;
    // The first bytes of a ClientHello (RFC 8446, section 5.1).
    wire.write([22, 3, 1, 2, 0]).await;
    wire.closed().await;
}

#[test]
fn a_certificate_that_cannot_be_used_is_one_sentence() {
    let data = tempfile::tempdir().expect("a directory");
    let (files, _) = certificate(data.path());
    let said = complaint(
        program(data.path())
            .env("NATTER_TLS_CERTIFICATE", data.path().join("missing.pem"))
            .env("NATTER_TLS_KEY", &files.key),
    );
    assert!(
        said.contains("missing.pem") && said.contains("NATTER_TLS_CERTIFICATE"),
        "{said}"
    );
}

#[cfg(unix)]
#[test]
fn the_program_greets_with_https_and_answers_its_own_health_check() {
    let data = tempfile::tempdir().expect("a directory");
    let database = crate::database::TestDatabase::new();
    let (files, _) = certificate(data.path());
    let secure = || {
        let mut program = program(data.path());
        program
            .env("DATABASE_URL", &database.url)
            .env("NATTER_TLS_CERTIFICATE", &files.certificate)
            .env("NATTER_TLS_KEY", &files.key);
        program
    };
    let mut server = secure().stdout(Stdio::piped()).spawn().expect("it starts");
    let mut lines = BufReader::new(server.stdout.take().expect("its output")).lines();
    let greeting = lines.next().expect("a line").expect("text");
    let address = greeting
        .strip_prefix("Natter is running at https://")
        .expect("an address");
    let mut health = secure();
    let health = health.env("NATTER_ADDR", address).arg("health").status();
    assert!(health.expect("it runs").success());
    server.kill().expect("it is ended");
    server.wait().expect("it ends");
}
