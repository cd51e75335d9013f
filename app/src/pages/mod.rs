//! The pages.

/// Managing people, invitations and the server.
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
/// One's own account.
pub mod settings;
/// Signing out.
pub mod sign_out;

/// One try to come in after the other.
mod entry;
