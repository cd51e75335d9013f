//! A moment in the reader's own time, short, with the whole of it for a pointer that rests there.

use leptos::prelude::*;
use protocol::Timestamp;

use crate::dates;

/// With the time of day.
pub fn moment(at: Timestamp) -> AnyView {
    time(at, dates::day_and_time(at))
}

/// As short as it can be said today.
pub fn lately(at: Timestamp, today: i64) -> AnyView {
    time(at, dates::short(at, today))
}

fn time(at: Timestamp, words: String) -> AnyView {
    view! { <time datetime=dates::machine(at) title=dates::moment(at)>{words}</time> }.into_any()
}
