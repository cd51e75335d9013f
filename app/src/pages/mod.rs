//! The pages.

/// People, invitations, registration and the audit log.
pub mod admin;
/// The conversations, and the one that is open.
pub mod chat;
/// Making an account, or setting a password by a link.
pub mod join;
/// Signing in.
pub mod login;
/// An address that leads nowhere.
pub mod not_found;
/// Signing in with a passkey.
pub mod passkey;
/// Setting a password by a recovery code.
pub mod recover;
/// What a person can change about themselves.
pub mod settings;
/// Signing out.
pub mod sign_out;

/// One try to come in after the other.
mod entry;
