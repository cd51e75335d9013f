//! Where a request comes from: its address, and its browser in words.
//!
//! Behind a proxy the address is in `X-Forwarded-For`, which anybody can write. It counts only as far
//! as proxies that the settings name have written it: from its end, up to the first address that is
//! none of them.

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use axum::{
    extract::{ConnectInfo, FromRequestParts, Request, State},
    http::{HeaderMap, HeaderName, header, request::Parts},
    middleware::Next,
    response::Response,
};
use ipnet::IpNet;
use protocol::Secret;

use super::{Problem, cookie};
use crate::services::Visitor;

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The networks of the proxies that tell the truth about who comes through them.
#[derive(Clone, Debug, Default)]
pub struct TrustedProxies(Arc<[IpNet]>);

impl TrustedProxies {
    pub fn new(networks: &[IpNet]) -> Self {
        Self(networks.into())
    }

    /// Whether this is one of them.
    pub fn trusts(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
    }

    /// Who is behind `peer`.
    fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut client = peer.to_canonical();
        let hops = headers
            .get_all(X_FORWARDED_FOR)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .map(str::trim);
        let hops: Vec<&str> = hops.collect();
        for hop in hops.into_iter().rev() {
            if !self.trusts(client) {
                break;
            }
            let Some(address) = read_address(hop) else {
                break;
            };
            client = address;
        }
        client
    }
}

/// An address as proxies write it, some with its port.
fn read_address(text: &str) -> Option<IpAddr> {
    let bare = text.trim_start_matches('[').trim_end_matches(']');
    bare.parse()
        .ok()
        .or_else(|| text.parse::<SocketAddr>().ok().map(|address| address.ip()))
        .map(|address: IpAddr| address.to_canonical())
}

/// The address of whoever made a request.
#[derive(Clone, Copy, Debug)]
pub struct ClientAddress(pub IpAddr);

/// Notes where each request comes from, before anything looks at it.
pub async fn note_address(
    State(proxies): State<TrustedProxies>,
    mut request: Request,
    next: Next,
) -> Response {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    if let Some(ConnectInfo(peer)) = peer {
        let client = proxies.client(peer.ip(), request.headers());
        request.extensions_mut().insert(ClientAddress(client));
    }
    next.run(request).await
}

/// Who asks, from the parts of a request.
pub fn visitor(parts: &Parts) -> Visitor {
    let agent = parts.headers.get(header::USER_AGENT);
    Visitor {
        address: parts
            .extensions
            .get::<ClientAddress>()
            .map(|address| address.0),
        session: cookie::named_session(&parts.headers).map(Secret::new),
        browser: browser(
            agent
                .and_then(|agent| agent.to_str().ok())
                .unwrap_or_default(),
        ),
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Visitor {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        Ok(visitor(parts))
    }
}

/// Browser and system in words, from what the browser says of itself. Good enough to know one's own
/// devices by; nothing is decided by it.
fn browser(agent: &str) -> String {
    // In this order, because most say that they are also those that come later.
    let browsers = [
        ("Edg", "Edge"),
        ("OPR/", "Opera"),
        ("SamsungBrowser", "Samsung Internet"),
        ("Firefox/", "Firefox"),
        ("FxiOS", "Firefox"),
        ("CriOS", "Chrome"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
    ];
    let systems = [
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Android", "Android"),
        ("Windows", "Windows"),
        ("CrOS", "ChromeOS"),
        ("Mac OS X", "macOS"),
        ("Linux", "Linux"),
    ];
    let find = |known: &[(&str, &'static str)]| {
        let found = known.iter().find(|(mark, _)| agent.contains(mark));
        found.map(|(_, name)| *name)
    };
    match (find(&browsers), find(&systems)) {
        (Some(browser), Some(system)) => format!("{browser} on {system}"),
        (Some(browser), None) => browser.to_owned(),
        (None, Some(system)) => format!("A program on {system}"),
        (None, None) => "A program".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(trusted: &[&str], peer: &str, forwarded: &[&str]) -> String {
        let networks: Vec<IpNet> = trusted
            .iter()
            .map(|network| network.parse().expect("a network"))
            .collect();
        let mut headers = HeaderMap::new();
        for value in forwarded {
            headers.append(X_FORWARDED_FOR, value.parse().expect("a header"));
        }
        let peer = peer.parse().expect("an address");
        TrustedProxies::new(&networks)
            .client(peer, &headers)
            .to_string()
    }

    #[test]
    fn without_trusted_proxies_nobody_is_believed() {
        assert_eq!(client(&[], "192.0.2.1", &["198.51.100.7"]), "192.0.2.1");
    }

    #[test]
    fn a_trusted_proxy_says_who_is_behind_it_and_no_more_is_believed() {
        let trusted = ["10.0.0.0/8", "127.0.0.1/32"];
        let behind = |forwarded: &[&str]| client(&trusted, "127.0.0.1", forwarded);
        assert_eq!(behind(&["198.51.100.7"]), "198.51.100.7");
        assert_eq!(behind(&["1.2.3.4, 198.51.100.7"]), "198.51.100.7");
        assert_eq!(
            behind(&["1.2.3.4, 198.51.100.7", "10.1.2.3"]),
            "198.51.100.7"
        );
        assert_eq!(behind(&["198.51.100.7:4711"]), "198.51.100.7");
        assert_eq!(behind(&["[2001:db8::7]"]), "2001:db8::7");
        assert_eq!(behind(&["1.2.3.4, nonsense"]), "127.0.0.1");
        assert_eq!(behind(&[]), "127.0.0.1");
    }

    #[test]
    fn a_mapped_address_is_the_one_that_it_maps() {
        assert_eq!(
            client(&["10.0.0.0/8"], "::ffff:10.0.0.1", &["198.51.100.7"]),
            "198.51.100.7"
        );
    }

    #[test]
    fn browsers_are_told_in_words() {
        for (agent, words) in [
            (
                "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
                "Firefox on Linux",
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36 Edg/126.0.0.0",
                "Edge on Windows",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1",
                "Safari on iPhone",
            ),
            ("curl/8.5.0", "A program"),
        ] {
            assert_eq!(browser(agent), words);
        }
    }
}
