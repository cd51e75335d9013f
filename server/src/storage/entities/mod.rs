//! The tables. Positions and `seq` are 64 bits wide, times are milliseconds since the Unix epoch.

pub mod accounts;
pub mod conversations;
pub mod cursors;
pub mod departures;
pub mod members;
pub mod messages;
pub mod sessions;
