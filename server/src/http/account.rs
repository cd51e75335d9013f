//! One's own account.

use std::sync::Arc;

use axum::response::IntoResponse;
use axum::{Json, extract::State, http::StatusCode, response::Response};
use protocol::{
    ErrorCode,
    account::{Account, AccountChange, PasswordChange, Privacy, RecoveryCodes},
};

use super::{
    HttpState, Problem, cookie,
    problem::JsonBody,
    session::{Authenticated, Confirmed},
};
use crate::services::{Services, Visitor};

/// The caller's account.
#[utoipa::path(get, path = "/account", tag = "account",
    responses((status = 200, body = Account)))]
pub async fn show(
    State(services): State<Arc<Services>>,
    Authenticated(caller): Authenticated,
) -> Result<Json<Account>, Problem> {
    Ok(Json(services.accounts.own(&caller).await?))
}

/// Gives the caller another display name.
#[utoipa::path(patch, path = "/account", tag = "account",
    request_body = AccountChange,
    responses((status = 200, body = Account)),
    extensions(("x-problems" = json!([
        ErrorCode::NameEmpty, ErrorCode::NameInvalid, ErrorCode::DisplayNameTaken
    ]))))]
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

/// Sets what others see of the caller.
#[utoipa::path(post, path = "/account/privacy", tag = "account",
    request_body = Privacy,
    responses((status = 200, body = Privacy)))]
pub async fn set_privacy(
    State(services): State<Arc<Services>>,
    Authenticated(caller): Authenticated,
    JsonBody(privacy): JsonBody<Privacy>,
) -> Result<Json<Privacy>, Problem> {
    services.accounts.set_privacy(&caller, privacy).await?;
    Ok(Json(privacy))
}

/// Gives the caller another password.
///
/// Every other session ends.
#[utoipa::path(post, path = "/account/password", tag = "account",
    request_body = PasswordChange,
    responses((status = 204)),
    extensions(("x-problems" = json!([
        ErrorCode::InvalidCredentials, ErrorCode::ConfirmIdentity, ErrorCode::PasswordTooShort,
        ErrorCode::PasswordTooLong, ErrorCode::PasswordCommon
    ]))))]
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

/// Makes new recovery codes in the place of all earlier ones.
#[utoipa::path(post, path = "/account/recovery-codes", tag = "account",
    responses((status = 200, body = RecoveryCodes)),
    extensions(("x-problems" = json!([ErrorCode::ConfirmIdentity]))))]
pub async fn make_recovery_codes(
    State(services): State<Arc<Services>>,
    visitor: Visitor,
    Confirmed(caller): Confirmed,
) -> Result<Json<RecoveryCodes>, Problem> {
    let codes = services.accounts.make_recovery_codes(&caller, &visitor);
    Ok(Json(codes.await?))
}

/// Takes away the caller's right to sign in.
///
/// Every session ends. What they wrote stays.
#[utoipa::path(post, path = "/account/deactivate", tag = "account",
    responses((status = 204, headers(("Set-Cookie" = String, description = "Takes the cookie away.")))),
    extensions(("x-problems" = json!([ErrorCode::ConfirmIdentity, ErrorCode::LastOwner]))))]
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
