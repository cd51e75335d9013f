//! Signing in by name.

use leptos::{ev::SubmitEvent, html, prelude::*};
use protocol::LoginRequest;

use crate::{
    api::{self, ApiError, SignedIn},
    dynamic::{flag, on, text, when},
    reactive::{Observable, Stored, effect, spawn},
    state::{
        AppState,
        actions::{Actions, Command},
        session::{SessionState, SignedOut},
    },
};

#[component]
pub fn LoginPage() -> impl IntoView {
    let state = expect_context::<AppState>();
    let field = NodeRef::<html::Input>::new();
    let attempt = Attempt::new(expect_context::<Actions>());
    let refusal = attempt.refusal;
    let busy = attempt.busy;
    let has_ended = move || {
        state
            .session
            .with(|it| *it == SessionState::SignedOut(SignedOut::Ended))
    };

    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        if let Some(field) = field.get_untracked() {
            attempt.sign_in(field.value());
        }
    };
    // The field has the focus at first, and again when something is wrong with what is in it.
    effect(move || {
        refusal.track();
        if let Some(field) = field.get() {
            let _ = field.focus();
        }
    });

    view! {
        <main class="login">
            <div class="login-card">
                <h1 class="login-title">"Natter"</h1>
                <p class="login-lead">"Messages between people. Sign in with your username."</p>
                <p class="login-reason" role="status">
                    // An element and not a bare text, which would leave an empty one behind.
                    {when(
                        has_ended,
                        || view! {
                            <span>"Your session has ended. Sign in again to go on."</span>
                        }.into_any(),
                    )}
                </p>
                <form class="login-form" novalidate on:submit=on(submit)>
                    <div class="field">
                        <label class="field-label" for="username">
                            "Username"
                        </label>
                        <input
                            node_ref=field
                            id="username"
                            class="field-input"
                            name="username"
                            autocomplete="username"
                            autocapitalize="none"
                            spellcheck="false"
                            enterkeyhint="go"
                            maxlength="100"
                            aria-describedby="username-error"
                            aria-invalid=flag(move || refusal.with(Option::is_some))
                        />
                        <p id="username-error" class="field-error" role="alert">
                            {text(move || refusal.get().unwrap_or_default())}
                        </p>
                    </div>
                    <button
                        type="submit"
                        class="button button-primary"
                        aria-busy=flag(move || busy.get())
                    >
                        {text(move || (if busy.get() { "Signing in…" } else { "Sign in" }).to_owned())}
                    </button>
                </form>
            </div>
        </main>
    }
}

/// One try to sign in after the other.
#[derive(Clone, Copy)]
struct Attempt {
    actions: Stored<Actions>,
    busy: Observable<bool>,
    /// The sentence under the field.
    refusal: Observable<Option<String>>,
}

impl Attempt {
    fn new(actions: Actions) -> Self {
        Self {
            actions: Stored::new(actions),
            busy: Observable::new(false),
            refusal: Observable::new(None),
        }
    }

    fn sign_in(self, username: String) {
        if self.busy.get_untracked() {
            return;
        }
        if username.trim().is_empty() {
            self.refusal.set(Some("Type your username.".to_owned()));
            return;
        }
        self.busy.set(true);
        // Kept outside of the page, which may be gone when the answer comes.
        let actions = self.actions.get_value();
        spawn(async move {
            let sentence = match api::login(&LoginRequest {
                username,
                password: None,
            })
            .await
            {
                Ok(SignedIn { session, token }) => {
                    return actions.run(Command::SignedIn { session, token });
                }
                Err(ApiError::Refused(problem)) => problem.detail,
                Err(ApiError::Unauthorized | ApiError::Unreachable) => {
                    "The server cannot be reached. Check your connection and try again.".to_owned()
                }
            };
            self.busy.set(false);
            self.refusal.set(Some(sentence));
        });
    }
}
