//! Which page an address shows, who may see it, and the list of routes that the server knows.

use leptos::prelude::*;
use protocol::{ConversationId, Username};

use crate::{
    components::connection_banner::ConnectionBanner,
    dynamic::part,
    language::number,
    later::{Later, LaterPart},
    navigation::Navigation,
    pages::{chat::ChatPage, login::LoginPage},
    reactive::{Computed, effect, expect_context},
    state::{
        AppState,
        recipient::Recipient,
        session::{SessionState, SignedOut},
    },
};

/// Every path that [`Address`] knows, as the server's router writes it.
pub const ROUTES: [&str; 8] = [
    "/",
    "/login",
    "/join",
    "/recover",
    "/settings",
    "/admin",
    "/people/{username}",
    "/groups/{id}",
];

/// What an address stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Address {
    Login,
    /// Making an account, or setting a password by a link.
    Join,
    /// Setting a password by a recovery code.
    Recover,
    /// The chat, with a conversation open or none.
    Chat(Option<Recipient>),
    Settings,
    Admin,
    Unknown,
}

impl Address {
    pub fn of(path: &str) -> Self {
        let mut parts = path.split('/').filter(|part| !part.is_empty());
        match (parts.next(), parts.next(), parts.next()) {
            (None, _, _) => Self::Chat(None),
            (Some("login"), None, _) => Self::Login,
            (Some("join"), None, _) => Self::Join,
            (Some("recover"), None, _) => Self::Recover,
            (Some("settings"), None, _) => Self::Settings,
            (Some("admin"), None, _) => Self::Admin,
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

    /// Its path, if it is one for people who are signed in, and they alone.
    fn inner_path(&self) -> Option<String> {
        match self {
            Self::Chat(Some(recipient)) => Some(recipient.path()),
            Self::Chat(None) => Some("/".to_owned()),
            Self::Settings => Some("/settings".to_owned()),
            Self::Admin => Some("/admin".to_owned()),
            Self::Login | Self::Join | Self::Recover | Self::Unknown => None,
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
        _ => None,
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
        {part(move || {
            let later = match address.get() {
                Address::Chat(_) => return ().into_any(),
                Address::Login => return view! { <LoginPage/> }.into_any(),
                Address::Join => LaterPart::Join,
                Address::Recover => LaterPart::Recover,
                Address::Settings => LaterPart::Settings,
                Address::Admin => LaterPart::Admin,
                Address::Unknown => LaterPart::NotFound,
            };
            view! { <Later page=later/> }.into_any()
        })}
    }
}

/// Sends whoever is not signed in to the login page, and back to where they wanted to be.
fn guard(state: AppState, navigation: Navigation, address: Computed<Address>) {
    effect(move || {
        let next = navigation.parameter("next");
        let elsewhere = address.with(|address| {
            state
                .session
                .with(|session| elsewhere(session, address, next))
        });
        match elsewhere {
            Some(Elsewhere::Login(Some(next))) => {
                let next = String::from(js_sys::encode_uri_component(&next));
                navigation.replace(&["/login?next=", &next].concat());
            }
            Some(Elsewhere::Login(None)) => navigation.replace("/login"),
            Some(Elsewhere::Inside(path)) => navigation.replace(&path),
            None => {}
        }
    });
}

/// Where somebody belongs who is not where they belong.
#[derive(Debug, PartialEq, Eq)]
enum Elsewhere {
    /// At the login page, from where they come back to a path.
    Login(Option<String>),
    Inside(String),
}

/// `next`: where the login page leads to.
fn elsewhere(session: &SessionState, address: &Address, next: Option<String>) -> Option<Elsewhere> {
    match (session, address) {
        // Whoever has left wants nothing more, and the next person need not know what it was.
        (SessionState::SignedOut(SignedOut::Asked), Address::Login) => {
            next.map(|_| Elsewhere::Login(None))
        }
        (SessionState::SignedOut(SignedOut::Asked), address) => {
            address.inner_path().map(|_| Elsewhere::Login(None))
        }
        (SessionState::SignedOut(_), address) => {
            let path = address.inner_path()?;
            Some(Elsewhere::Login(Some(path).filter(|path| path != "/")))
        }
        (SessionState::SignedIn(_), Address::Login | Address::Recover) => {
            // Only addresses within: a link must not lead elsewhere through the login.
            let next = next.and_then(|next| Address::of(&next).inner_path());
            Some(Elsewhere::Inside(next.unwrap_or_else(|| "/".to_owned())))
        }
        _ => None,
    }
}

/// Keeps the number of unread messages in the page's title.
fn title(state: AppState) {
    let unread = Computed::new(move |_| state.conversations.with(|list| list.unread_total()));
    effect(move || {
        document().set_title(&match unread.get() {
            0 => "Natter".to_owned(),
            unread => ["(", &number(unread), ") Natter"].concat(),
        });
    });
}

#[cfg(test)]
mod tests {
    use protocol::{Role, Session, Timestamp};

    use super::*;

    fn person(name: &str) -> Address {
        Address::Chat(Some(Recipient::Person(Username::from_trusted(name))))
    }

    fn signed_in() -> SessionState {
        SessionState::SignedIn(Session {
            username: Username::from_trusted("alice"),
            display_name: "Alice".to_owned(),
            expires_at: Timestamp(1),
            role: Role::Member,
        })
    }

    fn login(next: Option<&str>) -> Option<Elsewhere> {
        Some(Elsewhere::Login(next.map(str::to_owned)))
    }

    fn inside(path: &str) -> Option<Elsewhere> {
        Some(Elsewhere::Inside(path.to_owned()))
    }

    #[test]
    fn every_route_is_read() {
        assert_eq!(Address::of("/"), Address::Chat(None));
        assert_eq!(Address::of("/login"), Address::Login);
        assert_eq!(Address::of("/join"), Address::Join);
        assert_eq!(Address::of("/recover"), Address::Recover);
        assert_eq!(Address::of("/settings"), Address::Settings);
        assert_eq!(Address::of("/admin"), Address::Admin);
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

    #[test]
    fn whoever_is_not_signed_in_comes_back_after_the_login() {
        let out = SessionState::SignedOut(SignedOut::Ended);
        let to = |path| elsewhere(&out, &Address::of(path), None);
        assert_eq!(to("/"), login(None));
        assert_eq!(to("/people/bob"), login(Some("/people/bob")));
        assert_eq!(to("/settings"), login(Some("/settings")));
        assert_eq!(to("/admin"), login(Some("/admin")));
        for path in ["/login", "/join", "/recover", "/elsewhere"] {
            assert_eq!(to(path), None, "{path}");
        }
        let back = |next: &str| elsewhere(&signed_in(), &Address::Login, Some(next.to_owned()));
        assert_eq!(back("/people/bob"), inside("/people/bob"));
        assert_eq!(back("/settings"), inside("/settings"));
        for foreign in [
            "//evil.example/x",
            "https://evil.example",
            "/login",
            "/join",
        ] {
            assert_eq!(back(foreign), inside("/"), "{foreign}");
        }
        assert_eq!(
            elsewhere(&signed_in(), &Address::Recover, None),
            inside("/")
        );
        assert_eq!(elsewhere(&signed_in(), &Address::Join, None), None);
    }

    #[test]
    fn whoever_has_signed_out_leaves_no_address_behind() {
        let out = SessionState::SignedOut(SignedOut::Asked);
        for path in ["/", "/people/bob", "/settings"] {
            assert_eq!(elsewhere(&out, &Address::of(path), None), login(None));
        }
        let next = Some("/people/bob".to_owned());
        assert_eq!(elsewhere(&out, &Address::Login, next), login(None));
        assert_eq!(elsewhere(&out, &Address::Login, None), None);
        assert_eq!(elsewhere(&out, &Address::Join, None), None);
    }
}
