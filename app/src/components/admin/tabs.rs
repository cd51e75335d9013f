//! Tabs, as the ARIA practices describe them: one stop for the Tab key, arrows go between them.

use leptos::{ev::KeyboardEvent, prelude::*};

use crate::{
    browser,
    dynamic::{flag, on, part, text},
    language::translate,
    reactive::Observable,
};

/// A tab: the end of its ids, its name in English, and what is on it.
pub type Tab = (&'static str, &'static str, fn() -> AnyView);

#[component]
pub fn Tabs(label: &'static str, tabs: &'static [Tab]) -> impl IntoView {
    // A link may lead to one by its id.
    let asked = window().location().hash().unwrap_or_default();
    let named = |&(id, _, _): &Tab| asked.strip_prefix('#') == Some(id);
    let chosen = Observable::new(tabs.iter().position(named).unwrap_or(0));
    let choose = move |event: KeyboardEvent| {
        let (now, last) = (chosen.get_untracked(), tabs.len() - 1);
        let next = match event.key().as_str() {
            "ArrowRight" if now < last => now + 1,
            "ArrowLeft" if now > 0 => now - 1,
            "ArrowRight" | "Home" => 0,
            "ArrowLeft" | "End" => last,
            _ => return,
        };
        event.prevent_default();
        chosen.set(next);
        browser::focus(&["#tab-", tabs[next].0].concat());
    };
    let tab = move |(place, &(id, name, _)): (usize, &Tab)| {
        let is_chosen = move || chosen.get() == place;
        view! {
            <button
                type="button"
                role="tab"
                class="tab"
                id=["tab-", id].concat()
                aria-controls=["panel-", id].concat()
                aria-selected=flag(is_chosen)
                tabindex=text(move || if is_chosen() { "0" } else { "-1" }.to_owned())
                on:click=on(move |_| chosen.set(place))
            >
                {translate(name)}
            </button>
        }
    };
    view! {
        <div class="tabs" role="tablist" aria-label=label on:keydown=on(choose)>
            {tabs.iter().enumerate().map(tab).collect_view()}
        </div>
        {tabs
            .iter()
            .enumerate()
            .map(|(place, (id, _, content))| {
                let content = *content;
                view! {
                    <div
                        role="tabpanel"
                        id=["panel-", id].concat()
                        aria-labelledby=["tab-", id].concat()
                        hidden=move || chosen.get() != place
                    >
                        {part(move || match chosen.get() == place {
                            true => content(),
                            false => ().into_any(),
                        })}
                    </div>
                }
            })
            .collect_view()}
    }
}
