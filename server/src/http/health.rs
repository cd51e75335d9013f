//! Is the process there, does the database answer.

use std::sync::Arc;

use axum::{Router, extract::State, http::StatusCode, routing::get};
use protocol::ErrorCode;

use super::{HttpState, Problem};
use crate::services::Services;

pub fn router() -> Router<HttpState> {
    Router::new()
        .route("/health", get(health))
        .route("/ready", get(ready))
}

/// 200 while the process serves.
async fn health() -> &'static str {
    "ok"
}

/// 200 only while the database answers too.
async fn ready(State(services): State<Arc<Services>>) -> Result<&'static str, Problem> {
    match services.ready().await {
        Ok(()) => Ok("ok"),
        Err(error) => {
            tracing::error!(%error, "the database does not answer");
            Err(Problem::new(
                StatusCode::SERVICE_UNAVAILABLE,
                ErrorCode::Unavailable,
                "The database does not answer.",
            ))
        }
    }
}
