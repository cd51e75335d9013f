//! Invitations: making one, and the list of those that hold.

use leptos::{html, prelude::*};
use protocol::administration::{Invitation, InvitationRequest, NewLink};

use super::{link::LinkCard, registration::Registration};
use crate::{
    browser,
    components::{
        ask_first::AskFirst,
        fetched::Fetched,
        form::{
            attempt::Attempt,
            field::{Field, typed},
            outcome::{Said, Submit},
        },
        modal::Modal,
        moment::moment,
        page::Section,
    },
    dynamic::{on, part},
    reactive::{Computed, Observable},
    requests::{Refusal, Requests},
    words::counted,
};

#[component]
pub fn Invitations() -> impl IntoView {
    let requests = expect_context::<Requests>();
    let invitations = Fetched::new(move || requests.invitations());
    view! {
        <Invite invitations/>
        <Section
            id="invitations-title"
            title="Open invitations"
            lead="Links by which somebody can still join. The links themselves are not kept: revoke one that is lost, and make another."
        >
            {invitations.view(move |list| view! { <List list invitations/> }.into_any())}
        </Section>
        <Registration/>
    }
}

/// Makes an invitation and shows its link.
#[component]
fn Invite(invitations: Fetched<Vec<Invitation>>) -> impl IntoView {
    let requests = expect_context::<Requests>();
    let attempt = Attempt::new("invite", &["uses", "days"]);
    let (uses, days) = (NodeRef::<html::Input>::new(), NodeRef::<html::Input>::new());
    let made = Observable::new(None::<NewLink>);
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let wanted = match wanted(&typed(uses), &typed(days)) {
            Ok(wanted) => wanted,
            Err(refusal) => return attempt.refuse(refusal),
        };
        attempt.run(requests.invite(wanted), move |link: NewLink| {
            made.set(Some(link));
            invitations.fetch();
            String::new()
        });
    };
    view! {
        <Section
            id="invite-title"
            title="Invite people"
            lead="Whoever has the link can make an account with it, until it is used up or too old."
        >
            <form id="invite" class="form" novalidate on:submit=on(submit)>
                <div class="form-line">
                    <Field attempt name="uses" label="How many people" input=uses kind="number" value="1"/>
                    <Field attempt name="days" label="How many days" input=days kind="number" value="7"/>
                </div>
                <div class="form-actions">
                    <Submit attempt label="Make an invitation" busy="Making…"/>
                    <Said attempt/>
                </div>
            </form>
            {part(move || {
                made.with(|link| match link.clone() {
                    Some(link) => {
                        let lead = "Give it to those whom you invite.";
                        view! { <LinkCard link id="invitation-link" lead/> }.into_any()
                    }
                    None => ().into_any(),
                })
            })}
        </Section>
    }
}

#[component]
fn List(list: Computed<Vec<Invitation>>, invitations: Fetched<Vec<Invitation>>) -> impl IntoView {
    let requests = expect_context::<Requests>();
    let said = Attempt::new("invitations", &[]);
    let attempt = Attempt::new("revoke", &[]);
    let dialog = Modal::new();
    let chosen = Observable::new(None::<String>);
    let revoke = move |id: String| {
        chosen.set(Some(id));
        dialog.show();
    };
    let yes = Callback::new(move |()| {
        let Some(id) = chosen.get_untracked() else {
            return;
        };
        attempt.run(requests.revoke_invitation(id.clone()), move |()| {
            dialog.close();
            invitations.update(|list| list.retain(|held| held.id != id));
            said.say("Revoked. Nobody can join by it any more.");
            // The button that opened the dialog is gone with its row.
            browser::focus("#invitations-title");
            String::new()
        });
    });
    view! {
        {part(move || {
            let list = list.get();
            if list.is_empty() {
                return view! { <p class="quiet">"There are none."</p> }.into_any();
            }
            let rows = list.into_iter().map(|invitation| row(invitation, revoke));
            view! { <ul class="rows">{rows.collect_view()}</ul> }.into_any()
        })}
        <div class="form-actions">
            <Said attempt=said/>
        </div>
        <AskFirst
            dialog
            id="revoke"
            title="Revoke this invitation?"
            sentences=vec!["Whoever has its link cannot join by it any more. Who has joined stays.".to_owned()]
            verb="Revoke"
            busy="Revoking…"
            attempt
            yes
        />
    }
}

fn row(invitation: Invitation, revoke: impl Fn(String) + 'static) -> AnyView {
    let by = match &invitation.created_by {
        Some(username) => ["Made by ", username.as_str()].concat(),
        None => "Made by the command line".to_owned(),
    };
    let uses = counted(invitation.uses_left, "person", "people");
    let label = ["Revoke: ", &by, ", for ", &uses].concat();
    let id = invitation.id;
    view! {
        <li class="row">
            <div class="row-text">
                <strong>"For " {uses}</strong>
                <span class="quiet">
                    {by} " on " {moment(invitation.created_at)} ", until " {moment(invitation.expires_at)}
                </span>
            </div>
            <button
                type="button"
                class="button"
                aria-label=label
                on:click=on(move |_| revoke(id.clone()))
            >
                "Revoke"
            </button>
        </li>
    }
    .into_any()
}

/// What was typed. The server knows the bounds; here it has to be numbers.
fn wanted(uses: &str, days: &str) -> Result<InvitationRequest, Refusal> {
    let uses = uses.trim().parse();
    let days = days.trim().parse();
    Ok(InvitationRequest {
        uses: uses.map_err(|_| Refusal::on("uses", "An invitation is for 1 to 1,000 people."))?,
        days: days.map_err(|_| Refusal::on("days", "An invitation holds for 1 to 90 days."))?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_number_is_refused_at_its_field() {
        let both = wanted(" 3", "7").expect("two numbers");
        assert_eq!((both.uses, both.days), (3, 7));
        for (uses, days, wrong) in [
            ("", "7", "uses"),
            ("-1", "7", "uses"),
            ("1", "a week", "days"),
        ] {
            let Err(Refusal::Told { field, .. }) = wanted(uses, days) else {
                panic!("{uses:?} and {days:?} are no numbers");
            };
            assert_eq!(field.as_deref(), Some(wrong));
        }
    }
}
