//! Light, dark, or whatever the system says; roomy or compact.

use leptos::prelude::*;

use crate::{language::translate, persistence};

/// What the choice is called where it is kept; the served page reads it too.
const THEME: &str = "theme";
const DENSITY: &str = "density";

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

    /// What the button is called that goes through the themes.
    pub fn label(self) -> &'static str {
        match self {
            Self::System => translate("Theme: system"),
            Self::Light => translate("Theme: light"),
            Self::Dark => translate("Theme: dark"),
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
        put_on_page("data-theme", self.attribute());
    }

    /// What it is called where it is kept and on the page; nothing for the system's.
    pub const fn attribute(self) -> Option<&'static str> {
        match self {
            Self::System => None,
            Self::Light => Some("light"),
            Self::Dark => Some("dark"),
        }
    }
}

/// How much room there is between things.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Density {
    #[default]
    Roomy,
    Compact,
}

impl Density {
    /// The density that was chosen in this browser.
    pub fn chosen() -> Self {
        match persistence::choice(DENSITY).as_deref() {
            Some("compact") => Self::Compact,
            _ => Self::Roomy,
        }
    }

    /// Keeps the choice for the next visit.
    pub fn keep(self) {
        persistence::keep_choice(DENSITY, self.attribute());
    }

    /// Puts it on the page.
    pub fn apply(self) {
        put_on_page("data-density", self.attribute());
    }

    /// What it is called where it is kept and on the page; nothing for the usual one.
    pub const fn attribute(self) -> Option<&'static str> {
        match self {
            Self::Roomy => None,
            Self::Compact => Some("compact"),
        }
    }
}

fn put_on_page(attribute: &str, value: Option<&str>) {
    if let Some(root) = document().document_element() {
        let _ = match value {
            Some(value) => root.set_attribute(attribute, value),
            None => root.remove_attribute(attribute),
        };
    }
}
