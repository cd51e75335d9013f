//! How often somebody may do something.
//!
//! Each limit is a bucket (GCRA, as in ITU-T I.371): so many at once, then one every so often. What
//! is counted is an address, where nobody is signed in, or an account. An IPv6 network of 64 bits
//! counts as one address, because whoever has one has all of it.

use std::{
    collections::HashMap,
    hash::Hash,
    net::{IpAddr, Ipv6Addr},
    num::NonZeroU32,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use governor::{
    Quota, RateLimiter,
    clock::{Clock, DefaultClock},
    middleware::NoOpMiddleware,
    state::keyed::DefaultKeyedStateStore,
};
use protocol::{ErrorBody, ErrorCode};

use super::ServiceError;
use crate::storage::UserId;

/// So many at once, and one more after each `every`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    pub burst: NonZeroU32,
    pub every: Duration,
}

impl Rate {
    /// `burst` at once and as many again in each `period`.
    pub const fn new(burst: u32, period: Duration) -> Self {
        let burst = NonZeroU32::new(burst).expect("a limit of at least one");
        Self {
            burst,
            every: Duration::from_nanos(period.as_nanos() as u64 / burst.get() as u64),
        }
    }
}

/// Every limit. The contract's floors: 30 sign-ins a minute from one address, a burst of 300 events
/// of one socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rates {
    /// Tries to sign in, from one address.
    pub sign_in: Rate,
    /// Failures to sign in to one account, wherever from: what an attack from many addresses gets.
    pub failures: Rate,
    /// Accounts made and links tried, from one address.
    pub join: Rate,
    /// Connections begun, from one address.
    pub connect: Rate,
    /// Events of one account.
    pub events: Rate,
    /// Groups made by one account.
    pub groups: Rate,
    /// Requests of one account to `/web`.
    pub requests: Rate,
    /// Changes to one's own account, and what admins do.
    pub changes: Rate,
}

const MINUTE: Duration = Duration::from_secs(60);

impl Default for Rates {
    fn default() -> Self {
        Self {
            sign_in: Rate::new(60, MINUTE),
            failures: Rate::new(30, Duration::from_secs(15 * 60)),
            join: Rate::new(30, Duration::from_secs(10 * 60)),
            connect: Rate::new(600, MINUTE),
            events: Rate::new(1_000, Duration::from_secs(30)),
            groups: Rate::new(30, Duration::from_secs(10 * 60)),
            requests: Rate::new(600, MINUTE),
            changes: Rate::new(60, Duration::from_secs(5 * 60)),
        }
    }
}

/// Most keys that one limit remembers before those that have recovered are forgotten.
const MANY_KEYS: usize = 10_000;

/// A limit for each key.
#[derive(Debug)]
pub struct Limit<K: Hash + Eq + Clone> {
    limiter: RateLimiter<K, DefaultKeyedStateStore<K>, DefaultClock, NoOpMiddleware>,
}

impl<K: Hash + Eq + Clone> Limit<K> {
    pub fn new(rate: Rate) -> Self {
        let quota = Quota::with_period(rate.every)
            .unwrap_or_else(|| Quota::per_second(rate.burst))
            .allow_burst(rate.burst);
        Self {
            limiter: RateLimiter::keyed(quota),
        }
    }

    /// Counts one; refuses it if it is one too many, and says when to try again.
    pub fn check(&self, key: &K) -> Result<(), ServiceError> {
        match self.count(key) {
            None => Ok(()),
            Some(wait) => Err(ServiceError::Refused(too_many(wait))),
        }
    }

    /// Counts one; says how long to wait if it is one too many.
    fn count(&self, key: &K) -> Option<Duration> {
        if self.limiter.len() > MANY_KEYS {
            self.limiter.retain_recent();
        }
        let refused = self.limiter.check_key(key).err()?;
        Some(refused.wait_time_from(DefaultClock::default().now()))
    }
}

/// A limit on what fails. What succeeds counts nothing, so nobody is refused for signing in often.
#[derive(Debug)]
pub struct Failures {
    limit: Limit<String>,
    /// Until when nobody may try.
    blocked: Mutex<HashMap<String, Instant>>,
}

impl Failures {
    fn new(rate: Rate) -> Self {
        Self {
            limit: Limit::new(rate),
            blocked: Mutex::default(),
        }
    }

    /// Refuses a try after too many failures.
    pub fn check(&self, key: &str) -> Result<(), ServiceError> {
        let blocked = self.blocked.lock().unwrap_or_else(PoisonError::into_inner);
        let wait = blocked
            .get(key)
            .map(|until| until.saturating_duration_since(Instant::now()))
            .filter(|wait| !wait.is_zero());
        match wait {
            None => Ok(()),
            Some(wait) => Err(ServiceError::Refused(too_many(wait))),
        }
    }

