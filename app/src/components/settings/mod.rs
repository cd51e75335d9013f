//! The sections of the settings, one file each.

use leptos::prelude::*;
use protocol::Timestamp;

use crate::components::moment::lately;

pub mod appearance;
pub mod deactivate;
pub mod devices;
pub mod passkeys;
pub mod password;
pub mod privacy;
pub mod profile;
pub mod recovery_codes;
pub mod this_browser;

/// A sentence with moments in place of their names in braces.
fn dated(sentence: &'static str, today: i64, moments: &[(&str, Timestamp)]) -> AnyView {
    let parts = sentence.split(['{', '}']).map(|part| {
        let moment = moments.iter().find(|(name, _)| *name == part);
        match moment {
            Some((_, at)) => lately(*at, today),
            None => part.into_any(),
        }
    });
    parts.collect_view().into_any()
}
