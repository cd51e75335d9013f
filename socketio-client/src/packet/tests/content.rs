//! Whatever an argument can be, bytes included, as a type that is written and read with serde.

use std::collections::BTreeMap;
use std::fmt;

use proptest::prelude::*;
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, Serializer};

#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    Null,
    Bool(bool),
    Unsigned(u64),
    Negative(i64),
    Float(f64),
    Text(String),
    Bytes(Vec<u8>),
    List(Vec<Content>),
    Map(BTreeMap<String, Content>),
}

/// Content whose strings, those of keys included, are of these.
pub fn any_content(
    strings: impl Strategy<Value = String> + Clone + 'static,
) -> impl Strategy<Value = Content> {
    let leaf = prop_oneof![
        Just(Content::Null),
        any::<bool>().prop_map(Content::Bool),
        any::<u64>().prop_map(Content::Unsigned),
        // Numbers of every length.
        (any::<u64>(), 0..64u32).prop_map(|(number, by)| Content::Unsigned(number >> by)),
        (i64::MIN..0, 0..63u32).prop_map(|(number, by)| Content::Negative(number >> by)),
        // Decimals that every reader reads as the same number.
        any::<i32>().prop_map(|number| Content::Float(f64::from(number) / 16.0)),
        strings.clone().prop_map(Content::Text),
        prop::collection::vec(any::<u8>(), 0..40).prop_map(Content::Bytes),
    ];
    leaf.prop_recursive(4, 24, 20, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..20).prop_map(Content::List),
            prop::collection::btree_map(strings.clone(), inner, 0..4).prop_map(Content::Map),
        ]
    })
}

impl Serialize for Content {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(holds) => serializer.serialize_bool(*holds),
            Self::Unsigned(number) => serializer.serialize_u64(*number),
            Self::Negative(number) => serializer.serialize_i64(*number),
            Self::Float(number) => serializer.serialize_f64(*number),
            Self::Text(text) => serializer.serialize_str(text),
            Self::Bytes(bytes) => serializer.serialize_bytes(bytes),
            Self::List(values) => serializer.collect_seq(values),
            Self::Map(members) => serializer.collect_map(members),
        }
    }
}

impl<'de> Deserialize<'de> for Content {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Anything)
    }
}

struct Anything;

/// What comes as one Rust type becomes one variant.
macro_rules! variants {
    ($($method:ident $type:ty => $make:expr;)*) => {$(
        fn $method<E>(self, value: $type) -> Result<Content, E> {
            Ok($make(value))
        }
    )*};
}

impl<'de> Visitor<'de> for Anything {
    type Value = Content;

    variants! {
        visit_bool bool => Content::Bool;
        visit_u64 u64 => Content::Unsigned;
        visit_f64 f64 => Content::Float;
        visit_str &str => |text: &str| Content::Text(text.to_owned());
        visit_bytes &[u8] => |bytes: &[u8]| Content::Bytes(bytes.to_vec());
        visit_i64 i64 => |number| u64::try_from(number)
            .map_or(Content::Negative(number), Content::Unsigned);
    }

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("anything")
    }

    fn visit_unit<E>(self) -> Result<Content, E> {
        Ok(Content::Null)
    }

    fn visit_none<E>(self) -> Result<Content, E> {
        Ok(Content::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut values: A) -> Result<Content, A::Error> {
        let mut list = Vec::new();
        while let Some(value) = values.next_element()? {
            list.push(value);
        }
        Ok(Content::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Content, A::Error> {
        let mut map = BTreeMap::new();
        while let Some((name, value)) = members.next_entry()? {
            map.insert(name, value);
        }
        Ok(Content::Map(map))
    }
}
