//! Codes that let one in when the password is forgotten. They are shown once.

use leptos::{ev, prelude::*};
use protocol::account::{Account, RecoveryCodes as Codes};
use wasm_bindgen::JsValue;

use crate::{
    browser,
    components::{
        ask_first::AskFirst,
        copy_button::CopyButton,
        fetched::Fetched,
        form::{
            attempt::Attempt,
            outcome::{Said, Submit},
        },
        modal::{Modal, modal},
        page::Section,
    },
    dynamic::{on, part, text},
    language::{counted, translate},
    reactive::{Computed, Observable, effect, expect_context, spawn},
    requests::Requests,
};

#[component]
pub fn RecoveryCodes(account: Computed<Account>, changed: Fetched<Account>) -> impl IntoView {
    let requests = expect_context::<Requests>();
    let attempt = Attempt::new("recovery-codes", &[]);
    let (question, dialog) = (Modal::new(), Modal::new());
    // Here and nowhere else, until they are said to be kept.
    let codes = Observable::new(Vec::<String>::new());
    let left = move || account.with(|account| account.recovery_codes);
    let make = move || {
        attempt.run(requests.make_recovery_codes(), move |made: Codes| {
            let made: Vec<String> = made.codes.iter().map(|it| it.reveal().to_owned()).collect();
            let number = u32::try_from(made.len()).unwrap_or(u32::MAX);
            changed.update(|account| account.recovery_codes = number);
            question.close();
            codes.set(made);
            dialog.show();
            String::new()
        });
    };
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        match account.with_untracked(|account| account.recovery_codes) {
            0 => make(),
            _ => question.show(),
        }
    };
    view! {
        <Section
            id="recovery-codes-title"
            title=translate("Recovery codes")
            lead=translate("Each lets you in once when you have forgotten your password. Keep them where nobody else reads them, best on paper.")
        >
            <form id="recovery-codes" class="form" novalidate on:submit=on(submit)>
                <p>{text(move || how_many(left()))}</p>
                <div class="form-actions">
                    <Submit
                        attempt
                        label=translate("Make new codes")
                        busy=translate("Making…")
                        class="button"
                    />
                    {part(move || match question.is_open() {
                        // The dialog says it.
                        true => ().into_any(),
                        false => view! { <Said attempt/> }.into_any(),
                    })}
                </div>
            </form>
            <AskFirst
                dialog=question
                id="new-codes"
                title=translate("Make new recovery codes?")
                sentences=vec![translate("The codes that you have now do not work any more then.").to_owned()]
                verb=translate("Make new codes")
                busy=translate("Making…")
                attempt
                yes=Callback::new(move |()| make())
            />
            {shown(dialog, codes)}
        </Section>
    }
}

/// The dialog with the codes. They are forgotten when it is closed.
fn shown(dialog: Modal, codes: Observable<Vec<String>>) -> AnyView {
    let is_open = Computed::new(move |_| dialog.is_open());
    effect(move || {
        if !is_open.get() {
            codes.update(Vec::clear);
        }
    });
    modal(
        dialog,
        "codes",
        translate("Your recovery codes"),
        move || dialog.close(),
        move || {
            let codes = codes.get_untracked();
            let text = codes.join("\n");
            let encoded = String::from(js_sys::encode_uri_component(&text));
            let file = ["data:text/plain;charset=utf-8,", &encoded].concat();
            view! {
                <div class="dialog-body">
                    <p>{translate("They are shown this once. Each works once, together with your username.")}</p>
                    <ol class="codes">
                        {codes.into_iter().map(|code| view! { <li>{code}</li> }).collect_view()}
                    </ol>
                    <div class="form-actions codes-ways">
                        <CopyButton content=text/>
                        <a class="button" href=file download="natter-recovery-codes.txt">
                            {translate("Download")}
                        </a>
                        <button type="button" class="button" on:click=on(|_| print())>
                            {translate("Print")}
                        </button>
                    </div>
                </div>
                <div class="dialog-actions">
                    <button type="submit" class="button button-primary">
                        {translate("I have kept them")}
                    </button>
                </div>
            }
            .into_any()
        },
    )
    .into_any()
}

fn print() {
    spawn(async {
        let _ = browser::call(&window(), "print", &JsValue::UNDEFINED).await;
    });
}

fn how_many(left: u32) -> String {
    match left {
        0 => translate("You have none.").to_owned(),
        left => counted(
            u64::from(left),
            "You have {number} code left.",
            "You have {number} codes left.",
        ),
    }
}
