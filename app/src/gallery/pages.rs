//! The pages that are not the chat, each in the states in which they look different.

use leptos::prelude::*;
use protocol::Role;

use super::{Named, world::signed_in};
use crate::{
    later::{Later, LaterPart},
    pages::login::LoginPage,
    state::{
        AppState,
        session::{SessionState, SignedOut},
    },
};

pub const ALL: [Named; 11] = [
    ("audit", || administration("audit")),
    ("by-invitation", || {
        tell("data-registration", "invitation");
        outside(LaterPart::Join)
    }),
    ("by-name-alone", || {
        inside(Role::Member, "name", LaterPart::Settings)
    }),
    ("invitations", || administration("invitations")),
    ("join", || {
        tell("data-registration", "open");
        outside(LaterPart::Join)
    }),
    ("login", login),
    ("no-admin", || {
        inside(Role::Member, "account", LaterPart::Admin)
    }),
    ("not-found", || outside(LaterPart::NotFound)),
    ("people", || administration("people")),
    ("recover", || outside(LaterPart::Recover)),
    ("settings", || {
        inside(Role::Owner, "account", LaterPart::Settings)
    }),
];

/// Somebody is at the door whose session has ended.
fn login() -> AnyView {
    provide_context(signed_out());
    view! { <LoginPage/> }.into_any()
}

fn signed_out() -> AppState {
    let state = AppState::new();
    let ended = SessionState::SignedOut(SignedOut::Ended);
    state.session.set(ended);
    state
}

/// A page for those who are not signed in.
fn outside(page: LaterPart) -> AnyView {
    tell("data-sign-in", "account");
    provide_context(signed_out());
    view! { <Later page/> }.into_any()
}

/// A page for somebody who is signed in, with an account or by name alone.
fn inside(role: Role, sign_in: &str, page: LaterPart) -> AnyView {
    tell("data-sign-in", sign_in);
    let state = signed_in();
    state.session.update(|session| {
        if let SessionState::SignedIn(session) = session {
            session.role = role;
        }
    });
    provide_context(state);
    view! { <Later page/> }.into_any()
}

fn administration(tab: &str) -> AnyView {
    let location = window().location();
    if location.hash().is_ok_and(|hash| hash.is_empty()) {
        // Whoever cannot have it gets the first tab.
        let _ = location.set_hash(tab);
    }
    inside(Role::Owner, "account", LaterPart::Admin)
}

/// What a server says at the root of its page.
fn tell(attribute: &str, value: &str) {
    if let Some(root) = document().document_element() {
        let _ = root.set_attribute(attribute, value);
    }
}
