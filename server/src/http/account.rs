//! One's own account.

use std::sync::Arc;

use axum::response::IntoResponse;
use axum::{Json, extract::State, http::StatusCode, response::Response};
use protocol::account::{Account, AccountChange, PasswordChange, RecoveryCodes};

use super::{
    HttpState, Problem, cookie,
    problem::JsonBody,
    session::{Authenticated, Confirmed},
};
use crate::services::{Services, Visitor};

/// `GET /web/account`
pub async fn show(
    State(services): State<Arc<Services>>,
    Authenticated(caller): Authenticated,
) -> Result<Json<Account>, Problem> {
    Ok(Json(services.accounts.own(&caller).await?))
}

/// `PATCH /web/account`
pub async fn change(
    State(services): State<Arc<Services>>,
    visitor: Visitor,
    Authenticated(caller): Authenticated,
    JsonBody(request): JsonBody<AccountChange>,
) -> Result<Json<Account>, Problem> {
    let accounts = &services.accounts;
    accounts
        .rename(&caller, &request.display_name, &visitor)
        .await?;
    Ok(Json(accounts.own(&caller).await?))
}

/// `POST /web/account/password`
pub async fn change_password(
    State(services): State<Arc<Services>>,
    visitor: Visitor,
    Authenticated(caller): Authenticated,
    JsonBody(request): JsonBody<PasswordChange>,
) -> Result<StatusCode, Problem> {
    services
        .accounts
        .change_password(&caller, &request, &visitor)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /web/account/recovery-codes`
pub async fn make_recovery_codes(
    State(services): State<Arc<Services>>,
    visitor: Visitor,
    Confirmed(caller): Confirmed,
) -> Result<Json<RecoveryCodes>, Problem> {
    let codes = services.accounts.make_recovery_codes(&caller, &visitor);
    Ok(Json(codes.await?))
}

/// `POST /web/account/deactivate`
pub async fn deactivate(
    State(state): State<HttpState>,
    visitor: Visitor,
    Confirmed(caller): Confirmed,
) -> Result<Response, Problem> {
    state
        .services
        .administration
        .deactivate_own(&caller.person, &visitor)
        .await?;
    Ok((StatusCode::NO_CONTENT, cookie::no_session(&state.origins)).into_response())
}
