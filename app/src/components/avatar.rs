//! Initials on a colour that stays the same.

use leptos::prelude::*;

use crate::{
    dynamic::{flag, text, when},
    reactive::Computed,
};

/// A picture in place of a picture: decoration beside a name that says the same.
#[component]
pub fn Avatar(
    name: Computed<String>,
    /// What the colour is made of: an id, because names change.
    id: String,
    /// Whether there is a dot, and whether it is lit.
    #[prop(optional)]
    online: Option<Computed<Option<bool>>>,
) -> impl IntoView {
    view! {
        <span class="avatar" aria-hidden="true" style:--hue=hue(&id).to_string()>
            {text(move || name.with(|name| initials(name)))}
            {online.map(|online| {
                when(
                    move || online.with(Option::is_some),
                    move || view! {
                        <span class="presence" data-online=flag(move || online.get() == Some(true))></span>
                    }.into_any(),
                )
            })}
        </span>
    }
}

/// A colour's angle on the wheel, stable for an id.
pub fn hue(id: &str) -> u32 {
    // FNV-1a, because equal ids have to give equal colours on every device.
    let hash = id.bytes().fold(0x811c_9dc5_u32, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    });
    hash % 360
}

/// The first letters of the first and the last word.
fn initials(name: &str) -> String {
    let mut words = name
        .split_whitespace()
        .filter_map(|word| word.chars().next());
    let first = words.next();
    let last = words.next_back();
    first.into_iter().chain(last).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn initials_are_those_of_the_first_and_the_last_word() {
        for (name, expected) in [
            ("Bob", "B"),
            ("Ada King Lovelace", "AL"),
            ("عمر الخيام", "عا"),
            ("", ""),
            ("🦀", "🦀"),
        ] {
            assert_eq!(initials(name), expected);
        }
    }

    #[test]
    fn a_colour_is_stable_and_differs_between_people() {
        assert_eq!(hue("alice"), hue("alice"));
        assert_ne!(hue("alice"), hue("bob"));
    }
}
