//! What browsers have to sign, until they have: kept in the process, for five minutes, used once.
//!
//! Where several servers share a database, the browser's second request has to reach the one that
//! answered its first. Sockets need the proxy to see to that anyway.

use std::{
    collections::HashMap,
    fmt,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};

/// How long somebody may take, as section 15.1 recommends.
pub const LENGTH: Duration = Duration::from_secs(5 * 60);

/// The challenges of one purpose. Those of another are another such set, so none passes for one of
/// these.
pub struct Challenges<T> {
    most: usize,
    waiting: Mutex<HashMap<String, Waiting<T>>>,
}

struct Waiting<T> {
    /// The session that has asked, where there is one.
    session: Option<String>,
    until: Instant,
    state: T,
}

impl<T> fmt::Debug for Challenges<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Challenges")
            .field("most", &self.most)
            .finish_non_exhaustive()
    }
}

impl<T> Challenges<T> {
    /// At most so many at the same time.
    pub fn new(most: usize) -> Self {
        Self {
            most,
            waiting: Mutex::default(),
        }
    }

    /// Keeps what belongs to a challenge; the answer is where.
    pub fn put(&self, session: Option<&str>, state: T) -> String {
        self.put_at(Instant::now(), session, state)
    }

    /// Takes out what was kept for this session, if its time is not over. It is gone then, whatever
    /// comes of it.
    pub fn take(&self, session: Option<&str>, id: &str) -> Option<T> {
        self.take_at(Instant::now(), session, id)
    }

    fn put_at(&self, now: Instant, session: Option<&str>, state: T) -> String {
        let id = BASE64_URL_SAFE_NO_PAD.encode(rand::random::<[u8; 16]>());
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.retain(|_, waiting| waiting.until > now);
        if waiting.len() >= self.most {
            let oldest = waiting.iter().min_by_key(|(_, waiting)| waiting.until);
            if let Some(oldest) = oldest.map(|(id, _)| id.clone()) {
                waiting.remove(&oldest);
            }
        }
        let entry = Waiting {
            session: session.map(ToOwned::to_owned),
            until: now + LENGTH,
            state,
        };
        waiting.insert(id.clone(), entry);
        id
    }

    fn take_at(&self, now: Instant, session: Option<&str>, id: &str) -> Option<T> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let taken = waiting.remove(id)?;
        (taken.until > now && taken.session.as_deref() == session).then_some(taken.state)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn a_challenge_is_used_once() {
        let challenges = Challenges::new(10);
        let id = challenges.put(None, "state");
        assert_eq!(challenges.take(None, &id), Some("state"));
        assert_eq!(challenges.take(None, &id), None);
    }

    #[test]
    fn a_challenge_holds_five_minutes() {
        let challenges = Challenges::new(10);
        let now = Instant::now();
        let [first, second] = ["first", "second"].map(|state| challenges.put_at(now, None, state));
        let late = now + LENGTH;
        assert_eq!(
            challenges.take_at(late - SECOND, None, &first),
            Some("first")
        );
        assert_eq!(challenges.take_at(late, None, &second), None);
    }

    #[test]
    fn a_challenge_is_for_the_session_that_has_asked_and_goes_when_another_takes_it() {
        let challenges = Challenges::new(10);
        let id = challenges.put(Some("mine"), "state");
        assert_eq!(challenges.take(Some("mine"), &id), Some("state"));
        for other in [None, Some("theirs")] {
            let id = challenges.put(Some("mine"), "state");
            assert_eq!(challenges.take(other, &id), None);
            assert_eq!(challenges.take(Some("mine"), &id), None);
        }
    }

    #[test]
    fn a_challenge_of_one_purpose_is_none_of_another() {
        let (adding, confirming) = (Challenges::new(10), Challenges::new(10));
        let id = adding.put(Some("mine"), "state");
        confirming.put(Some("mine"), "state");
        assert_eq!(confirming.take(Some("mine"), &id), None);
        assert_eq!(adding.take(Some("mine"), &id), Some("state"));
    }

    #[test]
    fn when_there_are_too_many_the_expired_go_and_then_the_oldest() {
        let challenges = Challenges::new(2);
        let start = Instant::now();
        let expired = challenges.put_at(start, None, 0);
        let now = start + LENGTH;
        let oldest = challenges.put_at(now, None, 1);
        let newer = challenges.put_at(now + SECOND, None, 2);
        let newest = challenges.put_at(now + 2 * SECOND, None, 3);
        let later = now + 3 * SECOND;
        let left = [expired, oldest, newer, newest].map(|id| challenges.take_at(later, None, &id));
        assert_eq!(left, [None, None, Some(2), Some(3)]);
    }

    #[test]
    fn ids_have_128_bits_and_no_two_are_the_same() {
        let challenges = Challenges::new(10);
        let ids = [(), ()].map(|()| challenges.put(None, ()));
        assert_eq!(ids.each_ref().map(String::len), [22, 22]);
        assert_ne!(ids[0], ids[1]);
    }
}
