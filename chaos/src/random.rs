//! Chance that a seed repeats: on every machine, with every version of every dependency.

use std::time::Duration;

/// SplitMix64, by Steele, Lea and Flood (<https://doi.org/10.1145/2714064.2660195>).
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Chance of its own for the part of this `name`: what one part draws changes no other's.
    #[must_use]
    pub fn part(&self, name: u64) -> Self {
        let mut mixed = Self(self.0 ^ name.wrapping_mul(0xd134_2543_de82_ef95));
        Self(mixed.next())
    }

    pub const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number from 0 to `bound`, which it is not; 0 where there is no other.
    pub fn below(&mut self, bound: usize) -> usize {
        let bound = bound.max(1) as u64;
        usize::try_from(self.next() % bound).unwrap_or_default()
    }

    /// A number from 0 to 1.
    pub fn fraction(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    pub fn happens(&mut self, probability: f64) -> bool {
        self.fraction() < probability
    }

    pub fn milliseconds(&mut self, from: u64, to: u64) -> Duration {
        Duration::from_millis(from + self.next() % (to - from + 1))
    }

    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> Option<&'a T> {
        items.get(self.below(items.len()))
    }

    /// Fisher and Yates.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_repeats_itself_and_its_parts_differ() {
        let drawn = |mut random: Random| [random.next(), random.next(), random.next()];
        let seed = Random::new(7);
        assert_eq!(drawn(seed.clone()), drawn(Random::new(7)));
        assert_ne!(drawn(seed.part(1)), drawn(seed.part(2)));
        // The reference implementation's first number for the seed 0.
        assert_eq!(Random::new(0).next(), 0xe220_a839_7b1d_cdaf);
    }

    #[test]
    fn numbers_stay_within_their_bounds() {
        let mut random = Random::new(1);
        for _ in 0..1_000 {
            assert!(random.below(3) < 3);
            assert!((0.0..1.0).contains(&random.fraction()));
            let pause = random.milliseconds(5, 7);
            assert!((5..=7).contains(&pause.as_millis()));
        }
        assert_eq!(random.below(0), 0);
    }
}
