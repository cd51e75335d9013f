//! The tables. Positions and `seq` are 64 bits wide, times are milliseconds since the Unix epoch.

pub mod accounts;
pub mod audit_entries;
pub mod conversations;
pub mod cursors;
pub mod departures;
pub mod group_events;
pub mod links;
pub mod members;
pub mod messages;
pub mod passkeys;
pub mod read_times;
pub mod recovery_codes;
pub mod sessions;
pub mod settings;

use std::fmt;

use sea_orm::DeriveValueType;

/// What nobody may read in a log: the hash of a password or a token, a passkey's record.
#[derive(Clone, PartialEq, Eq, DeriveValueType)]
pub struct Hidden(pub String);

impl fmt::Debug for Hidden {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Hidden(…)")
    }
}
