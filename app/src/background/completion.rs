//! Suggestions while one writes: people behind `@`, emoji behind `:`.

use js_sys::Function;
use leptos::{ev, prelude::*};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{HtmlTextAreaElement, KeyboardEvent, MouseEvent};

use crate::{
    browser::{construct, invoke, member, set_member},
    dynamic::{flag, on, part, text},
    language::{self, translate},
    later::OpenConversation,
    reactive::{Observable, Stored, expect_context},
    state::{
        AppState,
        completion::{Person, Query, Suggestion},
        recipient::Recipient,
    },
};

/// Where one writes.
const FIELD: &str = ".composer-input:focus";
const LIST: &str = "completion";

#[derive(Clone, Copy)]
struct Completion {
    state: AppState,
    open: OpenConversation,
    suggestions: Observable<Vec<Suggestion>>,
    marked: Observable<usize>,
    /// How much before the caret is replaced, in UTF-16 code units.
    length: Stored<usize>,
    /// How far above the window's foot the list stands, how far from its left, and how wide the field
    /// is, in pixels.
    place: Observable<(f64, f64, f64)>,
}

#[component]
pub fn Completions() -> impl IntoView {
    let completion = Completion {
        state: expect_context::<AppState>(),
        open: expect_context::<OpenConversation>(),
        suggestions: Observable::new(Vec::new()),
        marked: Observable::new(0),
        length: Stored::new(0),
        place: Observable::new((0.0, 0.0, 0.0)),
    };
    let style = move || {
        let (bottom, left, width) = completion.place.get();
        let [bottom, left, width] = [bottom, left, width].map(|it| it.to_string());
        [
            "bottom:",
            &bottom,
            "px;left:",
            &left,
            "px;width:",
            &width,
            "px",
        ]
        .concat()
    };
    let typed = window_event_listener(ev::input, move |_| completion.look());
    let left = window_event_listener(ev::focusout, move |_| completion.hide());
    on_cleanup(move || {
        typed.remove();
        left.remove();
    });
    listen_first(move |event| completion.key(&event));
    let rows = part(move || {
        let rows = completion.suggestions.get().into_iter().enumerate();
        rows.map(|(place, suggestion)| row(completion, place, suggestion))
            .collect_view()
            .into_any()
    });
    view! {
        <section
            class="completion"
            aria-label=translate("Suggestions")
            style=text(style)
            hidden=move || completion.suggestions.with(Vec::is_empty)
        >
            <ul id=LIST role="listbox" aria-label=translate("Suggestions")>
                {rows}
            </ul>
        </section>
    }
}

fn row(completion: Completion, place: usize, suggestion: Suggestion) -> AnyView {
    view! {
        <li
            id=id(place)
            role="option"
            class="completion-row"
            aria-selected=flag(move || completion.marked.get() == place)
            // Before the field would lose the focus.
            on:mousedown=on(move |event: MouseEvent| {
                event.prevent_default();
                completion.choose(place);
            })
        >
            <span dir="auto">{suggestion.label}</span>
            <span class="quiet">{suggestion.note}</span>
        </li>
    }
    .into_any()
}

fn id(place: usize) -> String {
    [LIST, "-", &place.to_string()].concat()
}

impl Completion {
    /// Looks whether what stands before the caret can be completed.
    fn look(self) {
        let Some(field) = field() else {
            return self.hide();
        };
        let text = field.value();
        let before = beginning(&text, caret(&field));
        match Query::at_end_of(before) {
            Some(Query::Named(emoji, word)) => {
                replace(&field, Query::Named(emoji, word).length(), emoji);
                self.hide();
            }
            Some(query) => {
                self.length.set_value(query.length());
                let suggestions = query.suggestions(&self.people(), &language::tag());
                self.marked.set(0);
                self.place.set(place(&field));
                self.suggestions.set(suggestions);
                self.mark(&field);
            }
            None => self.hide(),
        }
    }

    /// Who is in the conversation, but for oneself.
    fn people(self) -> Vec<Person> {
        let (Some(viewer), Some(recipient)) = (self.state.viewer(), self.open.0.get_untracked())
        else {
            return Vec::new();
        };
        let members = match &recipient {
            Recipient::Person(username) => vec![username.clone()],
            Recipient::Group(_) => self.state.conversations.with_untracked(|list| {
                let entry = list.get(&recipient);
                entry.map_or_else(Vec::new, |entry| entry.conversation.members.clone())
            }),
        };
        self.state.people.with_untracked(|people| {
            let others = members.into_iter().filter(|member| *member != viewer);
            let named = others.map(|member| Person {
                display_name: people.display_name(&member),
                username: member.to_string(),
            });
            named.collect()
        })
    }

    fn is_shown(self) -> bool {
        !self.suggestions.with_untracked(Vec::is_empty)
    }

    fn hide(self) {
        if self.is_shown() {
            self.suggestions.set(Vec::new());
            if let Ok(Some(field)) = document().query_selector(".composer-input") {
                let _ = field.remove_attribute("aria-activedescendant");
                let _ = field.remove_attribute("aria-controls");
            }
        }
    }

