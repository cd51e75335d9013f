//! Signing in and out, and asking whether one is.

use std::sync::Arc;

use axum::{
    Json,
    extract::{FromRef, FromRequestParts, Path, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, request::Parts},
    response::{IntoResponse, Response},
};
use protocol::{
    ErrorCode, LoginRequest, SOCKET_TOKEN_HEADER, Secret,
    account::{Confirmation, Device, RecoveryRequest},
};

use super::{HttpState, Problem, cookie, origin::OriginPolicy, problem::JsonBody};
use crate::{
    config::SignIn,
    services::{
        Person, ServiceError, Services, Visitor,
        accounts::unconfirmed,
        sessions::{Audience, SignedIn, TokenError},
    },
};

static SOCKET_TOKEN: HeaderName = HeaderName::from_static(SOCKET_TOKEN_HEADER);

/// Signs in.
///
/// With a password where people have accounts. Unknown username and wrong password get the same answer.
#[utoipa::path(post, path = "/login", tag = "session", security(()),
    request_body = LoginRequest,
    responses(super::openapi::SignedIn),
    extensions(("x-problems" = json!([ErrorCode::InvalidCredentials]))))]
pub async fn login(
    State(state): State<HttpState>,
    visitor: Visitor,
    JsonBody(request): JsonBody<LoginRequest>,
) -> Result<Response, Problem> {
    let accounts = &state.services.accounts;
    let (person, how) = match state.sign_in {
        SignIn::Name => (accounts.sign_in_by_name(&request.username).await?, "name"),
        SignIn::Account => {
            let password = request.password.as_ref().map_or("", Secret::reveal);
            let person = accounts.sign_in(&request.username, password, &visitor);
            (person.await?, "password")
        }
    };
    begin(&state, person, &visitor, how).await
}

/// Signs in by a recovery code, and sets a new password.
///
/// The code is used up, and every other session ends.
#[utoipa::path(post, path = "/login/recovery", tag = "session", security(()),
    request_body = RecoveryRequest,
    responses(super::openapi::SignedIn),
    extensions(("x-problems" = json!([
        ErrorCode::InvalidCredentials, ErrorCode::PasswordTooShort, ErrorCode::PasswordTooLong,
        ErrorCode::PasswordCommon
    ]))))]
pub async fn recover(
    State(state): State<HttpState>,
    visitor: Visitor,
    JsonBody(request): JsonBody<RecoveryRequest>,
) -> Result<Response, Problem> {
    let person = state.services.accounts.recover(&request, &visitor).await?;
    begin(&state, person, &visitor, "recovery code").await
}

/// Begins a session for somebody who has proved who they are: its cookie, and beside it the answer
/// of `/web/session`.
pub(super) async fn begin(
    state: &HttpState,
    person: Person,
    visitor: &Visitor,
    how: &str,
) -> Result<Response, Problem> {
    let signed_in = state.services.sessions.begin(person, visitor, how).await?;
    let answer = answer(&state.services, &signed_in)?;
    Ok((cookies(state, &signed_in)?, answer).into_response())
}

/// Who is signed in, and a fresh token for opening a socket.
///
/// Using a session prolongs it: after a tenth of its length its cookie is set anew.
#[utoipa::path(
    get,
    path = "/session",
    tag = "session",
    responses(super::openapi::SignedIn)
)]
pub async fn session(
    State(state): State<HttpState>,
    visitor: Visitor,
    headers: HeaderMap,
    Authenticated(mut signed_in): Authenticated,
) -> Result<Response, Problem> {
    // A link from elsewhere brings the cookie along, and must not make a session last longer.
    let is_renewed = state.origins.is_own_or_nobodys(&headers)
        && state
            .services
            .sessions
            .renew(&mut signed_in, &visitor)
            .await?;
    let answer = answer(&state.services, &signed_in)?;
    if is_renewed {
        return Ok((cookies(&state, &signed_in)?, answer).into_response());
    }
    Ok(answer)
}

/// Ends the session.
#[utoipa::path(post, path = "/logout", tag = "session",
    responses((status = 204, headers(("Set-Cookie" = String, description = "Takes the cookie away.")))))]
