//! Newtypes for ids and positions.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, de::Error};
use uuid::Uuid;

use crate::error::{ErrorBody, ErrorCode};

macro_rules! string_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Takes an id that came from a place that has checked it: the database or the server.
            pub fn from_trusted(id: impl Into<String>) -> Self {
                Self(id.into())
            }

            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(&self.0)
            }
        }
    };
}

string_id! {
    /// A conversation, private or group. Opaque.
    ConversationId
}
string_id! {
    /// A stored message. Opaque; the order of messages is their `seq`, never their id.
    MessageId
}
string_id! {
    /// The name by which a person signs in and is addressed: 1 to 32 of `a-z`, `0-9`, `.`, `_`
    /// and `-`, beginning with a letter or a digit.
    Username
}

impl Username {
    /// Most characters a username may have.
    pub const MAX_LENGTH: usize = 32;

    /// Reads a username as a person types it: surrounding white space and capitals do not matter.
    ///
    /// Only ASCII, so that no two names look alike.
    pub fn parse(input: &str) -> Result<Self, ErrorBody> {
        let name = input.trim().to_ascii_lowercase();
        let begins_well = name
            .bytes()
            .next()
            .is_some_and(|byte| byte.is_ascii_alphanumeric());
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
        if !begins_well || name.len() > Self::MAX_LENGTH || !name.bytes().all(allowed) {
            return Err(ErrorBody::new(
                ErrorCode::InvalidUsername,
                "A username has 1 to 32 letters, digits, dots, dashes or underscores, and begins with a letter or a digit.",
            ));
        }
        Ok(Self(name))
    }
}

/// The UUID that a client makes once for each message it sends, and sends again when it retries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(transparent)]
pub struct ClientId(Uuid);

impl ClientId {
    pub const fn new(id: Uuid) -> Self {
        Self(id)
    }

    pub fn parse(input: &str) -> Result<Self, ErrorBody> {
        read_uuid(input)
            .map(Self)
            .ok_or_else(|| ErrorBody::new(ErrorCode::InvalidClientId, "clientId is a UUID."))
    }
}

impl<'de> Deserialize<'de> for ClientId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let id = read_uuid(&text).ok_or_else(|| D::Error::custom("a UUID is expected"))?;
        Ok(Self(id))
    }
}

/// Reads the 32 digits of a UUID, with the four dashes where they belong or without any.
///
/// As [`Uuid::try_parse`], but without the sentences of its errors, which a browser would download.
fn read_uuid(text: &str) -> Option<Uuid> {
    if !matches!(text.len(), 32 | 36) {
        return None;
    }
    let is_dash = |place: usize| text.len() == 36 && matches!(place, 8 | 13 | 18 | 23);
    let mut number = 0;
    for (place, character) in text.bytes().enumerate() {
        if is_dash(place) {
            (character == b'-').then_some(())?;
        } else {
            number = (number << 4) | u128::from(char::from(character).to_digit(16)?);
        }
    }
    Some(Uuid::from_u128(number))
}

impl fmt::Display for ClientId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.as_hyphenated().fmt(formatter)
    }
}

/// A message's place in its conversation: 1 for the first, then without gaps. 0 stands before
/// the first.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
)]
#[cfg_attr(
    feature = "openapi",
    derive(utoipa::ToSchema),
    schema(maximum = 18_446_744_073_709_551_615_u64)
)]
#[serde(transparent)]
pub struct Seq(pub u64);

impl Seq {
    pub const ZERO: Self = Self(0);

    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }

    #[must_use]
    pub const fn previous(self) -> Self {
        Self(self.0.saturating_sub(1))
    }
}

impl fmt::Display for Seq {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// Whole milliseconds since the Unix epoch, UTC.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(transparent)]
pub struct Timestamp(pub i64);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_username_is_read_without_regard_to_case_and_surrounding_space() {
        let name = Username::parse("  Alice ").expect("a plain name");
        assert_eq!(name.as_str(), "alice");
    }

    #[test]
    fn a_username_that_could_look_like_another_is_refused() {
        for input in [
            "",
            " ",
            "аlice",
            "a b",
            "-a",
            ".",
            "a\u{200b}b",
            &"a".repeat(33),
        ] {
            let error = Username::parse(input).expect_err(input);
            assert_eq!(error.code, ErrorCode::InvalidUsername);
        }
    }

    #[test]
    fn a_client_id_is_written_in_lower_case_with_hyphens() {
        let id = ClientId::parse("67E55044-10B1-426F-9247-BB680E5FE0C8").expect("a UUID");
        assert_eq!(id.to_string(), "67e55044-10b1-426f-9247-bb680e5fe0c8");
        assert!(ClientId::parse("not a uuid").is_err());
        for text in [
            "0193b5a8-7e2c-7cc3-98c4-dc0c0c07398f",
            "0193B5A87E2C7CC398C4DC0C0C07398F",
        ] {
            assert_eq!(read_uuid(text), Uuid::try_parse(text).ok());
        }
        for wrong in [
            "",
            "0193b5a8-7e2c-7cc3-98c4-dc0c0c07398",
            "0193b5a8-7e2c-7cc3-98c4-dc0c0c07398g",
            "0193b5a87-e2c-7cc3-98c4-dc0c0c07398f",
            "+193b5a87e2c7cc398c4dc0c0c07398f",
            "0193b5a8-7e2c-7cc3-98c4-dc0c0c073é",
        ] {
            assert_eq!(read_uuid(wrong), None, "{wrong}");
        }
    }
}
