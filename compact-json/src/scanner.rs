//! The scanner: goes through the text once, but for objects that could stand for an attachment. It
//! knows nothing of serde.

use std::borrow::Cow;

use crate::unreadable::Unreadable;

/// How deep arrays and objects may lie within one another.
pub const MAX_DEPTH: u8 = 127;

/// The texts of an array's values, each of which is well-formed.
pub fn split_array(json: &str) -> Result<Vec<&str>, Unreadable> {
    let mut reader = Reader::new(json);
    reader.open(b'[')?;
    let mut values = Vec::new();
    let mut is_first = true;
    while reader.another(b']', &mut is_first)? {
        values.push(reader.value()?);
    }
    reader.end()?;
    Ok(values)
}

/// The names of an object's members and the texts of their values, each of which is well-formed.
pub fn split_object(json: &str) -> Result<Vec<(Cow<'_, str>, &str)>, Unreadable> {
    let mut reader = Reader::new(json);
    let members = reader.members()?;
    reader.end()?;
    Ok(members)
}

/// Where in the text the reader is.
pub(crate) struct Reader<'de> {
    pub(crate) text: &'de str,
    pub(crate) at: usize,
    pub(crate) depth: u8,
    /// Without these, no object is a placeholder.
    pub(crate) attachments: Option<&'de [Vec<u8>]>,
    /// The byte of an attachment that is to be read in place of text.
    pub(crate) pending: Option<u8>,
}

impl<'de> Reader<'de> {
    pub(crate) const fn new(text: &'de str) -> Self {
        Self {
            text,
            at: 0,
            depth: 0,
            attachments: None,
            pending: None,
        }
    }

    pub(crate) fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// The next byte that is no white space.
    pub(crate) fn peek(&mut self) -> Option<u8> {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.byte() {
            self.at += 1;
        }
        self.byte()
    }

    pub(crate) fn expect(&mut self, byte: u8) -> Result<(), Unreadable> {
        if self.peek() != Some(byte) {
            return Err(Unreadable);
        }
        self.at += 1;
        Ok(())
    }

