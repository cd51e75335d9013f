//! Everyone the caller may write to.

use std::sync::Arc;

use axum::{Json, extract::State};
use protocol::User;

use super::{Problem, session::Authenticated};
use crate::services::Services;

/// Everyone the caller may write to, by name.
#[utoipa::path(get, path = "/users", tag = "people",
    responses((status = 200, body = [User])))]
pub async fn list(
    State(services): State<Arc<Services>>,
    Authenticated(caller): Authenticated,
) -> Result<Json<Vec<User>>, Problem> {
    let people = services.accounts.all().await?;
    let others = people
        .into_iter()
        .filter(|person| person.id != caller.person.id)
        .map(|person| User {
            online: services.presence.is_online(person.id),
            username: person.username,
            display_name: person.display_name,
        })
        .collect();
    Ok(Json(others))
}
