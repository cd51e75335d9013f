//! Whose page a request comes from.
//!
//! A browser says so in `Origin` and `Sec-Fetch-Site`, which no page can forge. A cookie counts
//! only where the browser says that it is our own page which asks; a token counts everywhere,
//! because no other page can know one.

use std::net::{IpAddr, SocketAddr};

use axum::http::{HeaderMap, HeaderName, Uri, header};

pub(crate) const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Which origin is ours.
#[derive(Clone, Debug)]
pub struct OriginPolicy {
    /// The origin that browsers see, where a proxy stands before the server.
    public: Option<String>,
    /// Where the server listens; without a public origin the request's Host has to be one of these.
    listeners: Vec<SocketAddr>,
    /// The server itself speaks TLS.
    tls: bool,
}

impl OriginPolicy {
    pub fn new(public: Option<String>, listeners: &[SocketAddr], tls: bool) -> Self {
        Self {
            tls,
            public,
            listeners: listeners.to_vec(),
        }
    }

    /// Whether browsers see https, so that cookies are for https only.
    pub fn is_https(&self) -> bool {
        match &self.public {
            Some(origin) => origin.starts_with("https://"),
            None => self.tls,
        }
    }

    /// The origin under which whoever made this request reaches the server.
    pub fn origin(&self, headers: &HeaderMap) -> String {
        if let Some(public) = &self.public {
            return public.clone();
        }
        let scheme = if self.tls { "https" } else { "http" };
        let host = headers
            .get(header::HOST)
            .and_then(|host| host.to_str().ok());
        let ours = host.filter(|host| self.is_our_host(host));
        format!("{scheme}://{}", ours.unwrap_or("localhost"))
    }

    /// The origin whose passkeys count for this request, if any do. Browsers give a host's passkeys to
    /// each of its ports, so another program on this machine could have ours used for it, and pass that
    /// on as if it had been for us: a port at which the server does not listen is not ours here.
    pub fn passkey_origin(&self, headers: &HeaderMap) -> Option<String> {
        if self.public.is_none() {
            let host = headers.get(header::HOST)?.to_str().ok()?;
            let uri = format!("http://{host}/").parse::<Uri>().ok()?;
            let port = uri.port_u16().unwrap_or(if self.tls { 443 } else { 80 });
            let mut ports = self.listeners.iter().map(SocketAddr::port);
            if !self.is_our_host(host) || !ports.any(|ours| ours == port) {
                return None;
            }
        }
        Some(self.origin(headers))
    }

    /// A page of another origin made this request.
    pub fn is_foreign(&self, headers: &HeaderMap) -> bool {
        match headers.get(header::ORIGIN) {
            Some(origin) => !origin
                .to_str()
                .is_ok_and(|origin| self.is_ours(origin, headers)),
            None => false,
        }
    }

    /// A page of another origin wants something changed. Where a browser leaves the origin away it
    /// says all the same whose page it was; where it was nobody's, as with an address that was typed,
    /// it says so too.
    pub fn is_foreign_change(&self, headers: &HeaderMap) -> bool {
        self.is_foreign(headers)
            || headers
                .get(SEC_FETCH_SITE)
                .is_some_and(|site| site != "same-origin" && site != "none")
    }

    /// A page of our own made this request, or none did: a program, or a browser that does not say.
    pub fn is_own_or_nobodys(&self, headers: &HeaderMap) -> bool {
        !self.is_foreign(headers)
            && headers
                .get(SEC_FETCH_SITE)
                .is_none_or(|site| site == "same-origin")
    }

    /// A page of our own made this request.
    pub fn is_own_page(&self, headers: &HeaderMap) -> bool {
        match headers.get(header::ORIGIN) {
            Some(_) => !self.is_foreign(headers),
            // Browsers send no Origin with a GET to the page's own origin.
            None => headers
                .get(SEC_FETCH_SITE)
                .is_some_and(|site| site == "same-origin"),
        }
    }

    fn is_ours(&self, origin: &str, headers: &HeaderMap) -> bool {
        if let Some(public) = &self.public {
            return origin.eq_ignore_ascii_case(public);
        }
        let Some(host) = headers
            .get(header::HOST)
            .and_then(|host| host.to_str().ok())
        else {
            return false;
        };
        let authority = origin
            .strip_prefix("http://")
            .or_else(|| origin.strip_prefix("https://"))
            .unwrap_or_default();
        authority.eq_ignore_ascii_case(host) && self.is_our_host(host)
    }

