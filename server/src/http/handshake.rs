//! Who may begin a session of sockets, before anything is kept for it.
//!
//! Engine.IO keeps some 12 KB for each session from its first request on, and whoever begins one has
//! proved nothing yet. So sessions are counted here: how many one network begins, and how many there
//! are. One that does not come into the chat ends after [`CONNECT_TIMEOUT`]; one that polls and goes
//! away ends with its first ping that nobody answers.
//!
//! [`CONNECT_TIMEOUT`]: crate::socket::CONNECT_TIMEOUT

use std::{sync::Arc, time::Duration};

use axum::{
    extract::{OriginalUri, Request, State},
    http::{HeaderValue, Method, StatusCode, Uri},
    middleware::Next,
    response::{IntoResponse, Response},
};
use protocol::{ErrorBody, ErrorCode};
use tokio_util::sync::CancellationToken;

use super::{Problem, foreign_origin, is_socket, origin::OriginPolicy, visitor::ClientAddress};
use crate::services::{
    limits::{Limits, Network},
    places::{Full, Place, Places},
};

/// What requests to `/socket.io/` have to pass.
#[derive(Clone, Debug)]
pub struct Handshakes {
    pub origins: OriginPolicy,
    /// `None` where people sign in by name alone.
    pub limits: Option<Arc<Limits>>,
    pub places: Places,
    /// How long a packet may take that is sent by polling.
    pub timeout: Duration,
    /// Once there is nothing more to wait for, because all sockets are closed.
    pub closed: CancellationToken,
}

/// The Engine.IO packet by which a connection ends (protocol, version 4).
const CLOSE: &str = "1";

/// A page of somebody else opens no socket, and nobody opens too many: refused before any upgrade.
pub async fn guard(
    State(handshakes): State<Handshakes>,
    mut request: Request,
    next: Next,
) -> Response {
    if !is_socket(request.uri()) {
        return next.run(request).await;
    }
    if handshakes.origins.is_foreign(request.headers()) {
        return foreign_origin().into_response();
    }
    if begins_session(request.uri()) {
        match handshakes.place(&request) {
            // It is kept as long as the session, which keeps its first request.
            Ok(place) => request.extensions_mut().insert(place),
            Err(problem) => return problem.into_response(),
        };
        let_go_of_buffer(&mut request);
    }
    if request.method() != Method::POST {
        // Whoever polls without being in the chat is in nothing that closes.
        return tokio::select! {
            biased;
            answer = next.run(request) => answer,
            () = handshakes.closed.cancelled() => CLOSE.into_response(),
        };
    }
    let answer = tokio::time::timeout(handshakes.timeout, next.run(request));
    answer.await.unwrap_or_else(|_| too_slow().into_response())
}

impl Handshakes {
    fn place(&self, request: &Request) -> Result<Place, Problem> {
        let network = request
            .extensions()
            .get::<ClientAddress>()
            .map(|address| Network::of(address.0));
        if let (Some(limits), Some(network)) = (&self.limits, network) {
            limits.connect.check(&network)?;
        }
        self.places.take(network).map_err(no_place)
    }
}

/// Whether this request has Engine.IO begin a session: one without `sid`, which it reads like this,
/// without decoding anything.
fn begins_session(uri: &Uri) -> bool {
    let query = uri.query().unwrap_or_default();
    !query.split('&').any(|part| part.starts_with("sid="))
}

/// Copies what is kept of a request. As it came, its words are parts of the buffer that it was read
/// into, all 16 KB of which would stay as long as one of them does.
fn let_go_of_buffer(request: &mut Request) {
    for value in request.headers_mut().values_mut() {
        if let Ok(mut copy) = HeaderValue::from_bytes(value.as_bytes()) {
            copy.set_sensitive(value.is_sensitive());
            *value = copy;
        }
    }
    if let Ok(copy) = request.uri().to_string().parse::<Uri>() {
        *request.uri_mut() = copy.clone();
        // The router's own.
        request.extensions_mut().insert(OriginalUri(copy));
    }
}

fn no_place(full: Full) -> Problem {
    let (status, code, detail) = match full {
        Full::OfNetwork => (
            StatusCode::TOO_MANY_REQUESTS,
            ErrorCode::TooManyRequests,
            "There are too many connections from your network. Try again in a minute.",
        ),
        Full::OfAll => (
            StatusCode::SERVICE_UNAVAILABLE,
            ErrorCode::Unavailable,
            "The server has as many connections as it can take. Try again in a minute.",
        ),
    };
    let mut body = ErrorBody::new(code, detail);
    body.retry_after = Some(60);
    Problem::from_body(status, body)
}

fn too_slow() -> Problem {
    Problem::new(
        StatusCode::REQUEST_TIMEOUT,
        ErrorCode::RequestTimeout,
        "The request took too long.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_without_a_session_begins_one() {
        let begins = |uri: &str| begins_session(&uri.parse().expect("a URI"));
        assert!(begins("/socket.io/?EIO=4&transport=polling"));
        assert!(begins("/socket.io/?EIO=4&transport=websocket&token=a"));
        assert!(begins("/socket.io/"));
        // Engine.IO decodes no names, so to it this one is another.
        assert!(begins("/socket.io/?EIO=4&transport=polling&%73id=a"));
        assert!(!begins("/socket.io/?EIO=4&transport=polling&sid=a"));
    }
}
