//! How long to wait before the next attempt to connect.

use std::time::Duration;

/// Whether, how soon and how often a lost connection is tried again.
///
/// The delay begins at [`delay`](Self::delay), doubles with each attempt up to
/// [`delay_max`](Self::delay_max), and is spread by [`jitter`](Self::jitter), so that the clients
/// of a server that went away do not come back all at once.
#[derive(Clone, Debug, PartialEq)]
pub struct Reconnection {
    /// The delay before the first attempt. 1 second by default.
    pub delay: Duration,
    /// No delay is longer than this. 5 seconds by default.
    pub delay_max: Duration,
    /// By which share a delay may be shorter or longer, from 0 to 1. 0.5 by default.
    pub jitter: f64,
    /// How many attempts are made in a row before giving up. `None`, the default, means no limit.
    pub attempts: Option<u32>,
}

impl Default for Reconnection {
    fn default() -> Self {
        Self {
            delay: Duration::from_secs(1),
            delay_max: Duration::from_secs(5),
            jitter: 0.5,
            attempts: None,
        }
    }
}

impl Reconnection {
    /// A lost connection stays lost until `connect()` is called.
    pub fn never() -> Self {
        Self {
            attempts: Some(0),
            ..Self::default()
        }
    }

    /// The delay before attempt number `attempt` (from 1), or `None` when that is one too many.
    ///
    /// `random` is a number from 0 to 1. It picks a place between the shortest and the longest
    /// delay that the jitter allows; the longest is never above the maximum.
    pub fn delay_before(&self, attempt: u32, random: f64) -> Option<Duration> {
        if self.attempts.is_some_and(|limit| attempt > limit) {
            return None;
        }
        let doublings = attempt.saturating_sub(1).min(31);
        let base = self
            .delay
            .saturating_mul(1 << doublings)
            .min(self.delay_max);
        let jitter = fraction(self.jitter);
        let base_millis = base.as_millis() as f64;
        let shortest = base_millis * (1.0 - jitter);
        let longest = (base_millis * (1.0 + jitter)).min(self.delay_max.as_millis() as f64);
        // A cast from f64 saturates and takes NaN for 0, so no input can make this panic.
        let millis = (shortest + (longest - shortest) * fraction(random)) as u64;
        Some(Duration::from_millis(millis))
    }
}

/// Takes anything for a number from 0 to 1.
fn fraction(number: f64) -> f64 {
    if number.is_nan() {
        0.0
    } else {
        number.clamp(0.0, 1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(value: f64) -> Option<Duration> {
        Some(Duration::from_secs_f64(value))
    }

    #[test]
    fn delays_double_up_to_the_maximum() {
        let reconnection = Reconnection {
            jitter: 0.0,
            ..Reconnection::default()
        };
        let delays: Vec<_> = (1..=5)
            .map(|attempt| reconnection.delay_before(attempt, 0.5))
            .collect();
        assert_eq!(delays, [1.0, 2.0, 4.0, 5.0, 5.0].map(seconds));
    }

    #[test]
    fn jitter_spreads_a_delay_by_half_in_both_directions() {
        let reconnection = Reconnection::default();
        assert_eq!(reconnection.delay_before(1, 0.0), seconds(0.5));
        assert_eq!(reconnection.delay_before(1, 0.5), seconds(1.0));
        assert_eq!(reconnection.delay_before(1, 1.0), seconds(1.5));
    }

    #[test]
    fn jitter_still_spreads_the_longest_delay_and_never_exceeds_the_maximum() {
        let reconnection = Reconnection::default();
        assert_eq!(reconnection.delay_before(100, 0.0), seconds(2.5));
        assert_eq!(reconnection.delay_before(100, 1.0), seconds(5.0));
    }

    #[test]
    fn attempts_are_counted() {
        let twice = Reconnection {
            attempts: Some(2),
            ..Reconnection::default()
        };
        assert!(twice.delay_before(2, 0.5).is_some());
        assert_eq!(twice.delay_before(3, 0.5), None);
        assert_eq!(Reconnection::never().delay_before(1, 0.5), None);
    }

    #[test]
    fn absurd_settings_give_a_delay_and_no_panic() {
        let absurd = Reconnection {
            delay: Duration::MAX,
            delay_max: Duration::MAX,
            jitter: f64::NAN,
            attempts: None,
        };
        assert!(absurd.delay_before(u32::MAX, f64::INFINITY).is_some());
    }
}
