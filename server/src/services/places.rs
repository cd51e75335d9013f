//! How many of something there may be at the same time: connections, and sessions of sockets.
//!
//! Limits say how often; places say how many at once. Whoever takes one gives it back by dropping it.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use super::limits::Network;

/// So many places, and so many of them for one network.
#[derive(Clone, Debug)]
pub struct Places(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    most: usize,
    /// `None`: as many as there are.
    most_of_network: Option<usize>,
    taken: Mutex<Taken>,
}

#[derive(Debug, Default)]
struct Taken {
    all: usize,
    by_network: HashMap<Network, usize>,
}

/// Why there is no place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Full {
    #[error("one network has as many as it may")]
    OfNetwork,
    #[error("there are as many as there may be")]
    OfAll,
}

impl Places {
    pub fn new(most: usize, most_of_network: Option<usize>) -> Self {
        Self(Arc::new(Inner {
            most,
            most_of_network,
            taken: Mutex::default(),
        }))
    }

    /// Takes a place, for a network if it is known which.
    pub fn take(&self, network: Option<Network>) -> Result<Place, Full> {
        let mut taken = self.0.taken();
        if taken.all >= self.0.most {
            return Err(Full::OfAll);
        }
        let network = self.0.most_of_network.and(network);
        if let Some(network) = network {
            let count = taken.by_network.entry(network).or_default();
            if self.0.most_of_network.is_some_and(|most| *count >= most) {
                return Err(Full::OfNetwork);
            }
            *count += 1;
        }
        taken.all += 1;
        Ok(Place(Arc::new(Held {
            places: self.clone(),
            network,
        })))
    }

    /// How many are taken.
    pub fn taken(&self) -> usize {
        self.0.taken().all
    }
}

impl Inner {
    fn taken(&self) -> std::sync::MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A place that is taken until the last copy is dropped.
#[derive(Clone, Debug)]
pub struct Place(#[expect(dead_code, reason = "held for its drop")] Arc<Held>);

#[derive(Debug)]
struct Held {
    places: Places,
    network: Option<Network>,
}

impl Drop for Held {
    fn drop(&mut self) {
        let mut taken = self.places.0.taken();
        taken.all -= 1;
        let Some(network) = self.network else { return };
        if let Some(count) = taken.by_network.get_mut(&network) {
            *count -= 1;
            // Otherwise every network that ever came would be remembered.
            if *count == 0 {
                taken.by_network.remove(&network);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network(address: &str) -> Option<Network> {
        Some(Network::of(address.parse().expect("an address")))
    }

    #[test]
    fn one_network_leaves_places_for_others() {
        let places = Places::new(3, Some(2));
        let first = places.take(network("192.0.2.1")).expect("a place");
        let _second = places.take(network("192.0.2.1")).expect("a place");
        assert_eq!(
            places.take(network("192.0.2.1")).err(),
            Some(Full::OfNetwork)
        );
        let _third = places.take(network("192.0.2.2")).expect("a place");
        assert_eq!(places.take(network("192.0.2.3")).err(), Some(Full::OfAll));
        drop(first);
        let _again = places.take(network("192.0.2.1")).expect("a place again");
    }

    #[test]
    fn a_copy_takes_no_second_place_and_keeps_the_first() {
        let places = Places::new(1, None);
        let place = places.take(None).expect("a place");
        let copy = place.clone();
        drop(place);
        assert_eq!(places.taken(), 1);
        drop(copy);
        assert_eq!(places.taken(), 0);
    }

    #[test]
    fn networks_that_have_gone_are_forgotten() {
        let places = Places::new(10, Some(1));
        drop(places.take(network("192.0.2.1")).expect("a place"));
        assert!(places.0.taken().by_network.is_empty());
    }
}
