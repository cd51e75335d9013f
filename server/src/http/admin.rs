//! What owners and admins see and change.

use std::sync::Arc;

use axum::{
    Json,
    extract::{FromRef, FromRequestParts, Path, Query, State, rejection::QueryRejection},
    http::{HeaderMap, StatusCode, request::Parts},
};
use protocol::{
    ErrorCode, Secret,
    administration::{
        AuditEntry, Invitation, InvitationRequest, ManagedPerson, NewLink, PersonChange,
        ServerSettings,
    },
};
use serde::Deserialize;
use utoipa::IntoParams;

use super::{
    HttpState, Problem,
    origin::OriginPolicy,
    problem::JsonBody,
    session::{Authenticated, Confirmed},
};
use crate::{
    link_url,
    services::{Services, Visitor, administration::Actor, links::MadeLink},
};

/// Whoever asks, as somebody who may have a right to it; the service says whether they do.
#[derive(Debug)]
pub struct Reading(Actor);

impl<S> FromRequestParts<S> for Reading
where
    S: Send + Sync,
    Arc<Services>: FromRef<S>,
    OriginPolicy: FromRef<S>,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Authenticated(signed_in) = Authenticated::from_request_parts(parts, state).await?;
        let visitor = Visitor::from_request_parts(parts, state).await?;
        Ok(Self(Actor::Person(signed_in.person, visitor)))
    }
}

/// As [`Reading`], by somebody who has proved not long ago who they are.
#[derive(Debug)]
pub struct Changing(Actor);

impl<S> FromRequestParts<S> for Changing
where
    S: Send + Sync,
    Arc<Services>: FromRef<S>,
    OriginPolicy: FromRef<S>,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Confirmed(signed_in) = Confirmed::from_request_parts(parts, state).await?;
        let visitor = Visitor::from_request_parts(parts, state).await?;
        Ok(Self(Actor::Person(signed_in.person, visitor)))
    }
}

/// Everybody who has or had an account, by name.
#[utoipa::path(get, path = "/admin/people", tag = "admin",
    responses((status = 200, body = [ManagedPerson])),
    extensions(("x-problems" = json!([ErrorCode::NotAllowed]))))]
pub async fn people(
    State(services): State<Arc<Services>>,
    Reading(actor): Reading,
) -> Result<Json<Vec<ManagedPerson>>, Problem> {
    Ok(Json(services.administration.people(&actor).await?))
}

/// Gives somebody another role, or takes away or gives back their right to sign in.
#[utoipa::path(patch, path = "/admin/people/{username}", tag = "admin",
    params(("username" = String, Path)),
    request_body = PersonChange,
    responses((status = 204)),
    extensions(("x-problems" = json!([
        ErrorCode::ConfirmIdentity, ErrorCode::NotAllowed, ErrorCode::NotFound,
        ErrorCode::LastOwner
    ]))))]
pub async fn change_person(
    State(services): State<Arc<Services>>,
    Changing(actor): Changing,
    Path(username): Path<String>,
    JsonBody(change): JsonBody<PersonChange>,
) -> Result<StatusCode, Problem> {
    let administration = &services.administration;
    administration.change(&actor, &username, &change).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Makes a link by which somebody sets a new password.
///
/// It holds for a day. Earlier ones hold no longer.
#[utoipa::path(post, path = "/admin/people/{username}/reset", tag = "admin",
    params(("username" = String, Path)),
    responses((status = 200, body = NewLink)),
    extensions(("x-problems" = json!([
        ErrorCode::ConfirmIdentity, ErrorCode::NotAllowed, ErrorCode::NotFound
    ]))))]
pub async fn reset_link(
    State(state): State<HttpState>,
    headers: HeaderMap,
    Changing(actor): Changing,
    Path(username): Path<String>,
) -> Result<Json<NewLink>, Problem> {
    let link = state.services.administration.reset_link(&actor, &username);
    Ok(Json(new_link(&state, &headers, link.await?)))
}

/// Ends every session of somebody.
#[utoipa::path(post, path = "/admin/people/{username}/sign-out", tag = "admin",
    params(("username" = String, Path)),
    responses((status = 204)),
    extensions(("x-problems" = json!([
        ErrorCode::ConfirmIdentity, ErrorCode::NotAllowed, ErrorCode::NotFound
    ]))))]
