//! The writer. It knows where it is from the text it has written, so that there is nothing else to
//! keep, and every type is written by one and the same serializer, keys included.

use std::fmt::{self, Write};

use serde_core::ser::{self, Serialize};

/// Writes a value. Bytes are an array of numbers, and a number that is not finite is `null`.
///
/// An error where a key is no string, character, boolean or whole number, or where the value
/// itself refuses.
pub fn write<T: Serialize + ?Sized>(value: &T) -> Result<String, Unwritable> {
    write_all(value, None)
}

/// Writes a value whose bytes go behind the attachments that are there already. On an error these
/// stay as they were.
///
/// Bytes are what `serialize_bytes` is called with: a `Vec<u8>` is an array of numbers.
pub fn write_with_attachments<T: Serialize + ?Sized>(
    value: &T,
    attachments: &mut Vec<Vec<u8>>,
) -> Result<String, Unwritable> {
    let count = attachments.len();
    let result = write_all(value, Some(attachments));
    if result.is_err() {
        attachments.truncate(count);
    }
    result
}

fn write_all<T: Serialize + ?Sized>(
    value: &T,
    attachments: Option<&mut Vec<Vec<u8>>>,
) -> Result<String, Unwritable> {
    let mut writer = Writer {
        json: String::new(),
        attachments,
    };
    value.serialize(&mut writer)?;
    Ok(writer.json)
}

/// JSON has no way to write the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unwritable;

impl fmt::Display for Unwritable {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("no value that JSON can hold")
    }
}

impl std::error::Error for Unwritable {}

impl ser::Error for Unwritable {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}

/// What is written so far. Without attachments, bytes are numbers.
struct Writer<'a> {
    json: String,
    attachments: Option<&'a mut Vec<Vec<u8>>>,
}

impl Writer<'_> {
    /// Goes to the next value of an array, or key of an object. Only the first follows a bracket: a
    /// string would end with its quote.
    fn next(&mut self) {
        if !self.json.ends_with(['[', '{']) {
            self.json.push(',');
        }
    }

    fn string(&mut self, text: &str) {
        self.json.push('"');
        for character in text.chars() {
            let letter = match character {
                '"' | '\\' => character,
                '\u{8}' => 'b',
                '\u{c}' => 'f',
                '\n' => 'n',
                '\r' => 'r',
                '\t' => 't',
                '\0'..='\u{1f}' => {
                    self.control(character as u8);
                    continue;
                }
                _ => {
                    self.json.push(character);
                    continue;
                }
            };
            self.json.push('\\');
            self.json.push(letter);
        }
        self.json.push('"');
    }

    /// A control character that has no letter.
    fn control(&mut self, code: u8) {
        self.json.push_str("\\u00");
        for digit in [code >> 4, code & 15] {
            let digit = b"0123456789abcdef"[usize::from(digit)];
            self.json.push(char::from(digit));
        }
    }

    /// Not with `core::fmt`, which is larger. There are at most twenty digits.
    fn digits(&mut self, number: u64) {
        if number > 9 {
            self.digits(number / 10);
        }
        self.json.push(char::from(b'0' + (number % 10) as u8));
    }

    fn bytes(&mut self, bytes: &[u8]) {
        if let Some(attachments) = &mut self.attachments {
            let index = attachments.len();
            attachments.push(bytes.to_vec());
            self.json.push_str(r#"{"_placeholder":true,"num":"#);
            self.digits(index as u64);
            self.json.push('}');
        } else {
            self.json.push('[');
            for byte in bytes {
                self.next();
                self.digits(u64::from(*byte));
            }
            self.json.push(']');
        }
    }

    /// The name of a field, which the value is to follow.
    fn name(&mut self, name: &str) {
        self.next();
        self.string(name);
        self.json.push(':');
    }

    /// Ends a key that was written as any value is. Whether it can be one is told from its text,
    /// because a serializer of its own for keys would be much code.
    fn end_key(&mut self, start: usize) -> Result<(), Unwritable> {
        let key = self.json.get(start..).ok_or(Unwritable)?;
        if !key.starts_with('"') {
            let digits = key.strip_prefix('-').unwrap_or(key);
            let is_whole = digits.bytes().all(|byte| byte.is_ascii_digit());
            if !is_whole && key != "true" && key != "false" {
                return Err(Unwritable);
            }
            self.json.insert(start, '"');
            self.json.push('"');
        }
        self.json.push(':');
        Ok(())
    }

    /// Begins a variant with content: an object with one member.
    fn variant(&mut self, name: &str) {
        self.json.push('{');
        self.name(name);
    }

    fn opened(&mut self, bracket: char) -> Result<&mut Self, Unwritable> {
        self.json.push(bracket);
        Ok(self)
    }

    fn closed(&mut self, brackets: &str) -> Result<(), Unwritable> {
        self.json.push_str(brackets);
        Ok(())
    }

    fn element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unwritable> {
        self.next();
        value.serialize(self)
    }

    fn field<T: Serialize + ?Sized>(&mut self, name: &str, value: &T) -> Result<(), Unwritable> {
        self.name(name);
        value.serialize(self)
    }
}

/// Numbers that are written as wider ones.
macro_rules! widened {
    ($($method:ident $from:ty => $wider:ident)*) => {$(
        fn $method(self, value: $from) -> Result<(), Unwritable> {
            self.$wider(value.into())
        }
    )*};
}

