//! What all clients share: who there is, where the server seems to be, the ledger, and how far the
//! run has got.

use std::{
    net::SocketAddr,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use protocol::Username;
use tokio::sync::watch;

use crate::{ledger::Ledger, random::Random};

/// A rule that clients can be told to break, so that the audit has something to find.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rules {
    /// Gaps are filled, and what was missed is fetched.
    pub fills_gaps: bool,
}

/// What happened so far.
#[derive(Debug, Default)]
pub struct Counts {
    /// Messages that two tabs send.
    pub twice: AtomicUsize,
    /// Answers that say "later": the server was stopping, or its disk full.
    pub later: AtomicUsize,
    pub connections: AtomicUsize,
}

#[derive(Debug)]
pub struct World {
    /// Where clients go: the proxy.
    pub proxy: SocketAddr,
    pub people: Vec<Username>,
    pub rules: Rules,
    /// Mean time between two doings of one client.
    pub pause: Duration,
    /// Most groups that there will be.
    pub max_groups: usize,
    pub counts: Counts,
    /// From each connection until everything missed was there.
    pub catching_up: Mutex<Vec<Duration>>,
    /// True once nobody begins anything any more.
    pub ending: watch::Sender<bool>,
    ledger: Mutex<Ledger>,
}

impl World {
    pub fn new(proxy: SocketAddr, people: Vec<Username>, rules: Rules, pause: Duration) -> Self {
        Self {
            proxy,
            max_groups: people.len() + 4,
            people,
            rules,
            pause,
            counts: Counts::default(),
            catching_up: Mutex::default(),
            ending: watch::Sender::new(false),
            ledger: Mutex::default(),
        }
    }

    /// Held for moments only, and never together with the state of a client.
    pub fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn current_after(&self, time: Duration) {
        self.catching_up
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(time);
    }

    /// Median and longest time from a connection to being current.
    pub fn median_and_longest(&self) -> Option<(Duration, Duration)> {
        let mut times = self
            .catching_up
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        times.sort_unstable();
        Some((*times.get(times.len() / 2)?, *times.last()?))
    }

    pub fn count(count: &AtomicUsize) {
        count.fetch_add(1, Ordering::Relaxed);
    }

    /// Those with whom somebody exchanges private messages: few, so that conversations grow.
    pub fn circle(&self, person: usize) -> Vec<Username> {
        let everybody = self.people.len();
        let mut circle = Vec::new();
        for distance in [1, 2, 5] {
            for other in [person + distance, person + everybody - distance % everybody] {
                let other = other % everybody;
                if other != person && !circle.contains(&self.people[other]) {
                    circle.push(self.people[other].clone());
                }
            }
        }
        circle
    }
}

/// The people of a run: those that a fresh database has, and as many more as it takes.
pub fn people(count: usize) -> Vec<Username> {
    let first = ["alice", "bob", "carol", "dave"].map(str::to_owned);
    let more = (first.len()..).map(|number| format!("person{number:03}"));
    first
        .into_iter()
        .chain(more)
        .take(count)
        .map(Username::from_trusted)
        .collect()
}

/// A text that says something, mostly short, now and then long or in another script.
pub fn text(random: &mut Random) -> String {
    const WORDS: [&str; 12] = [
        "tea",
        "tomorrow",
        "naïve",
        "東京",
        "🦀",
        "done",
        "why?",
        "ok",
        "Grüße",
        "на месте",
        "<b>",
        "\\\"",
    ];
    let words = if random.happens(0.01) {
        1 + random.below(600)
    } else {
        1 + random.below(12)
    };
    let mut text = format!("{:x}", random.next());
    for _ in 0..words {
        text.push(' ');
        text.push_str(WORDS[random.below(WORDS.len())]);
    }
    text
}
