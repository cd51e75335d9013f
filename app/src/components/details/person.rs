//! Who somebody is.

use leptos::{html, prelude::*};
use protocol::Username;

use super::mute::Mute;
use crate::{
    components::avatar::Avatar,
    dynamic::{on, text},
    language::translate,
    later::{OpenDialog, close, show},
    reactive::{Computed, effect, expect_context},
    state::{AppState, recipient::Recipient},
};

#[component]
pub fn PersonDialog(username: Username) -> impl IntoView {
    let state = expect_context::<AppState>();
    let open = expect_context::<OpenDialog>();
    let dialog = NodeRef::<html::Dialog>::new();
    let id = username.as_str().to_owned();
    let called = ["@", username.as_str()].concat();
    let recipient = Recipient::Person(username.clone());
    let name = {
        let username = username.clone();
        Computed::new(move |_| state.people.with(|people| people.display_name(&username)))
    };
    let is_online = Computed::new(move |_| state.people.with(|people| people.is_online(&username)));
    let online = Computed::new(move |_| Some(is_online.get()));
    effect(move || show(dialog));
    view! {
        <dialog
            node_ref=dialog
            class="dialog"
            aria-labelledby="person-title"
            on:close=on(move |_| open.close())
        >
            <div class="dialog-parts">
                <div class="person-head">
                    <Avatar name id online/>
                    <div class="member-text">
                        <h2 id="person-title" dir="auto" tabindex="-1" autofocus>
                            {text(move || name.get())}
                        </h2>
                        <p class="quiet">{called}</p>
                        <p class="quiet">
                            {text(move || match is_online.get() {
                                true => translate("Online"),
                                false => translate("Offline"),
                            }.to_owned())}
                        </p>
                    </div>
                </div>
                <div class="dialog-body">
                    <Mute recipient/>
                </div>
                <div class="dialog-actions">
                    <button
                        type="button"
                        class="button button-primary"
                        on:click=on(move |_| close(dialog))
                    >
                        {translate("Done")}
                    </button>
                </div>
            </div>
        </dialog>
    }
}
