//! A label, what is typed under it, and what is wrong with it.

use leptos::{html, prelude::*};

use super::attempt::Attempt;
use crate::{
    browser,
    dynamic::{flag, on, text, when},
    language::{fill, translate},
    reactive::Observable,
};

/// What is typed in a field, as it is.
pub fn typed(input: NodeRef<html::Input>) -> String {
    let input = input.get_untracked();
    input.map(|input| input.value()).unwrap_or_default()
}

/// Empties a field, if it is still there.
pub fn clear(input: NodeRef<html::Input>) {
    if let Some(Some(input)) = input.try_get_untracked() {
        browser::set_member(&input, "value", &"".into());
    }
}

/// A field of one line. Its id is made of those of its form and its own name.
#[component]
pub fn Field(
    attempt: Attempt,
    /// As the server calls it.
    name: &'static str,
    label: &'static str,
    input: NodeRef<html::Input>,
    /// `text`, `password` or `number`.
    #[prop(default = "text")]
    kind: &'static str,
    #[prop(default = "off")] autocomplete: &'static str,
    /// A sentence that helps before anything is wrong.
    #[prop(optional)]
    hint: Option<&'static str>,
    /// What is in it at first.
    #[prop(into, optional)]
    value: String,
    /// Takes the focus when its dialog opens.
    #[prop(optional)]
    autofocus: bool,
) -> impl IntoView {
    let id = [attempt.form(), "-", name].concat();
    let error = [&id, "-error"].concat();
    let description = match hint {
        Some(_) => [&id, "-hint ", &error].concat(),
        None => error.clone(),
    };
    let is_secret = kind == "password";
    let shown = Observable::new(false);
    // A number is typed as a text: the browser's own field for numbers hides what it does not like.
    let keyboard = (kind == "number").then_some("numeric");
    let kind = move || {
        let is_hidden = is_secret && !shown.get();
        if is_hidden { "password" } else { "text" }.to_owned()
    };

    view! {
        <div class="field">
            <label class="field-label" for=id.clone()>
                {label}
            </label>
            {hint.map(|hint| {
                let id = [&id, "-hint"].concat();
                view! { <p id=id class="field-hint">{hint}</p> }
            })}
            <div class="field-line">
                <input
                    node_ref=input
                    id=id.clone()
                    class="field-input"
                    name=name
                    type=text(kind)
                    value=value
                    inputmode=keyboard
                    autocomplete=autocomplete
                    autocapitalize=is_secret.then_some("none")
                    spellcheck=is_secret.then_some("false")
                    autofocus=autofocus
                    aria-describedby=description
                    aria-invalid=flag(move || attempt.wrong(name).is_some())
                />
                {is_secret.then(|| view! { <Reveal label shown/> })}
            </div>
            <p id=error class="field-error" role="alert">
                {when(
                    move || attempt.wrong(name).is_some(),
                    move || {
                        let sentence = text(move || attempt.wrong(name).unwrap_or_default());
                        view! { <span>{sentence}</span> }.into_any()
                    },
                )}
            </p>
        </div>
    }
}

/// Shows what is typed in a password, for whoever is alone and wants to see it.
#[component]
fn Reveal(label: &'static str, shown: Observable<bool>) -> impl IntoView {
    let word = move || {
        match shown.get() {
            true => translate("Hide"),
            false => translate("Show"),
        }
        .to_owned()
    };
    let name = move || {
        let template = match shown.get() {
            true => translate("Hide: {field}"),
            false => translate("Show: {field}"),
        };
        fill(template, &[("field", label)])
    };
    view! {
        <button
            type="button"
            class="icon-button field-reveal"
            aria-label=text(name)
            on:click=on(move |_| shown.update(|shown| *shown = !*shown))
        >
            {text(word)}
        </button>
    }
}
