//! Which page an address shows, who may see it, and the list of routes that the server knows.

use leptos::prelude::*;
use protocol::{ConversationId, Username};

use crate::{
    components::connection_banner::ConnectionBanner,
    dynamic::part,
    later::{Later, LaterPage},
    navigation::Navigation,
    pages::{chat::ChatPage, login::LoginPage, not_found::NotFoundPage},
    reactive::{Computed, effect},
    state::{AppState, recipient::Recipient, session::SessionState},
};

/// Every path that [`Address`] knows, as the server's router writes it.
pub const ROUTES: [&str; 5] = [
    "/",
    "/login",
    "/settings",
    "/people/{username}",
    "/groups/{id}",
];

/// What an address stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Address {
    Login,
    /// The chat, with a conversation open or none.
    Chat(Option<Recipient>),
    Settings,
    Unknown,
}

impl Address {
    pub fn of(path: &str) -> Self {
        let mut parts = path.split('/').filter(|part| !part.is_empty());
        match (parts.next(), parts.next(), parts.next()) {
            (None, _, _) => Self::Chat(None),
            (Some("login"), None, _) => Self::Login,
            (Some("settings"), None, _) => Self::Settings,
            (Some("people"), Some(name), None) => match Username::parse(name) {
                Ok(username) => Self::Chat(Some(Recipient::Person(username))),
                // Nobody can be called that; the page says so.
                Err(_) => Self::Chat(Some(Recipient::Person(Username::from_trusted(name)))),
            },
            (Some("groups"), Some(id), None) => {
                Self::Chat(Some(Recipient::Group(ConversationId::from_trusted(id))))
            }
            _ => Self::Unknown,
        }
    }
}

/// The page that the address names. The chat stays as it is while the conversations in it change.
#[component]
pub fn Pages() -> impl IntoView {
    let state = expect_context::<AppState>();
    let navigation = expect_context::<Navigation>();
    let address = Computed::new(move |_| Address::of(&navigation.path()));
    let open = Computed::new(move |_| match address.get() {
        Address::Chat(open) => open,
        Address::Login | Address::Settings | Address::Unknown => None,
    });
    // Who the chat is for, nobody as long as the server has not said; `None` where there is none.
    let chat = Computed::new(move |_| {
        let is_chat = address.with(|address| matches!(address, Address::Chat(_)));
        state.session.with(|session| match session {
            SessionState::SignedOut(_) => None,
            session => is_chat.then(|| session.username().cloned()),
        })
    });
    guard(state, navigation, address);
    title(state);

    view! {
        <ConnectionBanner/>
        {part(move || match chat.get() {
            Some(viewer) => view! { <ChatPage viewer open/> }.into_any(),
            None => ().into_any(),
        })}
        {part(move || match address.get() {
            Address::Chat(_) => ().into_any(),
            Address::Login => view! { <LoginPage/> }.into_any(),
            Address::Settings => view! { <Later page=LaterPage::Settings/> }.into_any(),
            Address::Unknown => view! { <NotFoundPage/> }.into_any(),
        })}
    }
}

/// Sends whoever is not signed in to the login page, and back to where they wanted to be.
fn guard(state: AppState, navigation: Navigation, address: Computed<Address>) {
    effect(move || {
        let to = state
            .session
            .with(|session| match (session, address.get()) {
                (SessionState::SignedOut(_), Address::Chat(None) | Address::Settings) => {
                    Some("/login".to_owned())
                }
                (SessionState::SignedOut(_), Address::Chat(Some(wanted))) => {
                    let wanted = js_sys::encode_uri_component(&wanted.path());
                    Some(["/login?next=", &String::from(wanted)].concat())
                }
                (SessionState::SignedIn(_), Address::Login) => {
                    let wanted = navigation.parameter("next");
                    // Only addresses of the chat: a link must not lead elsewhere through the login.
                    let wanted = match wanted.as_deref().map(Address::of) {
                        Some(Address::Chat(Some(wanted))) => wanted.path(),
                        _ => "/".to_owned(),
                    };
                    Some(wanted)
                }
                _ => None,
            });
        if let Some(to) = to {
            navigation.replace(&to);
        }
    });
}

/// Keeps the number of unread messages in the page's title.
fn title(state: AppState) {
    let unread = Computed::new(move |_| state.conversations.with(|list| list.unread_total()));
    effect(move || {
        document().set_title(&match unread.get() {
            0 => "Natter".to_owned(),
            unread => ["(", &unread.to_string(), ") Natter"].concat(),
        });
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(name: &str) -> Address {
        Address::Chat(Some(Recipient::Person(Username::from_trusted(name))))
    }

    #[test]
    fn every_route_is_read() {
        assert_eq!(Address::of("/"), Address::Chat(None));
        assert_eq!(Address::of("/login"), Address::Login);
        assert_eq!(Address::of("/settings"), Address::Settings);
        assert_eq!(Address::of("/people/bob"), person("bob"));
        let group = Recipient::Group(ConversationId::from_trusted("7"));
        assert_eq!(Address::of("/groups/7"), Address::Chat(Some(group)));
    }

    #[test]
    fn every_conversation_has_the_address_that_leads_to_it() {
        for recipient in [
            Recipient::Person(Username::from_trusted("bob")),
            Recipient::Group(ConversationId::from_trusted("0a-1b")),
        ] {
            assert_eq!(
                Address::of(&recipient.path()),
                Address::Chat(Some(recipient))
            );
        }
    }

    #[test]
    fn capitals_in_an_address_lead_to_the_same_person() {
        assert_eq!(Address::of("/people/Bob"), person("bob"));
    }

    #[test]
    fn the_server_answers_every_address_that_is_known() {
        for route in ROUTES {
            let path = route.replace("{username}", "bob").replace("{id}", "7");
            assert_ne!(Address::of(&path), Address::Unknown, "{path}");
        }
    }

    #[test]
    fn what_is_no_route_is_unknown() {
        for path in [
            "/people",
            "/people/a/b",
            "/login/x",
            "/elsewhere",
            "//evil.example/x",
        ] {
            assert_eq!(Address::of(path), Address::Unknown, "{path}");
        }
    }
}
