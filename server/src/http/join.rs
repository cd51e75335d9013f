//! Coming in by a link or by open registration.

use axum::{Json, extract::State, response::Response};
use protocol::{
    ErrorCode,
    join::{JoinRequest, Link, LinkRequest, ResetRequest},
};

use super::{HttpState, Problem, problem::JsonBody, session};
use crate::services::Visitor;

/// What a link is good for.
#[utoipa::path(post, path = "/links", tag = "join", security(()),
    request_body = LinkRequest,
    responses((status = 200, body = Link)),
    extensions(("x-problems" = json!([ErrorCode::InvalidLink]))))]
pub async fn look(
    State(state): State<HttpState>,
    visitor: Visitor,
    JsonBody(request): JsonBody<LinkRequest>,
) -> Result<Json<Link>, Problem> {
    let link = state
        .services
        .accounts
        .look_at_link(&request.token, &visitor);
    Ok(Json(link.await?))
}

/// Makes an account and signs it in.
#[utoipa::path(post, path = "/join", tag = "join", security(()),
    request_body = JoinRequest,
    responses(super::openapi::SignedIn),
    extensions(("x-problems" = json!([
        ErrorCode::InvalidLink, ErrorCode::RegistrationClosed, ErrorCode::InvalidUsername,
        ErrorCode::UsernameTaken, ErrorCode::NameEmpty, ErrorCode::NameInvalid,
        ErrorCode::DisplayNameTaken, ErrorCode::PasswordTooShort, ErrorCode::PasswordTooLong,
        ErrorCode::PasswordCommon
    ]))))]
pub async fn join(
    State(state): State<HttpState>,
    visitor: Visitor,
    JsonBody(request): JsonBody<JoinRequest>,
) -> Result<Response, Problem> {
    let person = state.services.accounts.join(&request, &visitor).await?;
    session::begin(&state, person, &visitor, "joined").await
}

/// Sets a password by a link, and signs in.
///
/// Every other session ends.
#[utoipa::path(post, path = "/reset", tag = "join", security(()),
    request_body = ResetRequest,
    responses(super::openapi::SignedIn),
    extensions(("x-problems" = json!([
        ErrorCode::InvalidLink, ErrorCode::PasswordTooShort, ErrorCode::PasswordTooLong,
        ErrorCode::PasswordCommon
    ]))))]
pub async fn reset(
    State(state): State<HttpState>,
    visitor: Visitor,
    JsonBody(request): JsonBody<ResetRequest>,
) -> Result<Response, Problem> {
    let person = state.services.accounts.reset(&request, &visitor).await?;
    session::begin(&state, person, &visitor, "reset link").await
}
