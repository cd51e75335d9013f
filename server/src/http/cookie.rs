//! The session cookie: HttpOnly, so no script reads it; Lax, so no other site's form sends it.
//!
//! Its name is part of the contract, so it cannot have the prefix by which a browser takes a cookie from
//! nobody but this very host over TLS (RFC 6265bis, section 4.1.3). Behind https a second cookie has
//! it and vouches for the first: what another host of the domain puts in its place opens nothing.

use axum::{
    http::{HeaderMap, HeaderName, header},
    response::AppendHeaders,
};
use axum_extra::extract::cookie::{Cookie, SameSite};
use protocol::SESSION_COOKIE;

use super::origin::{OriginPolicy, SEC_FETCH_SITE};
use crate::services::sessions::{Sessions, SignedIn};

/// Cookies on their way to a browser.
pub type SetCookies = AppendHeaders<Vec<(HeaderName, String)>>;

/// The cookie that vouches for the session's.
const VOUCHER: &str = "__Host-natter";

/// The session token that a request carries, if it counts. Programs bring it alone; a browser, which
/// says so by Sec-Fetch-Site, brings the voucher too where it came by https.
pub fn session_token(
    headers: &HeaderMap,
    origins: &OriginPolicy,
    sessions: &Sessions,
) -> Option<String> {
    let token = named_session(headers)?;
    if origins.is_https() && headers.contains_key(SEC_FETCH_SITE) {
        let voucher = only(headers, VOUCHER)?;
        return sessions.vouches(&voucher, &token).then_some(token);
    }
    Some(token)
}

/// The session token that a request carries, whether it counts or not.
pub fn named_session(headers: &HeaderMap) -> Option<String> {
    only(headers, SESSION_COOKIE)
}

/// The language that somebody has chosen in this browser, if it is one.
pub fn language(headers: &HeaderMap) -> Option<String> {
    only(headers, app::LANGUAGE_COOKIE)
}

/// The value of the cookie of this name. Of several none counts: a browser has one of ours, and the
/// others were put there by somebody who wants one of them to be taken for it.
fn only(headers: &HeaderMap, name: &str) -> Option<String> {
    let mut values = headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(Cookie::split_parse)
        .flatten()
        .filter(|cookie| cookie.name() == name);
    let value = values.next()?;
    match values.next() {
        None => Some(value.value().to_owned()),
        Some(_) => None,
    }
}

/// The cookies that hold `token` for as long as its session lasts.
pub fn session_cookies(
    token: String,
    signed_in: &SignedIn,
    origins: &OriginPolicy,
    sessions: &Sessions,
) -> SetCookies {
    let seconds = i64::try_from(signed_in.remaining().as_secs()).unwrap_or(i64::MAX);
    // A second more than the session, so that its end is told by the server and not guessed from a
    // cookie that has vanished.
    let length = time::Duration::seconds(seconds.saturating_add(1));
    let voucher = sessions.voucher(&token).filter(|_| origins.is_https());
    let session = cookie(SESSION_COOKIE, token, origins, length);
    let voucher = voucher.map(|voucher| cookie(VOUCHER, voucher, origins, length));
    set([Some(session), voucher])
}

/// Takes the cookies away.
pub fn no_session(origins: &OriginPolicy) -> SetCookies {
    let gone = |name| cookie(name, String::new(), origins, time::Duration::ZERO);
    let voucher = origins.is_https().then(|| gone(VOUCHER));
    set([Some(gone(SESSION_COOKIE)), voucher])
}

/// The headers, the session's first: a program that looks at one looks at that.
fn set(cookies: [Option<Cookie<'static>>; 2]) -> SetCookies {
    let headers = cookies
        .into_iter()
        .flatten()
        .map(|cookie| (header::SET_COOKIE, cookie.to_string()));
    AppendHeaders(headers.collect())
}

fn cookie(
    name: &'static str,
    value: String,
    origins: &OriginPolicy,
    length: time::Duration,
) -> Cookie<'static> {
    Cookie::build((name, value))
        .http_only(true)
        .path("/")
        .same_site(SameSite::Lax)
        .secure(origins.is_https())
        .max_age(length)
        .build()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(cookies: &[&str]) -> Option<String> {
        let mut headers = HeaderMap::new();
        for cookie in cookies {
            headers.append(header::COOKIE, cookie.parse().expect("a header"));
        }
        named_session(&headers)
    }

    #[test]
    fn one_session_cookie_counts_and_of_several_none_does() {
        // HTTP/2 may send each cookie in a header of its own (RFC 9113, section 8.2.3).
        assert_eq!(token(&["theme=dark", "chatToken=a"]).as_deref(), Some("a"));
        assert_eq!(token(&["theme=dark; chatToken=a"]).as_deref(), Some("a"));
        assert_eq!(token(&["chatToken=a; chatToken=b"]), None);
        assert_eq!(token(&["chatToken=a", "chatToken=a"]), None);
        assert_eq!(token(&["theme=dark"]), None);
    }
}
