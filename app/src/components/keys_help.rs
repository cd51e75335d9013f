//! The dialog that lists what one can do without a mouse.

use leptos::{html, prelude::*};

use crate::{
    browser,
    dynamic::on,
    language::{noted, translate},
    later::{OpenDialog, close, show},
    reactive::{effect, expect_context},
};

/// Keys, and what they do. "Mod" is ⌘ on a Mac and Ctrl elsewhere.
const KEYS: [(&[&str], &str); 9] = [
    (&["Mod", "K"], noted("Go to a person, a group or a command")),
    (&["Alt", "↓"], noted("Next conversation")),
    (&["Alt", "↑"], noted("Previous conversation")),
    (&["Alt", "Shift", "↓"], noted("Next unread conversation")),
    (
        &["Alt", "Shift", "↑"],
        noted("Previous unread conversation"),
    ),
    (
        &["Esc"],
        noted("Mark the conversation as read and go to its end"),
    ),
    (&["Enter"], noted("Send")),
    (&["Shift", "Enter"], noted("New line")),
    (&["?"], noted("This list")),
];

#[component]
pub fn KeysHelp() -> impl IntoView {
    let open = expect_context::<OpenDialog>();
    let dialog = NodeRef::<html::Dialog>::new();
    effect(move || show(dialog));
    let modifier = if browser::is_apple() { "⌘" } else { "Ctrl" };
    let rows = KEYS.map(|(keys, what)| {
        let keys = keys.iter().map(|key| {
            let key = if *key == "Mod" { modifier } else { key };
            view! { <kbd>{key}</kbd> }
        });
        view! {
            <div class="keys-row">
                <dt>{translate(what)}</dt>
                <dd>{keys.collect_view()}</dd>
            </div>
        }
    });
    view! {
        <dialog
            node_ref=dialog
            class="dialog"
            aria-labelledby="keys-title"
            on:close=on(move |_| open.close())
        >
            <div class="dialog-parts">
                <h2 id="keys-title" class="dialog-title">
                    {translate("Keyboard shortcuts")}
                </h2>
                <div class="dialog-body" tabindex="0">
                    <dl class="keys">{rows}</dl>
                </div>
                <div class="dialog-actions">
                    <button
                        type="button"
                        class="button button-primary"
                        autofocus
                        on:click=on(move |_| close(dialog))
                    >
                        {translate("Done")}
                    </button>
                </div>
            </div>
        </dialog>
    }
}
