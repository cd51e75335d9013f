//! The dialog in which a group gets its name and its members.

use leptos::{ev::SubmitEvent, html, prelude::*};
use protocol::{ClientId, GroupName, Username};

use super::{
    form::{
        attempt::Attempt,
        field::{Field, typed},
        outcome::Submit,
    },
    person_list::PersonList,
};
use crate::{
    browser,
    dynamic::{on, text},
    language::translate,
    later::{OpenDialog, close, show},
    navigation::Navigation,
    reactive::{Observable, Stored, effect, expect_context},
    requests::{Refusal, line::Line},
    state::{AppState, recipient::Recipient},
};

#[component]
pub fn NewGroupDialog() -> impl IntoView {
    let state = expect_context::<AppState>();
    let line = expect_context::<Line>();
    let navigation = expect_context::<Navigation>();
    let open = expect_context::<OpenDialog>();
    let dialog = NodeRef::<html::Dialog>::new();
    let name = NodeRef::<html::Input>::new();
    let members = Observable::new(Vec::<Username>::new());
    let attempt = Attempt::new("new-group", &["name", "members"]);
    let asked = Stored::new(None::<Asked>);

    effect(move || show(dialog));
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let (name, chosen) = match check(&typed(name), members.get_untracked()) {
            Ok(checked) => checked,
            Err(refusal) => return attempt.refuse(refusal),
        };
        let id = asked.with_value(|asked| id_for(asked.as_ref(), &name, &chosen));
        asked.set_value(Some((name.clone(), chosen.clone(), id)));
        attempt.run(line.create_group(id, name, chosen), move |made| {
            let path = Recipient::Group(made.id.clone()).path();
            if let Some(viewer) = state.viewer() {
                state
                    .conversations
                    .update(|list| list.add_group(made, &viewer));
            }
            close(dialog);
            navigation.go(&path);
            String::new()
        });
    };
    let wrong = move || attempt.wrong("members").or_else(|| attempt.wrong_at_all());

    view! {
        <dialog
            node_ref=dialog
            class="dialog"
            aria-labelledby="new-group-title"
            on:close=on(move |_| open.close())
        >
            <form id="new-group" novalidate on:submit=on(submit)>
                <h2 id="new-group-title" class="dialog-title">
                    {translate("New group")}
                </h2>
                <div class="dialog-body">
                    <Field
                        attempt
                        name="name"
                        label=translate("Group name")
                        input=name
                        autofocus=true
                    />
                    <PersonList chosen=members/>
                    <p class="field-error" role="alert">
                        {text(move || wrong().unwrap_or_default())}
                    </p>
                </div>
                <div class="dialog-actions">
                    <button type="button" class="button" on:click=on(move |_| close(dialog))>
                        {translate("Cancel")}
                    </button>
                    <Submit attempt label=translate("Create group") busy=translate("Creating…")/>
                </div>
            </form>
        </dialog>
    }
}

/// What was asked for, and under which id.
type Asked = (GroupName, Vec<Username>, ClientId);

/// The same group asked for again is the same request, perhaps one that was answered to nobody.
fn id_for(asked: Option<&Asked>, name: &GroupName, members: &[Username]) -> ClientId {
    match asked {
        Some((before, chosen, id)) if before == name && chosen == members => *id,
        _ => browser::new_client_id(),
    }
}

/// What can be said without asking the server.
fn check(name: &str, members: Vec<Username>) -> Result<(GroupName, Vec<Username>), Refusal> {
    let name = GroupName::parse(name)?;
    if members.is_empty() {
        return Err(Refusal::on(
            "members",
            translate("Choose at least one person."),
        ));
    }
    Ok((name, members))
}
