//! Typed calls to `/web`.

use js_sys::Promise;
use leptos::prelude::window;
use protocol::{
    CURSOR_HEADER, Changes, Conversation, ConversationId, Cursor, ErrorCode, Message, Problem,
    SOCKET_TOKEN_HEADER, Secret, Session, User,
    join::{Link, LinkRequest},
};
use serde::{
    Serialize,
    de::{DeserializeOwned, IgnoredAny},
};
use wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortSignal, Headers, RequestInit, Response};

use crate::{language::translate_answer, state::timeline::Page};

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

/// What a request does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    Get,
    Post,
    Patch,
    Delete,
}

/// A POST that is answered with a session, as those that let somebody in are.
pub async fn enter(address: &str, body: &str) -> Result<SignedIn, ApiError> {
    signed_in(fetch(Method::Post, address, Some(body)).await?)
}

/// What is sent as a body.
pub fn json<T: Serialize>(body: &T) -> String {
    // What fails to be written is refused by the server as anything else that has no shape.
    compact_json::write(body).unwrap_or_default()
}

/// What a link is good for.
pub async fn link(token: &Secret) -> Result<Link, ApiError> {
    let token = token.clone();
    ask(
        Method::Post,
        "/web/links",
        Some(&json(&LinkRequest { token })),
    )
    .await
}

/// Ends the session.
pub async fn logout() -> Result<(), ApiError> {
    tell(Method::Post, "/web/logout", None).await
}

/// Asks for something that is read.
pub async fn ask<T: DeserializeOwned>(
    method: Method,
    address: &str,
    body: Option<&str>,
) -> Result<T, ApiError> {
    let answer = fetch(method, address, body).await?;
    read(answer.status, &answer.body)
}

/// Asks for something that is done and has no answer.
pub async fn tell(method: Method, address: &str, body: Option<&str>) -> Result<(), ApiError> {
    text(method, address, body).await.map(drop)
}

/// Asks for something, and gives the answer as it is written, for whoever reads it.
pub async fn text(method: Method, address: &str, body: Option<&str>) -> Result<String, ApiError> {
    let answer = fetch(method, address, body).await?;
    match answer.status {
        200..=299 => Ok(answer.body),
        status => read::<IgnoredAny>(status, &answer.body).map(|_| answer.body),
    }
}

/// Asks who is signed in, for the session's own page and for a fresh socket token.
pub async fn session() -> Result<SignedIn, ApiError> {
    signed_in(fetch(Method::Get, "/web/session", None).await?)
}

/// The request is on its way when this returns, so that two can be made beside each other.
pub fn users() -> impl Future<Output = Result<Vec<User>, ApiError>> {
    get("/web/users")
}

/// All conversations, and from where on to ask for what changes later.
pub async fn conversations() -> Result<(Vec<Conversation>, Option<Cursor>), ApiError> {
    let answer = fetch(Method::Get, "/web/conversations", None).await?;
    let conversations = read(answer.status, &answer.body)?;
    let cursor = answer.header(CURSOR_HEADER);
    let cursor = cursor.and_then(|cursor| cursor.parse().ok().map(Cursor));
    Ok((conversations, cursor))
}

/// What has changed in the conversations.
pub fn changes(after: Cursor) -> impl Future<Output = Result<Changes, ApiError>> {
    get(&["/web/changes?after=", &after.0.to_string()].concat())
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

fn read_session(status: u16, token: Option<String>, body: &str) -> Result<SignedIn, ApiError> {
    Ok(SignedIn {
        session: read(status, body)?,
        token,
    })
}

fn get<T: DeserializeOwned>(address: &str) -> impl Future<Output = Result<T, ApiError>> + use<T> {
    let answer = fetch(Method::Get, address, None);
    async move {
        let Answer { status, body, .. } = answer.await?;
        read(status, &body)
    }
}

fn signed_in(answer: Answer) -> Result<SignedIn, ApiError> {
    let token = answer.header(SOCKET_TOKEN_HEADER);
    read_session(answer.status, token, &answer.body)
}

struct Answer {
    status: u16,
    headers: Headers,
    body: String,
}

impl Answer {
    fn header(&self, name: &str) -> Option<String> {
        self.headers.get(name).ok().flatten()
    }
}

/// With a body of JSON, if there is one.
fn fetch(
    method: Method,
    address: &str,
    body: Option<&str>,
) -> impl Future<Output = Result<Answer, ApiError>> + use<> {
    let early = match method {
        Method::Get => early(address),
        _ => None,
    };
    let response = match early {
        Some(early) => Ok(early),
        None => send(method, address, body),
    };
    // Listened to from the start: one that fails before it is awaited would count as unhandled.
    let response = response.map(JsFuture::from);
    async move {
        let response = response.map_err(unreachable)?.await;
        let response: Response = response.map_err(unreachable)?.unchecked_into();
        let text = JsFuture::from(response.text().map_err(unreachable)?).await;
        Ok(Answer {
            status: response.status(),
            headers: response.headers(),
            body: text.map_err(unreachable)?.as_string().unwrap_or_default(),
        })
    }
}

#[wasm_bindgen]
extern "C" {
    /// The answer to a question that the page has asked while the client was on its way.
    #[wasm_bindgen(js_name = natterEarly)]
    fn early(address: &str) -> Option<Promise>;
}

fn send(method: Method, address: &str, body: Option<&str>) -> Result<Promise, JsValue> {
    let init = RequestInit::new();
    init.set_method(match method {
        Method::Get => "GET",
        Method::Post => "POST",
        Method::Patch => "PATCH",
        Method::Delete => "DELETE",
    });
    init.set_signal(Some(&AbortSignal::timeout_with_u32(PATIENCE_MILLISECONDS)));
    if let Some(body) = body {
        let headers = Headers::new()?;
        headers.set("content-type", "application/json")?;
        init.set_headers(&headers);
        init.set_body(&JsValue::from_str(body));
    }
    Ok(window().fetch_with_str_and_init(address, &init))
}

fn unreachable(_: JsValue) -> ApiError {
    ApiError::Unreachable
}

/// What an answer says. A server in trouble counts as one that cannot be reached: both pass.
fn read<T: DeserializeOwned>(status: u16, body: &str) -> Result<T, ApiError> {
    match status {
        200..=299 => compact_json::read(body).map_err(|_| ApiError::Unreachable),
        400..=499 => match compact_json::read::<Problem>(body) {
            Ok(problem) if problem.code == ErrorCode::Unauthorized => Err(ApiError::Unauthorized),
            Ok(mut problem) => {
                problem.detail = translate_answer(problem.detail);
                Err(ApiError::Refused(problem))
            }
            Err(_) if status == 401 => Err(ApiError::Unauthorized),
            Err(_) => Err(ApiError::Unreachable),
        },
        _ => Err(ApiError::Unreachable),
    }
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
