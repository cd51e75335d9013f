//! The server as its clients see it: a real one on a free port, with a database of its own, and
//! our own native client. Files are named after the part of the contract that they test.
//!
//! The databases are SQLite files, or on the PostgreSQL server that `NATTER_TEST_DATABASE_URL` names.

mod database;
mod support;

mod changes;
mod commits;
mod delivery;
mod event_fuzz;

mod groups;
mod handshake;
mod histories;
mod membership;
mod messages;
mod openapi;
mod outage;
mod positions;
mod process;
mod session;
mod slow;
mod storage;
mod transfer;
