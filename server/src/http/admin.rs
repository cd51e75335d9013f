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

/// `GET /web/admin/people`
pub async fn people(
    State(services): State<Arc<Services>>,
    Reading(actor): Reading,
) -> Result<Json<Vec<ManagedPerson>>, Problem> {
    Ok(Json(services.administration.people(&actor).await?))
}

/// `PATCH /web/admin/people/{username}`
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

/// `POST /web/admin/people/{username}/reset`
pub async fn reset_link(
    State(state): State<HttpState>,
    headers: HeaderMap,
    Changing(actor): Changing,
    Path(username): Path<String>,
) -> Result<Json<NewLink>, Problem> {
    let link = state.services.administration.reset_link(&actor, &username);
    Ok(Json(new_link(&state, &headers, link.await?)))
}

/// `POST /web/admin/people/{username}/sign-out`
pub async fn sign_out(
    State(services): State<Arc<Services>>,
    Changing(actor): Changing,
    Path(username): Path<String>,
) -> Result<StatusCode, Problem> {
    services.administration.sign_out(&actor, &username).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `GET /web/admin/invitations`
pub async fn invitations(
    State(services): State<Arc<Services>>,
    Reading(actor): Reading,
) -> Result<Json<Vec<Invitation>>, Problem> {
    Ok(Json(services.administration.invitations(&actor).await?))
}

/// `POST /web/admin/invitations`
pub async fn invite(
    State(state): State<HttpState>,
    headers: HeaderMap,
    Changing(actor): Changing,
    JsonBody(request): JsonBody<InvitationRequest>,
) -> Result<Json<NewLink>, Problem> {
    let link = state.services.administration.invite(&actor, &request);
    Ok(Json(new_link(&state, &headers, link.await?)))
}

/// `DELETE /web/admin/invitations/{id}`
pub async fn revoke_invitation(
    State(services): State<Arc<Services>>,
    Changing(actor): Changing,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    let administration = &services.administration;
    administration.revoke_invitation(&actor, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `GET /web/admin/settings`
pub async fn settings(
    State(services): State<Arc<Services>>,
    Reading(actor): Reading,
) -> Result<Json<ServerSettings>, Problem> {
    Ok(Json(services.administration.settings(&actor).await?))
}

/// `PATCH /web/admin/settings`
pub async fn set_settings(
    State(services): State<Arc<Services>>,
    Changing(actor): Changing,
    JsonBody(wanted): JsonBody<ServerSettings>,
) -> Result<Json<ServerSettings>, Problem> {
    services.administration.set_settings(&actor, wanted).await?;
    Ok(Json(wanted))
}

/// From where on.
#[derive(Debug, Deserialize)]
pub struct AuditQuery {
    before: Option<i64>,
}

/// `GET /web/admin/audit`
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
