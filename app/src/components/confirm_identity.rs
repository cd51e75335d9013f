//! The question who one is, before something that only the owner of an account may do.

use leptos::{html, prelude::*};
use protocol::account::Account;

use super::{
    form::{
        attempt::Attempt,
        field::{Field, typed},
        outcome::{Said, Submit},
    },
    modal::{Cancel, Modal, modal},
};
use crate::{
    browser,
    dynamic::{flag, on, when},
    language::translate,
    reactive::{Computed, Observable, effect, spawn},
    requests::{Requests, passkeys},
};

/// The place of the dialog. It opens by itself when a request waits for a proof.
#[component]
pub fn ConfirmIdentity(requests: Requests) -> impl IntoView {
    let dialog = Modal::new();
    let attempt = Attempt::new("confirm-identity", &["password"]);
    let account = Observable::new(None::<Account>);
    let password = NodeRef::<html::Input>::new();
    effect(move || {
        if requests.asks_for_proof() {
            attempt.forget();
            dialog.show();
            look_up(requests, account);
        }
    });
    // However it is closed: without a proof, what waits for it is given up.
    let open = Computed::new(move |_| dialog.is_open());
    effect(move || {
        if !open.get() {
            requests.end_question(false);
        }
    });
    let proved = move |()| {
        requests.end_question(true);
        dialog.close();
        String::new()
    };
    let by_password = move || attempt.run(requests.confirm(typed(password)), proved);
    let by_passkey = move || attempt.run(requests.confirm_by_passkey(), proved);

    modal(
        dialog,
        "confirm-identity",
        translate("Is it still you?"),
        by_password,
        move || {
            view! {
                <div class="dialog-body">
                    <p>{translate("This changes who gets in. Confirm that it is you; then it goes on by itself.")}</p>
                    {when(
                        move || has_password(account),
                        move || view! {
                            <Field
                                attempt
                                name="password"
                                label=translate("Password")
                                input=password
                                kind="password"
                                autocomplete="current-password"
                                autofocus=true
                            />
                        }
                        .into_any(),
                    )}
                    {when(
                        move || has_passkey(account),
                        move || view! {
                            <button
                                type="button"
                                class="button"
                                aria-busy=flag(move || attempt.is_busy())
                                on:click=on(move |_| by_passkey())
                            >
                                {translate("Use a passkey")}
                            </button>
                        }
                        .into_any(),
                    )}
                </div>
                <div class="dialog-actions">
                    <Said attempt/>
                    <Cancel modal=dialog/>
                    {when(
                        move || has_password(account),
                        move || view! {
                            <Submit attempt label=translate("Confirm") busy=translate("Confirming…")/>
                        }
                        .into_any(),
                    )}
                </div>
            }
            .into_any()
        },
    )
}

/// Most have a password, so that is what is asked for as long as nothing else is known.
fn has_password(account: Observable<Option<Account>>) -> bool {
    account.with(|account| account.as_ref().is_none_or(|account| account.has_password))
}

fn has_passkey(account: Observable<Option<Account>>) -> bool {
    let has_one =
        account.with(|account| account.as_ref().is_some_and(|it| !it.passkeys.is_empty()));
    has_one && passkeys::hindrance().is_none()
}

/// How one can prove it.
fn look_up(requests: Requests, account: Observable<Option<Account>>) {
    spawn(async move {
        // Without an answer the password is still there to be asked for.
        if let Ok(found) = requests.account().await {
            account.set(Some(found));
            if account.try_update(|it| it.as_ref().is_some_and(|it| !it.has_password)) == Some(true)
            {
                request_animation_frame(|| browser::focus("#confirm-identity button"));
            }
        }
    });
}
