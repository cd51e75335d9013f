//! Who one is, and what one can do about it: settings, administration, signing out.

use leptos::{ev::MouseEvent, prelude::*};
use protocol::Role;
use wasm_bindgen::JsCast;
use web_sys::Element;

use super::avatar::Avatar;
use crate::{
    dynamic::{flag, on, text},
    language::{html, said, translate},
    later::{LaterPart, OpenDialog},
    reactive::{Computed, expect_context},
    state::AppState,
};

const ITEMS: &str = html(
    "<a class='account-item' href='/settings'>{Settings}</a>\
     <a class='account-item' href='/admin'>{Administration}</a>\
     <button type='button' id='sign-out' class='account-item' popovertarget='account-menu' popovertargetaction='hide'>{Sign out}</button>",
);

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
    // Heard at the menu, so that what is in it never changes and is a cheap kind of view.
    let clicked = move |event: MouseEvent| {
        let target = event.target().and_then(|it| it.dyn_into::<Element>().ok());
        if target.is_some_and(|target| target.id() == "sign-out") {
            // In the next frame the menu is closed, and the dialog gives the focus to its button.
            request_animation_frame(move || dialog.open(LaterPart::SignOut));
        }
    };

    view! {
        <button
            type="button"
            class="account"
            title=translate("Your account")
            popovertarget="account-menu"
        >
            <Avatar name=own_name id=own_id/>
            <span class="account-name" dir="auto">
                {text(move || own_name.get())}
            </span>
        </button>
        <div
            id="account-menu"
            class="account-menu"
            popover="auto"
            data-manages=flag(manages)
            on:click=on(clicked)
            inner_html=said(ITEMS)
        ></div>
    }
}
