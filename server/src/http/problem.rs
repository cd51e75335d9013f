//! Errors as `application/problem+json` (RFC 9457).

use std::{num::NonZeroU32, sync::LazyLock};

use axum::{
    Json,
    body::Body,
    extract::{FromRequest, Request, rejection::JsonRejection},
    http::{HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use futures_util::StreamExt;
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use protocol::{ErrorBody, ErrorCode};
use serde::de::DeserializeOwned;

use crate::services::ServiceError;

/// Most bytes of a request's body.
const MAX_BODY: usize = 64 * 1024;
/// Most bytes that are read of a body that is too large.
const MAX_DISCARDED: usize = 16 * 1024 * 1024;

/// An error as a client of `/web` gets it.
#[derive(Debug)]
pub struct Problem(protocol::Problem);

impl Problem {
    pub fn new(status: StatusCode, code: ErrorCode, detail: impl Into<String>) -> Self {
        Self::from_body(status, ErrorBody::new(code, detail))
    }

    pub(super) fn from_body(status: StatusCode, body: ErrorBody) -> Self {
        Self(protocol::Problem {
            title: status.canonical_reason().unwrap_or("Error").to_owned(),
            status: status.as_u16(),
            code: body.code,
            detail: body.message,
            field: body.field,
            retry_after: body.retry_after,
        })
    }

    /// No session, or none that counts.
    pub fn unauthorized() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            ErrorCode::Unauthorized,
            "Sign in to go on.",
        )
    }
}

/// The status with which a service's refusal is answered.
pub(super) fn status_of(code: ErrorCode) -> StatusCode {
    match code {
        ErrorCode::InvalidCredentials | ErrorCode::Unauthorized => StatusCode::UNAUTHORIZED,
        ErrorCode::UnknownConversation | ErrorCode::NotFound | ErrorCode::InvalidLink => {
            StatusCode::NOT_FOUND
        }
        ErrorCode::NotAllowed
        | ErrorCode::ConfirmIdentity
        | ErrorCode::RegistrationClosed
        | ErrorCode::PasskeyRefused => StatusCode::FORBIDDEN,
        ErrorCode::UsernameTaken | ErrorCode::DisplayNameTaken | ErrorCode::LastOwner => {
            StatusCode::CONFLICT
        }
        ErrorCode::TooManyRequests => StatusCode::TOO_MANY_REQUESTS,
        ErrorCode::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        ErrorCode::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    }
}

impl From<ServiceError> for Problem {
    fn from(error: ServiceError) -> Self {
        let body = error.into_body();
        let status = status_of(body.code);
        Self::from_body(status, body)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status =
            StatusCode::from_u16(self.0.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        note_refusal(self.0.code);
        let retry_after = self.0.retry_after;
        let mut response = (status, Json(self.0)).into_response();
        if let Some(seconds) = retry_after {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, seconds.into());
        }
        let problem_json = HeaderValue::from_static("application/problem+json");
        response
            .headers_mut()
            .insert(header::CONTENT_TYPE, problem_json);
        response
    }
}

/// Most refusals that are logged in a minute.
const NOTED_A_MINUTE: NonZeroU32 = NonZeroU32::new(60).expect("more than none");

/// Logs that somebody tried what they may not: whoever watches the log sees an attack, and whoever
/// attacks cannot fill the disk.
fn note_refusal(code: ErrorCode) {
    static NOTED: LazyLock<DefaultDirectRateLimiter> =
        LazyLock::new(|| RateLimiter::direct(Quota::per_minute(NOTED_A_MINUTE)));
    let is_telling = matches!(
        code,
        ErrorCode::NotAllowed
            | ErrorCode::ForeignOrigin
            | ErrorCode::InvalidCredentials
            | ErrorCode::InvalidLink
            | ErrorCode::PasskeyRefused
            | ErrorCode::TooManyRequests
    );
    if is_telling && NOTED.check().is_ok() {
        tracing::warn!(target: "natter_server::audit", ?code, "refused");
    }
}

/// A JSON body; one that is none is answered with a problem and not with plain text.
#[derive(Debug)]
pub struct JsonBody<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for JsonBody<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        let body = read(body).await?;
        let is_object = body.trim_ascii_start().starts_with(b"{");
        match Json::<T>::from_request(Request::from_parts(parts, body.into()), state).await {
            // To serde the fields in their order are as good as an object.
            Ok(Json(_)) if !is_object => Err(wrong_shape(StatusCode::UNPROCESSABLE_ENTITY)),
            Ok(Json(body)) => Ok(Self(body)),
            Err(rejection) => Err(refused_body(&rejection)),
        }
    }
}

/// The whole of a body. One that is too large is read on and thrown away, as far as
/// [`MAX_DISCARDED`]: a client that still writes when the connection closes never sees the answer.
async fn read(body: Body) -> Result<Vec<u8>, Problem> {
    let mut stream = body.into_data_stream();
    let mut bytes = Vec::new();
    let mut length = 0;
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(|_| unreadable_body())?;
        length += chunk.len();
        if length <= MAX_BODY {
            bytes.extend_from_slice(&chunk);
        } else if length > MAX_DISCARDED {
            break;
        }
    }
    if length > MAX_BODY {
        return Err(oversized_body());
    }
    Ok(bytes)
}

fn oversized_body() -> Problem {
    Problem::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        ErrorCode::PayloadTooLarge,
        "The body of the request is too large.",
    )
}

fn unreadable_body() -> Problem {
    Problem::new(
        StatusCode::BAD_REQUEST,
        ErrorCode::InvalidPayload,
        "The body of the request ended too early.",
    )
}

fn refused_body(rejection: &JsonRejection) -> Problem {
    match rejection.status() {
        status @ StatusCode::UNSUPPORTED_MEDIA_TYPE => Problem::new(
            status,
            ErrorCode::UnsupportedMediaType,
            "The body of the request has to be JSON, with Content-Type: application/json.",
        ),
        status => wrong_shape(status),
    }
}

fn wrong_shape(status: StatusCode) -> Problem {
    Problem::new(
        status,
        ErrorCode::InvalidPayload,
        "The body of the request has not the shape that the contract gives it.",
    )
}

/// Gives a body to errors that layers and extractors made without one, and keeps answers that hold
/// somebody's data out of every cache: all that do not say otherwise.
pub async fn uniform(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let is_problem = response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|content_type| content_type == "application/problem+json");
    if response.status().is_client_error() && !is_problem {
        let code = match response.status() {
            StatusCode::REQUEST_TIMEOUT => ErrorCode::RequestTimeout,
            StatusCode::PAYLOAD_TOO_LARGE => ErrorCode::PayloadTooLarge,
            _ => ErrorCode::InvalidPayload,
        };
        let detail = "The server cannot read this request.";
        response = Problem::new(response.status(), code, detail).into_response();
    }
    response
        .headers_mut()
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    response
}
