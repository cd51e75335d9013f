//! One quiet line about the connection, and nothing while it works.

use leptos::prelude::*;

use crate::{
    reactive::Computed,
    state::{
        AppState,
        actions::{Actions, Command},
        connection::Notice,
    },
};

#[component]
pub fn ConnectionBanner() -> impl IntoView {
    let state = expect_context::<AppState>();
    let actions = expect_context::<Actions>();
    let notice = Computed::new(move |_| Notice::of(state.connection.get(), state.online.get()));
    let try_now = Callback::new(move |()| actions.run(Command::TryNow));
    view! {
        <div
            class="connection-banner"
            role="status"
            data-state=move || notice.get().map(Notice::name)
        >
            {move || notice.get().map(|notice| view! { <span>{notice.sentence()}</span> })}
            {move || {
                (notice.get() == Some(Notice::Unreachable))
                    .then(|| {
                        view! {
                            <button type="button" on:click=move |_| try_now.run(())>
                                "Try now"
                            </button>
                        }
                    })
            }}
        </div>
    }
}