pub async fn logout(
    State(state): State<HttpState>,
    visitor: Visitor,
    Authenticated(caller): Authenticated,
) -> Result<Response, Problem> {
    let id = caller.session_id.clone();
    state.services.sessions.end(&caller, &id, &visitor).await?;
    Ok((StatusCode::NO_CONTENT, cookie::no_session(&state.origins)).into_response())
}

/// Where the caller is signed in, what was used last first.
#[utoipa::path(get, path = "/sessions", tag = "session",
    responses((status = 200, body = [Device])))]
pub async fn devices(
    State(services): State<Arc<Services>>,
    Authenticated(caller): Authenticated,
) -> Result<Json<Vec<Device>>, Problem> {
    Ok(Json(services.sessions.devices(&caller).await?))
}

/// Ends a session of the caller.
///
/// Its sockets close within a second.
#[utoipa::path(delete, path = "/sessions/{id}", tag = "session",
    params(("id" = String, Path, description = "From the list of sessions.")),
    responses((status = 204)),
    extensions(("x-problems" = json!([ErrorCode::NotFound]))))]
pub async fn end(
    State(services): State<Arc<Services>>,
    visitor: Visitor,
    Confirmed(caller): Confirmed,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    if services.sessions.end(&caller, &id, &visitor).await? {
        return Ok(StatusCode::NO_CONTENT);
    }
    Err(Problem::new(
        StatusCode::NOT_FOUND,
        ErrorCode::NotFound,
        "You are not signed in there, or not any more.",
    ))
}

/// Ends every other session of the caller.
#[utoipa::path(post, path = "/sessions/end-others", tag = "session",
    responses((status = 204)))]
pub async fn end_others(
    State(services): State<Arc<Services>>,
    visitor: Visitor,
    Confirmed(caller): Confirmed,
) -> Result<StatusCode, Problem> {
    services.sessions.end_others(&caller, &visitor).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Proves that it is still the same person who sits there.
///
/// Holds for ten minutes. What says `confirm-identity` asks for it.
#[utoipa::path(post, path = "/confirm", tag = "session",
    request_body = Confirmation,
    responses((status = 204)),
    extensions(("x-problems" = json!([ErrorCode::InvalidCredentials]))))]
pub async fn confirm(
    State(services): State<Arc<Services>>,
    visitor: Visitor,
    Authenticated(caller): Authenticated,
    JsonBody(request): JsonBody<Confirmation>,
) -> Result<StatusCode, Problem> {
    let password = request.password.reveal();
    services
        .accounts
        .confirm(&caller, password, &visitor)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The cookies of a session.
fn cookies(state: &HttpState, signed_in: &SignedIn) -> Result<cookie::SetCookies, Problem> {
    let sessions = &state.services.sessions;
    let token = sessions.token(signed_in, Audience::Session)?;
    Ok(cookie::session_cookies(
        token,
        signed_in,
        &state.origins,
        sessions,
    ))
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
    OriginPolicy: FromRef<S>,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let services = Arc::<Services>::from_ref(state);
        let origins = OriginPolicy::from_ref(state);
        let token = cookie::session_token(&parts.headers, &origins, &services.sessions)
            .ok_or_else(Problem::unauthorized)?;
        match services.sessions.check(&token, Audience::Session).await {
            Ok(signed_in) => {
                if let Some(limits) = &services.limits {
                    limits.requests.check(&signed_in.person.id)?;
                }
                Ok(Self(signed_in))
            }
            Err(TokenError::Expired | TokenError::Invalid) => Err(Problem::unauthorized()),
            Err(TokenError::Service(error)) => Err(ServiceError::into(error)),
        }
    }
}

/// As [`Authenticated`], by somebody who has proved not long ago who they are.
#[derive(Debug)]
pub struct Confirmed(pub SignedIn);

impl<S> FromRequestParts<S> for Confirmed
where
    S: Send + Sync,
    Arc<Services>: FromRef<S>,
    OriginPolicy: FromRef<S>,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Authenticated(signed_in) = Authenticated::from_request_parts(parts, state).await?;
        if signed_in.is_confirmed() {
            Ok(Self(signed_in))
        } else {
            Err(unconfirmed().into())
        }
    }
}
