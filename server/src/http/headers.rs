//! What every answer says to browsers about itself: pages and files, `/web`, `/socket.io/`, errors.
//!
//! What a handler has set stays. The names and what they mean are in the OWASP Secure Headers
//! Project, in the Fetch Standard and in RFC 6797.

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, header},
    middleware::Next,
    response::Response,
};

use super::origin::OriginPolicy;

/// What every answer has.
const ALWAYS: [(HeaderName, &str); 6] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "same-origin"),
    // For browsers that know no frame-ancestors.
    (header::X_FRAME_OPTIONS, "DENY"),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("permissions-policy"),
        PERMISSIONS_POLICY,
    ),
];

/// A chat needs passkeys and nothing else that a page has to be allowed. Only what Chromium knows is
/// listed: it complains about every other name in the console.
const PERMISSIONS_POLICY: &str = "accelerometer=(), autoplay=(), camera=(), display-capture=(), \
     encrypted-media=(), fullscreen=(), geolocation=(), gyroscope=(), magnetometer=(), \
     microphone=(), midi=(), payment=(), picture-in-picture=(), \
     publickey-credentials-create=(self), publickey-credentials-get=(self), screen-wake-lock=(), \
     serial=(), sync-xhr=(), usb=(), xr-spatial-tracking=()";

/// What is no page loads nothing, but for the icon that a browser asks for beside it, and is shown
/// nowhere. The last two do not follow from the first.
const NO_PAGE: &str = "default-src 'none'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// A year, as ASVS 3.4.1 wants at least. It holds for this host's subdomains, not for its siblings.
const TLS_ALONE: &str = "max-age=31536000; includeSubDomains";

/// Adds what every answer has.
pub async fn protect(
    State(origins): State<OriginPolicy>,
    mut request: Request,
    next: Next,
) -> Response {
    name_host(&mut request);
    let is_socket = super::is_socket(request.uri());
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in ALWAYS {
        set(headers, name, value);
    }
    set(headers, header::CONTENT_SECURITY_POLICY, NO_PAGE);
    if origins.is_https() {
        set(headers, header::STRICT_TRANSPORT_SECURITY, TLS_ALONE);
    }
    if is_socket {
        set(headers, header::CACHE_CONTROL, "no-store");
    }
    name_charset(headers);
    response
}

fn set(headers: &mut HeaderMap, name: HeaderName, value: &'static str) {
    headers
        .entry(name)
        .or_insert(HeaderValue::from_static(value));
}

/// HTTP/2 names the host in `:authority`, and a request for a whole URI in that. Either counts, and
/// not what Host says beside it (RFC 9113, section 8.3.1; RFC 9112, section 3.2.2).
fn name_host(request: &mut Request) {
    let Some(authority) = request.uri().authority() else {
        return;
    };
    if let Ok(host) = HeaderValue::from_str(authority.as_str()) {
        request.headers_mut().insert(header::HOST, host);
    }
}

/// All text of ours is UTF-8, and the files of the site say so too.
fn name_charset(headers: &mut HeaderMap) {
    let Some(kind) = headers
        .get(header::CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
    else {
        return;
    };
    let is_text = kind.starts_with("text/") || kind.contains("+xml");
    if !is_text || kind.contains("charset=") {
        return;
    }
    if let Ok(kind) = HeaderValue::from_str(&format!("{kind}; charset=utf-8")) {
        headers.insert(header::CONTENT_TYPE, kind);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn charset(kind: &str) -> String {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, kind.parse().expect("a value"));
        name_charset(&mut headers);
        let kind = headers[header::CONTENT_TYPE].to_str().expect("text");
        kind.to_owned()
    }

    #[test]
    fn text_says_its_charset_and_nothing_else_does() {
        assert_eq!(charset("text/css"), "text/css; charset=utf-8");
        assert_eq!(charset("text/javascript"), "text/javascript; charset=utf-8");
        assert_eq!(charset("image/svg+xml"), "image/svg+xml; charset=utf-8");
        assert_eq!(
            charset("text/html; charset=utf-8"),
            "text/html; charset=utf-8"
        );
        for kind in ["application/wasm", "application/json", "image/png"] {
            assert_eq!(charset(kind), kind);
        }
    }

    #[test]
    fn the_authority_of_a_request_is_its_host() {
        let mut request = Request::builder()
            .uri("https://chat.example:8443/web/session")
            .header(header::HOST, "other.example")
            .body(axum::body::Body::empty())
            .expect("a request");
        name_host(&mut request);
        assert_eq!(request.headers()[header::HOST], "chat.example:8443");
    }
}
