//! The pages.

/// People, invitations, registration and the audit log.
pub mod admin;
/// The conversations, and the one that is open.
pub mod chat;
/// Signing in.
pub mod login;
/// An address that leads nowhere.
pub mod not_found;
/// What a person can change about themselves.
pub mod settings;
