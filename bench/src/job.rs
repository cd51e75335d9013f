//! What the load process is told to do, and what it tells afterwards. One line of JSON each.

use serde::{Deserialize, Serialize};

/// Where the load goes, and what it is.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Job {
    pub origin: String,
    /// Whether a socket needs a token, for which one signs in by name.
    pub signs_in: bool,
    pub load: Load,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Load {
    /// `pairs` senders, each with a receiver of their own, who acknowledges. Each sender keeps
    /// `in_flight` messages unanswered, for `seconds`.
    Private {
        pairs: usize,
        in_flight: usize,
        seconds: f64,
    },
    /// A group of `members`, all connected with a socket each; every one of them acknowledges.
    /// `senders` of them keep `in_flight` messages each that not everybody has, for `seconds`.
    Group {
        members: usize,
        senders: usize,
        in_flight: usize,
        seconds: f64,
    },
    /// The same group, at `rate` messages a second, whether or not the ones before have arrived.
    GroupAtRate {
        members: usize,
        rate: f64,
        seconds: f64,
    },
    /// So many sockets, one for each person, that do nothing until the line `done` comes.
    Idle { connections: usize },
    /// `connections` sockets that resync; when the line `restarted` comes they have lost theirs and
    /// come back by themselves. One of them sends all the time.
    Storm { connections: usize },
    /// One after the other, so many private messages from `sender` to `receiver`, who need not be
    /// here; and before that, `others` sockets of other people that do nothing.
    OneByOne {
        sender: String,
        target: Target,
        others: usize,
        messages: usize,
    },
    /// `pages` pages of 50 messages from random places of a conversation's history.
    Pages {
        reader: String,
        conversation: String,
        last_seq: u64,
        pages: usize,
    },
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Target {
    Person(String),
    Group(String),
}

/// What became of it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Outcome {
    /// Acknowledged messages.
    pub acknowledged: u64,
    /// Messages that reached a receiver.
    pub deliveries: u64,
    /// For how long both were counted, in seconds.
    pub seconds: f64,
    /// How much of its processor time the load process did not need, from 0 to 1.
    pub headroom: f64,
    /// What was waited for, each time, in milliseconds: an acknowledgement, or the last receiver.
    pub waits: Vec<f64>,
    /// What went wrong, a sentence each.
    pub failures: Vec<String>,
    /// For a storm: until everybody was connected and resynced again, in seconds.
    pub settled: f64,
}