    /// Counts a failure.
    pub fn count(&self, key: &str) {
        let Some(wait) = self.limit.count(&key.to_owned()) else {
            return;
        };
        let now = Instant::now();
        let mut blocked = self.blocked.lock().unwrap_or_else(PoisonError::into_inner);
        if blocked.len() >= MANY_KEYS {
            blocked.retain(|_, until| *until > now);
        }
        blocked.insert(key.to_owned(), now + wait);
    }
}

fn too_many(wait: Duration) -> ErrorBody {
    let seconds = u32::try_from(wait.as_millis().div_ceil(1_000))
        .unwrap_or(u32::MAX)
        .max(1);
    // Whole sentences, which clients know in other languages.
    let sentence = match seconds {
        1 => "That was too often. Try again in a second.".to_owned(),
        2..120 => format!("That was too often. Try again in {seconds} seconds."),
        _ => {
            let minutes = seconds.div_ceil(60);
            format!("That was too often. Try again in {minutes} minutes.")
        }
    };
    let mut body = ErrorBody::new(ErrorCode::TooManyRequests, sentence);
    body.retry_after = Some(seconds);
    body
}

/// The part of an address by which one visitor is told from another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Network(IpAddr);

impl Network {
    pub fn of(address: IpAddr) -> Self {
        Self(match address {
            IpAddr::V4(_) => address,
            IpAddr::V6(address) => match address.to_ipv4_mapped() {
                Some(address) => IpAddr::V4(address),
                None => {
                    let [a, b, c, d, ..] = address.segments();
                    IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
                }
            },
        })
    }
}

/// What has a limit. Without any where people sign in by name alone.
#[derive(Debug)]
pub struct Limits {
    pub sign_in: Limit<Network>,
    pub failures: Failures,
    pub join: Limit<Network>,
    pub connect: Limit<Network>,
    pub events: Limit<UserId>,
    pub groups: Limit<UserId>,
    pub requests: Limit<UserId>,
    pub changes: Limit<UserId>,
}

impl Limits {
    pub fn new(rates: &Rates) -> Self {
        Self {
            sign_in: Limit::new(rates.sign_in),
            failures: Failures::new(rates.failures),
            join: Limit::new(rates.join),
            connect: Limit::new(rates.connect),
            events: Limit::new(rates.events),
            groups: Limit::new(rates.groups),
            requests: Limit::new(rates.requests),
            changes: Limit::new(rates.changes),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn so_many_pass_and_the_next_is_told_when_to_try_again() {
        let limit = Limit::new(Rate::new(3, MINUTE));
        for _ in 0..3 {
            limit.check(&"a").expect("within the burst");
        }
        let Err(ServiceError::Refused(refusal)) = limit.check(&"a") else {
            panic!("one too many");
        };
        assert_eq!(refusal.code, ErrorCode::TooManyRequests);
        assert_eq!(refusal.retry_after, Some(20));
        limit.check(&"b").expect("another one is not concerned");
    }

    #[test]
    fn only_failures_count_and_after_too_many_nobody_may_try() {
        let failures = Failures::new(Rate::new(3, MINUTE));
        for _ in 0..100 {
            failures.check("alice").expect("nothing has failed");
        }
        for _ in 0..4 {
            failures.check("alice").expect("not too many yet");
            failures.count("alice");
        }
        assert!(failures.check("alice").is_err());
        failures.check("bob").expect("another one is not concerned");
    }

    #[test]
    fn the_floors_of_the_contract_hold() {
        let rates = Rates::default();
        assert!(rates.sign_in.burst.get() >= 30 && rates.sign_in.every <= MINUTE / 30);
        assert!(rates.events.burst.get() >= 300);
    }

    #[test]
    fn an_ipv6_network_is_one_visitor_and_a_mapped_address_is_what_it_maps() {
        let network = |address: &str| Network::of(address.parse().expect("an address"));
        assert_eq!(network("2001:db8::1"), network("2001:db8::2:3"));
        assert_ne!(network("2001:db8::1"), network("2001:db8:0:1::1"));
        assert_eq!(network("::ffff:192.0.2.1"), network("192.0.2.1"));
        assert_ne!(network("192.0.2.1"), network("192.0.2.2"));
    }

    #[test]
    fn keys_that_have_recovered_are_forgotten() {
        let limit = Limit::new(Rate::new(1, Duration::from_nanos(1)));
        for key in 0..3 * MANY_KEYS {
            limit.check(&key).expect("within the burst");
        }
        assert!(limit.limiter.len() <= MANY_KEYS + 1);
    }
}
