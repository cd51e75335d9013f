//! What can be completed where one writes: people behind `@`, emoji behind `:`.

use super::{
    emoji::{self, Emoji},
    fuzzy::fit,
};

/// Most suggestions that are shown.
const SHOWN: usize = 6;
/// Longer than this nothing is completed.
const LONGEST: usize = 32;
/// So many letters of an emoji's name are wanted, or every colon would bring suggestions.
const FEWEST: usize = 2;

/// The beginning of a word that can be completed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Query<'a> {
    Person(&'a str),
    Emoji(&'a str),
    /// A name between two colons: there is nothing to ask.
    Named(&'static str, &'a str),
}

/// Somebody who can be mentioned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    pub username: String,
    pub display_name: String,
}

/// What is written in the place of the beginning, and how it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suggestion {
    pub insert: String,
    pub label: String,
    pub note: String,
}

impl<'a> Query<'a> {
    /// The word at the end of what stands before the caret.
    pub fn at_end_of(before: &'a str) -> Option<Self> {
        let begin = before.rfind(char::is_whitespace).map_or(0, |at| {
            at + before[at..].chars().next().map_or(0, char::len_utf8)
        });
        let word = &before[begin..];
        if word.chars().count() > LONGEST {
            return None;
        }
        let is_name = |rest: &str| {
            rest.chars()
                .all(|it| it.is_alphanumeric() || "._-".contains(it))
        };
        if let Some(rest) = word.strip_prefix('@') {
            return is_name(rest).then_some(Self::Person(rest));
        }
        let rest = word.strip_prefix(':')?;
        if let Some(name) = rest.strip_suffix(':') {
            return Some(Self::Named(emoji::named(name)?, word));
        }
        (rest.len() >= FEWEST && is_name(rest)).then_some(Self::Emoji(rest))
    }

    /// How much of the text is replaced, in UTF-16 code units, in which browsers count.
    pub fn length(self) -> usize {
        match self {
            Self::Person(rest) | Self::Emoji(rest) => rest.encode_utf16().count() + 1,
            Self::Named(_, word) => word.encode_utf16().count(),
        }
    }

    /// What fits, the best first. `language` is the one in which emoji are called.
    pub fn suggestions(self, people: &[Person], language: &str) -> Vec<Suggestion> {
        let mut fitting: Vec<(u32, Suggestion)> = match self {
            Self::Named(..) => Vec::new(),
            Self::Person(typed) => people
                .iter()
                .filter_map(|person| {
                    let score =
                        fit(typed, &person.display_name).max(fit(typed, &person.username))?;
                    let called = ["@", &person.username].concat();
                    let suggestion = Suggestion {
                        insert: [&called, " "].concat(),
                        label: person.display_name.clone(),
                        note: called,
                    };
                    Some((score, suggestion))
                })
                .collect(),
            // Only beginnings, or a face like :DD would become something else.
            Self::Emoji(typed) => emoji::all(language)
                .filter(|emoji| emoji.is_meant_by(typed))
                .map(|Emoji { name, emoji, .. }| {
                    let suggestion = Suggestion {
                        insert: [emoji, " "].concat(),
                        label: emoji.to_owned(),
                        note: [":", name, ":"].concat(),
                    };
                    // The shortest is the one that was meant most likely.
                    let missing =
                        u32::try_from(name.len().abs_diff(typed.len())).unwrap_or(u32::MAX);
                    let begins = u32::from(name.starts_with(typed));
                    (begins * 1000 + 999_u32.saturating_sub(missing), suggestion)
                })
                .collect(),
        };
        fitting.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
        let shown = fitting.into_iter().take(SHOWN);
        shown.map(|(_, suggestion)| suggestion).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_word_that_begins_with_the_sign_is_completed() {
        let of = |before| Query::at_end_of(before);
        assert_eq!(of("@"), Some(Query::Person("")));
        assert_eq!(of("hello @bo"), Some(Query::Person("bo")));
        assert_eq!(of("a\n@Mül"), Some(Query::Person("Mül")));
        assert_eq!(of("so :ta"), Some(Query::Emoji("ta")));
        assert_eq!(of("so :tada:"), Some(Query::Named("🎉", ":tada:")));
        for nothing in [
            "",
            "bo",
            "me@example.org",
            "a:tada:",
            ":",
            ":t",
            ":-)",
            ":)",
            "@a b",
            "10:30",
            ":nothing_of_it:",
        ] {
            assert_eq!(of(nothing), None, "{nothing}");
        }
        assert_eq!(of(&["@", &"a".repeat(LONGEST)].concat()), None);
    }

    #[test]
    fn what_is_replaced_is_counted_as_browsers_count() {
        assert_eq!(Query::Person("Mü𝒜").length(), 5);
        assert_eq!(Query::Named("🎉", ":tada:").length(), 6);
    }

    #[test]
    fn people_are_suggested_by_either_name_and_emoji_by_theirs() {
        let person = |username: &str, display_name: &str| Person {
            username: username.to_owned(),
            display_name: display_name.to_owned(),
        };
        let people = [person("bwoods", "Robert"), person("carol", "Carol")];
        let labels = |query: Query<'_>| -> Vec<String> {
            let suggestions = query.suggestions(&people, "en").into_iter();
            suggestions.map(|it| it.label).collect()
        };
        assert_eq!(labels(Query::Person("")), ["Robert", "Carol"]);
        assert_eq!(labels(Query::Person("woo")), ["Robert"]);
        assert_eq!(
            Query::Person("car").suggestions(&people, "en")[0].insert,
            "@carol "
        );
        let tada = Query::Emoji("tad").suggestions(&people, "en");
        assert_eq!(tada[0].insert, "🎉 ");
        assert_eq!(tada[0].note, ":tada:");
        assert_eq!(
            Query::Emoji("eyes").suggestions(&people, "en")[1].note,
            ":roll_eyes:"
        );
        assert_eq!(
            Query::Emoji("he").suggestions(&people, "en")[0].note,
            ":heart:"
        );
        assert_eq!(Query::Emoji("st").suggestions(&people, "en").len(), SHOWN);
        let german = Query::Emoji("he").suggestions(&people, "de");
        assert_eq!(german[0].note, ":herz:");
        let english = Query::Emoji("tada").suggestions(&people, "de");
        assert_eq!(english[0].insert, "🎉 ", "the English name counts too");
        for face in ["DD", "PP", "xD", "oo"] {
            assert_eq!(Query::Emoji(face).suggestions(&people, "en"), [], "{face}");
        }
    }
}
