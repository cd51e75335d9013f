//! Where one writes.

use leptos::{
    ev::{Event, KeyboardEvent, SubmitEvent},
    html,
    prelude::*,
};
use protocol::MessageText;
use web_sys::HtmlTextAreaElement;

use crate::{
    dynamic::{flag, on, text},
    language::{fill, number, translate},
    later::{LaterPart, OpenDialog},
    reactive::{Observable, Stored, effect, expect_context},
    state::{
        AppState,
        actions::{Actions, Command},
        recipient::Recipient,
    },
};

/// The counter shows when no more characters than this are left.
const NEAR_THE_LIMIT: usize = 1000;
/// A text this long fills the field at its largest; it is not measured.
const SURELY_TALL: usize = 2000;
/// The key code of keys that a writing aid is working on, in browsers that say it no better way.
const COMPOSING: u32 = 229;

const EMOJI_ICON: &str = r#"<svg viewBox="0 0 20 20" aria-hidden="true" fill="none" stroke="currentColor" stroke-width="1.5" stroke-linecap="round"><circle cx="10" cy="10" r="7.25"/><path d="M7.5 8v.5m5-.5v.5M7 12c1.5 2 4.5 2 6 0"/></svg>"#;

#[component]
pub fn Composer(
    recipient: Recipient,
    /// A message has just been handed over.
    on_send: impl Fn() + Copy + Send + Sync + 'static,
) -> impl IntoView {
    let state = expect_context::<AppState>();
    let actions = Stored::new(expect_context::<Actions>());
    let dialog = expect_context::<OpenDialog>();
    let recipient = Stored::new(recipient);
    let field = NodeRef::<html::Textarea>::new();
    let length = Observable::new(0_usize);
    let is_blank = Observable::new(true);
    let is_too_long = move || length.get() > MessageText::MAX_LENGTH;
    let look_at = move |field: &HtmlTextAreaElement, text: &str| {
        let count = text.chars().count();
        if length.get_untracked() != count {
            length.set(count);
        }
        let blank = text.trim().is_empty();
        if is_blank.get_untracked() != blank {
            is_blank.set(blank);
        }
        fit(field, text.len());
    };

    // The field holds its text by itself: what was typed never waits for anything.
    effect(move || {
        if let Some(field) = field.get() {
            let draft =
                recipient.with_value(|to| state.drafts.with_value(|it| it.get(to).to_owned()));
            field.set_value(&draft);
            look_at(&field, &draft);
        }
    });
    let input = move |_: Event| {
        if let Some(field) = field.get_untracked() {
            let text = field.value();
            look_at(&field, &text);
            let to = recipient.get_value();
            actions.with_value(|it| it.run(Command::KeepDraft { to, text }));
        }
    };
    let send = move || {
        let Some(field) = field.get_untracked() else {
            return;
        };
        if let Ok(text) = MessageText::parse(field.value()) {
            field.set_value("");
            look_at(&field, "");
            let (to, text) = (recipient.get_value(), text.into_string());
            actions.with_value(|it| it.run(Command::Send { to, text }));
            on_send();
        }
        let _ = field.focus();
    };
    let key = move |event: KeyboardEvent| {
        let composes = event.is_composing() || event.key_code() == COMPOSING;
        if event.key() == "Enter" && !event.shift_key() && !composes {
            event.prevent_default();
            send();
        }
    };
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        send();
    };

    view! {
        <form class="composer" on:submit=on(submit)>
            <button
                type="button"
                class="icon-button composer-emoji"
                aria-label=translate("Emoji")
                on:click=on(move |_| dialog.open(LaterPart::Emoji))
                inner_html=EMOJI_ICON
            ></button>
            <textarea
                node_ref=field
                class="composer-input"
                aria-label=translate("Write a message")
                placeholder=translate("Write a message")
                rows="1"
                dir="auto"
                autocomplete="off"
                aria-describedby="composer-count"
                aria-invalid=flag(is_too_long)
                on:input=on(input)
                on:keydown=on(key)
            ></textarea>
            <button type="submit" class="composer-send" disabled=move || is_blank.get() || is_too_long()>
                {translate("Send")}
            </button>
            <p
                id="composer-count"
                class="composer-count"
                role="status"
                data-over=flag(is_too_long)
            >
                {text(move || count(length.get()).unwrap_or_default())}
            </p>
        </form>
    }
}

/// Makes the field as high as its text; the style sheet says where that ends.
fn fit(field: &HtmlTextAreaElement, bytes: usize) {
    let style = web_sys::HtmlElement::style(field);
    if bytes > SURELY_TALL {
        // Measuring would lay the whole text out.
        let _ = style.set_property("height", "100vh");
        return;
    }
    let _ = style.set_property("height", "auto");
    let borders = field.offset_height() - field.client_height();
    let height = field.scroll_height() + borders;
    let _ = style.set_property("height", &(height.to_string() + "px"));
}

/// How much room is left, once there is little.
fn count(length: usize) -> Option<String> {
    let limit = MessageText::MAX_LENGTH;
    if length + NEAR_THE_LIMIT <= limit {
        return None;
    }
    let sentence = if length > limit {
        translate("{length} of {limit} characters: too long by {over}. Send it in parts.")
    } else {
        translate("{length} of {limit} characters")
    };
    Some(fill(
        sentence,
        &[
            ("length", &number(length as u64)),
            ("limit", &number(limit as u64)),
            ("over", &number(length.saturating_sub(limit) as u64)),
        ],
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_count_shows_near_the_limit_only() {
        assert_eq!(count(19_000), None);
        assert_eq!(count(19_950).as_deref(), Some("19950 of 20000 characters"));
        assert_eq!(
            count(20_001).as_deref(),
            Some("20001 of 20000 characters: too long by 1. Send it in parts.")
        );
    }
}