impl ser::Serializer for &mut Writer<'_> {
    type Ok = ();
    type Error = Unwritable;
    type SerializeSeq = Self;
    type SerializeTuple = Self;
    type SerializeTupleStruct = Self;
    type SerializeTupleVariant = Self;
    type SerializeMap = Self;
    type SerializeStruct = Self;
    type SerializeStructVariant = Self;

    widened! {
        serialize_i8 i8 => serialize_i64
        serialize_i16 i16 => serialize_i64
        serialize_i32 i32 => serialize_i64
        serialize_u8 u8 => serialize_u64
        serialize_u16 u16 => serialize_u64
        serialize_u32 u32 => serialize_u64
        serialize_f32 f32 => serialize_f64
    }

    fn serialize_bool(self, value: bool) -> Result<(), Unwritable> {
        self.json.push_str(if value { "true" } else { "false" });
        Ok(())
    }

    fn serialize_i64(self, value: i64) -> Result<(), Unwritable> {
        if value < 0 {
            self.json.push('-');
        }
        self.digits(value.unsigned_abs());
        Ok(())
    }

    fn serialize_u64(self, value: u64) -> Result<(), Unwritable> {
        self.digits(value);
        Ok(())
    }

    fn serialize_i128(self, value: i128) -> Result<(), Unwritable> {
        if value < 0 {
            self.json.push('-');
        }
        self.serialize_u128(value.unsigned_abs())
    }

    fn serialize_u128(self, value: u128) -> Result<(), Unwritable> {
        if let Ok(small) = u64::try_from(value) {
            self.digits(small);
        } else {
            self.serialize_u128(value / 10)?;
            self.digits((value % 10) as u64);
        }
        Ok(())
    }

    /// As for debugging, which is valid JSON: as many digits as it takes to read the same number,
    /// with an exponent where there would be many zeros.
    fn serialize_f64(self, value: f64) -> Result<(), Unwritable> {
        if !value.is_finite() {
            return self.serialize_unit();
        }
        write!(self.json, "{value:?}").map_err(|_| Unwritable)
    }

    fn serialize_char(self, value: char) -> Result<(), Unwritable> {
        self.string(value.encode_utf8(&mut [0; 4]));
        Ok(())
    }

    fn serialize_str(self, value: &str) -> Result<(), Unwritable> {
        self.string(value);
        Ok(())
    }

    fn serialize_bytes(self, value: &[u8]) -> Result<(), Unwritable> {
        self.bytes(value);
        Ok(())
    }

    fn serialize_none(self) -> Result<(), Unwritable> {
        self.serialize_unit()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Unwritable> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), Unwritable> {
        self.json.push_str("null");
        Ok(())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), Unwritable> {
        self.serialize_unit()
    }

    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
    ) -> Result<(), Unwritable> {
        self.serialize_str(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<(), Unwritable> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), Unwritable> {
        self.variant(variant);
        value.serialize(&mut *self)?;
        self.closed("}")
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Self, Unwritable> {
        self.opened('[')
    }

    fn serialize_tuple(self, _: usize) -> Result<Self, Unwritable> {
        self.opened('[')
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Self, Unwritable> {
        self.opened('[')
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Self, Unwritable> {
        self.variant(variant);
        self.opened('[')
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Self, Unwritable> {
        self.opened('{')
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Self, Unwritable> {
        self.opened('{')
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Self, Unwritable> {
        self.variant(variant);
        self.opened('{')
    }

    /// Because the one that serde provides panics where the value refuses.
    fn collect_str<T: fmt::Display + ?Sized>(self, value: &T) -> Result<(), Unwritable> {
        let mut text = String::new();
        write!(text, "{value}").map_err(|_| Unwritable)?;
        self.serialize_str(&text)
    }
}

/// What has values in a row.
macro_rules! sequences {
    ($($trait:ident $method:ident $brackets:literal)*) => {$(
        impl ser::$trait for &mut Writer<'_> {
            type Ok = ();
            type Error = Unwritable;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unwritable> {
                self.element(value)
            }

            fn end(self) -> Result<(), Unwritable> {
                self.closed($brackets)
            }
        }
    )*};
}

/// What has values with names.
macro_rules! structures {
    ($($trait:ident $brackets:literal)*) => {$(
        impl ser::$trait for &mut Writer<'_> {
            type Ok = ();
            type Error = Unwritable;

            fn serialize_field<T: Serialize + ?Sized>(
                &mut self,
                name: &'static str,
                value: &T,
            ) -> Result<(), Unwritable> {
                self.field(name, value)
            }

            fn end(self) -> Result<(), Unwritable> {
                self.closed($brackets)
            }
        }
    )*};
}

sequences! {
    SerializeSeq serialize_element "]"
    SerializeTuple serialize_element "]"
    SerializeTupleStruct serialize_field "]"
    SerializeTupleVariant serialize_field "]}"
}

structures! {
    SerializeStruct "}"
    SerializeStructVariant "}}"
}

impl ser::SerializeMap for &mut Writer<'_> {
    type Ok = ();
    type Error = Unwritable;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Unwritable> {
        self.next();
        let start = self.json.len();
        key.serialize(&mut **self)?;
        self.end_key(start)
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unwritable> {
        value.serialize(&mut **self)
    }

    fn end(self) -> Result<(), Unwritable> {
        self.closed("}")
    }
}
