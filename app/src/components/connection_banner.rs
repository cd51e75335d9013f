//! One quiet line about the connection, and nothing while it works.

use leptos::prelude::*;

use crate::{
    dynamic::{on, part, text, when},
    language::translate,
    reactive::{Computed, Stored, expect_context},
    state::{
        AppState,
        actions::{Actions, Command},
        connection::Notice,
    },
};

#[component]
pub fn ConnectionBanner() -> impl IntoView {
    let state = expect_context::<AppState>();
    let try_now = Stored::new(expect_context::<Actions>());
    let notice = Computed::new(move |_| Notice::of(state.connection.get(), state.online.get()));
    view! {
        <div
            class="connection-banner"
            role="status"
            data-state=text(move || notice.get().map_or("none", Notice::name).to_owned())
        >
            {part(move || match notice.get() {
                Some(notice) => view! { <span>{translate(notice.sentence())}</span> }.into_any(),
                None => ().into_any(),
            })}
            {when(
                move || notice.get() == Some(Notice::Unreachable),
                move || view! {
                    <button type="button" on:click=on(move |_| try_now.with_value(|it| it.run(Command::TryNow)))>
                        {translate("Try now")}
                    </button>
                }.into_any(),
            )}
        </div>
    }
}
