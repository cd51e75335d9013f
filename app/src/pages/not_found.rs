//! The page for an address that leads nowhere.

use leptos::prelude::*;

use crate::language::translate;

#[component]
pub fn NotFoundPage() -> impl IntoView {
    view! {
        <main class="not-found">
            <h1>{translate("Page not found")}</h1>
            <p>{translate("There is nothing at this address. It may have been mistyped.")}</p>
            <a class="button button-primary" href="/">
                {translate("Go to your conversations")}
            </a>
        </main>
    }
}
