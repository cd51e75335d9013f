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
        woven::woven,
    },
    dynamic::{on, part},
    language::{counted, fill, translate},
    reactive::{Computed, Observable, expect_context},
    requests::{Refusal, Requests},
};

#[component]
pub fn Invitations() -> impl IntoView {
    let requests = expect_context::<Requests>();
    let invitations = Fetched::new(move || requests.invitations());
    view! {
        <Invite invitations/>
        <Section
            id="invitations-title"
            title=translate("Open invitations")
            lead=translate("Links by which somebody can still join. The links themselves are not kept: revoke one that is lost, and make another.")
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
            title=translate("Invite people")
            lead=translate("Whoever has the link can make an account with it, until it is used up or too old.")
        >
            <form id="invite" class="form" novalidate on:submit=on(submit)>
                <div class="form-line">
                    <Field attempt name="uses" label=translate("How many people") input=uses kind="number" value="1"/>
                    <Field attempt name="days" label=translate("How many days") input=days kind="number" value="7"/>
                </div>
                <div class="form-actions">
                    <Submit attempt label=translate("Make an invitation") busy=translate("Making…")/>
                    <Said attempt/>
                </div>
            </form>
            {part(move || {
                made.with(|link| match link.clone() {
                    Some(link) => {
                        let lead = translate("Give it to those whom you invite.");
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
            said.say(translate("Revoked. Nobody can join by it any more."));
            // The button that opened the dialog is gone with its row.
            browser::focus("#invitations-title");
            String::new()
        });
    });
    view! {
        {part(move || {
            let list = list.get();
            if list.is_empty() {
                return view! { <p class="quiet">{translate("There are none.")}</p> }.into_any();
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
            title=translate("Revoke this invitation?")
            sentences=vec![translate("Whoever has its link cannot join by it any more. Who has joined stays.").to_owned()]
            verb=translate("Revoke")
            busy=translate("Revoking…")
            attempt
            yes
        />
    }
}

fn row(invitation: Invitation, revoke: impl Fn(String) + 'static) -> AnyView {
    let uses = u64::from(invitation.uses_left);
    let people = counted(uses, "{number} person", "{number} people");
    let made = ("made", moment(invitation.created_at));
    let end = ("end", moment(invitation.expires_at));
    let (about, label) = match &invitation.created_by {
        Some(username) => {
            let name = ("name", username.to_string().into_any());
            (
                woven(
                    translate("Made by {name} on {made}, until {end}"),
                    vec![name, made, end],
                ),
                fill(
                    translate("Revoke: Made by {name}, for {people}"),
                    &[("name", username.as_str()), ("people", &people)],
                ),
            )
        }
        None => (
            woven(
                translate("Made by the command line on {made}, until {end}"),
                vec![made, end],
            ),
            fill(
                translate("Revoke: Made by the command line, for {people}"),
                &[("people", &people)],
            ),
        ),
    };
    let id = invitation.id;
    view! {
        <li class="row">
            <div class="row-text">
                <strong>{counted(uses, "For {number} person", "For {number} people")}</strong>
                <span class="quiet">{about}</span>
            </div>
            <button
                type="button"
                class="button"
                aria-label=label
                on:click=on(move |_| revoke(id.clone()))
            >
                {translate("Revoke")}
            </button>
        </li>
    }
    .into_any()
}

/// What was typed. The server knows the bounds; here it has to be numbers.
fn wanted(uses: &str, days: &str) -> Result<InvitationRequest, Refusal> {
    let uses = uses.trim().parse();
    let days = days.trim().parse();
    let wrong_uses = |_| Refusal::on("uses", translate("An invitation is for 1 to 1,000 people."));
    let wrong_days = |_| Refusal::on("days", translate("An invitation holds for 1 to 90 days."));
    Ok(InvitationRequest {
        uses: uses.map_err(wrong_uses)?,
        days: days.map_err(wrong_days)?,
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
