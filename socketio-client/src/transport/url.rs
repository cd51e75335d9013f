//! Where to connect to.

/// The parts of the address that a program chooses.
#[derive(Clone, Debug)]
pub(crate) struct Endpoint {
    /// Scheme, host and port. In the browser an empty one is the page's own.
    pub(crate) origin: String,
    pub(crate) path: String,
    pub(crate) query: Vec<(String, String)>,
    #[cfg(not(target_arch = "wasm32"))]
    pub(crate) headers: Vec<(String, String)>,
}

impl Endpoint {
    /// The address for a WebSocket at `origin`.
    #[cfg_attr(not(any(feature = "native", feature = "web", test)), expect(dead_code))]
    pub(crate) fn websocket_url(&self, origin: &str) -> Result<String, String> {
        let (scheme, host) = match origin.split_once("://") {
            Some(("http" | "ws", host)) => ("ws://", host),
            Some(("https" | "wss", host)) => ("wss://", host),
            _ => return Err("The origin must begin with http:// or https://.".to_owned()),
        };
        // A browser would take the first part of the path for the host.
        let host = host.trim_end_matches('/');
        if host.is_empty() {
            return Err("The origin names no host.".to_owned());
        }
        let mut url = String::from(scheme);
        url.push_str(host);
        if !self.path.starts_with('/') {
            url.push('/');
        }
        url.push_str(&self.path);
        url.push_str("?EIO=4&transport=websocket");
        for (name, value) in &self.query {
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
        }
    }

    #[test]
    fn the_scheme_follows_the_origin() {
        let endpoint = endpoint("/socket.io/", &[]);
        assert_eq!(
            endpoint.websocket_url("http://localhost:3000").unwrap(),
            "ws://localhost:3000/socket.io/?EIO=4&transport=websocket"
        );
        assert_eq!(
            endpoint.websocket_url("https://chat.example/").unwrap(),
            "wss://chat.example/socket.io/?EIO=4&transport=websocket"
        );
        for origin in [
            "localhost:3000",
            "",
            "http://",
            "https:///",
            "ftp://localhost",
        ] {
            assert!(endpoint.websocket_url(origin).is_err(), "{origin}");
        }
    }

    #[test]
    fn the_query_is_percent_encoded() {
        assert_eq!(
            endpoint("live/", &[("token", "a b&c=ü"), ("x", "1")])
                .websocket_url("ws://h")
                .unwrap(),
            "ws://h/live/?EIO=4&transport=websocket&token=a%20b%26c%3D%C3%BC&x=1"
        );
    }
}
