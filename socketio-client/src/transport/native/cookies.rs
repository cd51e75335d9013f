//! Cookies of the server, kept between the requests of one client (RFC 6265). They go to no other
//! origin, because a client talks to one.

use std::sync::{Arc, Mutex, PoisonError};

use cookie::{Cookie, CookieJar};
use hyper::HeaderMap;
use hyper::header::{HeaderValue, SET_COOKIE};

/// Most cookies that are kept. What comes beyond that is ignored.
const MAX_COOKIES: usize = 50;

/// The cookies of one client. Clones share them. Empty for one that keeps none.
#[derive(Clone, Default)]
pub(super) struct Cookies(Option<Arc<Mutex<CookieJar>>>);

impl Cookies {
    pub(super) fn new(keeps: bool) -> Self {
        Self(keeps.then(Arc::default))
    }

    /// Takes note of what an answer sets. A cookie whose time is over is forgotten.
    pub(super) fn receive(&self, headers: &HeaderMap) {
        let Some(jar) = &self.0 else {
            return;
        };
        let mut jar = jar.lock().unwrap_or_else(PoisonError::into_inner);
        let values = headers.get_all(SET_COOKIE).iter();
        for text in values.filter_map(|value| value.to_str().ok()) {
            let Ok(cookie) = Cookie::parse(text.to_owned()) else {
                continue;
            };
            let is_over = cookie.max_age().is_some_and(|age| !age.is_positive());
            let is_known = jar.get(cookie.name()).is_some();
            if is_over {
                jar.force_remove(cookie.name());
            } else if is_known || jar.iter().count() < MAX_COOKIES {
                jar.add_original(cookie);
            }
        }
    }

    /// The value of the header `Cookie`, if there is something to send.
    pub(super) fn header(&self) -> Option<HeaderValue> {
        let jar = self.0.as_ref()?;
        let jar = jar.lock().unwrap_or_else(PoisonError::into_inner);
        let pairs: Vec<String> = jar
            .iter()
            .map(|cookie| cookie.stripped().to_string())
            .collect();
        if pairs.is_empty() {
            return None;
        }
        HeaderValue::from_str(&pairs.join("; ")).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(answers: &[&str]) -> Option<String> {
        let cookies = Cookies::new(true);
        for answer in answers {
            let mut headers = HeaderMap::new();
            headers.append(SET_COOKIE, HeaderValue::from_str(answer).unwrap());
            cookies.receive(&headers);
        }
        let header = cookies.header()?;
        Some(header.to_str().unwrap().to_owned())
    }

    #[test]
    fn what_was_set_last_is_sent_without_its_attributes() {
        assert_eq!(after(&[]), None);
        let answers = ["io=1; Path=/; HttpOnly", "io=2; SameSite=Strict"];
        assert_eq!(after(&answers).as_deref(), Some("io=2"));
    }

    #[test]
    fn a_cookie_whose_time_is_over_is_forgotten() {
        assert_eq!(after(&["io=1", "io=; Max-Age=0"]), None);
    }

    #[test]
    fn what_is_no_cookie_is_ignored() {
        assert_eq!(after(&["", "=;", ";;;"]), None);
    }

    #[test]
    fn no_more_are_kept_than_may_be() {
        let answers: Vec<String> = (0..60).map(|number| format!("c{number}=1")).collect();
        let answers: Vec<&str> = answers.iter().map(String::as_str).collect();
        let kept = after(&answers).unwrap();
        assert_eq!(kept.split("; ").count(), MAX_COOKIES);
    }

    #[test]
    fn who_keeps_none_sends_none() {
        let cookies = Cookies::new(false);
        let mut headers = HeaderMap::new();
        headers.append(SET_COOKIE, HeaderValue::from_static("io=1"));
        cookies.receive(&headers);
        assert_eq!(cookies.header(), None);
    }
}
