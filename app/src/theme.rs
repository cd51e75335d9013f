//! Light, dark, or whatever the system says.

use leptos::prelude::*;

use crate::persistence;

/// What the choice is called where it is kept; the served page reads it too.
const THEME: &str = "theme";

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    #[default]
    System,
    Light,
    Dark,
}

impl Theme {
    /// The theme that was chosen in this browser.
    pub fn chosen() -> Self {
        match persistence::choice(THEME).as_deref() {
            Some("light") => Self::Light,
            Some("dark") => Self::Dark,
            _ => Self::System,
        }
    }

    pub const fn name(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// The one that the button brings next.
    pub const fn next(self) -> Self {
        match self {
            Self::System => Self::Light,
            Self::Light => Self::Dark,
            Self::Dark => Self::System,
        }
    }

    /// Keeps the choice for the next visit.
    pub fn keep(self) {
        persistence::keep_choice(THEME, self.attribute());
    }

    /// Puts it on the page.
    pub fn apply(self) {
        if let Some(root) = document().document_element() {
            let _ = match self.attribute() {
                Some(theme) => root.set_attribute("data-theme", theme),
                None => root.remove_attribute("data-theme"),
            };
        }
    }

    const fn attribute(self) -> Option<&'static str> {
        match self {
            Self::System => None,
            theme => Some(theme.name()),
        }
    }
}
