//! What goes wrong, and when: drawn from the seed alone, whatever this machine can do.
//!
//! Rounds follow one another without end, and each holds every fault at least once, in an order of
//! its own.

use std::time::Duration;

use clap::ValueEnum;

use crate::random::Random;

/// A kind of fault; a row of the table at the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, ValueEnum)]
pub enum FaultKind {
    Kill,
    Deploy,
    Freeze,
    Clock,
    DiskFull,
    DatabaseRestart,
    Cut,
    HalfOpen,
    LostResponses,
    Delay,
    Loss,
    Crash,
    Away,
}

impl FaultKind {
    pub const ALL: [Self; 13] = [
        Self::Kill,
        Self::Deploy,
        Self::Freeze,
        Self::Clock,
        Self::DiskFull,
        Self::DatabaseRestart,
        Self::Cut,
        Self::HalfOpen,
        Self::LostResponses,
        Self::Delay,
        Self::Loss,
        Self::Crash,
        Self::Away,
    ];

    /// How many of them are in a round.
    const fn share(self) -> usize {
        match self {
            Self::Kill | Self::Crash | Self::Away => 3,
            Self::Cut | Self::LostResponses => 2,
            _ => 1,
        }
    }

    pub const fn name(self) -> &'static str {
        match self {
            Self::Kill => "server killed with -9",
            Self::Deploy => "new server deployed",
            Self::Freeze => "server frozen for seconds",
            Self::Clock => "clock moved by an hour",
            Self::DiskFull => "disk full",
            Self::DatabaseRestart => "database restarted",
            Self::Cut => "connections cut",
            Self::HalfOpen => "connections half open",
            Self::LostResponses => "responses lost, then cut",
            Self::Delay => "packets delayed and reordered",
            Self::Loss => "packets lost (30 %)",
            Self::Crash => "client crashed",
            Self::Away => "client away",
        }
    }
}

/// One fault with everything that chance decides about it.
#[derive(Clone, Debug, PartialEq)]
pub enum Fault {
    /// The server is killed, and comes back after `down`.
    Kill {
        down: Duration,
    },
    /// The server is asked to stop, and another program file takes its place.
    Deploy,
    Freeze {
        lasts: Duration,
    },
    /// The server is killed, and comes back with the other clock: see [`crate::clock`].
    Clock,
    DiskFull {
        lasts: Duration,
    },
    DatabaseRestart,
    Cut {
        share: f64,
    },
    HalfOpen {
        share: f64,
        lasts: Duration,
    },
    LostResponses {
        share: f64,
        lasts: Duration,
    },
    Delay {
        up_to: Duration,
        lasts: Duration,
    },
    Loss {
        lasts: Duration,
    },
    /// The client with this number, counted round and round, forgets all but its outbox.
    Crash {
        client: usize,
    },
    Away {
        client: usize,
        lasts: Duration,
    },
}

impl Fault {
    pub const fn kind(&self) -> FaultKind {
        match self {
            Self::Kill { .. } => FaultKind::Kill,
            Self::Deploy => FaultKind::Deploy,
            Self::Freeze { .. } => FaultKind::Freeze,
            Self::Clock => FaultKind::Clock,
            Self::DiskFull { .. } => FaultKind::DiskFull,
            Self::DatabaseRestart => FaultKind::DatabaseRestart,
            Self::Cut { .. } => FaultKind::Cut,
            Self::HalfOpen { .. } => FaultKind::HalfOpen,
            Self::LostResponses { .. } => FaultKind::LostResponses,
            Self::Delay { .. } => FaultKind::Delay,
            Self::Loss { .. } => FaultKind::Loss,
            Self::Crash { .. } => FaultKind::Crash,
            Self::Away { .. } => FaultKind::Away,
        }
    }

    fn draw(kind: FaultKind, random: &mut Random) -> Self {
        let share = 0.2 + 0.8 * random.fraction();
        let lasts = random.milliseconds(1_500, 5_000);
        let client = random.below(1 << 20);
        match kind {
            FaultKind::Kill => Self::Kill {
                down: random.milliseconds(0, 1_200),
            },
            FaultKind::Deploy => Self::Deploy,
            FaultKind::Freeze => Self::Freeze { lasts },
            FaultKind::Clock => Self::Clock,
            FaultKind::DiskFull => Self::DiskFull { lasts },
            FaultKind::DatabaseRestart => Self::DatabaseRestart,
            FaultKind::Cut => Self::Cut { share },
            // Some longer than a client waits for an acknowledgement.
            FaultKind::HalfOpen => Self::HalfOpen {
                share,
                lasts: random.milliseconds(2_000, 12_000),
            },
            FaultKind::LostResponses => Self::LostResponses {
                share,
                lasts: random.milliseconds(100, 1_500),
            },
            FaultKind::Delay => Self::Delay {
                up_to: random.milliseconds(20, 400),
                lasts,
            },
            FaultKind::Loss => Self::Loss { lasts },
            FaultKind::Crash => Self::Crash { client },
            // Mostly a moment, now and then long.
            FaultKind::Away => Self::Away {
                client,
                lasts: if random.happens(0.25) {
                    random.milliseconds(15_000, 60_000)
                } else {
                    random.milliseconds(500, 6_000)
                },
            },
        }
    }
}

/// Faults without end, each with the time since the one before.
#[derive(Debug)]
pub struct Schedule {
    random: Random,
    round: Vec<FaultKind>,
}

impl Schedule {
    /// Shortest and longest pause between two faults, in milliseconds.
    const PAUSE: (u64, u64) = (200, 3_000);

    pub fn new(seed: u64) -> Self {
        Self {
            random: Random::new(seed).part(0),
            round: Vec::new(),
        }
    }
}

impl Iterator for Schedule {
    type Item = (Duration, Fault);

    fn next(&mut self) -> Option<Self::Item> {
        if self.round.is_empty() {
            self.round = FaultKind::ALL
                .into_iter()
                .flat_map(|kind| std::iter::repeat_n(kind, kind.share()))
                .collect();
            self.random.shuffle(&mut self.round);
        }
        let kind = self.round.pop()?;
        let (shortest, longest) = Self::PAUSE;
        let pause = self.random.milliseconds(shortest, longest);
        Some((pause, Fault::draw(kind, &mut self.random)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_repeats_its_schedule() {
        let first = |seed| Schedule::new(seed).take(200).collect::<Vec<_>>();
        assert_eq!(first(5), first(5));
        assert_ne!(first(5), first(6));
    }

    #[test]
    fn a_round_holds_every_kind() {
        let length = FaultKind::ALL.map(FaultKind::share).iter().sum();
        let round: Vec<_> = Schedule::new(3).take(length).collect();
        for kind in FaultKind::ALL {
            let drawn = round.iter().filter(|(_, fault)| fault.kind() == kind);
            assert_eq!(drawn.count(), kind.share(), "{kind:?}");
        }
    }
}
