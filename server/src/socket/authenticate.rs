//! Who opens a socket: token or cookie, checked before the CONNECT packet is answered.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use axum::{
    extract::Query,
    http::{Uri, request::Parts},
};
use protocol::{
    ConversationId, Cursor, Seq,
    events::{ConnectAuth, ServerEvent},
};
use socketioxide::extract::SocketRef;

use super::{Context, ending, groups, messages, presence};
use crate::{
    http::cookie,
    services::{
        Person,
        presence::ConnectionId,
        sessions::{Audience, SignedIn, TokenError},
    },
};

/// What a socket carries from its handshake on.
#[derive(Debug)]
pub(super) struct Connection {
    pub id: ConnectionId,
    pub person: Arc<Person>,
    pub signed_in: SignedIn,
    /// It fetches what it missed by itself, and wants nothing replayed.
    pub fetches: bool,
    /// The newest change before the CONNECT packet was answered, from when on it asks for what has
    /// changed.
    pub admitted_at: Cursor,
    /// Up to where it needs nothing of each conversation, as that was before the CONNECT packet was
    /// answered: from then on it counts on everything, whatever other sockets of its person have
    /// acknowledged. Taken out when it joins its rooms.
    held: Mutex<HashMap<ConversationId, Seq>>,
    /// When it is looked at next whether its session has ended.
    due: Mutex<Option<ending::Due>>,
    /// A replay is under way; a second one would repeat it.
    pub replaying: AtomicBool,
    /// Another replay has to follow the one that is under way.
    pub replay_again: AtomicBool,
    /// Its session has ended, and it is about to be closed.
    pub ended: AtomicBool,
    /// It did not take what it was sent, and is out of every room until it does.
    pub lagging: AtomicBool,
}

impl Connection {
    /// Takes the right to replay; whoever gets it gives it back by [`Self::end_replay`].
    pub fn begin_replay(&self) -> bool {
        !self.replaying.swap(true, Ordering::AcqRel)
    }

    pub fn take_held(&self) -> HashMap<ConversationId, Seq> {
        std::mem::take(&mut *self.held.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub fn due(&self) -> MutexGuard<'_, Option<ending::Due>> {
        self.due.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn end_replay(&self) {
        self.replaying.store(false, Ordering::Release);
    }
}

/// Why somebody is refused; its words are the message of `connect_error`.
#[derive(Debug, thiserror::Error)]
pub(super) enum Refusal {
    #[error("unauthorized")]
    Unauthorized,
    #[error("{}", ServerEvent::TOKEN_EXPIRED)]
    TokenExpired,
    #[error("too-many-connections")]
    TooManyConnections,
    #[error("unavailable")]
    Unavailable,
}

/// Most sockets of one person, where people have accounts.
const MAX_SOCKETS: usize = 64;

/// Checks the handshake and registers every handler, so that an event which follows the CONNECT
/// answer at once finds its handler. Rooms are joined afterwards, when the socket can be sent to.
pub(super) async fn admit(
    context: Arc<Context>,
    socket: SocketRef,
    auth: Option<serde_json::Value>,
) -> Result<(), Refusal> {
    let signed_in = identify(&context, socket.req_parts(), auth.as_ref()).await?;
    let services = &context.services;
    if services.limits.is_some() && services.presence.sockets(signed_in.person.id) >= MAX_SOCKETS {
        return Err(Refusal::TooManyConnections);
    }
    let fetches = auth
        .and_then(|auth| serde_json::from_value::<ConnectAuth>(auth).ok())
        .is_some_and(|auth| auth.resyncs);
    let conversations = &services.conversations;
    let admitted_at = conversations.cursor().await.map_err(unavailable)?;
    let standings = conversations.standings(signed_in.person.id).await;
    let standings = standings.map_err(unavailable)?;
    let held = standings.into_iter().map(|(id, standing)| {
        let held = if fetches {
            standing.last_seq
        } else {
            standing.delivered_seq
        };
        (id, Seq(u64::try_from(held).unwrap_or_default()))
    });
    let connection = Arc::new(Connection {
        id: ConnectionId(context.next_connection.fetch_add(1, Ordering::Relaxed)),
        person: Arc::new(signed_in.person.clone()),
        signed_in,
        fetches,
        admitted_at,
        held: Mutex::new(held.collect()),
        due: Mutex::default(),
        replaying: AtomicBool::default(),
        replay_again: AtomicBool::default(),
        ended: AtomicBool::default(),
        lagging: AtomicBool::default(),
    });
    presence::register(&context, &socket, &connection);
    messages::register(&context, &socket, &connection);
    groups::register(&context, &socket, &connection);
    super::dispatch::refuse_unknown(&socket);
    socket.extensions.insert(connection);
    Ok(())
}

/// Whose handshake this is. The first present of auth payload, query and cookie decides.
async fn identify(
    context: &Context,
    handshake: &Parts,
    auth: Option<&serde_json::Value>,
) -> Result<SignedIn, Refusal> {
    let sessions = &context.services.sessions;
    let from_auth = auth
        .and_then(|auth| auth.get("token"))
        .filter(|token| !token.is_null());
    let checked = if let Some(token) = from_auth {
        // A token that is no text cannot be right, and must not fall through to the cookie.
        let token = token.as_str().ok_or(Refusal::Unauthorized)?;
        sessions.check(token, Audience::Socket).await
    } else if let Some(token) = query_token(&handshake.uri)? {
        sessions.check(&token, Audience::Socket).await
    } else if let Some(token) = context
        .origins
        .is_own_page(&handshake.headers)
        .then(|| cookie::session_token(&handshake.headers, &context.origins, sessions))
        .flatten()
    {
        sessions.check(&token, Audience::Session).await
    } else {
        return Err(Refusal::Unauthorized);
    };
    checked.map_err(|error| match error {
        TokenError::Expired => Refusal::TokenExpired,
        TokenError::Invalid => Refusal::Unauthorized,
        TokenError::Service(error) => unavailable(error),
    })
}

/// The token in the address. Where there is something that may be meant as one, but is not one, the
/// cookie beside it must not decide.
fn query_token(uri: &Uri) -> Result<Option<String>, Refusal> {
    let Query(parameters) =
        Query::<Vec<(String, String)>>::try_from_uri(uri).map_err(|_| Refusal::Unauthorized)?;
    let mut tokens = parameters.into_iter().filter(|(name, _)| name == "token");
    match (tokens.next(), tokens.next()) {
        (None, _) => Ok(None),
        (Some((_, token)), None) if !token.is_empty() => Ok(Some(token)),
        _ => Err(Refusal::Unauthorized),
    }
}

fn unavailable(error: impl std::fmt::Display) -> Refusal {
    tracing::error!(%error, "a socket could not be admitted");
    Refusal::Unavailable
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_token_in_the_address_counts_and_anything_else_that_is_called_so_is_refused() {
        let token = |query: &str| {
            let uri: Uri = format!("/socket.io/?EIO=4{query}").parse().expect("a URI");
            query_token(&uri)
        };
        assert_eq!(token("&token=a").expect("one").as_deref(), Some("a"));
        assert_eq!(token("&%74oken=a").expect("one").as_deref(), Some("a"));
        assert_eq!(token("").expect("none"), None);
        for refused in [
            "&token=",
            "&token",
            "&token=a&token=b",
            "&token=a&%74oken=a",
        ] {
            assert!(token(refused).is_err(), "{refused}");
        }
    }
}
