//! The chat: the list of conversations, and the one that is open.

use leptos::prelude::*;
use protocol::Username;

use crate::{
    browser,
    components::{conversation::ConversationView, sidebar::Sidebar},
    dynamic::{flag, part, still},
    later::{LaterDialog, LaterPart, OpenConversation, OpenDialog, Quietly},
    navigation::Navigation,
    reactive::{Computed, Observable, Stored, effect, expect_context},
    state::{AppState, listing::Listing, people::People, recipient::Recipient},
};

#[component]
pub fn ChatPage(
    /// Who is signed in, `None` as long as the server has not said.
    viewer: Option<Username>,
    /// The conversation that the address names.
    open: Computed<Option<Recipient>>,
) -> impl IntoView {
    let state = expect_context::<AppState>();
    let dialog = OpenDialog::new();
    provide_context(dialog);
    provide_context(OpenConversation(open));
    let search = Observable::new(String::new());
    let is_known = viewer.is_some();
    let listed_for = viewer.clone();
    let listing = Computed::new(move |_| {
        let Some(viewer) = &listed_for else {
            return Listing::default();
        };
        state.conversations.with(|conversations| {
            state.people.with(|people| {
                search.with(|search| Listing::new(conversations, people, viewer, search))
            })
        })
    });

    let is_alone = Computed::new(move |_| {
        state.people.with(People::is_nobody)
            && state.conversations.with(|it| it.iter().next().is_none())
    });

    let navigation = expect_context::<Navigation>();
    let go = Callback::new(move |recipient: Recipient| navigation.go(&recipient.path()));
    move_focus(open);

    view! {
        <div class="chat" data-open=flag(move || open.with(Option::is_some))>
            <Sidebar viewer listing open search on_go=go/>
            <main class="conversation">
                <h1 class="visually-hidden">"Natter"</h1>
                {part(move || match open.get() {
                    Some(recipient) if is_known => {
                        view! { <ConversationView recipient/> }.into_any()
                    }
                    // What is written for nobody yet could not be kept, so nothing can be written.
                    Some(_) => ().into_any(),
                    None if is_alone.get() => {
                        still("<p class='empty'>{Conversations are shown here once somebody else has come.}</p>")
                            .into_any()
                    }
                    None => {
                        still("<p class='empty'>{Pick a conversation, or start one with somebody from the list.}</p>")
                            .into_any()
                    }
                })}
            </main>
            {part(move || match dialog.which() {
                Some(which) => {
                    let on_close = Callback::new(move |()| dialog.close());
                    view! { <LaterDialog dialog=which on_close/> }.into_any()
                }
                None => ().into_any(),
            })}
            <Quietly part=if is_known { LaterPart::Background } else { LaterPart::Restore }/>
        </div>
    }
}

/// After a conversation was opened one can write at once; where that would bring up a keyboard its
/// heading is read out instead. Back at the list the focus is on the row one came from.
fn move_focus(open: Computed<Option<Recipient>>) {
    let left = Stored::new(None::<Option<Recipient>>);
    effect(move || {
        let now = open.get();
        let before = left.get_value();
        let came_from = before.clone().flatten();
        let is_first = before.is_none();
        let opened = now.is_some();
        // Once what is to take the focus is there.
        request_animation_frame(move || match came_from {
            _ if opened && !browser::is_touch() => browser::focus(".composer-input"),
            _ if opened && !is_first => browser::focus(".conversation-title h2"),
            Some(left) if !opened => {
                browser::focus(&["a[href=\"", &left.path(), "\"]"].concat());
            }
            _ => {}
        });
        left.set_value(Some(now));
    });
}
