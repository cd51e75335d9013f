//! What owners and admins see and change.

use leptos::prelude::*;

#[component]
pub fn AdminPage() -> impl IntoView {
    view! { <main class="login"><h1>"Administration"</h1></main> }
}
