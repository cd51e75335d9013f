//! Servers behind TLS.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::serve::Listener;
use rcgen::{CertifiedKey, KeyPair, generate_simple_self_signed};
use socketio_client::rustls::crypto::aws_lc_rs;
use socketio_client::rustls::pki_types::PrivatePkcs8KeyDer;
use socketio_client::rustls::{ClientConfig, RootCertStore, ServerConfig};
use socketio_client::{Builder, Client, State, TransportChoice};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use crate::support::{ALL, Observed, about, in_time, round_trip, soon};

/// A port behind TLS.
struct Secure {
    tcp: TcpListener,
    tls: TlsAcceptor,
}

impl Listener for Secure {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        loop {
            let (stream, address) = Listener::accept(&mut self.tcp).await;
            // Who does not trust the certificate hangs up.
            if let Ok(stream) = self.tls.accept(stream).await {
                return (stream, address);
            }
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.tcp.local_addr()
    }
}

/// A certificate for this machine's address, signed by itself.
fn certificate() -> CertifiedKey<KeyPair> {
    generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap()
}

/// A server with this certificate.
async fn server(certificate: &CertifiedKey<KeyPair>) -> SocketAddr {
    let key = PrivatePkcs8KeyDer::from(certificate.signing_key.serialize_der());
    let mut config = ServerConfig::builder_with_provider(aws_lc_rs::default_provider().into())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.cert.der().clone()], key.into())
        .unwrap();
    // Like any server of the web.
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    let listener = Secure {
        tcp: TcpListener::bind("127.0.0.1:0").await.unwrap(),
        tls: TlsAcceptor::from(Arc::new(config)),
    };
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, echo_server::router()).await });
    address
}

/// What trusts this certificate and no other.
fn trusting(certificate: &CertifiedKey<KeyPair>) -> ClientConfig {
    let mut roots = RootCertStore::empty();
    roots.add(certificate.cert.der().clone()).unwrap();
    ClientConfig::builder_with_provider(aws_lc_rs::default_provider().into())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth()
}

fn client(origin: &str, transports: TransportChoice) -> Builder {
    Client::builder(origin, "/")
        .reconnection(soon())
        .transports(transports)
}

#[tokio::test]
async fn with_tls_every_way_leads_to_a_server_that_is_trusted() {
    let certificate = certificate();
    let address = server(&certificate).await;
    let config = Arc::new(trusting(&certificate));
    for transports in ALL {
        for scheme in ["https", "wss"] {
            let client = client(&format!("{scheme}://{address}"), transports);
            let observed = Observed::connected(client.tls(config.clone()).build()).await;
            let wanted = match transports {
                TransportChoice::PollingOnly => "polling",
                _ => "websocket",
            };
            in_time(async { while about(&observed.client, "transport").await != wanted {} }).await;
            round_trip(&observed.client).await;
        }
    }
}

#[tokio::test]
async fn with_tls_a_server_that_is_not_trusted_is_not_connected_to() {
    let ours = certificate();
    let address = server(&ours).await;
    let trusted = Arc::new(trusting(&ours));
    let others = Arc::new(trusting(&certificate()));
    let origin = format!("https://{address}");
    let other_name = format!("https://localhost:{}", address.port());
    for transports in ALL {
        let connects = client(&origin, transports).tls(trusted.clone());
        Observed::connected(connects.build()).await;
        for refused in [
            client(&origin, transports).tls(others.clone()),
            client(&other_name, transports).tls(trusted.clone()),
        ] {
            let mut observed = Observed::new(refused.build());
            observed.client.connect();
            let (message, refused) = observed.failure().await;
            assert!(
                message
                    .starts_with("The server cannot be reached securely: invalid peer certificate"),
                "{transports:?}: {message}"
            );
            assert!(!refused);
            assert!(!observed.client.is_connected());
        }
    }
}

#[tokio::test]
async fn with_tls_whom_the_system_does_not_know_is_not_trusted() {
    let address = server(&certificate()).await;
    for transports in ALL {
        let mut observed = Observed::new(client(&format!("https://{address}"), transports).build());
        observed.client.connect();
        let (message, _) = observed.failure().await;
        // A system may know nobody.
        assert!(message.contains("certificate"), "{transports:?}: {message}");
        assert!(!observed.client.is_connected());
    }
}

#[tokio::test]
async fn with_tls_a_wish_for_another_protocol_is_told_and_not_tried_again() {
    let certificate = certificate();
    let origin = format!("https://{}", server(&certificate).await);
    let mut config = trusting(&certificate);
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    let mut wishing = config.clone();
    wishing.alpn_protocols.push(b"h2".to_vec());
    let (config, wishing) = (Arc::new(config), Arc::new(wishing));
    for transports in ALL {
        let connects = client(&origin, transports).tls(config.clone());
        Observed::connected(connects.build()).await;
        let refused = client(&origin, transports).tls(wishing.clone());
        let mut observed = Observed::new(refused.build());
        observed.client.connect();
        let (message, _) = observed.failure().await;
        assert!(message.contains("http/1.1"), "{message}");
        assert_eq!(observed.client.state(), State::Disconnected);
        assert!(observed.changes.is_empty(), "{transports:?}");
    }
}
