//! The page for an address that leads nowhere.

use leptos::prelude::*;

#[component]
pub fn NotFoundPage() -> impl IntoView {
    view! {
        <main class="not-found">
            <h1>"Page not found"</h1>
            <p>"There is nothing at this address. It may have been mistyped."</p>
            <a class="button button-primary" href="/">
                "Go to your conversations"
            </a>
        </main>
    }
}
