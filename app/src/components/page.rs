//! The frame of a page beside the chat: its name, the way back, and what is on it.

use leptos::prelude::*;

use super::confirm_identity::ConfirmIdentity;
use crate::{
    background::Background,
    browser,
    language::translate,
    later::{OpenConversation, OpenDialog},
    reactive::{Computed, effect, expect_context},
    requests::Requests,
    state::{AppState, actions::Actions},
};

/// Gives what is on the page its way to the server, and asks for a proof where that wants one.
#[component]
pub fn Page(
    title: &'static str,
    /// Another page that belongs to this one: its address and its name.
    other: Option<(&'static str, &'static str)>,
    children: Children,
) -> impl IntoView {
    let requests = Requests::new(expect_context::<Actions>());
    provide_context(requests);
    // What goes on beside the chat goes on here.
    provide_context(OpenConversation(Computed::new(|_| None)));
    provide_context(OpenDialog::new());
    // The name of the page is what is read first on it.
    effect(|| request_animation_frame(|| browser::focus(".page-title")));
    view! {
        <div class="page">
            <header class="page-header">
                <a class="page-back" href="/">
                    {translate("Back to the chat")}
                </a>
                {other
                    .map(|(address, name)| {
                        view! { <a class="page-other" href=address>{name}</a> }
                    })}
            </header>
            <main class="page-main">
                <h1 class="page-title" tabindex="-1">
                    {title}
                </h1>
                {children()}
            </main>
            <ConfirmIdentity requests/>
            <Background/>
        </div>
    }
}

/// A part of a page: what it is about, and what one does there.
#[component]
pub fn Section(
    id: &'static str,
    title: &'static str,
    /// A sentence or two on what it is for.
    lead: &'static str,
    children: Children,
) -> impl IntoView {
    view! {
        <section class="section" aria-labelledby=id>
            <div class="section-about">
                <h2 class="section-title" id=id tabindex="-1">
                    {title}
                </h2>
                <p>{lead}</p>
            </div>
            <div class="section-content">{children()}</div>
        </section>
    }
}

/// The local day, followed.
pub fn today() -> i64 {
    expect_context::<AppState>().today.get()
}
