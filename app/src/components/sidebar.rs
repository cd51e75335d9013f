//! Who one is, what one looks for, and the conversations.

use leptos::{
    ev::{Event, KeyboardEvent},
    prelude::*,
};
use protocol::{Role, Username};

use super::{account_menu::AccountMenu, conversation_row::ConversationRow};
use crate::{
    browser,
    dynamic::{flag, on, still, text, when},
    language::{fill, translate},
    later::{LaterPart, OpenDialog, Quietly},
    list::{Key, list},
    reactive::{Computed, Observable, expect_context},
    state::{AppState, listing::Listing, people::People, recipient::Recipient},
};

const PEOPLE_ICON: &str = r#"<svg viewBox="0 0 20 20" aria-hidden="true" fill="none" stroke="currentColor" stroke-width="1.5" stroke-linecap="round"><circle cx="8" cy="6.5" r="3"/><path d="M2.5 16.5c0-3 2.4-5 5.5-5 1.3 0 2.5.4 3.4 1M15 11.5v6M12 14.5h6"/></svg>"#;

#[component]
pub fn Sidebar(
    viewer: Option<Username>,
    listing: Computed<Listing>,
    open: Computed<Option<Recipient>>,
    /// What is being looked for.
    search: Observable<String>,
    on_go: Callback<Recipient>,
) -> impl IntoView {
    let state = expect_context::<AppState>();
    let dialog = expect_context::<OpenDialog>();
    let own_name = Computed::new(move |_| {
        state
            .session
            .with(|it| it.session().map(|it| it.display_name.clone()))
            .unwrap_or_default()
    });
    let own_id = viewer.map_or_else(String::new, |viewer| viewer.as_str().to_owned());
    let is_loaded = Computed::new(move |_| {
        state.people.with(|it| it.is_loaded()) && state.conversations.with(|it| it.is_loaded())
    });
    // Whoever is alone here and can change that needs no second look for how.
    let may_invite = move || {
        let role = state.session.with(|it| it.session().map(|it| it.role));
        let is_alone = is_loaded.get() && state.people.with(People::is_nobody);
        is_alone && browser::has_accounts() && role.is_some_and(|role| role > Role::Member)
    };
    let conversations = Computed::new(move |_| listing.with(|it| it.conversations.clone()));
    let people = Computed::new(move |_| listing.with(|it| it.people.clone()));
    let keys = |recipients: Computed<Vec<Recipient>>| {
        move || recipients.with(|it| it.iter().cloned().map(Key::Recipient).collect())
    };
    let row = move |key: Key| match key {
        Key::Recipient(recipient) => view! { <ConversationRow listing recipient open/> }.into_any(),
        Key::Row(_) => ().into_any(),
    };

    view! {
        <nav class="sidebar" aria-label=translate("Conversations")>
            <div class="sidebar-header">
                <AccountMenu own_name own_id/>
                <button
                    type="button"
                    class="icon-button"
                    aria-label=translate("New group")
                    title=translate("New group")
                    on:click=on(move |_| dialog.open(LaterPart::NewGroup))
                    inner_html=PEOPLE_ICON
                ></button>
                <span class="theme-slot">
                    <Quietly part=LaterPart::ThemeToggle/>
                </span>
            </div>
            <Search search listing on_go/>
            <ul
                node_ref=list(keys(conversations), row)
                class="conversation-list"
                aria-busy=flag(move || !is_loaded.get())
            ></ul>
            {when(
                move || !people.with(Vec::is_empty),
                move || view! {
                    {still("<h2 class='sidebar-section' id='people'>{People}</h2>")}
                    <ul
                        node_ref=list(keys(people), row)
                        class="conversation-list"
                        aria-labelledby="people"
                    ></ul>
                }.into_any(),
            )}
            <p class="sidebar-empty" role="status" hidden=move || !listing.with(Listing::is_empty)>
                {text(move || if is_loaded.get() { search.with(|it| nothing_here(it)) } else { String::new() })}
            </p>
            // The browser itself goes there, because a path of the app has no `#`.
            {when(
                may_invite,
                || still("<a class='button button-primary sidebar-invite' href='/admin#invitations' target='_self'>{Invite people}</a>").into_any(),
            )}
        </nav>
    }
}

/// Why the list is empty, and what to do about it.
fn nothing_here(search: &str) -> String {
    match search.trim() {
        "" => nobody_else().to_owned(),
        search => fill(
            translate("Nobody and no group is called “{name}”."),
            &[("name", search)],
        ),
    }
}

/// How others come here.
pub fn nobody_else() -> &'static str {
    if browser::has_accounts() {
        translate("Nobody else is here yet. Owners and admins invite people under Administration.")
    } else {
        translate("Nobody else is here yet. Add people with natter-server users add NAME.")
    }
}

/// Narrows the list down. Enter goes to the first of what is left, Escape shows everything again.
#[component]
fn Search(
    search: Observable<String>,
    listing: Computed<Listing>,
    on_go: Callback<Recipient>,
) -> impl IntoView {
    let typed = move |event: KeyboardEvent| match event.key().as_str() {
        "Enter" if !event.is_composing() => {
            let first = listing.with_untracked(|listing| listing.iter().next().cloned());
            if let Some(first) = first.filter(|_| !search.with_untracked(|it| it.trim().is_empty()))
            {
                search.set(String::new());
                on_go.run(first);
            }
        }
        "Escape" => search.set(String::new()),
        _ => {}
    };
    view! {
        <div class="search">
            <input
                type="search"
                class="search-input"
                aria-label=translate("Find a person or group")
                placeholder=translate("Find a person or group")
                autocomplete="off"
                spellcheck="false"
                enterkeyhint="go"
                prop:value=text(move || search.get())
                on:input=on(move |event: Event| search.set(event_target_value(&event)))
                on:keydown=on(typed)
            />
        </div>
    }
}
