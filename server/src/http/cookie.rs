//! The session cookie: HttpOnly, so no script reads it; Lax, so no other site's form sends it.

use axum::http::{HeaderMap, header};
use axum_extra::extract::cookie::{Cookie, SameSite};
use protocol::SESSION_COOKIE;

use crate::services::sessions::SignedIn;

/// The session token that a request carries. Of several none counts: a browser has one of ours, and
/// the others were put there by somebody who wants one of them to be taken for it.
pub fn session_token(headers: &HeaderMap) -> Option<String> {
    let mut tokens = headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(Cookie::split_parse)
        .flatten()
        .filter(|cookie| cookie.name() == SESSION_COOKIE);
    let token = tokens.next()?;
    match tokens.next() {
        None => Some(token.value().to_owned()),
        Some(_) => None,
    }
}

/// The cookie that holds `token` for as long as its session lasts.
pub fn session_cookie(token: String, signed_in: &SignedIn, secure: bool) -> Cookie<'static> {
    let seconds = i64::try_from(signed_in.remaining().as_secs()).unwrap_or(i64::MAX);
    Cookie::build((SESSION_COOKIE, token))
        .http_only(true)
        .path("/")
        .same_site(SameSite::Lax)
        .secure(secure)
        // A second more than the session, so that its end is told by the server and not guessed
        // from a cookie that has vanished.
        .max_age(time::Duration::seconds(seconds.saturating_add(1)))
        .build()
}

/// Takes the cookie away.
pub fn no_session(secure: bool) -> Cookie<'static> {
    Cookie::build((SESSION_COOKIE, ""))
        .http_only(true)
        .path("/")
        .same_site(SameSite::Lax)
        .secure(secure)
        .max_age(time::Duration::ZERO)
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
        session_token(&headers)
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
