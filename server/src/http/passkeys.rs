//! Passkeys: adding and removing them, signing in with one, and confirming by one that it is still
//! the same person. Each begins with a challenge, which the browser's answer brings back.

use std::sync::Arc;

use axum::{
    Json,
    extract::{FromRef, FromRequestParts, Path, State},
    http::{StatusCode, request::Parts},
    response::Response,
};
use protocol::{
    ErrorCode,
    account::{Passkey, PasskeyAnswer, PasskeyChallenge},
};

use super::{
    HttpState, Problem,
    problem::JsonBody,
    session::{self, Authenticated, Confirmed},
};
use crate::services::{Services, Visitor, passkeys::unavailable};

/// The origin whose passkeys count for a request.
#[derive(Debug)]
pub struct PasskeyOrigin(String);

impl<S> FromRequestParts<S> for PasskeyOrigin
where
    S: Send + Sync,
    HttpState: FromRef<S>,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let state = HttpState::from_ref(state);
        let origin = state.origins.passkey_origin(&parts.headers);
        Ok(Self(origin.ok_or_else(unavailable)?))
    }
}

/// Begins to add a passkey.
#[utoipa::path(post, path = "/account/passkeys/start", tag = "account",
    responses((status = 200, body = PasskeyChallenge)),
    extensions(("x-problems" = json!([
        ErrorCode::ConfirmIdentity, ErrorCode::PasskeysUnavailable, ErrorCode::NotAllowed
    ]))))]
pub async fn start_adding(
    State(services): State<Arc<Services>>,
    Confirmed(caller): Confirmed,
    PasskeyOrigin(origin): PasskeyOrigin,
) -> Result<Json<PasskeyChallenge>, Problem> {
    let challenge = services.passkeys.start_adding(&caller, &origin);
    Ok(Json(challenge.await?))
}

/// Adds a passkey.
#[utoipa::path(post, path = "/account/passkeys", tag = "account",
    request_body = PasskeyAnswer,
    responses((status = 201, body = Passkey)),
    extensions(("x-problems" = json!([
        ErrorCode::ConfirmIdentity, ErrorCode::PasskeysUnavailable, ErrorCode::PasskeyRefused,
        ErrorCode::NotAllowed, ErrorCode::NameEmpty, ErrorCode::NameInvalid
    ]))))]
pub async fn add(
    State(services): State<Arc<Services>>,
    visitor: Visitor,
    Confirmed(caller): Confirmed,
    PasskeyOrigin(origin): PasskeyOrigin,
    JsonBody(answer): JsonBody<PasskeyAnswer>,
) -> Result<(StatusCode, Json<Passkey>), Problem> {
    let passkey = services.passkeys.add(&caller, &origin, &answer, &visitor);
    Ok((StatusCode::CREATED, Json(passkey.await?)))
}

/// Removes a passkey.
///
/// The last way to sign in stays.
#[utoipa::path(delete, path = "/account/passkeys/{id}", tag = "account",
    params(("id" = String, Path, description = "As the account shows it.")),
    responses((status = 204)),
    extensions(("x-problems" = json!([
        ErrorCode::ConfirmIdentity, ErrorCode::NotAllowed, ErrorCode::NotFound
    ]))))]
pub async fn remove(
    State(services): State<Arc<Services>>,
    visitor: Visitor,
    Confirmed(caller): Confirmed,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    services.passkeys.remove(&caller, &id, &visitor).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Begins to sign in by a passkey.
#[utoipa::path(post, path = "/login/passkey/start", tag = "session", security(()),
    responses((status = 200, body = PasskeyChallenge)),
    extensions(("x-problems" = json!([ErrorCode::PasskeysUnavailable]))))]
pub async fn start_signing_in(
    State(services): State<Arc<Services>>,
    visitor: Visitor,
    PasskeyOrigin(origin): PasskeyOrigin,
) -> Result<Json<PasskeyChallenge>, Problem> {
    let challenge = services.passkeys.start_signing_in(&origin, &visitor)?;
    Ok(Json(challenge))
}

/// Signs in by a passkey.
#[utoipa::path(post, path = "/login/passkey", tag = "session", security(()),
    request_body = PasskeyAnswer,
    responses(super::openapi::SignedIn),
    extensions(("x-problems" = json!([
        ErrorCode::PasskeysUnavailable, ErrorCode::PasskeyRefused
    ]))))]
pub async fn sign_in(
    State(state): State<HttpState>,
    visitor: Visitor,
    PasskeyOrigin(origin): PasskeyOrigin,
    JsonBody(answer): JsonBody<PasskeyAnswer>,
) -> Result<Response, Problem> {
    let passkeys = &state.services.passkeys;
    let person = passkeys.sign_in(&origin, &answer, &visitor).await?;
    session::begin(&state, person, &visitor, "passkey").await
}

/// Begins to prove by a passkey that it is still the same person.
#[utoipa::path(post, path = "/confirm/passkey/start", tag = "session",
    responses((status = 200, body = PasskeyChallenge)),
    extensions(("x-problems" = json!([
        ErrorCode::PasskeysUnavailable, ErrorCode::PasskeyRefused
    ]))))]
pub async fn start_confirming(
    State(services): State<Arc<Services>>,
    Authenticated(caller): Authenticated,
    PasskeyOrigin(origin): PasskeyOrigin,
) -> Result<Json<PasskeyChallenge>, Problem> {
    let challenge = services.passkeys.start_confirming(&caller, &origin);
    Ok(Json(challenge.await?))
}

/// Proves by a passkey that it is still the same person who sits there.
///
/// Holds for ten minutes.
#[utoipa::path(post, path = "/confirm/passkey", tag = "session",
    request_body = PasskeyAnswer,
    responses((status = 204)),
    extensions(("x-problems" = json!([
        ErrorCode::PasskeysUnavailable, ErrorCode::PasskeyRefused
    ]))))]
pub async fn confirm_by_passkey(
    State(services): State<Arc<Services>>,
    visitor: Visitor,
    Authenticated(caller): Authenticated,
    PasskeyOrigin(origin): PasskeyOrigin,
    JsonBody(answer): JsonBody<PasskeyAnswer>,
) -> Result<StatusCode, Problem> {
    let passkeys = &services.passkeys;
    passkeys
        .confirm(&caller, &origin, &answer, &visitor)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
