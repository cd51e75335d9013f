//! The questions before somebody's sessions end, or their account.

use leptos::prelude::*;
use protocol::{Username, administration::PersonChange};

use super::person::Open;
use crate::{
    components::{ask_first::AskFirst, form::attempt::Attempt},
    language::{fill, translate},
};

#[component]
pub fn SignOut(open: Open, username: Username, name: String) -> impl IntoView {
    let attempt = Attempt::new("sign-out-person", &[]);
    let yes = Callback::new(move |()| {
        let asked = open.requests.sign_out_person(username.clone());
        attempt.run(asked, move |()| {
            open.signs_out.close();
            open.attempt.say(translate("Signed out everywhere."));
            String::new()
        });
    });
    view! {
        <AskFirst
            dialog=open.signs_out
            id="sign-out-person"
            title=fill(translate("Sign {name} out everywhere?"), &[("name", &name)])
            sentences=vec![translate("Every browser and device of theirs is signed out at once. They can sign in again.").to_owned()]
            verb=translate("Sign out")
            busy=translate("Signing out…")
            attempt
            yes
        />
    }
}

#[component]
pub fn Deactivate(open: Open, username: Username, name: String) -> impl IntoView {
    let attempt = Attempt::new("deactivate-person", &[]);
    let yes = Callback::new(move |()| {
        let change = PersonChange {
            role: None,
            deactivated: Some(true),
        };
        let asked = open.requests.change_person(username.clone(), change);
        attempt.run(asked, move |()| {
            open.deactivates.close();
            open.people.fetch();
            open.attempt.say(translate("Deactivated."));
            String::new()
        });
    });
    view! {
        <AskFirst
            dialog=open.deactivates
            id="deactivate-person"
            title=fill(translate("Deactivate {name}?"), &[("name", &name)])
            sentences=vec![
                translate("They are signed out everywhere at once, and cannot sign in again.").to_owned(),
                translate("Nobody can write to them. What they have written stays where it is, and invitations they made hold no longer.")
                    .to_owned(),
            ]
            verb=translate("Deactivate")
            busy=translate("Deactivating…")
            attempt
            yes
        />
    }
}
