//! A dialog over everything else. Opening moves the focus into it, closing gives it back.

use std::sync::Arc;

use leptos::{ev::SubmitEvent, html, prelude::*};

use crate::{
    dynamic::{Part, on, part},
    language::translate,
    later::show,
    reactive::{Observable, effect},
};

/// A dialog that is there while it is open.
#[derive(Clone, Copy)]
pub struct Modal {
    open: Observable<bool>,
    element: NodeRef<html::Dialog>,
}

impl Modal {
    pub fn new() -> Self {
        Self {
            open: Observable::new(false),
            element: NodeRef::new(),
        }
    }

    /// Opens it, unless it is open already.
    pub fn show(self) {
        if !self.is_shown() {
            self.open.set(true);
        }
    }

    fn is_shown(self) -> bool {
        let element = self.element.try_get_untracked().flatten();
        element.is_some_and(|element| element.open())
    }

    /// The browser tells this a moment after it happened, and by then it may be open again.
    fn has_closed(self) {
        if !self.is_shown() {
            self.open.set(false);
        }
    }

    pub fn is_open(self) -> bool {
        self.open.get()
    }

    /// Closed, and not just taken away: this is what gives the focus back.
    pub fn close(self) {
        if let Some(Some(element)) = self.element.try_get_untracked() {
            element.close();
        }
    }
}

/// The place of a dialog in a view. What is in it is a form: its content is followed by the buttons
/// that end it, and `submit` is what the last of them does.
pub fn modal(
    modal: Modal,
    id: &'static str,
    title: impl Into<String>,
    submit: impl Fn() + Clone + Send + Sync + 'static,
    content: impl Fn() -> AnyView + Send + Sync + 'static,
) -> Part {
    let title = title.into();
    let submit = Callback::new(move |()| submit());
    let content: Arc<dyn Fn() -> AnyView + Send + Sync> = Arc::new(content);
    // Not only when it begins to be open: it may be opened before it is known that it was closed, and
    // then its content begins anew too.
    part(move || {
        if !modal.is_open() {
            return ().into_any();
        }
        let (title, content) = (title.clone(), content());
        view! { <Shown modal id title submit content/> }.into_any()
    })
}

#[component]
fn Shown(
    modal: Modal,
    id: &'static str,
    title: String,
    submit: Callback<()>,
    content: AnyView,
) -> impl IntoView {
    effect(move || show(modal.element));
    let title_id = [id, "-title"].concat();
    let labelled_by = title_id.clone();
    view! {
        <dialog
            node_ref=modal.element
            class="dialog"
            id=id
            aria-labelledby=labelled_by
            on:close=on(move |_| modal.has_closed())
        >
            <form
                novalidate
                on:submit=on(move |event: SubmitEvent| {
                    event.prevent_default();
                    submit.run(());
                })
            >
                <h2 id=title_id class="dialog-title" dir="auto">
                    {title}
                </h2>
                {content}
            </form>
        </dialog>
    }
}

/// The button that closes a dialog and does nothing else.
#[component]
pub fn Cancel(
    modal: Modal,
    #[prop(default = translate("Cancel"))] label: &'static str,
) -> impl IntoView {
    view! {
        <button type="button" class="button" on:click=on(move |_| modal.close())>
            {label}
        </button>
    }
}
