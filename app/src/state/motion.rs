//! Whether somebody scrolls: browsers move a page over several frames, and stop where it scrolls by itself.

use protocol::Timestamp;

/// So long a browser goes on after a key, a turn of the wheel or a finger.
const GOES_ON_MILLISECONDS: i64 = 300;

/// One stretch of scrolling after the other.
#[derive(Clone, Copy, Debug, Default)]
pub struct Motion {
    last: Option<Timestamp>,
    has_run_out: bool,
}

impl Motion {
    /// Somebody scrolls, or is about to.
    pub fn go_on(&mut self, now: Timestamp) {
        self.has_run_out &= self.is_under_way(now);
        self.last = Some(now);
    }

    /// Whether something that would stop the motion can wait until it ends: as long as there `is_way` to go. Once there
    /// was none, all that is left comes at once, so that whoever goes on is stopped once and not again and again.
    pub fn lets_wait(&mut self, now: Timestamp, is_way: impl FnOnce() -> bool) -> bool {
        let is_under_way = self.is_under_way(now);
        self.has_run_out = is_under_way && (self.has_run_out || !is_way());
        is_under_way && !self.has_run_out
    }

    fn is_under_way(&self, now: Timestamp) -> bool {
        self.last
            .is_some_and(|last| (0..GOES_ON_MILLISECONDS).contains(&(now.0 - last.0)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moving(at: i64) -> Motion {
        let mut motion = Motion::default();
        motion.go_on(Timestamp(at));
        motion
    }

    #[test]
    fn nothing_waits_for_somebody_who_does_not_scroll() {
        assert!(!Motion::default().lets_wait(Timestamp(0), || true));
        assert!(!moving(1_000).lets_wait(Timestamp(1_300), || true));
        assert!(
            !moving(1_000).lets_wait(Timestamp(0), || true),
            "clocks can go back"
        );
    }

    #[test]
    fn what_is_out_of_view_waits_while_there_is_some_way_to_scroll() {
        let mut motion = moving(1_000);
        assert!(motion.lets_wait(Timestamp(1_299), || true));
        motion.go_on(Timestamp(1_299));
        assert!(motion.lets_wait(Timestamp(1_598), || true));
    }

    #[test]
    fn whoever_has_run_out_of_way_is_not_stopped_again_in_the_same_motion() {
        let mut motion = moving(1_000);
        assert!(!motion.lets_wait(Timestamp(1_010), || false));
        motion.go_on(Timestamp(1_020));
        assert!(!motion.lets_wait(Timestamp(1_030), || true));
        motion.go_on(Timestamp(1_320));
        assert!(motion.lets_wait(Timestamp(1_330), || true));
    }
}
