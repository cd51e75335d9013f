//! Everyone the caller may write to.

use std::sync::Arc;

use axum::{Json, extract::State};
use protocol::{Timestamp, User};

use super::{Problem, session::Authenticated};
use crate::services::{Services, now};

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
        .filter(|listed| listed.person.id != caller.person.id)
        .map(|listed| {
            let online = services.presence.is_online(listed.person.id);
            let last_seen_at = if online {
                now()
            } else {
                listed.last_seen_at.unwrap_or(Timestamp(0))
            };
            User {
                username: listed.person.username,
                display_name: listed.person.display_name,
                online,
                last_seen_at: listed.shows_last_seen.then(|| to_the_minute(last_seen_at)),
            }
        })
        .collect();
    Ok(Json(others))
}

/// Nobody needs to know it more exactly than that.
const fn to_the_minute(at: Timestamp) -> Timestamp {
    Timestamp(at.0 - at.0.rem_euclid(60_000))
}
