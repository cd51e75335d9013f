//! The field for a password that is chosen now, with the one rule there is, shown while one types.

use leptos::{ev::Event, prelude::*};

use super::{
    field::{Refused, described_by, notes},
    password_field::PasswordField,
};
use crate::{
    browser,
    dynamic::{on, text},
    language::{fill, noted, translate},
    reactive::Observable,
};

/// Fewest characters, as the server counts them.
const MIN_LENGTH: usize = 8;
const TOO_SHORT: &str =
    noted("A password has at least 8 characters. A few words in a row are easy to remember.");

#[component]
pub fn NewPassword(
    /// Its name on the wire.
    id: &'static str,
    label: &'static str,
    refusal: Refused,
) -> impl IntoView {
    let length = Observable::new(0);
    let typed = move |_: Event| length.set(browser::typed(id).chars().count());
    let hint = text(move || rule(length.get()));
    view! {
        <div on:input=on(typed)>
            <PasswordField
                id
                label
                autocomplete="new-password"
                described_by=described_by(id)
                notes=notes(id, hint, refusal)
            />
        </div>
    }
}

/// What is wrong with a password, as far as that can be told without the server.
pub fn complaint(password: &str) -> Option<&'static str> {
    let is_short = password.chars().count() < MIN_LENGTH;
    is_short.then_some(translate(TOO_SHORT))
}

fn rule(length: usize) -> String {
    match MIN_LENGTH.saturating_sub(length) {
        0 => translate("Long enough.").to_owned(),
        MIN_LENGTH => {
            translate("At least 8 characters; a few words in a row are easy to remember.")
                .to_owned()
        }
        left => fill(
            translate("At least 8 characters, {number} to go."),
            &[("number", &left.to_string())],
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rule_counts_down_and_is_the_servers() {
        assert!(rule(0).starts_with("At least 8 characters"));
        assert_eq!(rule(5), "At least 8 characters, 3 to go.");
        assert_eq!((rule(8), rule(40)), (rule(9), "Long enough.".to_owned()));
        assert!(complaint("7 chars").is_some() && complaint("8 länger").is_none());
    }
}
