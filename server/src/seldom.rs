//! What is said again and again is said seldom.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// Says yes at most once in each interval.
#[derive(Debug)]
pub struct Seldom {
    every: Duration,
    last: Mutex<Option<Instant>>,
}

impl Seldom {
    pub const fn new(every: Duration) -> Self {
        Self {
            every,
            last: Mutex::new(None),
        }
    }

    /// Whether it is time again; if so, the next interval begins.
    pub fn now(&self) -> bool {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let is_time = last.is_none_or(|last| last.elapsed() >= self.every);
        if is_time {
            *last = Some(Instant::now());
        }
        is_time
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_time_in_an_interval_is_no_time() {
        let seldom = Seldom::new(Duration::from_secs(3_600));
        assert!(seldom.now());
        assert!(!seldom.now());
        let always = Seldom::new(Duration::ZERO);
        assert!(always.now() && always.now());
    }
}
