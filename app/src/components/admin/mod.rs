//! The parts of the administration, one file each.

pub mod audit;
pub mod invitations;
pub mod people;
pub mod registration;
pub mod tabs;

/// What the words of the audit log mean.
mod audit_words;
/// A link that was just made.
mod link;
/// What one can do about one person.
mod person;
/// The questions before somebody's sessions end, or their account.
mod person_questions;
