//! Connections to the server, for requests and for the WebSocket: both are opened in the same way,
//! with TLS where the origin asks for it.

use std::error::Error;
use std::future::poll_fn;
use std::io;

use hyper::Uri;
use hyper::http::uri::Scheme;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioIo;
use tower_service::Service;

use crate::session::HttpFailure;
use crate::transport::Endpoint;

/// No TLS.
#[cfg(not(feature = "tls"))]
mod plain;
/// TLS by rustls.
#[cfg(feature = "tls")]
mod tls;

#[cfg(not(feature = "tls"))]
use plain as platform;
#[cfg(feature = "tls")]
use tls as platform;

/// Opens connections. Clones share what it has loaded.
pub(super) type Connector = platform::Connector;
/// A connection.
pub(super) type Stream = TokioIo<<Connector as Service<Uri>>::Response>;

/// What opens the connections of one client. The error is a sentence for people, and another
/// attempt would have the same one.
pub(super) fn new(endpoint: &Endpoint) -> Result<Connector, String> {
    let mut tcp = HttpConnector::new();
    tcp.set_nodelay(true);
    // What is behind it tells `http` from `https`.
    tcp.enforce_http(false);
    platform::over(tcp, endpoint)
}

/// Opens a connection to the server of a WebSocket's address. The error is a sentence for people.
pub(super) async fn connect(mut connector: Connector, address: &Uri) -> Result<Stream, String> {
    let mut parts = address.clone().into_parts();
    let is_secure = address.scheme_str() == Some("wss");
    parts.scheme = Some(if is_secure {
        Scheme::HTTPS
    } else {
        Scheme::HTTP
    });
    let address = Uri::from_parts(parts).map_err(|error| error.to_string())?;
    let connection = async {
        poll_fn(|context| connector.poll_ready(context)).await?;
        connector.call(address).await
    };
    connection.await.map(TokioIo::new).map_err(boxed_sentence)
}

/// What the two kinds of connector have in common in their errors.
fn boxed_sentence(error: impl Into<Box<dyn Error + Send + Sync>>) -> String {
    sentence(&*error.into())
}

/// What kept a connection from being opened, for people.
pub(super) fn sentence(error: &(dyn Error + 'static)) -> String {
    match insecure(error) {
        Some(failure) => failure.to_string(),
        None => cause(error).to_string(),
    }
}

/// The failure, if it is one of TLS.
pub(super) fn insecure(error: &(dyn Error + 'static)) -> Option<HttpFailure> {
    let cause = cause(error);
    platform::is_of_tls(cause).then(|| HttpFailure::Insecure(cause.to_string()))
}

/// What is at the bottom of an error.
fn cause<'a>(mut error: &'a (dyn Error + 'static)) -> &'a (dyn Error + 'static) {
    loop {
        // An I/O error that is made of another one does not count it among its sources.
        let io = error.downcast_ref::<io::Error>();
        let next = match io.and_then(io::Error::get_ref) {
            Some(inner) => Some(inner as &(dyn Error + 'static)),
            None => error.source(),
        };
        match next {
            Some(next) => error = next,
            None => return error,
        }
    }
}
