//! Coming in by a link, or where anybody may make an account.
//!
//! The token of a link is in the address's fragment, which no browser sends. It is taken out of the
//! address at once, so that it is in no history, and is kept nowhere else.

use leptos::{ev, prelude::*};
use protocol::{
    ErrorCode, Secret, Username,
    join::{Link, LinkPurpose},
};
use wasm_bindgen::JsValue;

use super::entry::UNREACHABLE;
use crate::{
    api::{self, ApiError},
    browser,
    components::woven::woven,
    dynamic::{on, part},
    language::translate,
    reactive::{Observable, Stored, expect_context, spawn},
    state::{AppState, session::SessionState},
};

/// Making an account.
mod account_form;
/// Setting a password for an account that is there.
mod password_form;

use account_form::AccountForm;
use password_form::PasswordForm;

/// What there is to do here.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    Looking,
    /// Why it cannot be told at this moment.
    Wait(String),
    /// An account is made: as the owner's, by an invitation, or because anybody may.
    Account(Option<LinkPurpose>),
    /// A password is set for somebody.
    Password(Option<Username>),
    /// The link is good for nothing, or not any more.
    Broken,
    /// There is no link, and without one nobody joins.
    Closed,
    /// People sign in by name alone.
    NameOnly,
}

impl Step {
    fn without_a_link() -> Self {
        match (browser::has_accounts(), browser::is_open()) {
            (false, _) => Self::NameOnly,
            (true, true) => Self::Account(None),
            (true, false) => Self::Closed,
        }
    }

    /// What the server says of a link.
    fn by_link(answer: Result<Link, ApiError>) -> Self {
        match answer {
            Ok(link) if link.purpose == LinkPurpose::Reset => Self::Password(link.username),
            Ok(link) => Self::Account(Some(link.purpose)),
            Err(ApiError::Refused(problem)) => match problem.code {
                ErrorCode::InvalidLink => Self::Broken,
                ErrorCode::NotFound => Self::NameOnly,
                _ => Self::Wait(problem.detail),
            },
            Err(ApiError::Unauthorized | ApiError::Unreachable) => {
                Self::Wait(translate(UNREACHABLE).to_owned())
            }
        }
    }
}

#[component]
pub fn JoinPage() -> impl IntoView {
    let state = expect_context::<AppState>();
    // Who is signed in now; while one comes in this must not change.
    let viewer = state.session.with_untracked(signed_in_as);
    let step = Observable::new(Step::Looking);
    let token = Stored::new(None::<Secret>);
    let look = move || {
        let Some(token) = token.get_value() else {
            return step.set(Step::without_a_link());
        };
        step.set(Step::Looking);
        spawn(async move { step.set(Step::by_link(api::link(&token).await)) });
    };
    let take = move || {
        if let Some(taken) = take_token() {
            token.set_value(Some(taken));
            look();
        }
    };
    take();
    if token.with_value(Option::is_none) {
        look();
    }
    // Another link that is pasted into the address of this page loads nothing.
    let handle = window_event_listener(ev::hashchange, move |_| take());
    on_cleanup(move || handle.remove());

    view! {
        <main class="login">
            <div class="login-card">
                {part(move || show(step.get(), token.get_value(), viewer.clone(), look))}
            </div>
        </main>
    }
}

fn show(
    step: Step,
    token: Option<Secret>,
    viewer: Option<String>,
    look: impl Fn() + Copy + 'static,
) -> AnyView {
    match step {
        Step::Looking => {
            view! { <p role="status">{translate("Looking at the link…")}</p> }.into_any()
        }
        Step::Wait(sentence) => view! {
            <h1 class="login-title">"Natter"</h1>
            <p role="alert">{sentence}</p>
            <button type="button" class="button button-primary" on:click=on(move |_| look())>
                {translate("Try again")}
            </button>
        }
        .into_any(),
        Step::Account(purpose) => match viewer {
            Some(viewer) => already_here(viewer),
            None => view! { <AccountForm purpose token/> }.into_any(),
        },
        Step::Password(username) => view! { <PasswordForm username token viewer/> }.into_any(),
        Step::Broken => note(
            translate("This link does not work"),
            translate(
                "It has been used already, or is too old. Ask whoever sent it to you for another one.",
            ),
        ),
        Step::Closed => note(
            translate("People join by invitation"),
            translate(
                "Ask somebody who is here already for a link. If you have one, open it once more.",
            ),
        ),
        Step::NameOnly => note(
            translate("Nobody needs an account here"),
            translate("On this server people sign in with their username alone."),
        ),
    }
}

/// What is to be known, and the way to the login page.
fn note(title: &'static str, sentence: &'static str) -> AnyView {
    view! {
        <h1 class="login-title">{title}</h1>
        <p class="login-lead">{sentence}</p>
        <a class="button button-primary login-way" href="/login">
            {translate("Sign in")}
        </a>
    }
    .into_any()
}

fn already_here(viewer: String) -> AnyView {
    let viewer = view! { <bdi>{viewer}</bdi> }.into_any();
    view! {
        <h1 class="login-title">{translate("You are here already")}</h1>
        <p class="login-lead">
            {woven(
                translate("You are signed in as {name}. To make another account, sign out first and open the link once more."),
                vec![("name", viewer)],
            )}
        </p>
        <a class="button button-primary login-way" href="/">
            {translate("Go to your conversations")}
        </a>
    }
    .into_any()
}

fn signed_in_as(session: &SessionState) -> Option<String> {
    session.session().map(|it| it.display_name.clone())
}

/// The token of the address, which is not in the address any more afterwards.
fn take_token() -> Option<Secret> {
    let location = window().location();
    let hash = location.hash().ok()?;
    let token = hash.strip_prefix('#').filter(|it| !it.is_empty())?;
    let path = location.pathname().ok()?;
    let history = window().history().ok()?;
    let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(&path));
    Some(Secret::new(token))
}

#[cfg(test)]
mod tests {
    use protocol::{Problem, Timestamp};

    use super::*;

    fn link(purpose: LinkPurpose, username: Option<&str>) -> Result<Link, ApiError> {
        Ok(Link {
            purpose,
            username: username.map(Username::from_trusted),
            expires_at: Timestamp(1),
        })
    }

    fn refused(code: ErrorCode) -> Result<Link, ApiError> {
        Err(ApiError::Refused(Problem {
            title: String::new(),
            status: 400,
            code,
            detail: "Later.".to_owned(),
            field: None,
            retry_after: None,
        }))
    }

    #[test]
    fn a_link_leads_to_the_form_for_what_it_is_good_for() {
        for purpose in [LinkPurpose::Owner, LinkPurpose::Invitation] {
            assert_eq!(
                Step::by_link(link(purpose, None)),
                Step::Account(Some(purpose))
            );
        }
        let alice = Some(Username::from_trusted("alice"));
        let reset = link(LinkPurpose::Reset, Some("alice"));
        assert_eq!(Step::by_link(reset), Step::Password(alice));
    }

    #[test]
    fn a_link_that_cannot_be_looked_at_now_is_not_called_broken() {
        assert_eq!(Step::by_link(refused(ErrorCode::InvalidLink)), Step::Broken);
        let wait = Step::Wait("Later.".to_owned());
        assert_eq!(Step::by_link(refused(ErrorCode::TooManyRequests)), wait);
        let unreachable = Step::by_link(Err(ApiError::Unreachable));
        assert_eq!(unreachable, Step::Wait(UNREACHABLE.to_owned()));
    }
}
