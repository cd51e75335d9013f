//! What had to do with getting in, and with who may: newest first, a page at a time.

use leptos::prelude::*;
use protocol::administration::AuditEntry;

use super::audit_words::{from_where, what, who, whom};
use crate::{
    browser,
    components::{
        fetched::Fetched,
        form::{attempt::Attempt, outcome::Said},
        moment::moment,
    },
    dynamic::{flag, on, part, when},
    language::{counted, translate},
    reactive::{Computed, Observable, expect_context},
    requests::Requests,
};

/// A page that is shorter is the last one.
const PAGE: usize = 100;

#[component]
pub fn Audit() -> impl IntoView {
    let requests = expect_context::<Requests>();
    let entries = Fetched::new(move || requests.audit(None));
    view! {
        <p class="quiet">{translate("Who signed in, who tried to, and what owners and admins did. Kept for a year.")}</p>
        {entries.view(move |held| view! { <Entries held entries/> }.into_any())}
    }
}

#[component]
fn Entries(held: Computed<Vec<AuditEntry>>, entries: Fetched<Vec<AuditEntry>>) -> impl IntoView {
    let requests = expect_context::<Requests>();
    let attempt = Attempt::new("audit", &[]);
    let is_all = Observable::new(held.with_untracked(|held| held.len() < PAGE));
    let more = move |_| {
        let last = held.with_untracked(|held| held.last().map(|entry| entry.id));
        attempt.run(requests.audit(last), move |older: Vec<AuditEntry>| {
            let number = older.len() as u64;
            if older.len() < PAGE {
                is_all.set(true);
                // The button that was pressed goes away.
                browser::focus("#audit-end");
            }
            entries.update(|entries| entries.extend(older));
            counted(number, "{number} entry more.", "{number} entries more.")
        });
    };
    view! {
        <table class="table" role="table" aria-label=translate("Audit log")>
            <thead role="rowgroup">
                <tr role="row">
                    {[
                        translate("When"),
                        translate("What"),
                        translate("Who"),
                        translate("To whom"),
                        translate("From"),
                    ]
                        .map(|name| view! { <th role="columnheader" scope="col">{name}</th> })
                        .collect_view()}
                </tr>
            </thead>
            <tbody role="rowgroup">
                {part(move || held.with(|held| held.iter().map(row).collect_view().into_any()))}
            </tbody>
        </table>
        <div class="form-actions" id="audit-end" tabindex="-1">
            {when(
                move || !is_all.get(),
                move || view! {
                    <button
                        type="button"
                        class="button"
                        aria-busy=flag(move || attempt.is_busy())
                        on:click=on(more)
                    >
                        {translate("Show more")}
                    </button>
                }
                .into_any(),
            )}
            <Said attempt/>
        </div>
    }
}

fn row(entry: &AuditEntry) -> AnyView {
    view! {
        <tr role="row">
            <td role="cell" class="table-word">{moment(entry.at)}</td>
            <td role="cell" dir="auto">
                {what(entry)}
            </td>
            <td role="cell" data-label=translate("By") class="table-word">
                {who(entry)}
            </td>
            <td role="cell" data-label=translate("To") class="table-word">
                {whom(entry)}
            </td>
            <td role="cell" data-label=translate("From") class="table-word">
                {from_where(entry)}
            </td>
        </tr>
    }
    .into_any()
}
