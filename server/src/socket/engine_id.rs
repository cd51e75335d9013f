//! The id of a polling connection, made too long to guess.
//!
//! Whoever knows the Engine.IO session id of a polling connection can read and write on it. The
//! library makes it of 96 random bits, gives it to Socket.IO as the id of the socket too, and has no
//! setting for either. So its answer to a polling handshake leaves with 128 bits of HMAC-SHA-256
//! (RFC 2104) behind the id, and a later request counts only with them. To clients it is an opaque
//! text (Engine.IO protocol, version 4). A connection that began as a WebSocket has none, and cannot
//! be polled by anybody.

use std::sync::Arc;

use axum::{
    body::{Body, to_bytes},
    extract::{Request, State},
    http::{HeaderValue, Uri, header, uri::PathAndQuery},
    middleware::Next,
    response::Response,
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// Bytes of the code behind an id.
const CODE_BYTES: usize = 16;
/// Its characters in Base64.
const CODE_LENGTH: usize = 22;
/// More than an open packet has.
const MAX_OPEN_PACKET: usize = 4_096;

/// The key by which ids of this process are known. Connections end with the process, and so does it.
#[derive(Clone)]
pub struct EngineIds(Arc<[u8; 32]>);

impl std::fmt::Debug for EngineIds {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("EngineIds(…)")
    }
}

impl Default for EngineIds {
    fn default() -> Self {
        Self(Arc::new(rand::random()))
    }
}

impl EngineIds {
    fn mac(&self, id: &str) -> Hmac<Sha256> {
        let mut mac = Hmac::new_from_slice(&*self.0).expect("HMAC takes keys of any length");
        mac.update(id.as_bytes());
        mac
    }

    /// The id as clients get it.
    fn seal(&self, id: &str) -> String {
        let code = self.mac(id).finalize().into_bytes();
        let code = BASE64_URL_SAFE_NO_PAD.encode(&code[..CODE_BYTES]);
        format!("{id}{code}")
    }

    /// The id as the library knows it, if this process has given it.
    fn open<'a>(&self, sealed: &'a str) -> Option<&'a str> {
        let (id, code) = sealed.split_at_checked(sealed.len().checked_sub(CODE_LENGTH)?)?;
        let code = BASE64_URL_SAFE_NO_PAD.decode(code).ok()?;
        self.mac(id).verify_truncated_left(&code).ok()?;
        Some(id)
    }
}

/// Takes the code off what comes in, and puts it on what goes out. An id without its code is passed
/// on as one that nobody has.
pub async fn guard(State(ids): State<EngineIds>, mut request: Request, next: Next) -> Response {
    if !request.uri().path().starts_with("/socket.io") {
        return next.run(request).await;
    }
    let query = request.uri().query().unwrap_or_default().to_owned();
    let is_handshake = parameter(&query, "sid").is_none();
    let is_polling = parameter(&query, "transport") == Some("polling");
    if !is_handshake && let Some(uri) = opened(&ids, request.uri(), &query) {
        *request.uri_mut() = uri;
    }
    let response = next.run(request).await;
    if is_handshake && is_polling && response.status().is_success() {
        return seal_open_packet(&ids, response).await;
    }
    response
}

fn parameter<'a>(query: &'a str, name: &str) -> Option<&'a str> {
    query
        .split('&')
        .find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
}

/// The address with each id as the library knows it, or with none that it knows.
fn opened(ids: &EngineIds, uri: &Uri, query: &str) -> Option<Uri> {
    let pairs: Vec<String> = query
        .split('&')
        .map(|pair| match pair.strip_prefix("sid=") {
            Some(sealed) => format!("sid={}", ids.open(sealed).unwrap_or("unknown")),
            None => pair.to_owned(),
        })
        .collect();
    let path_and_query = format!("{}?{}", uri.path(), pairs.join("&"));
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(PathAndQuery::try_from(path_and_query).ok()?);
    Uri::from_parts(parts).ok()
}

/// Rewrites the `sid` of an open packet, `0{"sid":"…",…}`.
async fn seal_open_packet(ids: &EngineIds, response: Response) -> Response {
    let (mut parts, body) = response.into_parts();
    // It is all there already, and short; were it not, nothing of it would be passed on.
    let body = to_bytes(body, MAX_OPEN_PACKET).await.unwrap_or_default();
    let sealed = std::str::from_utf8(&body).ok().and_then(|packet| {
        let (before, rest) = packet.split_once(r#""sid":""#)?;
        let (id, after) = rest.split_once('"')?;
        Some(format!(r#"{before}"sid":"{}"{after}"#, ids.seal(id)))
    });
    let Some(sealed) = sealed else {
        return Response::from_parts(parts, Body::from(body));
    };
    if let Ok(length) = HeaderValue::from_str(&sealed.len().to_string()) {
        parts.headers.insert(header::CONTENT_LENGTH, length);
    }
    Response::from_parts(parts, Body::from(sealed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_known_again_with_its_code_and_not_without() {
        let ids = EngineIds::default();
        let sealed = ids.seal("aGVsbG8gd29ybGQh");
        assert_eq!(ids.open(&sealed), Some("aGVsbG8gd29ybGQh"));
        for forged in [
            "aGVsbG8gd29ybGQh",
            "",
            &sealed[1..],
            &format!("{sealed}x"),
            &EngineIds::default().seal("aGVsbG8gd29ybGQh"),
            "ü",
        ] {
            assert_eq!(ids.open(forged), None, "{forged}");
        }
    }

    #[test]
    fn every_id_of_an_address_is_opened_and_the_rest_stays() {
        let ids = EngineIds::default();
        let uri: Uri = format!("/socket.io/?EIO=4&sid={}&t=1", ids.seal("abc"))
            .parse()
            .expect("an address");
        let query = uri.query().expect("a query").to_owned();
        let opened = opened(&ids, &uri, &query).expect("an address");
        assert_eq!(opened.to_string(), "/socket.io/?EIO=4&sid=abc&t=1");
        let twice: Uri = "/socket.io/?sid=abc&sid=def".parse().expect("an address");
        let opened = super::opened(&ids, &twice, "sid=abc&sid=def").expect("an address");
        assert_eq!(opened.to_string(), "/socket.io/?sid=unknown&sid=unknown");
    }
}
