//! The reader: what serde asks for, from the scanner. What depends on the type that is read is little
//! more than the calls of its visitor.

use std::{borrow::Cow, slice};

use serde_core::de::{
    self, Deserialize, DeserializeSeed, EnumAccess, MapAccess, SeqAccess, VariantAccess, Visitor,
};

use crate::{scanner::Reader, unreadable::Unreadable};

/// Reads a value; nothing but white space may follow it.
pub fn read<'de, T: Deserialize<'de>>(json: &'de str) -> Result<T, Unreadable> {
    read_all(Reader::new(json))
}

/// Reads a value whose bytes are attachments. These are found where bytes, an array or a tuple are
/// asked for; in the latter two, they are unsigned numbers.
///
/// Where anything is asked for, a placeholder is an object like any other. So it is in what serde
/// buffers before it knows the type: untagged and internally tagged enums, and flattened fields.
pub fn read_with_attachments<'de, T: Deserialize<'de>>(
    json: &'de str,
    attachments: &'de [Vec<u8>],
) -> Result<T, Unreadable> {
    read_all(Reader {
        attachments: Some(attachments),
        ..Reader::new(json)
    })
}

/// Reads the beginning of an array: as many of its values as a tuple has parts. A `Vec` takes all.
/// Attachments are as in [`read_with_attachments`].
pub fn read_beginning<'de, T: Deserialize<'de>>(
    json: &'de str,
    attachments: &'de [Vec<u8>],
) -> Result<T, Unreadable> {
    T::deserialize(Beginning(Reader {
        attachments: Some(attachments),
        ..Reader::new(json)
    }))
}

fn read_all<'de, T: Deserialize<'de>>(mut reader: Reader<'de>) -> Result<T, Unreadable> {
    let value = T::deserialize(&mut reader)?;
    reader.end()?;
    Ok(value)
}

impl<'de> Reader<'de> {
    /// Passes over a placeholder and finds its attachment. Where there is no placeholder, nothing
    /// is passed over.
    fn attachment(&mut self) -> Result<Option<&'de [u8]>, Unreadable> {
        let Some(attachments) = self.attachments else {
            return Ok(None);
        };
        if self.peek() != Some(b'{') {
            return Ok(None);
        }
        let start = self.at;
        let members = self.members()?;
        let member = |wanted| {
            let mut members = members.iter();
            members.find_map(|(name, value)| (name == wanted).then_some(*value))
        };
        if member("_placeholder") != Some("true") {
            self.at = start;
            return Ok(None);
        }
        let number = member("num").and_then(|number| number.parse::<u64>().ok());
        let index = number.and_then(|number| usize::try_from(number).ok());
        let attachment = index.and_then(|index| attachments.get(index));
        Ok(Some(attachment.ok_or(Unreadable)?))
    }

    fn unsigned(&mut self) -> Result<u64, Unreadable> {
        match self.pending.take() {
            Some(byte) => Ok(byte.into()),
            None => self.number()?.parse().map_err(|_| Unreadable),
        }
    }

    /// Begins an array, or an attachment in its place.
    fn sequence(&mut self) -> Result<Rest<'_, 'de>, Unreadable> {
        let attachment = self.attachment()?;
        if attachment.is_none() {
            self.open(b'[')?;
        }
        Ok(Rest {
            attachment: attachment.map(<[u8]>::iter),
            ..Rest::new(self, b']')
        })
    }

    fn array<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value, Unreadable> {
        let mut rest = self.sequence()?;
        let value = visitor.visit_seq(&mut rest)?;
        rest.end()?;
        Ok(value)
    }

    fn object<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value, Unreadable> {
        self.open(b'{')?;
        let mut rest = Rest::new(self, b'}');
        let value = visitor.visit_map(&mut rest)?;
        rest.end()?;
        Ok(value)
    }
}

/// Values that are read as what the text says they are, and not as what was asked for.
macro_rules! by_text {
    ($($method:ident)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
            self.deserialize_any(visitor)
        }
    )*};
}

macro_rules! numbers {
    ($($method:ident $visit:ident)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
            visitor.$visit(self.number()?.parse().map_err(|_| Unreadable)?)
        }
    )*};
}

macro_rules! unsigned_numbers {
    ($($method:ident)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
            visitor.visit_u64(self.unsigned()?)
        }
    )*};
}

macro_rules! strings {
    ($($method:ident)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
            match self.string()? {
                Cow::Borrowed(text) => visitor.visit_borrowed_str(text),
                Cow::Owned(text) => visitor.visit_string(text),
            }
        }
    )*};
}