    /// Tells a screen reader which one is marked.
    fn mark(self, field: &HtmlTextAreaElement) {
        if self.is_shown() {
            let _ = field.set_attribute("aria-controls", LIST);
            let marked = id(self.marked.get_untracked());
            let _ = field.set_attribute("aria-activedescendant", &marked);
        }
    }

    fn key(self, event: &KeyboardEvent) {
        if !self.is_shown() || event.is_composing() || field().is_none() {
            return;
        }
        let count = self.suggestions.with_untracked(Vec::len);
        match event.key().as_str() {
            "ArrowDown" => self.marked.update(|marked| *marked = (*marked + 1) % count),
            "ArrowUp" => self
                .marked
                .update(|marked| *marked = (*marked + count - 1) % count),
            "Enter" | "Tab" if !event.shift_key() => self.choose(self.marked.get_untracked()),
            "Escape" => self.hide(),
            _ => return,
        }
        if let Some(field) = field() {
            self.mark(&field);
        }
        // The field itself would send, and the page go to its end.
        event.prevent_default();
        event.stop_propagation();
    }

    fn choose(self, place: usize) {
        let chosen = self
            .suggestions
            .with_untracked(|suggestions| suggestions.get(place).cloned());
        self.hide();
        if let (Some(field), Some(chosen)) = (field(), chosen) {
            replace(&field, self.length.get_value(), &chosen.insert);
        }
    }
}

/// Puts a text where one writes, in the place of what is selected there.
pub fn put_in(text: &str) {
    if let Some(field) = field() {
        let number = |name: &str| member(&field, name).as_f64().unwrap_or_default();
        // Selected are so many code units, a whole number that is not negative.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let selected = (number("selectionEnd") - number("selectionStart")) as usize;
        replace(&field, selected, text);
    }
}

fn field() -> Option<HtmlTextAreaElement> {
    let found = document().query_selector(FIELD).ok().flatten()?;
    Some(found.unchecked_into())
}

/// Right above the field, which may have grown.
fn place(field: &HtmlTextAreaElement) -> (f64, f64, f64) {
    const GAP: f64 = 8.0;
    let number = |of: &JsValue, name: &str| member(of, name).as_f64().unwrap_or_default();
    let rectangle = invoke(field, "getBoundingClientRect", &JsValue::UNDEFINED).unwrap_or_default();
    let bottom = number(&window(), "innerHeight") - number(&rectangle, "top") + GAP;
    (
        bottom,
        number(&rectangle, "left"),
        number(&rectangle, "width"),
    )
}

/// Where the caret is, in UTF-16 code units from the beginning.
fn caret(field: &HtmlTextAreaElement) -> usize {
    let place = member(field, "selectionEnd").as_f64().unwrap_or_default();
    // A whole number that is not negative, and no larger than a text is long.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    {
        place as usize
    }
}

/// As much of a text as so many UTF-16 code units are.
fn beginning(text: &str, units: usize) -> &str {
    let mut left = units;
    let end = text.char_indices().find(|(_, character)| {
        let is_over = left < character.len_utf16();
        left = left.saturating_sub(character.len_utf16());
        is_over
    });
    end.map_or(text, |(end, _)| &text[..end])
}

/// Puts a text in the place of what stands before the caret, as if it was typed.
fn replace(field: &HtmlTextAreaElement, length: usize, text: &str) {
    let end = caret(field);
    let begin = end.saturating_sub(length);
    let select = |place: usize, name: &str| {
        set_member(
            field,
            name,
            &JsValue::from_f64(f64::from(u32::try_from(place).unwrap_or(0))),
        );
    };
    select(begin, "selectionStart");
    select(end, "selectionEnd");
    let method = member(field, "setRangeText").dyn_into::<Function>();
    if let Ok(method) = method {
        // With two places and no third word the caret would stay in front of it.
        let _ = method.call1(field, &text.into());
        let after = begin + text.encode_utf16().count();
        select(after, "selectionEnd");
        select(after, "selectionStart");
    }
    // What follows the field hears of it there, and what follows the page need not.
    let _ = construct("Event", &"input".into())
        .and_then(|event| invoke(field, "dispatchEvent", &event));
}

/// Hears keys before anything in the page does.
fn listen_first(heard: impl Fn(KeyboardEvent) + 'static) {
    // Of a type that the first file has a way for already, as everywhere.
    let heard =
        Closure::<dyn Fn(JsValue)>::new(move |event: JsValue| heard(event.unchecked_into()));
    let tell = |method: &str, heard: &JsValue| {
        let window = window();
        if let Ok(method) = member(&window, method).dyn_into::<Function>() {
            let _ = method.call3(&window, &"keydown".into(), heard, &JsValue::TRUE);
        }
    };
    tell("addEventListener", heard.as_ref());
    let held = StoredValue::new_local(heard);
    on_cleanup(move || {
        held.try_with_value(|heard| tell("removeEventListener", heard.as_ref()));
    });
}
