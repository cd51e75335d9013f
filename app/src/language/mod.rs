//! The language that somebody reads.
//!
//! Sentences stand in the source in English, and a catalog says them in another language (GNU gettext,
//! `languages/*.po`). The served page carries the catalog of its own language, so that its words are
//! there with its first byte.

use std::cell::Cell;

use crate::browser::{member, set_member, told};

/// The catalogs, for whoever sends them. Browsers get one of them, as lines.
#[cfg(not(target_arch = "wasm32"))]
mod catalog;
/// Numbers as the reader writes them, and which form of a word goes with one.
mod number;

#[cfg(not(target_arch = "wasm32"))]
pub use catalog::Language;
pub use number::number;

/// English, and what it is in the language at hand, in the order of the English.
type Table = &'static [(&'static str, &'static str)];

thread_local! {
    /// Empty for English.
    static TABLE: Cell<Table> = const { Cell::new(&[]) };
}

/// The cookie that says which language was chosen in this browser. Without it the browser's own counts.
pub const COOKIE: &str = "language";
/// The languages that the app speaks: their tags (BCP 47), and what each calls itself.
pub const LANGUAGES: [(&str, &str); 2] = [("en", "English"), ("de", "Deutsch")];

/// Between the parts of a line of a catalog as browsers get it.
const SEPARATOR: char = '\t';
/// Where the lines of the catalog are in the page.
const ELEMENT: &str = "words";

/// Reads the catalog that the page carries. Called once, before anything is shown.
#[cfg(target_arch = "wasm32")]
pub fn start() {
    let lines = leptos::prelude::document()
        .get_element_by_id(ELEMENT)
        .and_then(|element| element.text_content())
        .unwrap_or_default();
    TABLE.set(table(lines));
}

/// The tag of the language that the page speaks.
pub fn tag() -> String {
    told("lang").unwrap_or_default()
}

/// The language that was chosen in this browser, if one was.
pub fn chosen() -> Option<String> {
    let cookies = member(&leptos::prelude::document(), "cookie").as_string()?;
    let value = |cookie: &str| {
        Some(
            cookie
                .trim()
                .strip_prefix(COOKIE)?
                .strip_prefix('=')?
                .to_owned(),
        )
    };
    cookies.split(';').find_map(value)
}

/// Keeps a choice for a year, or forgets it. The next page that is loaded speaks that language.
pub fn choose(tag: &str) {
    let age = if tag.is_empty() { "0" } else { "31536000" };
    let cookie = [COOKIE, "=", tag, "; Path=/; SameSite=Lax; Max-Age=", age].concat();
    set_member(&leptos::prelude::document(), "cookie", &cookie.into());
}

/// Lines of English, a separator and what it is otherwise, sorted. Kept for good.
fn table(lines: String) -> Table {
    let mut rest: &'static str = String::leak(lines);
    let mut table = Vec::new();
    while let Some((english, other)) = rest.split_once(SEPARATOR) {
        let (other, next) = other.split_once('\n').unwrap_or((other, ""));
        table.push((english, other));
        rest = next;
    }
    Vec::leak(table)
}

