//! The end of an account.

use leptos::prelude::*;

use crate::{
    components::{ask_first::AskFirst, form::attempt::Attempt, modal::Modal, page::Section},
    dynamic::on,
    language::translate,
    reactive::{Stored, expect_context},
    requests::Requests,
    state::actions::{Actions, Command},
};

#[component]
pub fn Deactivate() -> impl IntoView {
    let requests = expect_context::<Requests>();
    let actions = Stored::new(expect_context::<Actions>());
    let attempt = Attempt::new("deactivate", &[]);
    let dialog = Modal::new();
    let yes = Callback::new(move |()| {
        attempt.run(requests.deactivate_own(), move |()| {
            dialog.close();
            // The sockets are told too; this page may have none at the moment.
            if !actions.is_gone() {
                actions.get_value().run(Command::CheckSession);
            }
            String::new()
        });
    });
    view! {
        <Section
            id="deactivate-title"
            title=translate("Deactivate account")
            lead=translate("For when you leave for good. Only an owner or an admin can let you in again.")
        >
            <div class="form-actions">
                <button
                    type="button"
                    class="button button-danger"
                    on:click=on(move |_| dialog.show())
                >
                    {translate("Deactivate my account")}
                </button>
            </div>
            <AskFirst
                dialog
                id="deactivate-question"
                title=translate("Deactivate your account?")
                sentences=vec![
                    translate("You are signed out everywhere at once, and cannot sign in again by yourself.").to_owned(),
                    translate("Nobody can write to you any more. What you have written stays where it is, under your name.")
                        .to_owned(),
                    translate("An owner or an admin can let you in again, and then everything is as it was.").to_owned(),
                ]
                verb=translate("Deactivate")
                busy=translate("Deactivating…")
                attempt
                yes
            />
        </Section>
    }
}
