//! Signing in: by username and password or with a passkey, or by name alone.
//!
//! The form stands in the served page, so that one can type before the client is there
//! (`shell/login.rs`). Here it is taken over.

use leptos::{
    ev::{MouseEvent, SubmitEvent},
    html,
    prelude::*,
};
use protocol::{LoginRequest, Secret};
use wasm_bindgen::{JsCast, prelude::wasm_bindgen};
use web_sys::HtmlElement;

use super::entry::Entry;
use crate::{
    api, browser,
    dynamic::{on, part},
    language::translate,
    later::{LaterDialog, LaterPart},
    reactive::{Observable, effect, expect_context},
    state::{AppState, session::SignedOut},
};

#[wasm_bindgen]
extern "C" {
    /// What the shell's loader provides: the form moves into this element, and what was pressed before
    /// the client came is pressed then.
    #[wasm_bindgen(js_name = natterLogin)]
    fn move_form(into: &HtmlElement);
    /// What was typed is forgotten.
    #[wasm_bindgen(js_name = natterLogin)]
    fn forget();
}

#[component]
pub fn LoginPage() -> impl IntoView {
    let state = expect_context::<AppState>();
    let entry = Entry::new(None);
    let has_accounts = browser::has_accounts();
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        sign_in(entry, has_accounts);
    };
    let tries = Observable::new(0_u32);
    let click = move |event: MouseEvent| {
        let target = event
            .target()
            .and_then(|it| it.dyn_into::<HtmlElement>().ok());
        if target.is_some_and(|target| target.class_list().contains("login-passkey")) {
            tries.update(|tries| *tries += 1);
        }
    };
    // Before all that changes something in it.
    let place = NodeRef::<html::Div>::new();
    effect(move || {
        if let Some(place) = place.get() {
            move_form(&place);
        }
    });
    on_cleanup(forget);
    effect(move || {
        let why = state.session.with(|session| session.signed_out());
        let reason = why.and_then(SignedOut::sentence).unwrap_or_default();
        browser::write(".login-reason", translate(reason));
    });
    effect(move || {
        let refusal = entry
            .refusal
            .with(|it| it.as_ref().map(|it| it.sentence.clone()));
        browser::write("#login-error", &refusal.unwrap_or_default());
    });
    effect(move || {
        let busy = entry.busy.get();
        browser::write(
            "#login-submit",
            if busy {
                translate("Signing in…")
            } else {
                translate("Sign in")
            },
        );
        if let Some(button) = document().get_element_by_id("login-submit") {
            let _ = button.set_attribute("aria-busy", &busy.to_string());
        }
    });
    provide_context(entry);

    view! {
        <div node_ref=place on:submit=on(submit) on:click=on(click)></div>
        {part(move || match tries.get() {
            0 => ().into_any(),
            _ => view! { <LaterDialog dialog=LaterPart::Passkey on_close=Callback::new(|()| {})/> }.into_any(),
        })}
    }
}

fn sign_in(entry: Entry, has_accounts: bool) {
    let username = browser::typed("username");
    if username.trim().is_empty() {
        return entry.refuse("username", translate("Type your username."));
    }
    let password = has_accounts.then(|| Secret::new(browser::typed("password")));
    if password.as_ref().is_some_and(|it| it.reveal().is_empty()) {
        return entry.refuse("password", translate("Type your password."));
    }
    entry.start(
        "/web/login",
        api::json(&LoginRequest { username, password }),
    );
}
