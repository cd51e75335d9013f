//! What an event or an acknowledgement says: any number of arguments, most often one.

use std::fmt;

use compact_json::{Unreadable, Unwritable};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::EmitError;
use crate::json::Json;
use crate::packet::MAX_ATTACHMENTS;

/// The arguments of an event or an acknowledgement, as they are on the wire.
///
/// Bytes, which are what `serde_bytes` and the like make of a `Vec<u8>`, are no part of the texts.
/// They travel beside them as binary attachments, shared by all arguments.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Arguments {
    pub(crate) values: Vec<Json>,
    pub(crate) attachments: Vec<Vec<u8>>,
}

impl Arguments {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// The JSON of each. Where an attachment stands it has a placeholder.
    pub fn values(&self) -> &[Json] {
        &self.values
    }

    /// What the placeholders stand for.
    pub fn attachments(&self) -> &[Vec<u8>] {
        &self.attachments
    }

    /// Reads the first argument, or `null` if there is none; with [`Args`] all of them.
    ///
    /// A type that asks for bytes, or for a `Vec<u8>`, gets those of the attachment that stands
    /// there.
    pub fn read<T: FromArguments>(&self) -> Result<T, Unreadable> {
        T::from_arguments(self)
    }

    /// One argument.
    pub(crate) fn one(value: &(impl Serialize + ?Sized)) -> Result<Self, EmitError> {
        let mut attachments = Vec::new();
        let text = compact_json::write_with_attachments(value, &mut attachments);
        Self::written(text, attachments)
    }

    fn written(
        text: Result<String, Unwritable>,
        attachments: Vec<Vec<u8>>,
    ) -> Result<Self, EmitError> {
        let text = text.map_err(|error| EmitError::Invalid(error.to_string()))?;
        if attachments.len() > MAX_ATTACHMENTS {
            return Err(EmitError::Invalid("too many attachments".to_owned()));
        }
        Ok(Self {
            values: vec![Json::trusted(text)],
            attachments,
        })
    }

    fn read_from<T: DeserializeOwned>(&self, text: &str) -> Result<T, Unreadable> {
        compact_json::read_with_attachments(text, &self.attachments)
    }
}

impl fmt::Debug for Arguments {
    /// The texts. Attachments may be long.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_list().entries(&self.values).finish()
    }
}

/// Several arguments, as a tuple or an array: `emit("move", &Args((3, "left")))` in one direction,
/// `on("move", |Args((steps, way)): Args<(u32, String)>| …)` in the other. Everything else is one
/// argument.
///
/// To read them, there have to be as many as the tuple has parts, or more: a server that keeps what
/// was missed adds one of its own. A `Vec` takes any number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Args<T>(
    /// The tuple or array.
    pub T,
);

/// What can be emitted: everything that serde can write, as one argument, and [`Args`].
pub trait ToArguments {
    /// Writes the arguments. An error where JSON has no way to write them.
    fn to_arguments(&self) -> Result<Arguments, EmitError>;
}

impl<T: Serialize + ?Sized> ToArguments for T {
    fn to_arguments(&self) -> Result<Arguments, EmitError> {
        Arguments::one(self)
    }
}

impl<T: Serialize> ToArguments for Args<T> {
    fn to_arguments(&self) -> Result<Arguments, EmitError> {
        let mut arguments = Arguments::one(&self.0)?;
        let list = arguments.values.pop().unwrap_or_default();
        let values = compact_json::split_array(list.as_str()).map_err(|_| {
            EmitError::Invalid("several arguments are a tuple or an array".to_owned())
        })?;
        arguments.values = values.into_iter().map(Json::trusted).collect();
        Ok(arguments)
    }
}

/// What can be listened for: everything that serde can read, from the first argument, and
/// [`Args`].
pub trait FromArguments: Sized {
    /// Reads the arguments, if they are of this shape.
    fn from_arguments(arguments: &Arguments) -> Result<Self, Unreadable>;
}

impl<T: DeserializeOwned> FromArguments for T {
    fn from_arguments(arguments: &Arguments) -> Result<Self, Unreadable> {
        let first = arguments.values.first();
        arguments.read_from(first.map_or("null", Json::as_str))
    }
}

impl<T: DeserializeOwned> FromArguments for Args<T> {
    fn from_arguments(arguments: &Arguments) -> Result<Self, Unreadable> {
        let texts: Vec<&str> = arguments.values.iter().map(Json::as_str).collect();
        let list = ["[", &texts.join(","), "]"].concat();
        compact_json::read_beginning(&list, &arguments.attachments).map(Self)
    }
}

#[cfg(all(test, not(target_arch = "wasm32")))]
impl From<Vec<serde_json::Value>> for Arguments {
    fn from(values: Vec<serde_json::Value>) -> Self {
        Self {
            values: values.into_iter().map(Json::from).collect(),
            attachments: Vec::new(),
        }
    }
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use serde_bytes::ByteBuf;
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn a_value_is_one_argument_even_if_it_is_a_tuple() {
        assert_eq!(
            (1, "two").to_arguments(),
            Ok(Arguments::from(vec![json!([1, "two"])]))
        );
        assert_eq!("text".to_arguments(), Ok(vec![json!("text")].into()));
    }

    #[test]
    fn args_are_as_many_arguments_as_the_tuple_has_parts() {
        let arguments = Args((1, "two", [3])).to_arguments().unwrap();
        assert_eq!(arguments, vec![json!(1), json!("two"), json!([3])].into());
        let none: [u8; 0] = [];
        assert!(Args(none).to_arguments().unwrap().is_empty());
        assert!(Args("text").to_arguments().is_err());
    }

    #[test]
    fn one_argument_is_the_first_and_null_where_there_is_none() {
        let arguments = Arguments::from(vec![json!(1), json!("two")]);
        assert_eq!(arguments.read::<u8>().unwrap(), 1);
        assert_eq!(Arguments::default().read::<Value>().unwrap(), Value::Null);
        assert_eq!(Arguments::default().read::<Option<u8>>().unwrap(), None);
    }

    #[test]
    fn args_are_read_where_their_number_and_types_fit() {
        let arguments = Arguments::from(vec![json!(1), json!("two")]);
        let Args(pair): Args<(u8, String)> = arguments.read().unwrap();
        assert_eq!(pair, (1, "two".to_owned()));
        let Args(all): Args<Vec<Value>> = arguments.read().unwrap();
        assert_eq!(all.len(), 2);
        let Args((first,)): Args<(u8,)> = arguments.read().unwrap();
        assert_eq!(first, 1);
        assert!(arguments.read::<Args<(u8, String, u8)>>().is_err());
        assert!(arguments.read::<Args<(u8, u8)>>().is_err());
    }

    #[test]
    fn several_arguments_share_their_attachments() {
        let parts = (ByteBuf::from([1]), "text", ByteBuf::from([2, 3]));
        let arguments = Args(&parts).to_arguments().unwrap();
        assert_eq!(arguments.attachments(), [vec![1], vec![2, 3]]);
        let Args(read): Args<(ByteBuf, String, ByteBuf)> = arguments.read().unwrap();
        assert_eq!(read, (parts.0, "text".to_owned(), parts.2));
    }

    #[test]
    fn more_attachments_than_a_packet_may_have_are_refused() {
        let fits = vec![ByteBuf::from([1]); MAX_ATTACHMENTS];
        assert!(fits.to_arguments().is_ok());
        let exceeds = vec![ByteBuf::from([1]); MAX_ATTACHMENTS + 1];
        assert!(exceeds.to_arguments().is_err());
    }
}
