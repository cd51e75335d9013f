//! The session cookie: HttpOnly, so no script reads it; Lax, so no other site's form sends it.

use axum::http::HeaderMap;
use axum_extra::extract::cookie::{Cookie, CookieJar, SameSite};
use protocol::SESSION_COOKIE;

use crate::services::sessions::SignedIn;

/// The session token that a request carries.
pub fn session_token(headers: &HeaderMap) -> Option<String> {
    CookieJar::from_headers(headers)
        .get(SESSION_COOKIE)
        .map(|cookie| cookie.value().to_owned())
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
