//! HTTP: `/web`, health, and the pages.

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    extract::{FromRef, Request, State},
    http::StatusCode,
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use protocol::ErrorCode;
use tower_http::{
    compression::CompressionLayer,
    timeout::TimeoutLayer,
    trace::{DefaultOnResponse, TraceLayer},
};
use tracing::Level;

use crate::services::Services;

/// The list of conversations, what has changed in it, and history by pages.
mod conversations;
/// The session cookie.
pub(crate) mod cookie;
/// Is the process there, does the database answer.
mod health;
/// Whose page a request comes from.
pub mod origin;
/// The shell around the app, and the files that it loads.
pub mod pages;
/// Errors as `application/problem+json` (RFC 9457).
mod problem;
/// Signing in, and asking whether one is.
mod session;
/// Everyone the caller may write to.
mod users;

pub use problem::Problem;

/// How long a request to `/web` may take.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);

/// What handlers need.
#[derive(Clone, Debug)]
pub(crate) struct HttpState {
    pub services: Arc<Services>,
    pub origins: origin::OriginPolicy,
    pub pages: Arc<pages::Pages>,
}

impl FromRef<HttpState> for Arc<Services> {
    fn from_ref(state: &HttpState) -> Self {
        Self::clone(&state.services)
    }
}

/// Everything but the sockets.
pub(crate) fn router(state: HttpState) -> Router {
    let web = Router::new()
        .route("/login", post(session::login))
        .route("/session", get(session::session))
        .route("/users", get(users::list))
        .route("/conversations", get(conversations::list))
        .route("/changes", get(conversations::changes))
        .route("/conversations/{id}/messages", get(conversations::messages))
        .route(
            "/conversations/{id}/positions",
            get(conversations::positions),
        )
        .fallback(not_found)
        .method_not_allowed_fallback(method_not_allowed)
        .layer(TimeoutLayer::with_status_code(
            StatusCode::REQUEST_TIMEOUT,
            REQUEST_TIMEOUT,
        ))
        .layer(middleware::from_fn(problem::uniform));
    Router::new()
        .nest("/web", web)
        .merge(health::router())
        .merge(pages::router(&state.pages))
        .layer(middleware::from_fn_with_state(
            state.clone(),
            refuse_foreign_origins,
        ))
        .layer(CompressionLayer::new())
        .with_state(state)
}

/// Health checks alone, for a listener that carries nothing but sockets.
pub(crate) fn health_router(state: HttpState) -> Router {
    health::router().with_state(state)
}

/// Adds a span to each request: its method and path, never its query, which may hold a token.
pub(crate) fn trace(router: Router) -> Router {
    router.layer(
        TraceLayer::new_for_http()
            .make_span_with(|request: &Request| {
                tracing::info_span!("request", method = %request.method(), path = request.uri().path())
            })
            .on_request(())
            .on_response(DefaultOnResponse::new().level(Level::DEBUG)),
    )
}

/// Refuses unsafe requests that a page of somebody else makes in a browser. Programs send no
/// Origin, and no cookie either.
async fn refuse_foreign_origins(
    State(state): State<HttpState>,
    request: Request,
    next: Next,
) -> Response {
    if !request.method().is_safe() && state.origins.is_foreign(request.headers()) {
        return foreign_origin().into_response();
    }
    next.run(request).await
}

/// The answer to a page of somebody else.
pub(crate) fn foreign_origin() -> Problem {
    Problem::new(
        StatusCode::FORBIDDEN,
        ErrorCode::ForeignOrigin,
        "This request comes from a page of another origin, which may not use this server.",
    )
}

async fn not_found() -> Problem {
    Problem::new(
        StatusCode::NOT_FOUND,
        ErrorCode::NotFound,
        "There is nothing at this address.",
    )
}

async fn method_not_allowed() -> Problem {
    Problem::new(
        StatusCode::METHOD_NOT_ALLOWED,
        ErrorCode::MethodNotAllowed,
        "This address does not take requests of this method.",
    )
}
