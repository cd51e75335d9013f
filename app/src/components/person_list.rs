//! Everybody who can be in a group, each with a box to tick.

use leptos::{
    ev::{Event, KeyboardEvent},
    prelude::*,
};
use protocol::Username;

use super::{avatar::Avatar, sidebar::nobody_else};
use crate::{
    dynamic::{on, text, when},
    language::{fill, number, translate},
    list::{Key, list},
    reactive::{Computed, Observable, expect_context},
    state::{AppState, recipient::Recipient, search::occurs},
};

/// Most people that are shown at a time; whoever looks for another one types.
pub const SHOWN: usize = 200;

/// A field to find people in, and the list under it. Who is chosen stays chosen while somebody else
/// is looked for.
#[component]
pub fn PersonList(
    chosen: Observable<Vec<Username>>,
    /// Who is not to be chosen, because they are there already.
    #[prop(optional)]
    present: Option<Computed<Vec<Username>>>,
    /// The field takes the focus when its dialog opens.
    #[prop(optional)]
    autofocus: bool,
) -> impl IntoView {
    let state = expect_context::<AppState>();
    let search = Observable::new(String::new());
    let found = Computed::new(move |_| {
        let typed = search.get();
        let present = present.map(|present| present.get()).unwrap_or_default();
        state.people.with(|people| {
            let found = people.iter().filter(|user| {
                occurs(&typed, &user.display_name) && !present.contains(&user.username)
            });
            found.map(|user| user.username.clone()).collect::<Vec<_>>()
        })
    });
    let keys = move || {
        let key = |username: &Username| Key::Recipient(Recipient::Person(username.clone()));
        found.with(|found| found.iter().take(SHOWN).map(key).collect())
    };
    let option = move |key: Key| match key {
        Key::Recipient(Recipient::Person(username)) => {
            view! { <PersonOption username chosen/> }.into_any()
        }
        _ => ().into_any(),
    };
    let note = move || note(found.with(Vec::len), &search.get(), present.is_some());
    view! {
        <div class="field">
            <label class="field-label" for="person-search">
                {translate("Find people")}
            </label>
            <input
                type="search"
                id="person-search"
                class="field-input"
                autocomplete="off"
                spellcheck="false"
                autofocus=autofocus
                on:input=on(move |event: Event| search.set(event_target_value(&event)))
                on:keydown=on(move |event: KeyboardEvent| {
                    // Looking for somebody is not the end of the form.
                    if event.key() == "Enter" {
                        event.prevent_default();
                    }
                })
            />
        </div>
        <div class="person-list" role="group" aria-label=translate("Members")>
            <div node_ref=list(keys, option)></div>
            {when(
                move || !note().is_empty(),
                move || view! { <p class="sidebar-empty">{text(note)}</p> }.into_any(),
            )}
        </div>
    }
}

#[component]
fn PersonOption(username: Username, chosen: Observable<Vec<Username>>) -> impl IntoView {
    let state = expect_context::<AppState>();
    let id = username.as_str().to_owned();
    let name = {
        let username = username.clone();
        Computed::new(move |_| state.people.with(|people| people.display_name(&username)))
    };
    let is_chosen = chosen.with_untracked(|chosen| chosen.contains(&username));
    let choose = move |event: Event| {
        chosen.update(|chosen| {
            chosen.retain(|each| *each != username);
            if event_target_checked(&event) {
                chosen.push(username.clone());
            }
        });
    };
    view! {
        <label class="person-option">
            <input type="checkbox" prop:checked=is_chosen on:change=on(choose)/>
            <Avatar name id/>
            <span dir="auto">{text(move || name.get())}</span>
        </label>
    }
}

/// Why the list is empty, or that there is more than it shows.
fn note(found: usize, search: &str, some_are_present: bool) -> String {
    match (found, search.trim()) {
        (0, "") if some_are_present => translate("Everybody is a member already.").to_owned(),
        (0, "") => nobody_else().to_owned(),
        (0, search) => fill(translate("Nobody is called “{name}”."), &[("name", search)]),
        (found, _) if found > SHOWN => {
            let more = number((found - SHOWN) as u64);
            fill(
                translate("And {number} more: type a name to find them."),
                &[("number", &more)],
            )
        }
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_says_why_it_is_empty_and_how_much_it_leaves_out() {
        assert_eq!(note(0, "", true), "Everybody is a member already.");
        assert_eq!(note(0, " zoe ", true), "Nobody is called “zoe”.");
        assert_eq!(note(SHOWN, "", false), "");
        let more = note(SHOWN + 3, "a", false);
        assert_eq!(more, "And 3 more: type a name to find them.");
    }
}
