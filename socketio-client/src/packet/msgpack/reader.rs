//! The reader: from MessagePack to JSON and attachments. Nothing is allocated for what a header
//! merely promises.

use std::mem;

use compact_json::MAX_DEPTH;
use rmp::Marker;
use rmp::decode::{self, Bytes};

use super::super::{DecodeError, MAX_ATTACHMENT_BYTES, MAX_ATTACHMENTS, MAX_TEXT_BYTES, string};

/// Where in the message the reader is.
pub(super) struct Reader<'a> {
    rest: Bytes<'a>,
    json: String,
    /// What the placeholders in the JSON stand for.
    pub(super) attachments: Vec<Vec<u8>>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self {
            rest: Bytes::new(bytes),
            json: String::new(),
            attachments: Vec::new(),
        }
    }

    /// Begins a map; says how many members it claims to have.
    pub(super) fn map(&mut self) -> Result<u32, DecodeError> {
        known(decode::read_map_len(&mut self.rest))
    }

    pub(super) fn text(&mut self) -> Result<&'a str, DecodeError> {
        let length = known(decode::read_str_len(&mut self.rest))?;
        known(std::str::from_utf8(self.take(length)?))
    }

    /// Reads a value as JSON; none for what says nothing.
    pub(super) fn json(&mut self) -> Result<Option<String>, DecodeError> {
        let is_defined = self.value(0)?;
        let json = mem::take(&mut self.json);
        if json.len() > MAX_TEXT_BYTES {
            return Err(DecodeError::TooLarge);
        }
        Ok(Some(json).filter(|json| is_defined && json != "null"))
    }

    pub(super) fn end(&self) -> Result<(), DecodeError> {
        let is_over = self.rest.remaining_slice().is_empty();
        is_over.then_some(()).ok_or(DecodeError::Payload)
    }

    /// What comes next, without passing over it.
    fn marker(&self) -> Result<Marker, DecodeError> {
        let first = self.rest.remaining_slice().first();
        first
            .map(|byte| Marker::from_u8(*byte))
            .ok_or(DecodeError::Payload)
    }

    fn take(&mut self, length: u32) -> Result<&'a [u8], DecodeError> {
        let split = self
            .rest
            .remaining_slice()
            .split_at_checked(length as usize);
        let (taken, rest) = split.ok_or(DecodeError::Payload)?;
        self.rest = Bytes::new(rest);
        Ok(taken)
    }

    /// Passes over a marker that says everything.
    fn word(&mut self, word: &str) -> Result<(), DecodeError> {
        self.take(1)?;
        self.json.push_str(word);
        Ok(())
    }

    /// Adds the JSON of a value, at this depth. False where JavaScript had `undefined`: then nothing
    /// is added. The bound on depth bounds the recursion.
    fn value(&mut self, depth: u8) -> Result<bool, DecodeError> {
        if self.json.len() > MAX_TEXT_BYTES {
            return Err(DecodeError::TooLarge);
        }
        match self.marker()? {
            Marker::Null => self.word("null")?,
            Marker::False => self.word("false")?,
            Marker::True => self.word("true")?,
            Marker::FixPos(_) | Marker::U8 | Marker::U16 | Marker::U32 | Marker::U64 => {
                let number: u64 = known(decode::read_int(&mut self.rest))?;
                self.json.push_str(&number.to_string());
            }
            Marker::FixNeg(_) | Marker::I8 | Marker::I16 | Marker::I32 | Marker::I64 => {
                let number: i64 = known(decode::read_int(&mut self.rest))?;
                self.json.push_str(&number.to_string());
            }
            Marker::F32 => self.float(|rest| decode::read_f32(rest).map(f64::from))?,
            Marker::F64 => self.float(decode::read_f64)?,
            Marker::FixStr(_) | Marker::Str8 | Marker::Str16 | Marker::Str32 => {
                let json = string(self.text()?);
                self.json.push_str(json.as_str());
            }
            Marker::Bin8 | Marker::Bin16 | Marker::Bin32 => {
                let length = known(decode::read_bin_len(&mut self.rest))?;
                self.attachment(length)?;
            }
            Marker::FixArray(_) | Marker::Array16 | Marker::Array32 => self.array(depth)?,
            Marker::FixMap(_) | Marker::Map16 | Marker::Map32 => self.object(depth)?,
            Marker::Reserved => return Err(DecodeError::Payload),
            extension => return self.extension(extension),
        }
        Ok(true)
    }

    /// One that is not finite becomes `null`, as in JavaScript.
    fn float<E>(
        &mut self,
        read: impl FnOnce(&mut Bytes<'a>) -> Result<f64, E>,
    ) -> Result<(), DecodeError> {
        let number = known(read(&mut self.rest))?;
        self.json.push_str(&known(compact_json::write(&number))?);
        Ok(())
    }

    fn array(&mut self, depth: u8) -> Result<(), DecodeError> {
        let length = known(decode::read_array_len(&mut self.rest))?;
        let depth = deeper(depth)?;
        self.json.push('[');
        for index in 0..length {
            if index > 0 {
                self.json.push(',');
            }
            if !self.value(depth)? {
                self.json.push_str("null");
            }
        }
        self.json.push(']');
        Ok(())
    }

    fn object(&mut self, depth: u8) -> Result<(), DecodeError> {
        let length = self.map()?;
        let depth = deeper(depth)?;
        self.json.push('{');
        let mut is_first = true;
        for _ in 0..length {
            let start = self.json.len();
            if !is_first {
                self.json.push(',');
            }
            self.key()?;
            self.json.push(':');
            if self.value(depth)? {
                is_first = false;
            } else {
                // JSON has no member without a value.
                self.json.truncate(start);
            }
        }
        self.json.push('}');
        Ok(())
    }

    /// Adds the key of a member: a string, or as in JavaScript a whole number or a boolean that
    /// becomes one.
    fn key(&mut self) -> Result<(), DecodeError> {
        let start = self.json.len();
        // Nothing can be within a key.
        self.value(MAX_DEPTH)?;
        let key = self.json.get(start..).unwrap_or_default();
        if key.starts_with('"') {
            return Ok(());
        }
        if key.parse::<i128>().is_err() && key.parse::<bool>().is_err() {
            return Err(DecodeError::Payload);
        }
        self.json.insert(start, '"');
        self.json.push('"');
        Ok(())
    }

    /// Takes so many bytes out, and adds a placeholder for them.
    fn attachment(&mut self, length: u32) -> Result<(), DecodeError> {
        let bytes = self.take(length)?;
        let number = self.attachments.len();
        let sum: usize = self.attachments.iter().map(Vec::len).sum();
        if number == MAX_ATTACHMENTS || sum + bytes.len() > MAX_ATTACHMENT_BYTES {
            return Err(DecodeError::TooLarge);
        }
        self.attachments.push(bytes.to_vec());
        self.json.push_str(r#"{"_placeholder":true,"num":"#);
        self.json.push_str(&number.to_string());
        self.json.push('}');
        Ok(())
    }

    /// What npm's parser, which is built on `notepack.io` 2, has extensions for. Everything becomes
    /// what it would be in JSON. Of other extensions nobody could say what they mean.
    fn extension(&mut self, marker: Marker) -> Result<bool, DecodeError> {
        let extension = known(decode::read_ext_meta(&mut self.rest))?;
        match (marker, extension.typeid) {
            // `undefined`
            (Marker::FixExt1, 0) => {
                self.take(extension.size)?;
                return Ok(false);
            }
            // `Date`
            (Marker::FixExt8, 0) => {
                let bytes = known(self.take(extension.size)?.try_into())?;
                self.json.push_str(&date(i64::from_be_bytes(bytes)));
            }
            // `ArrayBuffer`
            (Marker::Ext8 | Marker::Ext16 | Marker::Ext32, 0) => {
                self.attachment(extension.size)?;
            }
            _ => return Err(DecodeError::Payload),
        }
        Ok(true)
    }
}

/// What cannot be read is no payload, whatever the reason.
fn known<T, E>(result: Result<T, E>) -> Result<T, DecodeError> {
    result.map_err(|_| DecodeError::Payload)
}

/// One level further in, in what JSON may have.
fn deeper(depth: u8) -> Result<u8, DecodeError> {
    if depth == MAX_DEPTH {
        return Err(DecodeError::Payload);
    }
    Ok(depth + 1)
}

/// Milliseconds since 1970 as `JSON.stringify` writes a `Date`.
/// <https://tc39.es/ecma262/#sec-date-time-string-format>
fn date(millis: i64) -> String {
    const DAY: i64 = 24 * 60 * 60 * 1000;
    if millis.unsigned_abs() > 100_000_000 * DAY.unsigned_abs() {
        return "null".to_owned();
    }
    // Years begin in March here, so that leap days come last.
    // <https://howardhinnant.github.io/date_algorithms.html#civil_from_days>
    let days = millis.div_euclid(DAY) + 719_468;
    let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let leap_days = day_of_era / 1460 - day_of_era / 36_524 + day_of_era / 146_096;
    let year_of_era = (day_of_era - leap_days) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let (month, next) = if month < 10 {
        (month + 3, 0)
    } else {
        (month - 9, 1)
    };
    let year = match era * 400 + year_of_era + next {
        year @ 0..=9999 => format!("{year:04}"),
        year => format!("{year:+07}"),
    };
    let time = millis.rem_euclid(DAY);
    let (hours, minutes) = (time / 3_600_000, time / 60_000 % 60);
    let (seconds, millis) = (time / 1000 % 60, time % 1000);
    format!("\"{year}-{month:02}-{day:02}T{hours:02}:{minutes:02}:{seconds:02}.{millis:03}Z\"")
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::*;

    /// Each beside what Node writes.
    #[test]
    fn dates_are_written_as_javascript_does() {
        for (millis, text) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (-1, "1969-12-31T23:59:59.999Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z"),
            (1_795_412_926_789, "2026-11-23T05:48:46.789Z"),
            (4_107_542_399_999, "2100-02-28T23:59:59.999Z"),
            (253_402_300_800_000, "+010000-01-01T00:00:00.000Z"),
            (-62_198_755_200_000, "-000001-01-01T00:00:00.000Z"),
            (8_640_000_000_000_000, "+275760-09-13T00:00:00.000Z"),
            (-8_640_000_000_000_000, "-271821-04-20T00:00:00.000Z"),
        ] {
            assert_eq!(date(millis), format!("\"{text}\""));
        }
        assert_eq!(date(8_640_000_000_000_001), "null");
        assert_eq!(date(i64::MIN), "null");
    }
}
