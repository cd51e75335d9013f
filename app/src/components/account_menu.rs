//! Who one is, and what one can do about it: settings, administration, signing out.

use leptos::prelude::*;
use protocol::Role;

use super::avatar::Avatar;
use crate::{
    dynamic::{on, text, when},
    later::{LaterPart, OpenDialog},
    reactive::Computed,
    state::AppState,
};

/// A button with the viewer's name, and the menu that it opens. The browser itself opens it, closes
/// it on Escape and on a click elsewhere, and gives the focus back.
#[component]
pub fn AccountMenu(own_name: Computed<String>, own_id: String) -> impl IntoView {
    let state = expect_context::<AppState>();
    let dialog = expect_context::<OpenDialog>();
    let manages = move || {
        let role = state.session.with(|it| it.session().map(|it| it.role));
        role.is_some_and(|role| role > Role::Member)
    };
    // In the next frame: the menu is closed then, and the dialog gives the focus back to its button.
    let sign_out = move |_| request_animation_frame(move || dialog.open(LaterPart::SignOut));

    view! {
        <button type="button" class="account" title="Your account" popovertarget="account-menu">
            <Avatar name=own_name id=own_id/>
            <span class="account-name" dir="auto">
                {text(move || own_name.get())}
            </span>
        </button>
        <div id="account-menu" class="account-menu" popover="auto">
            <a class="account-item" href="/settings">
                "Settings"
            </a>
            {when(manages, || view! {
                <a class="account-item" href="/admin">
                    "Administration"
                </a>
            }.into_any())}
            <button
                type="button"
                class="account-item"
                popovertarget="account-menu"
                popovertargetaction="hide"
                on:click=on(sign_out)
            >
                "Sign out"
            </button>
        </div>
    }
}
