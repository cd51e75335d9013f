//! Where to connect to.

/// How an origin begins that asks for TLS.
const SECURE: [&str; 2] = ["https://", "wss://"];

/// The parts of the address that a program chooses.
#[derive(Clone, Debug)]
pub(crate) struct Endpoint {
    /// Scheme, host and port. In the browser an empty one is the page's own.
    pub(crate) origin: String,
    pub(crate) path: String,
    pub(crate) query: Vec<(String, String)>,
    #[cfg(not(target_arch = "wasm32"))]
    pub(crate) headers: Vec<(String, String)>,
    /// Whether cookies of the server are kept and sent back. A browser has rules of its own.
    #[cfg(not(target_arch = "wasm32"))]
    pub(crate) keeps_cookies: bool,
    /// How TLS is to be spoken, if the program says so. A browser has rules of its own.
    #[cfg(all(feature = "tls", not(target_arch = "wasm32")))]
    pub(crate) tls: Option<std::sync::Arc<rustls::ClientConfig>>,
}

impl Endpoint {
    /// Whether the origin asks for TLS.
    #[cfg(all(feature = "native", not(target_arch = "wasm32")))]
    pub(crate) fn is_secure(&self) -> bool {
        SECURE.iter().any(|scheme| self.origin.starts_with(scheme))
    }

    /// The address for a WebSocket at `origin`, of the session `sid` if there is one.
    #[cfg_attr(not(any(feature = "native", feature = "web", test)), expect(dead_code))]
    pub(crate) fn websocket_url(&self, origin: &str, sid: Option<&str>) -> Result<String, String> {
        self.url(origin, ["ws://", "wss://"], "websocket", sid)
    }

    /// The address for HTTP long-polling at `origin`, of the session `sid` if there is one.
    #[cfg_attr(not(any(feature = "native", feature = "web", test)), expect(dead_code))]
    pub(crate) fn polling_url(&self, origin: &str, sid: Option<&str>) -> Result<String, String> {
        self.url(origin, ["http://", "https://"], "polling", sid)
    }

    /// `schemes` are the plain one and the one over TLS.
    fn url(
        &self,
        origin: &str,
        schemes: [&str; 2],
        transport: &str,
        sid: Option<&str>,
    ) -> Result<String, String> {
        let after = |prefixes: [&str; 2]| {
            let mut prefixes = prefixes.into_iter();
            prefixes.find_map(|prefix| origin.strip_prefix(prefix))
        };
        let (scheme, host) = match (after(["http://", "ws://"]), after(SECURE)) {
            (Some(host), _) => (schemes[0], host),
            (None, Some(host)) => (schemes[1], host),
            (None, None) => {
                return Err("The origin must begin with http:// or https://.".to_owned());
            }
        };
        // A browser would take the first part of the path for the host.
        let host = host.trim_end_matches('/');
        if host.is_empty() {
            return Err("The origin names no host.".to_owned());
        }
        let mut url = [scheme, host].concat();
        if !self.path.starts_with('/') {
            url.push('/');
        }
        url.push_str(&self.path);
        url.push_str("?EIO=4&transport=");
        url.push_str(transport);
        let query = self
            .query
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()));
        for (name, value) in query.chain(sid.map(|sid| ("sid", sid))) {
            url.push('&');
            push_encoded(&mut url, name);
            url.push('=');
            push_encoded(&mut url, value);
        }
        Ok(url)
    }
}

/// Percent-encodes everything that is not unreserved in a URL.
fn push_encoded(url: &mut String, text: &str) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            url.push(char::from(byte));
        } else {
            url.push('%');
            url.push(char::from(HEX[usize::from(byte >> 4)]));
            url.push(char::from(HEX[usize::from(byte & 15)]));
        }
    }
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::*;

    fn endpoint(path: &str, query: &[(&str, &str)]) -> Endpoint {
        Endpoint {
            origin: String::new(),
            path: path.to_owned(),
            query: query
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
            headers: Vec::new(),
            keeps_cookies: false,
            #[cfg(feature = "tls")]
            tls: None,
        }
    }

    #[test]
    fn the_scheme_follows_the_origin() {
        let endpoint = endpoint("/socket.io/", &[]);
        assert_eq!(
            endpoint
                .websocket_url("http://localhost:3000", None)
                .unwrap(),
            "ws://localhost:3000/socket.io/?EIO=4&transport=websocket"
        );
        assert_eq!(
            endpoint
                .websocket_url("https://chat.example/", None)
                .unwrap(),
            "wss://chat.example/socket.io/?EIO=4&transport=websocket"
        );
        for origin in [
            "localhost:3000",
            "",
            "http://",
            "https:///",
            "ftp://localhost",
        ] {
            assert!(endpoint.websocket_url(origin, None).is_err(), "{origin}");
        }
    }

    #[test]
    fn a_host_may_be_an_ipv6_address() {
        assert_eq!(
            endpoint("/socket.io/", &[])
                .websocket_url("https://[2001:db8::1]:3000", None)
                .unwrap(),
            "wss://[2001:db8::1]:3000/socket.io/?EIO=4&transport=websocket"
        );
    }

    #[test]
    fn a_session_is_named_in_its_addresses() {
        let endpoint = endpoint("/socket.io/", &[("x", "1")]);
        assert_eq!(
            endpoint
                .polling_url("wss://chat.example", Some("a/b"))
                .unwrap(),
            "https://chat.example/socket.io/?EIO=4&transport=polling&x=1&sid=a%2Fb"
        );
        assert_eq!(
            endpoint.websocket_url("http://h", Some("s")).unwrap(),
            "ws://h/socket.io/?EIO=4&transport=websocket&x=1&sid=s"
        );
    }

    #[test]
    fn the_query_is_percent_encoded() {
        assert_eq!(
            endpoint("live/", &[("token", "a b&c=ü"), ("x", "1")])
                .websocket_url("ws://h", None)
                .unwrap(),
            "ws://h/live/?EIO=4&transport=websocket&token=a%20b%26c%3D%C3%BC&x=1"
        );
    }
}
