//! The sections of the settings, one file each.

use leptos::prelude::*;
use protocol::Timestamp;

use crate::components::{moment::lately, woven::woven};

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
    let views = moments.iter().map(|(name, at)| (*name, lately(*at, today)));
    woven(sentence, views.collect())
}
