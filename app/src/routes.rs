//! Which page an address shows, who may see it, and the list of routes that the server knows.

use leptos::prelude::*;
use leptos_router::{
    NavigateOptions,
    components::{FlatRoutes, Route},
    hooks::{use_location, use_navigate},
    path,
};
use protocol::{ConversationId, Username};

use crate::{
    components::connection_banner::ConnectionBanner,
    pages::{chat::ChatPage, login::LoginPage, not_found::NotFoundPage},
    reactive::{Computed, effect},
    state::{AppState, recipient::Recipient, session::SessionState},
};

/// What an address stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Address {
    Login,
    /// The chat, with a conversation open or none.
    Chat(Option<Recipient>),
    Unknown,
}

impl Address {
    pub fn of(path: &str) -> Self {
        let mut parts = path.split('/').filter(|part| !part.is_empty());
        match (parts.next(), parts.next(), parts.next()) {
            (None, _, _) => Self::Chat(None),
            (Some("login"), None, _) => Self::Login,
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

/// The routes, and the pages on them.
///
/// The chat stands outside of the routes: it stays as it is while the conversations in it change.
#[component]
pub fn Pages() -> impl IntoView {
    let state = expect_context::<AppState>();
    let location = use_location();
    let address = Computed::new(move |_| location.pathname.with(|path| Address::of(path)));
    let open = Computed::new(move |_| match address.get() {
        Address::Chat(open) => open,
        Address::Login | Address::Unknown => None,
    });
    // Who the chat is for, nobody as long as the server has not said; `None` where there is none.
    let chat = Computed::new(move |_| {
        let is_chat = address.with(|address| matches!(address, Address::Chat(_)));
        state.session.with(|session| match session {
            SessionState::SignedOut(_) => None,
            session => is_chat.then(|| session.username().cloned()),
        })
    });
    guard(state, address);
    title(state);

    view! {
        <ConnectionBanner/>
        {move || chat.get().map(|viewer| view! { <ChatPage viewer open/> })}
        <FlatRoutes fallback=NotFoundPage>
            <Route path=path!("/") view=|| ()/>
            <Route path=path!("/login") view=LoginPage/>
            <Route path=path!("/people/:username") view=|| ()/>
            <Route path=path!("/groups/:id") view=|| ()/>
        </FlatRoutes>
    }
}

/// Sends whoever is not signed in to the login page, and back to where they wanted to be.
fn guard(state: AppState, address: Computed<Address>) {
    let location = use_location();
    let navigate = use_navigate();
    effect(move || {
        let to = state
            .session
            .with(|session| match (session, address.get()) {
                (SessionState::SignedOut(_), Address::Chat(None)) => Some("/login".to_owned()),
                (SessionState::SignedOut(_), Address::Chat(Some(wanted))) => {
                    let wanted = js_sys::encode_uri_component(&wanted.path());
                    Some(["/login?next=", &String::from(wanted)].concat())
                }
                (SessionState::SignedIn(_), Address::Login) => {
                    let wanted = location.query.with_untracked(|query| query.get("next"));
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
            navigate(
                &to,
                NavigateOptions {
                    replace: true,
                    ..NavigateOptions::default()
                },
            );
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

    #[cfg(feature = "ssr")]
    #[test]
    fn the_server_learns_the_routes_without_a_browser() {
        let paths: Vec<String> = Owner::new().with(|| {
            provide_context(leptos_router::location::RequestUrl::new("/"));
            let routes = leptos_router::RouteList::generate(crate::App).expect("routes");
            let path = |route: &leptos_router::RouteListing| {
                let segments = route.path().iter().map(|it| it.as_raw_str().to_owned());
                segments.collect::<Vec<_>>().join("/")
            };
            routes.into_inner().iter().map(path).collect()
        });
        assert_eq!(paths, ["", "/login", "/people/username", "/groups/id"]);
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