pub async fn sign_out(
    State(services): State<Arc<Services>>,
    Changing(actor): Changing,
    Path(username): Path<String>,
) -> Result<StatusCode, Problem> {
    services.administration.sign_out(&actor, &username).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The invitations that still hold, the newest first.
#[utoipa::path(get, path = "/admin/invitations", tag = "admin",
    responses((status = 200, body = [Invitation])),
    extensions(("x-problems" = json!([ErrorCode::NotAllowed]))))]
pub async fn invitations(
    State(services): State<Arc<Services>>,
    Reading(actor): Reading,
) -> Result<Json<Vec<Invitation>>, Problem> {
    Ok(Json(services.administration.invitations(&actor).await?))
}

/// Makes an invitation.
///
/// At most 500 can be open at the same time.
#[utoipa::path(post, path = "/admin/invitations", tag = "admin",
    request_body = InvitationRequest,
    responses((status = 200, body = NewLink)),
    extensions(("x-problems" = json!([ErrorCode::ConfirmIdentity, ErrorCode::NotAllowed]))))]
pub async fn invite(
    State(state): State<HttpState>,
    headers: HeaderMap,
    Changing(actor): Changing,
    JsonBody(request): JsonBody<InvitationRequest>,
) -> Result<Json<NewLink>, Problem> {
    let link = state.services.administration.invite(&actor, &request);
    Ok(Json(new_link(&state, &headers, link.await?)))
}

/// Makes an invitation hold no longer.
#[utoipa::path(delete, path = "/admin/invitations/{id}", tag = "admin",
    params(("id" = String, Path)),
    responses((status = 204)),
    extensions(("x-problems" = json!([
        ErrorCode::ConfirmIdentity, ErrorCode::NotAllowed, ErrorCode::NotFound
    ]))))]
pub async fn revoke_invitation(
    State(services): State<Arc<Services>>,
    Changing(actor): Changing,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    let administration = &services.administration;
    administration.revoke_invitation(&actor, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The settings.
#[utoipa::path(get, path = "/admin/settings", tag = "admin",
    responses((status = 200, body = ServerSettings)),
    extensions(("x-problems" = json!([ErrorCode::NotAllowed]))))]
pub async fn settings(
    State(services): State<Arc<Services>>,
    Reading(actor): Reading,
) -> Result<Json<ServerSettings>, Problem> {
    Ok(Json(services.administration.settings(&actor).await?))
}

/// Changes the settings. Owners only.
#[utoipa::path(patch, path = "/admin/settings", tag = "admin",
    request_body = ServerSettings,
    responses((status = 200, body = ServerSettings)),
    extensions(("x-problems" = json!([ErrorCode::ConfirmIdentity, ErrorCode::NotAllowed]))))]
pub async fn set_settings(
    State(services): State<Arc<Services>>,
    Changing(actor): Changing,
    JsonBody(wanted): JsonBody<ServerSettings>,
) -> Result<Json<ServerSettings>, Problem> {
    services.administration.set_settings(&actor, wanted).await?;
    Ok(Json(wanted))
}

/// From where on.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AuditQuery {
    /// The id of an entry: the page begins behind it.
    #[param(required = false, nullable = false)]
    before: Option<i64>,
}

/// A page of the audit log, the newest entry first: at most 100.
#[utoipa::path(get, path = "/admin/audit", tag = "admin",
    params(AuditQuery),
    responses((status = 200, body = [AuditEntry])),
    extensions(("x-problems" = json!([ErrorCode::NotAllowed]))))]
pub async fn audit(
    State(services): State<Arc<Services>>,
    Reading(actor): Reading,
    query: Result<Query<AuditQuery>, QueryRejection>,
) -> Result<Json<Vec<AuditEntry>>, Problem> {
    let Query(query) = query.map_err(|_| {
        Problem::new(
            StatusCode::BAD_REQUEST,
            ErrorCode::InvalidPayload,
            "before is the id of an entry.",
        )
    })?;
    let page = services.administration.audit(&actor, query.before);
    Ok(Json(page.await?))
}

/// The address of a link that was just made, and its picture.
fn new_link(state: &HttpState, headers: &HeaderMap, link: MadeLink) -> NewLink {
    let url = link_url(&state.origins.origin(headers), &link.token);
    NewLink {
        id: link.id,
        qr: Secret::new(crate::http::qr::picture(url.reveal())),
        url,
        expires_at: link.expires_at,
    }
}
