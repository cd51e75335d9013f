//! A dialog in which one finds something by a few letters of its name: a field that keeps the focus, and
//! below it what fits, of which one is marked and taken by Enter (ARIA Authoring Practices, "Combobox").

use leptos::{
    ev::{Event, KeyboardEvent, SubmitEvent},
    html,
    prelude::*,
};

use crate::{
    browser,
    dynamic::{Part, on, text, when},
    language::{fill, translate},
    later::show,
    reactive::{Computed, Observable, effect},
};

/// What is looked for, and what is marked of what was found.
#[derive(Clone, Copy)]
pub struct Finding {
    pub dialog: NodeRef<html::Dialog>,
    /// The id and the class of the list.
    list: &'static str,
    typed: Observable<String>,
    marked: Observable<usize>,
}

impl Finding {
    pub fn new(list: &'static str) -> Self {
        Self {
            dialog: NodeRef::new(),
            list,
            typed: Observable::new(String::new()),
            marked: Observable::new(0),
        }
    }

    pub fn typed(self) -> String {
        self.typed.get()
    }

    /// The id of what stands at a place of the list.
    pub fn id(self, place: usize) -> String {
        [self.list, "-", &place.to_string()].concat()
    }

    pub fn is_marked(self, place: usize) -> bool {
        self.marked.get() == place
    }

    pub fn marked(self) -> usize {
        self.marked.get_untracked()
    }

    /// Marks what stands there, and brings it into view.
    pub fn mark(self, place: usize) {
        self.marked.set(place);
        browser::reveal(&["#", &self.id(place)].concat());
    }
}

#[component]
pub fn Finder(
    finding: Finding,
    /// What the dialog is called.
    title: &'static str,
    /// What the field is called, and what stands in it as long as nothing is typed.
    label: &'static str,
    placeholder: &'static str,
    /// What is said when nothing fits, with `{name}` for what was typed.
    nothing: &'static str,
    /// How many were found.
    count: Computed<usize>,
    /// What was found: options with the ids that [`Finding::id`] gives.
    rows: Part,
    /// Where a key leads from the marked place.
    step: fn(Finding, usize, &str) -> Option<usize>,
    on_choose: Callback<usize>,
    on_close: Callback<()>,
) -> impl IntoView {
    effect(move || show(finding.dialog));
    let is_empty = move || count.get() == 0;
    let key = move |event: KeyboardEvent| {
        let count = count.get_untracked();
        if event.is_composing() || count == 0 {
            return;
        }
        if let Some(place) = step(finding, count, &event.key()) {
            event.prevent_default();
            finding.mark(place);
        }
    };
    let active = move || {
        if is_empty() {
            String::new()
        } else {
            finding.id(finding.marked.get())
        }
    };
    let complaint = move || {
        let name = finding.typed();
        fill(nothing, &[("name", name.trim())])
    };
    view! {
        <dialog
            node_ref=finding.dialog
            class="dialog finder"
            aria-label=title
            on:close=on(move |_| on_close.run(()))
        >
            <form
                novalidate
                on:submit=on(move |event: SubmitEvent| {
                    event.prevent_default();
                    on_choose.run(finding.marked());
                })
            >
                <div class="finder-field">
                    <input
                        class="field-input"
                        role="combobox"
                        aria-label=label
                        placeholder=placeholder
                        aria-expanded="true"
                        aria-controls=finding.list
                        aria-autocomplete="list"
                        aria-activedescendant=text(active)
                        autocomplete="off"
                        spellcheck="false"
                        enterkeyhint="go"
                        autofocus
                        on:input=on(move |event: Event| {
                            finding.typed.set(event_target_value(&event));
                            finding.marked.set(0);
                        })
                        on:keydown=on(key)
                    />
                </div>
                <p class="finder-note quiet" role="status">
                    {when(is_empty, move || view! { <span>{text(complaint)}</span> }.into_any())}
                </p>
                <ul
                    id=finding.list
                    class=finding.list
                    role="listbox"
                    aria-label=translate("Found")
                >
                    {rows}
                </ul>
            </form>
        </dialog>
    }
}