/// What is written, in the language at hand.
pub fn translate(english: &'static str) -> &'static str {
    find(english).unwrap_or(english)
}

/// Marks what [`translate`] gets later, so that it is looked for in the catalogs.
pub const fn noted(english: &'static str) -> &'static str {
    english
}

/// What is written for one and for several, with the number in place of `{number}`.
pub fn counted(amount: u64, one: &'static str, several: &'static str) -> String {
    let form = match find(one) {
        Some(forms) => form(forms, number::category(amount).as_deref()),
        None if amount == 1 => one,
        None => several,
    };
    fill(form, &[("number", &number(amount))])
}

/// Of `category, form, category, form`, the form for a category of CLDR's; the last one is for all else.
fn form(forms: &'static str, category: Option<&str>) -> &'static str {
    let mut parts = forms.split(SEPARATOR);
    let mut last = forms;
    while let (Some(name), Some(form)) = (parts.next(), parts.next()) {
        last = form;
        if Some(name) == category {
            break;
        }
    }
    last
}

/// Puts values in place of their names in braces. Values are never read as text with names in it.
pub fn fill(text: &str, values: &[(&str, &str)]) -> String {
    replace_names(text, |name| {
        let value = values.iter().find(|(each, _)| *each == name);
        value.map(|(_, value)| *value)
    })
}

/// Marks HTML that [`said`] gets later, so that its words are looked for in the catalogs.
pub const fn html(html: &'static str) -> &'static str {
    html
}

/// HTML in which everything that is said stands in braces, in the language at hand. No catalog has in it
/// what HTML would read as anything but text.
pub fn said(html: &'static str) -> String {
    replace_names(html, |english| Some(find(english).unwrap_or(english)))
}

/// What has no value stays, for whoever fills in the rest.
fn replace_names<'a>(mut text: &'a str, value: impl Fn(&'a str) -> Option<&'a str>) -> String {
    let mut filled = String::new();
    while let Some((before, rest)) = text.split_once('{') {
        let (name, after) = rest.split_once('}').unwrap_or((rest, ""));
        filled.push_str(before);
        match value(name) {
            Some(value) => filled.push_str(value),
            None => {
                filled.push('{');
                filled.push_str(name);
                filled.push('}');
            }
        }
        text = after;
    }
    filled.push_str(text);
    filled
}

/// A sentence of the server's in the language at hand. Where one has a number in it, the catalog has
/// `{number}`; what no catalog knows stays as it is.
pub fn translate_answer(english: String) -> String {
    if let Some(found) = find(&english) {
        return found.to_owned();
    }
    let (mut key, mut digits) = (String::new(), String::new());
    for character in english.chars() {
        if character.is_ascii_digit() {
            if digits.is_empty() {
                key.push_str("{number}");
            }
            digits.push(character);
        } else {
            key.push(character);
        }
    }
    match find(&key) {
        Some(found) => fill(found, &[("number", &digits)]),
        None => english,
    }
}

fn find(english: &str) -> Option<&'static str> {
    let table = TABLE.get();
    let place = table
        .binary_search_by(|(key, _)| (*key).cmp(english))
        .ok()?;
    table.get(place).map(|(_, other)| *other)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINES: &str = "Sign in\tAnmelden\n\
        Try again in {number} seconds.\tIn {number} Sekunden noch einmal versuchen.\n\
        {number} code\tone\t{number} Code\tother\t{number} Codes";

    #[test]
    fn what_no_catalog_knows_stays_english() {
        assert_eq!(translate("Sign in"), "Sign in");
        TABLE.set(table(LINES.to_owned()));
        assert_eq!(translate("Sign in"), "Anmelden");
        assert_eq!(translate("Sign out"), "Sign out");
    }

    #[test]
    fn a_number_chooses_the_form_of_its_word() {
        let said = |amount| counted(amount, "{number} code", "{number} codes");
        assert_eq!([said(1), said(3)], ["1 code", "3 codes"]);
        TABLE.set(table(LINES.to_owned()));
        assert_eq!([said(1), said(3)], ["1 Code", "3 Codes"]);
    }

    #[test]
    fn values_are_put_in_as_they_are() {
        let filled = fill("{a} and {b} and {c}", &[("b", "{a}"), ("a", "x")]);
        assert_eq!(filled, "x and {a} and {c}");
    }

    #[test]
    fn an_answer_with_a_number_in_it_is_found() {
        TABLE.set(table(LINES.to_owned()));
        let answer = |english: &str| translate_answer(english.to_owned());
        assert_eq!(answer("Sign in"), "Anmelden");
        assert_eq!(
            answer("Try again in 12 seconds."),
            "In 12 Sekunden noch einmal versuchen."
        );
        assert_eq!(answer("Try again in 12 days."), "Try again in 12 days.");
        assert_eq!(answer("Try again."), "Try again.");
    }
}
