//! A person's settings.

use leptos::{ev::SubmitEvent, html, prelude::*};

use crate::{
    dynamic::{flag, on, text, when},
    reactive::Observable,
    state::{AppState, session::SessionState},
};

#[component]
pub fn SettingsPage() -> impl IntoView {
    let state = expect_context::<AppState>();
    let name = NodeRef::<html::Input>::new();
    let sentence = NodeRef::<html::Input>::new();
    let refusal = Observable::new(None::<String>);
    let saved = Observable::new(false);
    let username = move || {
        state.session.with(|session| match session {
            SessionState::SignedOut(_) => "nobody".to_owned(),
            session => session
                .username()
                .map(|it| it.to_string())
                .unwrap_or_default(),
        })
    };
    let conversations = move || {
        let unread = state.conversations.with(|list| list.unread_total());
        [&unread.to_string(), " unread messages"].concat()
    };
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let value = |field: NodeRef<html::Input>| {
            field
                .get_untracked()
                .map(|field| field.value())
                .unwrap_or_default()
        };
        if value(name).trim().is_empty() || value(sentence).trim().is_empty() {
            refusal.set(Some("Fill in both fields.".to_owned()));
            saved.set(false);
        } else {
            refusal.set(None);
            saved.set(true);
        }
    };

    view! {
        <main class="login">
            <div class="login-card">
                <h1 class="login-title">"Settings"</h1>
                <ul class="settings-list">
                    <li>{text(username)}</li>
                    <li>{text(conversations)}</li>
                    <li>"Everything else is as it was when Natter was installed."</li>
                </ul>
                <form class="login-form" novalidate on:submit=on(submit)>
                    <div class="field">
                        <label class="field-label" for="display-name">
                            "Shown name"
                        </label>
                        <input
                            node_ref=name
                            id="display-name"
                            class="field-input"
                            name="display-name"
                            maxlength="100"
                            aria-describedby="settings-error"
                            aria-invalid=flag(move || refusal.with(Option::is_some))
                        />
                    </div>
                    <div class="field">
                        <label class="field-label" for="sentence">
                            "Sentence about you"
                        </label>
                        <input
                            node_ref=sentence
                            id="sentence"
                            class="field-input"
                            name="sentence"
                            maxlength="200"
                            aria-describedby="settings-error"
                        />
                        <p id="settings-error" class="field-error" role="alert">
                            {text(move || refusal.get().unwrap_or_default())}
                        </p>
                    </div>
                    <button type="submit" class="button button-primary">
                        "Save"
                    </button>
                    <p role="status">
                        {when(move || saved.get(), || view! { <span>"Saved."</span> }.into_any())}
                    </p>
                </form>
                <a href="/">"Back to your conversations"</a>
            </div>
        </main>
    }
}