    /// What was passed over since `start`.
    pub(crate) fn since(&self, start: usize) -> Result<&'de str, Unreadable> {
        self.text.get(start..self.at).ok_or(Unreadable)
    }

    pub(crate) fn end(&mut self) -> Result<(), Unreadable> {
        self.peek().map_or(Ok(()), |_| Err(Unreadable))
    }

    /// Begins an array or an object.
    pub(crate) fn open(&mut self, bracket: u8) -> Result<(), Unreadable> {
        self.expect(bracket)?;
        if self.depth == MAX_DEPTH {
            return Err(Unreadable);
        }
        self.depth += 1;
        Ok(())
    }

    /// Goes to the next value of an array, or key of an object; false behind the last.
    pub(crate) fn another(&mut self, bracket: u8, is_first: &mut bool) -> Result<bool, Unreadable> {
        let next = self.peek();
        if next == Some(bracket) {
            self.at += 1;
            self.depth -= 1;
            return Ok(false);
        }
        if !std::mem::take(is_first) {
            self.expect(b',')?;
        }
        Ok(true)
    }

    pub(crate) fn word(&mut self, word: &str) -> Result<(), Unreadable> {
        self.peek();
        let rest = &self.text.as_bytes()[self.at..];
        if !rest.starts_with(word.as_bytes()) {
            return Err(Unreadable);
        }
        self.at += word.len();
        Ok(())
    }

    pub(crate) fn boolean(&mut self) -> Result<bool, Unreadable> {
        let holds = self.peek() == Some(b't');
        self.word(if holds { "true" } else { "false" })?;
        Ok(holds)
    }

    pub(crate) fn digits(&mut self) -> Result<(), Unreadable> {
        let start = self.at;
        while let Some(b'0'..=b'9') = self.byte() {
            self.at += 1;
        }
        (self.at > start).then_some(()).ok_or(Unreadable)
    }

    /// The text of a number.
    pub(crate) fn number(&mut self) -> Result<&'de str, Unreadable> {
        self.peek();
        let start = self.at;
        if self.byte() == Some(b'-') {
            self.at += 1;
        }
        if self.byte() == Some(b'0') {
            self.at += 1;
        } else {
            self.digits()?;
        }
        if self.byte() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if let Some(b'e' | b'E') = self.byte() {
            self.at += 1;
            if let Some(b'+' | b'-') = self.byte() {
                self.at += 1;
            }
            self.digits()?;
        }
        self.since(start)
    }

    /// A string, borrowed if it holds no escapes.
    pub(crate) fn string(&mut self) -> Result<Cow<'de, str>, Unreadable> {
        self.expect(b'"')?;
        let mut owned = String::new();
        let mut start = self.at;
        loop {
            let byte = self.byte().ok_or(Unreadable)?;
            match byte {
                b'"' | b'\\' => {
                    let part = self.since(start)?;
                    self.at += 1;
                    if byte == b'"' && owned.is_empty() {
                        return Ok(Cow::Borrowed(part));
                    }
                    owned.push_str(part);
                    if byte == b'"' {
                        return Ok(Cow::Owned(owned));
                    }
                    owned.push(self.escape()?);
                    start = self.at;
                }
                0..=0x1f => return Err(Unreadable),
                _ => self.at += 1,
            }
        }
    }

    /// What stands behind a backslash.
    pub(crate) fn escape(&mut self) -> Result<char, Unreadable> {
        let byte = self.byte().ok_or(Unreadable)?;
        self.at += 1;
        Ok(match byte {
            b'"' | b'\\' | b'/' => char::from(byte),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => return self.code_point(),
            _ => return Err(Unreadable),
        })
    }

    /// A character above U+FFFF is two escapes, a surrogate pair.
    pub(crate) fn code_point(&mut self) -> Result<char, Unreadable> {
        let mut code = self.hexadecimal()?;
        if let 0xd800..=0xdbff = code {
            if !self.text.as_bytes()[self.at..].starts_with(b"\\u") {
                return Err(Unreadable);
            }
            self.at += 2;
            let low = self.hexadecimal()?;
            let 0xdc00..=0xdfff = low else {
                return Err(Unreadable);
            };
            code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
        }
        char::from_u32(code).ok_or(Unreadable)
    }

    pub(crate) fn hexadecimal(&mut self) -> Result<u32, Unreadable> {
        let mut code = 0;
        for _ in 0..4 {
            let digit = self.byte().and_then(|byte| char::from(byte).to_digit(16));
            code = code * 16 + digit.ok_or(Unreadable)?;
            self.at += 1;
        }
        Ok(code)
    }

    /// The text of a value.
    pub(crate) fn value(&mut self) -> Result<&'de str, Unreadable> {
        self.peek();
        let start = self.at;
        self.skip()?;
        self.since(start)
    }

    /// Passes over a value. The bound on depth bounds the recursion.
    pub(crate) fn skip(&mut self) -> Result<(), Unreadable> {
        let mut is_first = true;
        match self.peek().ok_or(Unreadable)? {
            b'"' => self.string().map(drop),
            b't' | b'f' => self.boolean().map(drop),
            b'n' => self.word("null"),
            b'[' => {
                self.open(b'[')?;
                while self.another(b']', &mut is_first)? {
                    self.skip()?;
                }
                Ok(())
            }
            b'{' => {
                self.open(b'{')?;
                while self.another(b'}', &mut is_first)? {
                    self.string()?;
                    self.expect(b':')?;
                    self.skip()?;
                }
                Ok(())
            }
            _ => self.number().map(drop),
        }
    }

    /// The names of an object's members and the texts of their values.
    pub(crate) fn members(&mut self) -> Result<Vec<(Cow<'de, str>, &'de str)>, Unreadable> {
        self.open(b'{')?;
        let mut members = Vec::new();
        let mut is_first = true;
        while self.another(b'}', &mut is_first)? {
            let name = self.string()?;
            self.expect(b':')?;
            members.push((name, self.value()?));
        }
        Ok(members)
    }
}
