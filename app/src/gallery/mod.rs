//! Every component in every state, on one page, in development builds alone: `/components`.
//!
//! What is shown is made up, and nothing is asked of the server. A dialog lies over a page, so each is a page
//! of its own, `/components?dialog=keys`, and so is each page that is not the chat: `/components?page=settings`.
//! The stories in `end2end/tests/components.spec.ts` compare pictures of all of them.

use leptos::prelude::*;

use crate::{
    components::{confirm_identity::ConfirmIdentity, page_style},
    later::{LaterDialog, LaterPart, OpenConversation, OpenDialog},
    navigation::Navigation,
    reactive::{Computed, spawn},
    requests::{Requests, line::Line},
    state::{AppState, actions::Actions, recipient::Recipient},
};

/// What a server would answer.
mod answers;
/// The pages that are not the chat.
mod pages;
/// What there is to see of the chat.
mod specimens;
/// The people, conversations and messages that are shown.
mod world;

const PATH: &str = "/components";

/// Something that fills the page, by the name that the address has for it.
type Named = (&'static str, fn() -> AnyView);

const DIALOGS: [Named; 8] = [
    ("confirm", confirm),
    ("emoji", || dialog(None, LaterPart::Emoji)),
    ("group", || {
        let group = Recipient::Group(world::group_id());
        dialog(Some(group), LaterPart::Details)
    }),
    ("keys", || dialog(None, LaterPart::Keys)),
    ("new-group", || dialog(None, LaterPart::NewGroup)),
    ("person", || {
        dialog(Some(world::carol()), LaterPart::Details)
    }),
    ("sign-out", || dialog(None, LaterPart::SignOut)),
    ("switcher", || dialog(None, LaterPart::Switcher)),
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
        answers::give();
        let named = |parameter, all: &[Named]| {
            let name = navigation.parameter(parameter)?;
            let (_, show) = all.iter().find(|(known, _)| *known == name)?;
            Some(show())
        };
        named("dialog", &DIALOGS)
            .or_else(|| named("page", &pages::ALL))
            .unwrap_or_else(|| view! { <Specimens/> }.into_any())
    });
}

#[component]
fn Specimens() -> impl IntoView {
    view! {
        <main class="gallery">
            <h1>"Components"</h1>
            {links("Dialogs", "?dialog=", &DIALOGS)}
            {links("Pages", "?page=", &pages::ALL)}
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

fn links(label: &'static str, parameter: &str, all: &[Named]) -> AnyView {
    let link = |(name, _): &Named| {
        let address = [PATH, parameter, name].concat();
        view! { <li><a href=address target="_top">{*name}</a></li> }
    };
    view! {
        <nav aria-label=label>
            <ul class="gallery-line">{all.iter().map(link).collect_view()}</ul>
        </nav>
    }
    .into_any()
}

/// One dialog, over nothing, where a conversation is open or none.
fn dialog(open: Option<Recipient>, dialog: LaterPart) -> AnyView {
    provide_context(world::world());
    provide_context(OpenConversation(Computed::new(move |_| open.clone())));
    over_nothing(view! { <LaterDialog dialog on_close=Callback::new(|()| ())/> }.into_any())
}

/// Somebody asks for what wants a proof of who they are.
fn confirm() -> AnyView {
    provide_context(world::world());
    let requests = Requests::new(Actions::default());
    spawn(async move {
        // It waits for a proof that nobody gives.
        let _ = requests.audit(Some(answers::GUARDED)).await;
    });
    over_nothing(view! { <ConfirmIdentity requests/> }.into_any())
}

fn over_nothing(dialog: AnyView) -> AnyView {
    view! {
        <main class="gallery">
            <h1 class="visually-hidden">"A dialog"</h1>
            {dialog}
        </main>
    }
    .into_any()
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
