//! Typed calls to `/web`.

use gloo_net::http::{Request, Response};
use protocol::{
    Conversation, ConversationId, ErrorCode, LoginRequest, Message, Problem, SOCKET_TOKEN_HEADER,
    Session, User,
};
use serde::de::DeserializeOwned;
use web_sys::AbortSignal;

use crate::state::timeline::Page;

/// Longer than this nobody waits for an answer.
const PATIENCE_MILLISECONDS: u32 = 15_000;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ApiError {
    /// There is no session, or not any more.
    Unauthorized,
    /// The server says no, and why.
    Refused(Problem),
    /// No answer came, or none that makes sense.
    Unreachable,
}

/// Who is signed in, and the token for opening a socket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedIn {
    pub session: Session,
    pub token: Option<String>,
}

/// Signs in by name.
pub async fn login(username: String) -> Result<SignedIn, ApiError> {
    let body =
        serde_json::to_string(&LoginRequest { username }).map_err(|_| ApiError::Unreachable)?;
    let request = Request::post("/web/login")
        .abort_signal(Some(&patience()))
        .header("content-type", "application/json")
        .body(body)
        .map_err(|_| ApiError::Unreachable)?;
    signed_in(request.send().await).await
}

/// Asks who is signed in, for the session's own page and for a fresh socket token.
pub async fn session() -> Result<SignedIn, ApiError> {
    let signal = patience();
    signed_in(
        Request::get("/web/session")
            .abort_signal(Some(&signal))
            .send()
            .await,
    )
    .await
}

pub async fn users() -> Result<Vec<User>, ApiError> {
    get("/web/users").await
}

pub async fn conversations() -> Result<Vec<Conversation>, ApiError> {
    get("/web/conversations").await
}

/// One page of history, oldest first.
pub async fn messages(id: &ConversationId, page: Page) -> Result<Vec<Message>, ApiError> {
    let query = match page {
        Page::Newest { limit } => format!("limit={limit}"),
        Page::Before(seq) => format!("before={seq}"),
        Page::After { seq, limit } | Page::Missing { seq, limit } => {
            format!("limit={limit}&after={seq}")
        }
    };
    get(&["/web/conversations/", id.as_str(), "/messages?", &query].concat()).await
}

/// Reads the answer to a session request that was made elsewhere.
pub fn read_session(status: u16, token: Option<String>, body: &str) -> Result<SignedIn, ApiError> {
    Ok(SignedIn {
        session: read(status, body)?,
        token,
    })
}

async fn get<T: DeserializeOwned>(address: &str) -> Result<T, ApiError> {
    let signal = patience();
    let response = Request::get(address)
        .abort_signal(Some(&signal))
        .send()
        .await;
    let (status, _, body) = text(response).await?;
    read(status, &body)
}

async fn signed_in(response: Result<Response, gloo_net::Error>) -> Result<SignedIn, ApiError> {
    let (status, token, body) = text(response).await?;
    read_session(status, token, &body)
}

async fn text(
    response: Result<Response, gloo_net::Error>,
) -> Result<(u16, Option<String>, String), ApiError> {
    let response = response.map_err(|_| ApiError::Unreachable)?;
    let token = response.headers().get(SOCKET_TOKEN_HEADER);
    let body = response.text().await.map_err(|_| ApiError::Unreachable)?;
    Ok((response.status(), token, body))
}

/// What an answer says. A server in trouble counts as one that cannot be reached: both pass.
fn read<T: DeserializeOwned>(status: u16, body: &str) -> Result<T, ApiError> {
    match status {
        200..=299 => compact_json::read(body).map_err(|_| ApiError::Unreachable),
        400..=499 => match compact_json::read::<Problem>(body) {
            Ok(problem) if problem.code == ErrorCode::Unauthorized => Err(ApiError::Unauthorized),
            Ok(problem) => Err(ApiError::Refused(problem)),
            Err(_) if status == 401 => Err(ApiError::Unauthorized),
            Err(_) => Err(ApiError::Unreachable),
        },
        _ => Err(ApiError::Unreachable),
    }
}

fn patience() -> AbortSignal {
    AbortSignal::timeout_with_u32(PATIENCE_MILLISECONDS)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SESSION: &str = r#"{"username":"alice","displayName":"Alice","expiresAt":1}"#;

    #[test]
    fn a_session_is_read_with_its_token() {
        let signed_in = read_session(200, Some("token".into()), SESSION).expect("a session");
        assert_eq!(signed_in.session.display_name, "Alice");
        assert_eq!(signed_in.token.as_deref(), Some("token"));
    }

    #[test]
    fn only_a_401_about_the_session_means_signed_out() {
        let body = |code: &str| {
            format!(r#"{{"title":"Unauthorized","status":401,"code":"{code}","detail":"No."}}"#)
        };
        let unauthorized = read::<Session>(401, &body("unauthorized"));
        assert_eq!(unauthorized, Err(ApiError::Unauthorized));
        let wrong_name = read::<Session>(401, &body("invalid-credentials"));
        assert!(matches!(wrong_name, Err(ApiError::Refused(problem)) if problem.detail == "No."));
    }

    #[test]
    fn a_server_in_trouble_and_a_strangers_answer_count_as_unreachable() {
        for (status, body) in [
            (0, ""),
            (502, "<html>"),
            (503, "{}"),
            (200, "<html>Sign in"),
        ] {
            assert_eq!(
                read::<Session>(status, body),
                Err(ApiError::Unreachable),
                "{status}"
            );
        }
    }
}
