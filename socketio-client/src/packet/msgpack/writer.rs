//! The writer: from JSON and attachments to MessagePack.

use rmp::encode;
use rmp::encode::ByteBuf;

/// What is written so far. Writing to memory cannot fail, so that no result needs a look.
pub(super) struct Writer<'a> {
    bytes: ByteBuf,
    attachments: &'a [Vec<u8>],
}

/// An array or a map whose end is not reached.
struct Container {
    start: usize,
    /// How many values it has, those of keys included.
    values: usize,
}

impl<'a> Writer<'a> {
    pub(super) fn new(attachments: &'a [Vec<u8>]) -> Self {
        Self {
            bytes: ByteBuf::new(),
            attachments,
        }
    }

    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.bytes.into_vec()
    }

    /// Begins a map with so many members.
    pub(super) fn map(&mut self, members: usize) {
        let _written = encode::write_map_len(&mut self.bytes, members as u32);
    }

    pub(super) fn text(&mut self, text: &str) {
        let _written = encode::write_str(&mut self.bytes, text);
    }

    pub(super) fn unsigned(&mut self, number: u64) {
        let _written = encode::write_uint(&mut self.bytes, number);
    }

    /// Writes what a JSON text says, which is well-formed. No recursion: what a program emits may
    /// nest as deep as it likes.
    pub(super) fn json(&mut self, mut rest: &str) {
        let mut open: Vec<Container> = Vec::new();
        loop {
            // What separates values says nothing that their number does not say.
            rest = rest.trim_start_matches([' ', '\t', '\n', '\r', ',', ':']);
            let mut characters = rest.chars();
            let Some(first) = characters.next() else {
                return;
            };
            rest = match first {
                '[' | '{' => match self.attachment(rest) {
                    Some(after) => after,
                    None => {
                        open.push(Container {
                            start: self.bytes.as_slice().len(),
                            values: 0,
                        });
                        rest = characters.as_str();
                        continue;
                    }
                },
                ']' | '}' => {
                    if let Some(container) = open.pop() {
                        self.close(first, &container);
                    }
                    characters.as_str()
                }
                '"' => self.string(rest),
                _ => self.word(rest),
            };
            if let Some(container) = open.last_mut() {
                container.values += 1;
            }
        }
    }

    /// Puts the header, which tells the number of values, in front of these.
    fn close(&mut self, bracket: char, container: &Container) {
        let mut header = ByteBuf::new();
        let _written = if bracket == ']' {
            encode::write_array_len(&mut header, container.values as u32)
        } else {
            encode::write_map_len(&mut header, (container.values / 2) as u32)
        };
        let place = container.start..container.start;
        self.bytes.as_mut_vec().splice(place, header.into_vec());
    }

    /// Writes the bytes of the placeholder at the beginning, if there is one, and gives what follows
    /// it. Placeholders are all spelled the same.
    fn attachment<'t>(&mut self, rest: &'t str) -> Option<&'t str> {
        let rest = rest.strip_prefix(r#"{"_placeholder":true,"num":"#)?;
        let (number, rest) = rest.split_once('}')?;
        let bytes = self.attachments.get(number.parse::<usize>().ok()?)?;
        let _written = encode::write_bin(&mut self.bytes, bytes);
        Some(rest)
    }

    /// Writes the string at the beginning, and gives what follows it.
    fn string<'t>(&mut self, rest: &'t str) -> &'t str {
        let mut escapes = false;
        let inner = rest.bytes().skip(1);
        let length = inner.take_while(|byte| {
            let ends = *byte == b'"' && !escapes;
            escapes = *byte == b'\\' && !escapes;
            !ends
        });
        // With both quotes.
        let length = length.count() + 2;
        let (string, rest) = rest.split_at_checked(length).unwrap_or((rest, ""));
        if string.contains('\\') {
            self.text(&compact_json::read::<String>(string).unwrap_or_default());
        } else {
            self.text(string.trim_matches('"'));
        }
        rest
    }

    /// Writes the number, `null`, `true` or `false` at the beginning, and gives what follows it.
    fn word<'t>(&mut self, rest: &'t str) -> &'t str {
        let end = rest.find([',', ':', ']', '}', ' ', '\t', '\n', '\r']);
        let (word, rest) = rest.split_at(end.unwrap_or(rest.len()));
        if let Ok(number) = word.parse::<i64>() {
            let _written = encode::write_sint(&mut self.bytes, number);
        } else if let Ok(number) = word.parse::<u64>() {
            self.unsigned(number);
        } else if let Ok(holds) = word.parse::<bool>() {
            let _written = encode::write_bool(&mut self.bytes, holds);
        } else if let Ok(number) = word.parse::<f64>() {
            let _written = encode::write_f64(&mut self.bytes, number);
        } else {
            let _written = encode::write_nil(&mut self.bytes);
        }
        rest
    }
}
