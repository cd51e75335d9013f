//! HTTP: `/web`, health, and the pages.

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    extract::{FromRef, Request, State},
    http::{StatusCode, Uri},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::{delete, get, patch, post},
};
use protocol::ErrorCode;
use tower_http::{
    catch_panic::CatchPanicLayer,
    compression::CompressionLayer,
    timeout::TimeoutLayer,
    trace::{DefaultOnResponse, TraceLayer},
};
use tracing::Level;

use crate::{config::SignIn, services::Services};

/// One's own account.
mod account;
/// What owners and admins see and change.
mod admin;
/// The list of conversations, what has changed in it, and history by pages.
mod conversations;
/// The session cookie.
pub(crate) mod cookie;
/// Who may begin a session of sockets.
pub(crate) mod handshake;
/// What every answer says to browsers about itself.
pub(crate) mod headers;
/// Is the process there, does the database answer.
mod health;
/// Coming in by a link or by open registration.
mod join;
/// Whose page a request comes from.
pub mod origin;
/// The shell around the app, and the files that it loads.
pub mod pages;
/// Passkeys.
mod passkeys;
/// Errors as `application/problem+json` (RFC 9457).
mod problem;
/// A link as a picture for a phone's camera.
pub(crate) mod qr;
/// Signing in and out, and asking whether one is.
mod session;
/// Everyone the caller may write to.
mod users;
/// Where a request comes from.
pub mod visitor;

pub use problem::Problem;

/// What handlers need.
#[derive(Clone, Debug)]
pub(crate) struct HttpState {
    pub services: Arc<Services>,
    pub origins: origin::OriginPolicy,
    pub pages: Arc<pages::Pages>,
    pub sign_in: SignIn,
}

impl FromRef<HttpState> for origin::OriginPolicy {
    fn from_ref(state: &HttpState) -> Self {
        state.origins.clone()
    }
}

impl FromRef<HttpState> for Arc<Services> {
    fn from_ref(state: &HttpState) -> Self {
        Self::clone(&state.services)
    }
}

/// Everything but the sockets. A request to `/web` may take `timeout`, and its body is part of it.
pub(crate) fn router(state: HttpState, timeout: Duration) -> Router {
    let web = Router::new()
        .route("/login", post(session::login))
        .route("/logout", post(session::logout))
        .route("/session", get(session::session))
        .route("/sessions", get(session::devices))
        .route("/sessions/end-others", post(session::end_others))
        .route("/sessions/{id}", delete(session::end))
        .route("/users", get(users::list))
        .route("/conversations", get(conversations::list))
        .route("/changes", get(conversations::changes))
        .route("/conversations/{id}/messages", get(conversations::messages))
        .route(
            "/conversations/{id}/positions",
            get(conversations::positions),
        )
        .route("/account", get(account::show).patch(account::change))
        .merge(match state.sign_in {
            SignIn::Account => accounts(),
            SignIn::Name => Router::new(),
        })
        .fallback(not_found)
        .method_not_allowed_fallback(method_not_allowed)
        .layer(CatchPanicLayer::custom(panicked))
        .layer(TimeoutLayer::with_status_code(
            StatusCode::REQUEST_TIMEOUT,
            timeout,
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

/// What there is only where people have real accounts.
fn accounts() -> Router<HttpState> {
    Router::new()
        .route("/login/recovery", post(session::recover))
        .route("/login/passkey/start", post(passkeys::start_signing_in))
        .route("/login/passkey", post(passkeys::sign_in))
        .route("/links", post(join::look))
        .route("/join", post(join::join))
        .route("/reset", post(join::reset))
        .route("/confirm", post(session::confirm))
        .route("/confirm/passkey/start", post(passkeys::start_confirming))
        .route("/confirm/passkey", post(passkeys::confirm))
        .route("/account/password", post(account::change_password))
        .route(
            "/account/recovery-codes",
            post(account::make_recovery_codes),
        )
        .route("/account/passkeys/start", post(passkeys::start_adding))
        .route("/account/passkeys", post(passkeys::add))
        .route("/account/passkeys/{id}", delete(passkeys::remove))
        .route("/account/deactivate", post(account::deactivate))
        .route("/admin/people", get(admin::people))
        .route("/admin/people/{username}", patch(admin::change_person))
        .route("/admin/people/{username}/reset", post(admin::reset_link))
        .route("/admin/people/{username}/sign-out", post(admin::sign_out))
        .route(
            "/admin/invitations",
            get(admin::invitations).post(admin::invite),
        )
        .route("/admin/invitations/{id}", delete(admin::revoke_invitation))
        .route(
            "/admin/settings",
            get(admin::settings).patch(admin::set_settings),
        )
        .route("/admin/audit", get(admin::audit))
}

/// Health checks alone, for a listener that carries nothing but sockets.
pub(crate) fn health_router(state: HttpState) -> Router {
    health::router().with_state(state)
}

/// Whether a request is for Engine.IO, which answers it itself.
pub(crate) fn is_socket(uri: &Uri) -> bool {
    uri.path().starts_with("/socket.io")
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
    if !request.method().is_safe() && state.origins.is_foreign_change(request.headers()) {
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

/// What a request that ran into a fault of ours is answered with. The fault itself is in the log.
fn panicked(_: Box<dyn std::any::Any + Send>) -> Response {
    Problem::new(
        StatusCode::INTERNAL_SERVER_ERROR,
        ErrorCode::Internal,
        "Something went wrong on the server. Try again.",
    )
    .into_response()
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