    /// A name that somebody else's DNS server may point at us is not our host.
    fn is_our_host(&self, host: &str) -> bool {
        let Ok(uri) = format!("http://{host}/").parse::<Uri>() else {
            return false;
        };
        let Some(name) = uri.host() else { return false };
        if name.eq_ignore_ascii_case("localhost") {
            return true;
        }
        let name = name.trim_start_matches('[').trim_end_matches(']');
        let Ok(address) = name.parse::<IpAddr>() else {
            return false;
        };
        address.is_loopback()
            || self
                .listeners
                .iter()
                .any(|listener| listener.ip() == address || listener.ip().is_unspecified())
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn headers(entries: &[(HeaderName, &str)]) -> HeaderMap {
        entries
            .iter()
            .map(|(name, value)| {
                (
                    name.clone(),
                    HeaderValue::from_str(value).expect("a header"),
                )
            })
            .collect()
    }

    fn local() -> OriginPolicy {
        OriginPolicy::new(
            None,
            &["127.0.0.1:3000".parse().expect("an address")],
            false,
        )
    }

    #[test]
    fn a_page_of_the_same_host_and_port_is_ours() {
        let own = headers(&[
            (header::HOST, "localhost:3000"),
            (header::ORIGIN, "http://localhost:3000"),
        ]);
        assert!(local().is_own_page(&own));
        assert!(!local().is_foreign(&own));
    }

    #[test]
    fn another_host_another_port_and_no_origin_at_all_are_foreign() {
        for origin in [
            "http://evil.example",
            "http://localhost:3001",
            "null",
            "http://localhost",
        ] {
            let foreign = headers(&[(header::HOST, "localhost:3000"), (header::ORIGIN, origin)]);
            assert!(local().is_foreign(&foreign), "{origin}");
            assert!(!local().is_own_page(&foreign), "{origin}");
        }
    }

    #[test]
    fn a_name_that_was_pointed_at_us_is_foreign_although_origin_and_host_agree() {
        let rebound = headers(&[
            (header::HOST, "evil.example:3000"),
            (header::ORIGIN, "http://evil.example:3000"),
        ]);
        assert!(local().is_foreign(&rebound));
    }

    #[test]
    fn without_an_origin_the_fetch_site_decides() {
        let host = (header::HOST, "localhost:3000");
        assert!(local().is_own_page(&headers(&[host.clone(), (SEC_FETCH_SITE, "same-origin")])));
        assert!(!local().is_own_page(&headers(&[host.clone(), (SEC_FETCH_SITE, "cross-site")])));
        let change =
            |site| local().is_foreign_change(&headers(&[host.clone(), (SEC_FETCH_SITE, site)]));
        assert!(!change("same-origin"));
        assert!(change("cross-site") && change("same-site"));
        let own =
            |site| local().is_own_or_nobodys(&headers(&[host.clone(), (SEC_FETCH_SITE, site)]));
        assert!(own("same-origin"));
        assert!(!own("cross-site") && !own("same-site") && !own("none"));
        let program = headers(&[host]);
        assert!(local().is_own_or_nobodys(&program));
        assert!(!local().is_foreign_change(&program));
        assert!(!local().is_own_page(&program), "a program brings a token");
        assert!(!local().is_foreign(&program));
    }

    #[test]
    fn passkeys_are_for_a_port_at_which_the_server_listens() {
        let origin = |host| local().passkey_origin(&headers(&[(header::HOST, host)]));
        let own = Some("http://localhost:3000".to_owned());
        assert_eq!(origin("localhost:3000"), own);
        for other in ["localhost:3001", "localhost", "evil.example:3000", "\"", ""] {
            assert_eq!(origin(other), None, "{other}");
        }
        assert_eq!(local().passkey_origin(&headers(&[])), None);
    }

    #[test]
    fn behind_a_proxy_passkeys_are_for_the_public_origin_whatever_the_host() {
        let public = Some("https://chat.example".to_owned());
        let policy = OriginPolicy::new(public.clone(), &[], false);
        for host in ["natter:8091", "localhost:3000"] {
            let headers = headers(&[(header::HOST, host)]);
            assert_eq!(policy.passkey_origin(&headers), public);
        }
    }

    #[test]
    fn behind_a_proxy_only_the_public_origin_is_ours() {
        let policy = OriginPolicy::new(Some("https://chat.example".to_owned()), &[], false);
        assert!(policy.is_https());
        let host = (header::HOST, "natter:8091");
        assert!(!policy.is_foreign(&headers(&[
            host.clone(),
            (header::ORIGIN, "https://chat.example")
        ])));
        assert!(policy.is_foreign(&headers(&[host, (header::ORIGIN, "http://natter:8091")])));
    }
}
