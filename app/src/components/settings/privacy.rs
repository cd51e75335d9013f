//! What others see of one.

use leptos::{ev::Event, prelude::*};
use protocol::account::{Account, Privacy as Choices};

use crate::{
    background::typing,
    components::{fetched::Fetched, page::Section},
    dynamic::{on, text},
    language::translate,
    persistence,
    reactive::{Computed, Observable, expect_context, spawn},
    requests::Requests,
};

#[component]
pub fn Privacy(account: Computed<Account>, changed: Fetched<Account>) -> impl IntoView {
    let requests = expect_context::<Requests>();
    let complaint = Observable::new(String::new());
    let choices = Computed::new(move |_| account.with(|account| account.privacy));
    let change = move |change: fn(&mut Choices, bool)| {
        on(move |event: Event| {
            complaint.set(String::new());
            let mut wanted = choices.get_untracked();
            change(&mut wanted, event_target_checked(&event));
            spawn(async move {
                let answer = requests.set_privacy(wanted).await;
                // Unless the page was left meanwhile.
                let Some(mut account) = account.try_with_untracked(Account::clone) else {
                    return;
                };
                match answer {
                    Ok(privacy) => account.privacy = privacy,
                    Err(refusal) => {
                        complaint.set(refusal.sentence().unwrap_or_default().to_owned());
                    }
                }
                // The switch shows what holds, whatever came of it.
                changed.set(account);
            });
        })
    };
    let shows_typing = persistence::choice(typing::CHOICE).is_none();
    let show_typing = move |event: Event| {
        let choice = (!event_target_checked(&event)).then_some("off");
        persistence::keep_choice(typing::CHOICE, choice);
    };
    view! {
        <Section
            id="privacy-title"
            title=translate("Privacy")
            lead=translate("What others see of you. What they have seen before stays.")
        >
            <div class="choices">
                <label class="choice-label">
                    <input
                        type="checkbox"
                        role="switch"
                        prop:checked=move || choices.get().shows_read
                        on:change=change(|choices, on| choices.shows_read = on)
                    />
                    <span>{translate("Show others what I have read")}</span>
                </label>
                <label class="choice-label">
                    <input
                        type="checkbox"
                        role="switch"
                        prop:checked=move || choices.get().shows_last_seen
                        on:change=change(|choices, on| choices.shows_last_seen = on)
                    />
                    <span>{translate("Show others when I was last here")}</span>
                </label>
                <label class="choice-label">
                    <input type="checkbox" role="switch" prop:checked=shows_typing on:change=on(show_typing)/>
                    <span>{translate("Show others when I am typing, from this browser")}</span>
                </label>
                <p class="field-error" role="alert">
                    {text(move || complaint.get())}
                </p>
            </div>
        </Section>
    }
}
