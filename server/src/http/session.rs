//! Signing in, and asking whether one is.

use std::sync::Arc;

use axum::{
    Json,
    extract::{FromRef, FromRequestParts, State},
    http::{HeaderName, HeaderValue, StatusCode, request::Parts},
    response::{IntoResponse, Response},
};
use axum_extra::extract::CookieJar;
use protocol::{ErrorCode, LoginRequest, SOCKET_TOKEN_HEADER};

use super::{HttpState, Problem, cookie, problem::JsonBody};
use crate::services::{
    ServiceError, Services,
    sessions::{Audience, SignedIn, TokenError},
};

static SOCKET_TOKEN: HeaderName = HeaderName::from_static(SOCKET_TOKEN_HEADER);

/// `POST /web/login`
pub async fn login(
    State(state): State<HttpState>,
    JsonBody(request): JsonBody<LoginRequest>,
) -> Result<Response, Problem> {
    let person = state
        .services
        .accounts
        .sign_in_by_name(&request.username)
        .await?;
    let signed_in = state.services.sessions.begin(person).await?;
    let token = state
        .services
        .sessions
        .token(&signed_in, Audience::Session)?;
    let cookie = cookie::session_cookie(token, &signed_in, state.origins.is_https());
    tracing::info!(username = %signed_in.person.username, "signed in");
    let answer = answer(&state.services, &signed_in)?;
    Ok((CookieJar::new().add(cookie), answer).into_response())
}

/// `GET /web/session`
pub async fn session(
    State(services): State<Arc<Services>>,
    Authenticated(signed_in): Authenticated,
) -> Result<Response, Problem> {
    answer(&services, &signed_in)
}

/// Who is signed in, and beside it a fresh token for opening a socket.
fn answer(services: &Services, signed_in: &SignedIn) -> Result<Response, Problem> {
    let token = services.sessions.token(signed_in, Audience::Socket)?;
    let mut response = Json(signed_in.session()).into_response();
    let mut token = HeaderValue::from_str(&token).map_err(|_| {
        Problem::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            ErrorCode::Internal,
            "Something went wrong on the server. Try again.",
        )
    })?;
    token.set_sensitive(true);
    response.headers_mut().insert(SOCKET_TOKEN.clone(), token);
    Ok(response)
}

/// Whoever the request's cookie says; without one that counts the request is answered with 401.
#[derive(Debug)]
pub struct Authenticated(pub SignedIn);

impl<S> FromRequestParts<S> for Authenticated
where
    S: Send + Sync,
    Arc<Services>: FromRef<S>,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let services = Arc::<Services>::from_ref(state);
        let token = cookie::session_token(&parts.headers).ok_or_else(Problem::unauthorized)?;
        match services.sessions.check(&token, Audience::Session).await {
            Ok(signed_in) => Ok(Self(signed_in)),
            Err(TokenError::Expired | TokenError::Invalid) => Err(Problem::unauthorized()),
            Err(TokenError::Service(error)) => Err(ServiceError::into(error)),
        }
    }
}