impl<'de> de::Deserializer<'de> for &mut Reader<'de> {
    type Error = Unreadable;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        match self.peek().ok_or(Unreadable)? {
            b'"' => self.deserialize_str(visitor),
            b't' | b'f' => self.deserialize_bool(visitor),
            b'n' => self.deserialize_unit(visitor),
            b'[' => self.array(visitor),
            b'{' => self.object(visitor),
            _ => {
                let number = self.number()?;
                if let Ok(number) = number.parse() {
                    visitor.visit_u64(number)
                } else if let Ok(number) = number.parse()
                    && number != 0
                {
                    visitor.visit_i64(number)
                } else {
                    let number: f64 = number.parse().map_err(|_| Unreadable)?;
                    if number.is_infinite() {
                        return Err(Unreadable);
                    }
                    visitor.visit_f64(number)
                }
            }
        }
    }

    by_text! { deserialize_f32 deserialize_f64 }

    numbers! {
        deserialize_i8 visit_i64 deserialize_i16 visit_i64
        deserialize_i32 visit_i64 deserialize_i64 visit_i64
        deserialize_i128 visit_i128 deserialize_u128 visit_u128
    }

    unsigned_numbers! { deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 }

    strings! { deserialize_char deserialize_str deserialize_string deserialize_identifier }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        visitor.visit_bool(self.boolean()?)
    }

    /// Bytes without a placeholder are what the text says they are.
    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        match self.attachment()? {
            Some(attachment) => visitor.visit_borrowed_bytes(attachment),
            None => self.deserialize_any(visitor),
        }
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        self.deserialize_bytes(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        if self.peek() == Some(b'n') {
            self.word("null")?;
            visitor.visit_none()
        } else {
            visitor.visit_some(self)
        }
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        self.word("null")?;
        visitor.visit_unit()
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Unreadable> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Unreadable> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        self.array(visitor)
    }

    fn deserialize_tuple<V: Visitor<'de>>(
        self,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, Unreadable> {
        self.array(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, Unreadable> {
        self.array(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        self.object(visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Unreadable> {
        self.object(visitor)
    }

    /// A variant without content is its name, one with content an object with one member.
    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Unreadable> {
        if self.peek() == Some(b'"') {
            return visitor.visit_enum(Variant {
                reader: self,
                has_content: false,
            });
        }
        self.open(b'{')?;
        let value = visitor.visit_enum(Variant {
            reader: &mut *self,
            has_content: true,
        })?;
        self.expect(b'}')?;
        self.depth -= 1;
        Ok(value)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        self.skip()?;
        visitor.visit_unit()
    }
}

/// An array of which not everything has to be read.
struct Beginning<'de>(Reader<'de>);

impl<'de> de::Deserializer<'de> for Beginning<'de> {
    type Error = Unreadable;

    fn deserialize_any<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value, Unreadable> {
        self.0.open(b'[')?;
        visitor.visit_seq(&mut Rest::new(&mut self.0, b']'))
    }

    serde_core::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option
        unit unit_struct newtype_struct seq tuple tuple_struct map struct enum identifier
        ignored_any
    }
}

/// What is left of an array, an object, or an attachment in place of an array.
struct Rest<'a, 'de> {
    reader: &'a mut Reader<'de>,
    attachment: Option<slice::Iter<'de, u8>>,
    bracket: u8,
    is_first: bool,
    is_over: bool,
}

impl<'a, 'de> Rest<'a, 'de> {
    const fn new(reader: &'a mut Reader<'de>, bracket: u8) -> Self {
        Self {
            reader,
            attachment: None,
            bracket,
            is_first: true,
            is_over: false,
        }
    }

    /// The bytes of an attachment are read by the reader too, and not by a deserializer of their
    /// own, for which the code of every type that can be in an array would be there once more.
    fn another(&mut self) -> Result<bool, Unreadable> {
        if let Some(bytes) = &mut self.attachment {
            self.reader.pending = bytes.next().copied();
            return Ok(self.reader.pending.is_some());
        }
        self.is_over = self.is_over || !self.reader.another(self.bracket, &mut self.is_first)?;
        Ok(!self.is_over)
    }

    /// An error where more follows than was asked for.
    fn end(mut self) -> Result<(), Unreadable> {
        if self.another()? {
            Err(Unreadable)
        } else {
            Ok(())
        }
    }
}

impl<'de> SeqAccess<'de> for &mut Rest<'_, 'de> {
    type Error = Unreadable;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Unreadable> {
        if self.another()? {
            seed.deserialize(&mut *self.reader).map(Some)
        } else {
            Ok(None)
        }
    }
}

impl<'de> MapAccess<'de> for &mut Rest<'_, 'de> {
    type Error = Unreadable;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Unreadable> {
        if !self.another()? {
            return Ok(None);
        }
        if self.reader.peek() != Some(b'"') {
            return Err(Unreadable);
        }
        seed.deserialize(&mut *self.reader).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(
        &mut self,
        seed: V,
    ) -> Result<V::Value, Unreadable> {
        self.reader.expect(b':')?;
        seed.deserialize(&mut *self.reader)
    }
}

struct Variant<'a, 'de> {
    reader: &'a mut Reader<'de>,
    has_content: bool,
}

impl<'a, 'de> Variant<'a, 'de> {
    /// The content, which follows the name.
    fn content(self) -> Result<&'a mut Reader<'de>, Unreadable> {
        if !self.has_content {
            return Err(Unreadable);
        }
        self.reader.expect(b':')?;
        Ok(self.reader)
    }
}

impl<'de> EnumAccess<'de> for Variant<'_, 'de> {
    type Error = Unreadable;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(
        self,
        seed: V,
    ) -> Result<(V::Value, Self), Unreadable> {
        let name = seed.deserialize(&mut *self.reader)?;
        Ok((name, self))
    }
}

impl<'de> VariantAccess<'de> for Variant<'_, 'de> {
    type Error = Unreadable;

    fn unit_variant(self) -> Result<(), Unreadable> {
        if self.has_content {
            self.content()?.word("null")?;
        }
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(
        self,
        seed: T,
    ) -> Result<T::Value, Unreadable> {
        seed.deserialize(self.content()?)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Unreadable> {
        self.content()?.array(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Unreadable> {
        self.content()?.object(visitor)
    }
}
