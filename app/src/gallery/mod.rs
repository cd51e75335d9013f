//! Every component in every state, on one page, in development builds alone: `/components`.
//!
//! What is shown is made up, and nothing is asked of the server. A dialog lies over a page, so each is a page
//! of its own: `/components?dialog=keys`. The stories in `end2end/tests/components.spec.ts` compare pictures of
//! all of them.

use leptos::prelude::*;

use crate::{
    components::page_style,
    later::{LaterDialog, LaterPart, OpenConversation, OpenDialog},
    navigation::Navigation,
    reactive::Computed,
    requests::line::Line,
    state::{AppState, actions::Actions, recipient::Recipient},
};

/// What there is to see.
mod specimens;
/// The people, conversations and messages that are shown.
mod world;

const PATH: &str = "/components";

/// The dialogs, by the name that the address has for each.
const DIALOGS: [(&str, LaterPart); 7] = [
    ("emoji", LaterPart::Emoji),
    ("group", LaterPart::Details),
    ("keys", LaterPart::Keys),
    ("new-group", LaterPart::NewGroup),
    ("person", LaterPart::Details),
    ("sign-out", LaterPart::SignOut),
    ("switcher", LaterPart::Switcher),
];

/// Whether the address is the one of this page.
pub fn is_asked_for() -> bool {
    window().location().pathname().as_deref() == Ok(PATH)
}

/// Shows the page in place of the app.
pub fn start() {
    if let Some(skeleton) = document().get_element_by_id("skeleton") {
        skeleton.remove();
    }
    leptos::mount::mount_to_body(|| {
        let navigation = Navigation::start();
        provide_context(navigation);
        provide_context(Actions::default());
        provide_context(Line::new());
        provide_context(OpenDialog::new());
        page_style::adopt();
        page_style::set_rule(include_str!("gallery.css"));
        match navigation.parameter("dialog") {
            Some(name) => view! { <Dialog name/> }.into_any(),
            None => view! { <Specimens/> }.into_any(),
        }
    });
}

#[component]
fn Specimens() -> impl IntoView {
    let links = DIALOGS.map(|(name, _)| {
        let address = [PATH, "?dialog=", name].concat();
        view! { <li><a href=address target="_top">{name}</a></li> }
    });
    view! {
        <main class="gallery">
            <h1>"Components"</h1>
            <nav aria-label="Dialogs">
                <ul class="gallery-line">{links.collect_view()}</ul>
            </nav>
            {specimens::ALL.map(|(name, specimen)| {
                let id = name.to_lowercase().replace(' ', "-");
                let labelled_by = id.clone();
                view! {
                    <section aria-labelledby=labelled_by>
                        <h2 id=id>{name}</h2>
                        {specimen()}
                    </section>
                }
            }).collect_view()}
        </main>
    }
}

/// One dialog, over nothing.
#[component]
fn Dialog(name: String) -> impl IntoView {
    let open = match name.as_str() {
        "group" => Some(Recipient::Group(world::group_id())),
        "person" => Some(world::carol()),
        _ => None,
    };
    provide_context(world::world());
    provide_context(OpenConversation(Computed::new(move |_| open.clone())));
    let dialog = DIALOGS.iter().find(|(known, _)| *known == name);
    view! {
        <main class="gallery">
            <h1 class="visually-hidden">{name}</h1>
            {dialog.map(|(_, dialog)| view! { <LaterDialog dialog=*dialog on_close=Callback::new(|()| ())/> })}
        </main>
    }
}

/// A view in a world of its own.
fn within(state: AppState, view: impl FnOnce() -> AnyView) -> AnyView {
    let owner = Owner::current().unwrap_or_default().child();
    let view = owner.with(|| {
        provide_context(state);
        view()
    });
    leptos::tachys::reactive_graph::OwnedView::new_with_owner(view, owner).into_any()
}
