//! The parts of the administration, one file each.

use leptos::prelude::*;

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

/// A sentence with views in place of their names in braces.
fn woven(sentence: &'static str, mut views: Vec<(&str, AnyView)>) -> AnyView {
    let parts = sentence.split(['{', '}']).map(|part| {
        let place = views.iter().position(|(name, _)| *name == part);
        match place {
            Some(place) => views.swap_remove(place).1,
            None => part.into_any(),
        }
    });
    parts.collect_view().into_any()
}
