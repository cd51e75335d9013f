//! The server as its clients see it: a real one on a free port, with a database of its own, and
//! our own native client. Files are named after the part of the contract that they test.
//!
//! The databases are SQLite files, or on the PostgreSQL server that `NATTER_TEST_DATABASE_URL` names.

mod authenticator;
mod ceremonies;
mod database;
mod polling;
mod support;
mod wire;

mod abuse;
mod accounts;
mod administration;
mod changes;
mod command_line;
mod commits;
mod delivery;
mod event_fuzz;

mod group_events;
mod groups;
mod handshake;
mod headers;
mod histories;
mod input;
mod logs;
mod membership;
mod messages;
mod openapi;
mod outage;
mod passkey_proofs;
mod passkeys;
mod people;
mod positions;
mod privacy;
mod process;
mod session;
mod sessions;
mod slow;
mod storage;
mod tls;
mod transfer;
mod typing;
