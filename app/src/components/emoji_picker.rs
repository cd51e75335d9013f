//! The dialog in which one picks an emoji by its look or by its name.

use leptos::prelude::*;

use super::finder::{Finder, Finding};
use crate::{
    background::put_in,
    browser::{self, member},
    dynamic::{flag, on, part},
    language::{self, translate},
    later::{OpenDialog, close},
    persistence,
    reactive::{Computed, Stored, expect_context},
    state::emoji::{self, Emoji},
};

/// The names that were picked last in this browser, with spaces between them.
const RECENT: &str = "emoji";
/// How many of them are offered again.
const REMEMBERED: usize = 16;

#[component]
pub fn EmojiPicker() -> impl IntoView {
    let open = expect_context::<OpenDialog>();
    let finding = Finding::new("emoji-list");
    let recent = persistence::choice(RECENT).unwrap_or_default();
    let found = Computed::new(move |_| search(&recent, &finding.typed(), &language::tag()));
    let chosen = Stored::new(None::<Emoji>);
    let choose = Callback::new(move |place: usize| {
        if let Some(emoji) = found.with_untracked(|found| found.get(place).copied()) {
            chosen.set_value(Some(emoji));
            close(finding.dialog);
        }
    });
    // Where one writes is behind the dialog until that is closed.
    let closed = Callback::new(move |()| {
        open.close();
        if let Some(chosen) = chosen.get_value() {
            remember(chosen.english);
            browser::focus(".composer-input");
            put_in(chosen.emoji);
        }
    });
    let rows = part(move || {
        let rows = found.get().into_iter().enumerate();
        rows.map(|(place, Emoji { name, emoji, .. })| {
            let name = name.replace('_', " ");
            view! {
                <li
                    id=finding.id(place)
                    role="option"
                    class="emoji-option"
                    aria-label=name.clone()
                    title=name
                    aria-selected=flag(move || finding.is_marked(place))
                    on:click=on(move |_| choose.run(place))
                >
                    {emoji}
                </li>
            }
        })
        .collect_view()
        .into_any()
    });
    view! {
        <Finder
            finding
            title=translate("Emoji")
            label=translate("Search emoji")
            placeholder=translate("Search emoji")
            nothing=translate("No emoji is called “{name}”.")
            count=Computed::new(move |_| found.with(Vec::len))
            rows
            step
            on_choose=choose
            on_close=closed
        />
    }
}

/// To the next one in any direction, as far as there is one.
fn step(finding: Finding, count: usize, key: &str) -> Option<usize> {
    let place = finding.marked();
    let next = match key {
        "ArrowRight" => place + 1,
        "ArrowLeft" => place.saturating_sub(1),
        "ArrowDown" => place + columns(finding, count),
        "ArrowUp" => place.checked_sub(columns(finding, count)).unwrap_or(place),
        _ => return None,
    };
    Some(next.min(count - 1))
}

/// How many stand in one line: as many as begin as far up as the first.
fn columns(finding: Finding, count: usize) -> usize {
    let top = |place: usize| {
        let element = document().get_element_by_id(&finding.id(place))?;
        member(&element, "offsetTop").as_f64()
    };
    let first = top(0);
    (1..count)
        .find(|place| top(*place) != first)
        .unwrap_or(count)
}

/// What is called so; without a name those that were picked last, and then all.
fn search(recent: &str, typed: &str, language: &str) -> Vec<Emoji> {
    let typed = typed.trim().to_lowercase().replace(' ', "_");
    let all = || emoji::all(language);
    if typed.is_empty() {
        let recent: Vec<Emoji> = recent
            .split(' ')
            .filter_map(|name| all().find(|each| each.english == name))
            .collect();
        let others = all().filter(|each| !recent.contains(each));
        return recent.iter().copied().chain(others).collect();
    }
    let mut found: Vec<Emoji> = all().filter(|each| each.is_meant_by(&typed)).collect();
    found.sort_by_key(|each| (!each.name.starts_with(&typed), each.name.len()));
    found
}

/// Keeps a name as the one that was picked last.
fn remember(name: &str) {
    let before = persistence::choice(RECENT).unwrap_or_default();
    let others = before.split(' ').filter(|each| *each != name);
    let names: Vec<&str> = std::iter::once(name)
        .chain(others)
        .take(REMEMBERED)
        .collect();
    persistence::keep_choice(RECENT, Some(&names.join(" ")));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(recent: &str, typed: &str) -> Vec<&'static str> {
        let found = search(recent, typed, "en").into_iter();
        found.map(|each| each.name).take(3).collect()
    }

    #[test]
    fn without_a_name_those_picked_last_come_first_and_each_once() {
        assert_eq!(names("", "")[0], "smile");
        assert_eq!(names("tada gone joy", " "), ["tada", "joy", "smile"]);
        let all = search("tada", "", "en");
        assert_eq!(all.len(), emoji::all("en").count());
    }

    #[test]
    fn a_name_is_found_by_the_beginning_of_any_part_and_the_shortest_comes_first() {
        assert_eq!(names("", "Hea"), ["heart", "heartbeat", "heart_eyes"]);
        assert!(names("", "eyes").contains(&"heart_eyes"));
        assert_eq!(names("", "see no"), ["see_no_evil"]);
        assert!(names("", "nothing of it").is_empty());
    }

    #[test]
    fn in_german_they_have_german_names_and_are_found_by_the_english_ones_too() {
        let found = |typed| search("tada", typed, "de").first().map(|each| each.emoji);
        assert_eq!(found("gebrochenes h"), Some("💔"));
        assert_eq!(found("broken"), Some("💔"));
        assert_eq!(found(""), Some("🎉"), "picked in either language");
    }
}
