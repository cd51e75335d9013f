//! A field of a form with what is to be known about it, and what is wrong with it.

use leptos::prelude::*;

use crate::{
    dynamic::{Text, text},
    reactive::Observable,
    state::refusal::Refusal,
};

/// Why the last try failed, if it did.
pub type Refused = Observable<Option<Refusal>>;

#[component]
pub fn Field(
    /// Its name on the wire, which refusals are about.
    id: &'static str,
    label: &'static str,
    autocomplete: &'static str,
    #[prop(optional)] hint: &'static str,
    /// It holds a name as people write it, and not as programs do.
    #[prop(optional)]
    is_prose: bool,
    refusal: Refused,
) -> impl IntoView {
    view! {
        <div class="field">
            <label class="field-label" for=id>
                {label}
            </label>
            <input
                id=id
                class="field-input"
                name=id
                dir="auto"
                autocomplete=autocomplete
                autocapitalize=if is_prose { "words" } else { "none" }
                spellcheck="false"
                maxlength="200"
                aria-describedby=described_by(id)
            />
            {notes(id, text(move || hint.to_owned()), refusal)}
        </div>
    }
}

/// Whether the last try failed for this field.
fn is_about(refusal: Refused, field: &str) -> bool {
    refusal.with(|it| it.as_ref().is_some_and(|it| it.is_about(field)))
}

/// The ids of what is said about a field.
pub fn described_by(id: &str) -> String {
    [id, "-hint ", id, "-error"].concat()
}

/// What is said about a field, right under it: the hint, or what is wrong in place of it. That is no
/// alert, because the focus is in the field then, and it is read as its description.
pub fn notes(id: &'static str, hint: Text, refusal: Refused) -> AnyView {
    let complaint = move || complaint(refusal, |it| it.is_about(id));
    let hint = move || {
        if is_about(refusal, id) {
            String::new()
        } else {
            hint()
        }
    };
    view! {
        <p id=[id, "-hint"].concat() class="field-hint">
            {text(hint)}
        </p>
        <p id=[id, "-error"].concat() class="field-error">
            {text(complaint)}
        </p>
    }
    .into_any()
}

/// What is wrong with the form as a whole, or with something that it has no field for.
#[component]
pub fn FormError(fields: &'static [&'static str], refusal: Refused) -> impl IntoView {
    let complaint = move || complaint(refusal, |it| it.is_about_none_of(fields));
    view! {
        <p class="form-error" role="alert">
            {text(complaint)}
        </p>
    }
}

/// Why the last try failed, if it is one of these reasons.
fn complaint(refusal: Refused, counts: impl Fn(&Refusal) -> bool) -> String {
    refusal.with(|it| {
        let it = it.as_ref().filter(|it| counts(it));
        it.map(|it| it.sentence.clone()).unwrap_or_default()
    })
}
