//! The dialog in which one picks an emoji by its look or by its name.

use leptos::{
    ev::{Event, KeyboardEvent, SubmitEvent},
    html,
    prelude::*,
};

use crate::{
    background::put_in,
    browser::{self, member},
    dynamic::{flag, on, part, text, when},
    language::{fill, translate},
    later::{OpenDialog, close, show},
    persistence,
    reactive::{Computed, Observable, Stored, effect, expect_context},
    state::emoji,
};

const LIST: &str = "emoji-list";
/// The names that were picked last in this browser, with spaces between them.
const RECENT: &str = "emoji";
/// How many of them are offered again.
const REMEMBERED: usize = 16;

type Emoji = (&'static str, &'static str);

#[component]
pub fn EmojiPicker() -> impl IntoView {
    let open = expect_context::<OpenDialog>();
    let dialog = NodeRef::<html::Dialog>::new();
    let typed = Observable::new(String::new());
    let marked = Observable::new(0_usize);
    effect(move || show(dialog));

    let recent = persistence::choice(RECENT).unwrap_or_default();
    let found = Computed::new(move |_| typed.with(|typed| search(&recent, typed)));
    let chosen = Stored::new(None::<Emoji>);
    let choose = move |place: usize| {
        if let Some(emoji) = found.with_untracked(|found| found.get(place).copied()) {
            chosen.set_value(Some(emoji));
            close(dialog);
        }
    };
    // Where one writes is behind the dialog until that is closed.
    let closed = move |_| {
        open.close();
        if let Some((name, emoji)) = chosen.get_value() {
            remember(name);
            browser::focus(".composer-input");
            put_in(emoji);
        }
    };
    let key = move |event: KeyboardEvent| {
        let count = found.with_untracked(Vec::len);
        if event.is_composing() || count == 0 {
            return;
        }
        let columns = columns();
        let place = marked.get_untracked();
        let next = match event.key().as_str() {
            "ArrowRight" => place + 1,
            "ArrowLeft" => place.saturating_sub(1),
            "ArrowDown" => place + columns,
            "ArrowUp" => place.checked_sub(columns).unwrap_or(place),
            _ => return,
        };
        event.prevent_default();
        marked.set(next.min(count - 1));
        browser::reveal(&["#", &id(marked.get_untracked())].concat());
    };
    let rows = part(move || {
        let rows = found.get().into_iter().enumerate();
        rows.map(|(place, (name, emoji))| {
            let name = name.replace('_', " ");
            view! {
                <li
                    id=id(place)
                    role="option"
                    class="emoji-option"
                    aria-label=name.clone()
                    title=name
                    aria-selected=flag(move || marked.get() == place)
                    on:click=on(move |_| choose(place))
                >
                    {emoji}
                </li>
            }
        })
        .collect_view()
        .into_any()
    });

    view! {
        <dialog
            node_ref=dialog
            class="dialog switcher"
            aria-label=translate("Emoji")
            on:close=on(closed)
        >
            <form
                novalidate
                on:submit=on(move |event: SubmitEvent| {
                    event.prevent_default();
                    choose(marked.get_untracked());
                })
            >
                <div class="switcher-field">
                    <input
                        class="field-input"
                        role="combobox"
                        aria-label=translate("Search emoji")
                        placeholder=translate("Search emoji")
                        aria-expanded="true"
                        aria-controls=LIST
                        aria-autocomplete="list"
                        aria-activedescendant=text(move || {
                            if found.with(Vec::is_empty) { String::new() } else { id(marked.get()) }
                        })
                        autocomplete="off"
                        spellcheck="false"
                        enterkeyhint="done"
                        autofocus
                        on:input=on(move |event: Event| {
                            typed.set(event_target_value(&event));
                            marked.set(0);
                        })
                        on:keydown=on(key)
                    />
                </div>
                <p class="switcher-note quiet" role="status">
                    {when(
                        move || found.with(Vec::is_empty),
                        move || view! {
                            <span>
                                {text(move || {
                                    let name = typed.get();
                                    fill(
                                        translate("No emoji is called “{name}”."),
                                        &[("name", name.trim())],
                                    )
                                })}
                            </span>
                        }.into_any(),
                    )}
                </p>
                <ul id=LIST class="emoji-list" role="listbox" aria-label=translate("Found")>
                    {rows}
                </ul>
            </form>
        </dialog>
    }
}

fn id(place: usize) -> String {
    ["emoji-", &place.to_string()].concat()
}

/// How many stand in one line: as many as begin as far up as the first.
fn columns() -> usize {
    let top = |place: usize| {
        let element = document().get_element_by_id(&id(place))?;
        member(&element, "offsetTop").as_f64()
    };
    let first = top(0);
    (1..emoji::all().count())
        .find(|place| top(*place) != first)
        .unwrap_or(1)
}

/// What a part of a name begins with; without a name those that were picked last, and then all.
fn search(recent: &str, typed: &str) -> Vec<Emoji> {
    let typed = typed.trim().to_lowercase().replace(' ', "_");
    if typed.is_empty() {
        let recent: Vec<Emoji> = recent
            .split(' ')
            .filter_map(|name| emoji::all().find(|(each, _)| *each == name))
            .collect();
        let others = emoji::all().filter(|each| !recent.contains(each));
        return recent.iter().copied().chain(others).collect();
    }
    let begins = |name: &str| {
        name.starts_with(&typed) || name.split('_').any(|part| part.starts_with(&typed))
    };
    let mut found: Vec<Emoji> = emoji::all().filter(|(name, _)| begins(name)).collect();
    found.sort_by_key(|(name, _)| (!name.starts_with(&typed), name.len()));
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
        let found = search(recent, typed).into_iter();
        found.map(|(name, _)| name).take(3).collect()
    }

    #[test]
    fn without_a_name_those_picked_last_come_first_and_each_once() {
        assert_eq!(names("", "")[0], "smile");
        assert_eq!(names("tada gone joy", " "), ["tada", "joy", "smile"]);
        let all = search("tada", "");
        assert_eq!(all.len(), emoji::all().count());
    }

    #[test]
    fn a_name_is_found_by_the_beginning_of_any_part_and_the_shortest_comes_first() {
        assert_eq!(names("", "Hea"), ["heart", "heartbeat", "heart_eyes"]);
        assert!(names("", "eyes").contains(&"heart_eyes"));
        assert_eq!(names("", "see no"), ["see_no_evil"]);
        assert!(names("", "nothing of it").is_empty());
    }
}
