//! Dates and times in the language and the zone of whoever reads them, by the browser's own Intl.

use std::cell::RefCell;

use js_sys::{Array, Date, Function, Intl, Object, Reflect};
use protocol::Timestamp;
use wasm_bindgen::JsValue;

use crate::{browser::language, language::translate, state::rows::local_day};

/// What of a moment is written, by the names that Intl has for it.
type Format = &'static [(&'static str, &'static str)];

const TIME: Format = &[("hour", "numeric"), ("minute", "2-digit")];
const WEEKDAY: Format = &[("weekday", "short")];
const SHORT_DAY: Format = &[("day", "numeric"), ("month", "short")];
const SHORT_DATE: Format = &[("day", "numeric"), ("month", "short"), ("year", "numeric")];
const DAY: Format = &[("weekday", "long"), ("day", "numeric"), ("month", "long")];
const DATE: Format = &[
    ("weekday", "long"),
    ("day", "numeric"),
    ("month", "long"),
    ("year", "numeric"),
];
const DAY_AND_TIME: Format = &[("dateStyle", "medium"), ("timeStyle", "short")];
const MOMENT: Format = &[("dateStyle", "full"), ("timeStyle", "short")];

thread_local! {
    /// Making one costs far more than using it, so each is made once.
    static FORMATTERS: RefCell<Vec<(Format, Function)>> = const { RefCell::new(Vec::new()) };
}

/// How many minutes the local clock is ahead of UTC at a moment.
pub fn offset(at: Timestamp) -> i64 {
    // Offsets are whole minutes, a day at most.
    #[allow(clippy::cast_possible_truncation)]
    let minutes = date(at).get_timezone_offset() as i64;
    -minutes
}

/// The local day of a moment, counted from the epoch.
pub fn day(at: Timestamp) -> i64 {
    local_day(at, offset)
}

/// "14:05"
pub fn time(at: Timestamp) -> String {
    write(TIME, at)
}

/// "22 Nov 2026, 14:05"
pub fn day_and_time(at: Timestamp) -> String {
    write(DAY_AND_TIME, at)
}

/// "14:05" of today, and "22 Nov 2026, 14:05" of any other day.
pub fn recent(at: Timestamp, today: i64) -> String {
    if day(at) == today {
        time(at)
    } else {
        day_and_time(at)
    }
}

/// The whole moment, for a pointer that rests on a time and for screen readers.
pub fn moment(at: Timestamp) -> String {
    write(MOMENT, at)
}

/// "2026-11-22T14:05:00.000Z", for machines.
pub fn machine(at: Timestamp) -> String {
    date(at).to_iso_string().into()
}

/// The day as a line in a timeline names it.
pub fn day_line(at: Timestamp, today: i64) -> String {
    match today - day(at) {
        0 => translate("Today").to_owned(),
        1 => translate("Yesterday").to_owned(),
        _ if same_year(at, today) => write(DAY, at),
        _ => write(DATE, at),
    }
}

/// The moment as short as a list needs it.
pub fn short(at: Timestamp, today: i64) -> String {
    match today - day(at) {
        0 => write(TIME, at),
        1 => translate("Yesterday").to_owned(),
        2..=6 => write(WEEKDAY, at),
        _ if same_year(at, today) => write(SHORT_DAY, at),
        _ => write(SHORT_DATE, at),
    }
}

fn same_year(at: Timestamp, today: i64) -> bool {
    // Noon of that day is in the same year wherever one is.
    let noon = Timestamp((today * 24 + 12) * 3_600_000);
    date(at).get_full_year() == date(noon).get_full_year()
}

fn date(at: Timestamp) -> Date {
    // Well below 2^53.
    #[allow(clippy::cast_precision_loss)]
    Date::new(&JsValue::from_f64(at.0 as f64))
}

fn write(format: Format, at: Timestamp) -> String {
    let formatter = FORMATTERS.with_borrow_mut(|made| {
        let found = made.iter().find(|(each, _)| std::ptr::eq(*each, format));
        if let Some((_, formatter)) = found {
            return formatter.clone();
        }
        let formatter = formatter(format);
        made.push((format, formatter.clone()));
        formatter
    });
    let written = formatter.call1(&JsValue::UNDEFINED, &date(at));
    written
        .ok()
        .and_then(|text| text.as_string())
        .unwrap_or_default()
}

fn formatter(format: Format) -> Function {
    let options = Object::new();
    for (name, value) in format {
        let _ = Reflect::set(
            &options,
            &JsValue::from_str(name),
            &JsValue::from_str(value),
        );
    }
    Intl::DateTimeFormat::new(&Array::of1(&language().into()), &options).format()
}
