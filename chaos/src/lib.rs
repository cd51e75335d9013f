//! Makes everything go wrong around a running server, and audits what is left.
//!
//! [`run::run`] is the way in. A [`schedule`] drawn from a seed says what goes wrong when,
//! [`faults`] carries it out on the [`server`], the [`proxy`] and the [`client`]s, and [`audit`]
//! compares what clients were told with what is stored.

/// Chance that a seed repeats.
pub mod random;
/// What goes wrong, and when.
pub mod schedule;

/// A proxy between clients and server that can do harm.
pub mod proxy;
/// The server as a process that is killed and started again.
pub mod server;

/// A clock that is an hour off.
pub mod clock;
/// A disk that can be filled.
pub mod disk;
/// Whether the kernel could do harm to packets itself.
pub mod network;

/// What one client holds.
pub mod held;
/// HTTP, as a client needs it.
pub mod http;
/// What every client attempted, and what the server said.
pub mod ledger;

/// Browsers beside the native clients.
pub mod browsers;
/// A person's tab: it signs in, sends, reads, crashes and comes back.
pub mod client;
/// What all clients share.
pub mod world;

/// What clients were told, against what is stored and what they show.
pub mod audit;
/// Carries out what the schedule says.
pub mod faults;
/// The table at the end.
pub mod report;
/// One run from start to audit.
pub mod run;
/// The harness tested: what is broken on purpose has to be found.
pub mod self_test;
