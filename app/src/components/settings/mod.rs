//! The sections of the settings, one file each.

pub mod deactivate;
pub mod devices;
pub mod passkeys;
pub mod password;
pub mod profile;
pub mod recovery_codes;
pub mod this_browser;
