//! HTTP: `/web`, health, and the pages.

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    extract::{FromRef, Request, State},
    http::{StatusCode, Uri},
    middleware::{self, Next},
    response::{IntoResponse, Response},
};
use protocol::ErrorCode;
use tower_http::{
    CompressionLevel,
    catch_panic::CatchPanicLayer,
    compression::CompressionLayer,
    timeout::TimeoutLayer,
    trace::{DefaultOnResponse, TraceLayer},
};
use tracing::Level;
use utoipa_axum::router::OpenApiRouter;

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
/// The description of `/web`.
mod openapi;
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
    let web = match state.sign_in {
        SignIn::Account => for_everybody::served().merge(with_accounts::served()),
        SignIn::Name => for_everybody::served(),
    };
    let web = web
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
        .layer(CompressionLayer::new().quality(COMPRESSION))
        .with_state(state)
}

/// Brotli at this level makes a page and an answer of a few KB some 7 % smaller than one level below, in the
/// same time.
const COMPRESSION: CompressionLevel = CompressionLevel::Precise(5);

/// Addresses under `/web`, once as they are served and once as they are described. Describing takes
/// more than serving, and is done when somebody asks for it first.
macro_rules! addresses {
    ($(#[$doc:meta])* $name:ident: $($path:literal => $($method:ident $handler:path),+;)+) => {
        $(#[$doc])*
        mod $name {
            use axum::{Router, routing::MethodRouter};
            use utoipa_axum::{router::OpenApiRouter, routes};

            use super::*;

            pub fn served() -> Router<HttpState> {
                Router::new()$(.route($path, MethodRouter::new()$(.$method($handler))+))+
            }

            pub fn described() -> OpenApiRouter<HttpState> {
                OpenApiRouter::new()$($(.routes(routes!($handler)))+)+
            }
        }
    };
}

addresses! {
    /// What there is however people sign in.
    for_everybody:
    "/openapi.json" => get openapi::show;
    "/login" => post session::login;
    "/logout" => post session::logout;
    "/session" => get session::session;
    "/sessions" => get session::devices;
    "/sessions/end-others" => post session::end_others;
    "/sessions/{id}" => delete session::end;
    "/users" => get users::list;
    "/conversations" => get conversations::list;
    "/changes" => get conversations::changes;
    "/conversations/{id}/messages" => get conversations::messages;
    "/conversations/{id}/messages/{seq}/read" => get conversations::read_times;
    "/conversations/{id}/positions" => get conversations::positions;
    "/conversations/{id}/events" => get conversations::events;
    "/account" => get account::show, patch account::change;
    "/account/privacy" => post account::set_privacy;
}

addresses! {
    /// What there is only where people have real accounts.
    with_accounts:
    "/login/recovery" => post session::recover;
    "/confirm" => post session::confirm;
    "/login/passkey/start" => post passkeys::start_signing_in;
    "/login/passkey" => post passkeys::sign_in;
    "/confirm/passkey/start" => post passkeys::start_confirming;
    "/confirm/passkey" => post passkeys::confirm_by_passkey;
    "/links" => post join::look;
    "/join" => post join::join;
    "/reset" => post join::reset;
    "/account/password" => post account::change_password;
    "/account/recovery-codes" => post account::make_recovery_codes;
    "/account/passkeys/start" => post passkeys::start_adding;
    "/account/passkeys" => post passkeys::add;
    "/account/passkeys/{id}" => delete passkeys::remove;
    "/account/deactivate" => post account::deactivate;
    "/admin/people" => get admin::people;
    "/admin/people/{username}" => patch admin::change_person;
    "/admin/people/{username}/reset" => post admin::reset_link;
    "/admin/people/{username}/sign-out" => post admin::sign_out;
    "/admin/invitations" => get admin::invitations, post admin::invite;
    "/admin/invitations/{id}" => delete admin::revoke_invitation;
    "/admin/settings" => get admin::settings, patch admin::set_settings;
    "/admin/audit" => get admin::audit;
}

/// The description of all that is under `/web`.
fn described() -> OpenApiRouter<HttpState> {
    for_everybody::described().merge(with_accounts::described())
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
