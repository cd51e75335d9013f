//! Text that a person writes, checked by the same rule on both sides of the wire.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::error::{ErrorBody, ErrorCode};

/// The text of a message: 1 to 20,000 Unicode scalar values, not blank, without U+0000.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MessageText(String);

impl MessageText {
    /// Most Unicode scalar values a message may have.
    pub const MAX_LENGTH: usize = 20_000;

    /// Checks a text; what passes is kept exactly as it was written.
    pub fn parse(input: impl Into<String>) -> Result<Self, ErrorBody> {
        let text = input.into();
        if text.trim().is_empty() {
            return Err(ErrorBody::new(
                ErrorCode::TextEmpty,
                "A message needs some text.",
            ));
        }
        // By bytes, because looking for a character brings all of a search for strings into the client.
        if text.bytes().any(|byte| byte == 0) {
            return Err(ErrorBody::new(
                ErrorCode::TextInvalid,
                "A message cannot contain the character U+0000.",
            ));
        }
        // A scalar value takes at most four bytes, so most texts need no counting.
        if text.len() > Self::MAX_LENGTH && text.chars().count() > Self::MAX_LENGTH {
            return Err(ErrorBody::new(
                ErrorCode::TextTooLong,
                "A message has at most 20,000 characters. Send it in parts.",
            ));
        }
        Ok(Self(text))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub fn into_string(self) -> String {
        self.0
    }
}

/// A group's name: 1 to 80 characters on one line, without surrounding white space.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct GroupName(String);

impl GroupName {
    /// Most Unicode scalar values a group's name may have.
    pub const MAX_LENGTH: usize = 80;

    pub fn parse(input: &str) -> Result<Self, ErrorBody> {
        let name = input.trim();
        if name.is_empty() {
            return Err(
                ErrorBody::new(ErrorCode::NameEmpty, "A group needs a name.").on_field("name"),
            );
        }
        if name.chars().any(char::is_control) || name.chars().count() > Self::MAX_LENGTH {
            return Err(ErrorBody::new(
                ErrorCode::NameInvalid,
                "A group's name has at most 80 characters, on one line.",
            )
            .on_field("name"));
        }
        Ok(Self(name.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for GroupName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// What others read of a person: 1 to 80 characters on one line, without surrounding white space.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DisplayName(String);

impl DisplayName {
    /// Most Unicode scalar values a display name may have.
    pub const MAX_LENGTH: usize = 80;

    pub fn parse(input: &str) -> Result<Self, ErrorBody> {
        let name = input.trim();
        if name.is_empty() {
            return Err(ErrorBody::new(
                ErrorCode::NameEmpty,
                "Type the name that others will read.",
            )
            .on_field("displayName"));
        }
        if name.chars().any(is_hidden) || name.chars().count() > Self::MAX_LENGTH {
            return Err(ErrorBody::new(
                ErrorCode::NameInvalid,
                "A name has at most 80 characters, on one line, all of which can be seen.",
            )
            .on_field("displayName"));
        }
        Ok(Self(name.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Characters that show nothing, or change how what is around them is read.
fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
        )
}

/// A password, a code or a link's token on its way: never shown by `Debug`, so never in a log.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(format = Password, description = "A password, a code or the token of a link."))]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    pub fn new(secret: impl Into<String>) -> Self {
        Self(secret.into())
    }

    /// The secret itself, for whoever checks it or sends it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twenty_thousand_characters_pass_and_one_more_does_not() {
        // The limit counts scalar values, not bytes: each of these takes four.
        assert!(MessageText::parse("𝄞".repeat(20_000)).is_ok());
        let error = MessageText::parse("𝄞".repeat(20_001)).expect_err("one too many");
        assert_eq!(error.code, ErrorCode::TextTooLong);
    }

    #[test]
    fn a_blank_text_is_refused_whatever_it_is_blank_with() {
        for blank in ["", " ", "\n\t", "\u{2003}\u{a0}"] {
            let error = MessageText::parse(blank).expect_err("blank");
            assert_eq!(error.code, ErrorCode::TextEmpty);
        }
    }

    #[test]
    fn a_null_character_is_refused() {
        let error = MessageText::parse("a\0b").expect_err("a null character");
        assert_eq!(error.code, ErrorCode::TextInvalid);
    }

    #[test]
    fn a_text_is_kept_as_it_was_written() {
        let text = MessageText::parse("  two\n lines ").expect("text");
        assert_eq!(text.as_str(), "  two\n lines ");
    }

    #[test]
    fn a_secret_shows_nothing_of_itself() {
        assert_eq!(format!("{:?}", Secret::new("open sesame")), "Secret(…)");
    }

    #[test]
    fn a_display_name_hides_nothing() {
        assert_eq!(
            DisplayName::parse(" Zoë Ångström ")
                .expect("a name")
                .as_str(),
            "Zoë Ångström"
        );
        for hidden in ["a\u{202e}b", "a\u{200b}", "a\nb", "\u{feff}a"] {
            assert!(DisplayName::parse(hidden).is_err(), "{hidden:?}");
        }
    }

    #[test]
    fn a_group_name_loses_its_surrounding_space_and_stays_on_one_line() {
        assert_eq!(
            GroupName::parse(" Lunch ").expect("a name").as_str(),
            "Lunch"
        );
        assert!(GroupName::parse("a\nb").is_err());
        assert!(GroupName::parse(&"x".repeat(81)).is_err());
    }
}
