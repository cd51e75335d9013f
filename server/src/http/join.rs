//! Coming in by a link or by open registration.

use axum::{Json, extract::State, response::Response};
use protocol::join::{JoinRequest, Link, LinkRequest, ResetRequest};

use super::{HttpState, Problem, problem::JsonBody, session};
use crate::services::Visitor;

/// `POST /web/links`
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

/// `POST /web/join`
pub async fn join(
    State(state): State<HttpState>,
    visitor: Visitor,
    JsonBody(request): JsonBody<JoinRequest>,
) -> Result<Response, Problem> {
    let person = state.services.accounts.join(&request, &visitor).await?;
    session::begin(&state, person, &visitor, "joined").await
}

/// `POST /web/reset`
pub async fn reset(
    State(state): State<HttpState>,
    visitor: Visitor,
    JsonBody(request): JsonBody<ResetRequest>,
) -> Result<Response, Problem> {
    let person = state.services.accounts.reset(&request, &visitor).await?;
    session::begin(&state, person, &visitor, "reset link").await
}
