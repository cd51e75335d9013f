//! What owners and admins look after: who is here, who may come, and what has happened.

use leptos::prelude::*;
use protocol::Role;

use crate::{
    components::{
        admin::{
            audit::Audit,
            invitations::Invitations,
            people::People,
            tabs::{Tab, Tabs},
        },
        page::Page,
    },
    dynamic::part,
    language::{noted, translate},
    reactive::{Computed, expect_context},
    state::AppState,
};

static TABS: [Tab; 3] = [
    ("people", noted("People"), || view! { <People/> }.into_any()),
    ("invitations", noted("Invitations"), || {
        view! { <Invitations/> }.into_any()
    }),
    ("audit", noted("Audit log"), || {
        view! { <Audit/> }.into_any()
    }),
];

#[component]
pub fn AdminPage() -> impl IntoView {
    let state = expect_context::<AppState>();
    // `None` as long as the server has not said who is signed in.
    let role = Computed::new(move |_| {
        state
            .session
            .with(|session| session.session().map(|session| session.role))
    });
    view! {
        <Page title=translate("Administration") other=Some(("/settings", translate("Settings")))>
            {part(move || match role.get() {
                None => view! { <p class="waits" role="status">{translate("Loading…")}</p> }.into_any(),
                Some(Role::Member) => {
                    view! {
                        <p>{translate("This page is for owners and admins of this chat. Ask one of them if you need something.")}</p>
                    }
                    .into_any()
                }
                Some(_) => view! { <Tabs label=translate("Administration") tabs=&TABS/> }.into_any(),
            })}
        </Page>
    }
}
