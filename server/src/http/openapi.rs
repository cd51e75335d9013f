//! The description of `/web` as an OpenAPI 3.1 document, made from the routes themselves.
//!
//! A handler says what is its own: its body, its answer, and the codes of its problems. What follows
//! from those, and what all requests have in common, is added here.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::LazyLock,
};

use axum::{
    http::{StatusCode, header},
    response::IntoResponse,
};
use protocol::{ErrorCode, SESSION_COOKIE, Session};
use serde_json::{Value, json};
use utoipa::{IntoResponses, OpenApi, openapi};
use utoipa_axum::router::OpenApiRouter;

use super::problem::status_of;

/// In which a handler lists the codes of its own problems.
const PROBLEMS: &str = "x-problems";

const DESCRIPTION: &str = "\
What a program needs to sign in and to read. Messages travel over Socket.IO, which docs/events.md \
describes.

Field names are camelCase, times are whole milliseconds since the Unix epoch (UTC), ids are strings. \
Errors are `application/problem+json` (RFC 9457) with a `code` that never changes. The cookie is the \
session. A browser's request counts only if it comes from a page of the server's own: an unsafe one \
from another page is refused with `foreign-origin`. No answer but this document may be cached.

Where people sign in by name alone, there are no addresses for passwords, links and administration.";

#[derive(OpenApi)]
#[openapi(
    info(title = "Natter", description = DESCRIPTION),
    components(schemas(protocol::Problem, Session)),
    tags(
        (name = "session", description = "Signing in and out, and where one is signed in."),
        (name = "join", description = "Coming in by a link or by open registration."),
        (name = "account", description = "One's own account."),
        (name = "people", description = "Everyone the caller may write to."),
        (name = "conversations", description = "Conversations, and what was said."),
        (name = "admin", description = "What owners and admins see and change."),
        (name = "openapi", description = "This document."),
    )
)]
struct Base;

/// The document as text, which is made once.
static DOCUMENT: LazyLock<String> = LazyLock::new(|| {
    let document: openapi::OpenApi =
        serde_json::from_value(document()).expect("what is added keeps to OpenAPI");
    let text = document
        .to_pretty_json()
        .expect("a document is made of strings, numbers and maps by name");
    // As the registry of formats calls them.
    text.replace("\"u-int", "\"uint") + "\n"
});

/// This document.
#[utoipa::path(get, path = "/openapi.json", tag = "openapi", security(()),
    responses((status = 200, body = Object, description = "An OpenAPI 3.1 document.")))]
pub async fn show() -> impl IntoResponse {
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CACHE_CONTROL, "public, max-age=300"),
    ];
    (headers, DOCUMENT.as_str())
}

/// The answer to whoever has just signed in, in whichever way.
#[derive(Debug)]
pub struct SignedIn;

impl IntoResponses for SignedIn {
    fn responses() -> BTreeMap<String, openapi::RefOr<openapi::Response>> {
        #[derive(IntoResponses)]
        #[response(status = 200, headers(
            ("auth-token" = String, description = "Opens sockets for ten minutes, and does nothing else."),
            ("Set-Cookie" = String, description = "The session: `chatToken=…; HttpOnly; SameSite=Lax; Path=/`, and `Secure` where browsers see https."),
        ))]
        #[expect(dead_code, reason = "its type alone is described")]
        struct Answer(Session);
        Answer::responses()
    }
}

/// Describes every address, those too that a server has only with real accounts.
fn document() -> Value {
    let document = OpenApiRouter::with_openapi(Base::openapi())
        .nest("/web", super::described())
        .into_openapi();
    let mut document = serde_json::to_value(document).expect("a document is JSON");
    document["components"]["securitySchemes"][SESSION_COOKIE] = json!({
        "type": "apiKey", "in": "cookie", "name": SESSION_COOKIE,
        "description": "Set by whatever signs in.",
    });
    document["security"] = json!([{ SESSION_COOKIE: [] }]);
    let mut shared = json!({});
    let paths = document["paths"].as_object_mut();
    for (_, item) in paths.into_iter().flatten() {
        for (method, operation) in item.as_object_mut().into_iter().flatten() {
            complete(operation, method, &mut shared);
        }
    }
    document["components"]["responses"] = shared;
    // What a client makes of a code that it does not know yet is never sent.
    let codes = document["components"]["schemas"]["ErrorCode"]["enum"].as_array_mut();
    if let Some(codes) = codes {
        codes.retain(|code| *code != json!(ErrorCode::Other));
    }
    document
}

/// Adds to an operation what it need not say of itself. Most problems are those of many operations,
/// so they are written once, into `shared`.
fn complete(operation: &mut Value, method: &str, shared: &mut Value) {
    let name = |field: &Value| field.as_str().unwrap_or_default().to_owned();
    let (tag, function) = (name(&operation["tags"][0]), name(&operation["operationId"]));
    operation["operationId"] = format!("{tag}.{function}").into();
    for (status, codes) in problems(operation, method) {
        let codes: Vec<String> = codes.into_iter().collect();
        let name = format!("{}.{}", status.as_str(), codes.join("."));
        operation["responses"][status.as_str()] =
            json!({ "$ref": format!("#/components/responses/{name}") });
        shared[name] = problem(status, &codes);
    }
    if let Some(operation) = operation.as_object_mut() {
        operation.remove(PROBLEMS);
    }
    let responses = operation["responses"].as_object_mut();
    for (status, response) in responses.into_iter().flatten() {
        let says_nothing = response["description"].as_str().is_none_or(str::is_empty);
        if response.get("$ref").is_none() && says_nothing {
            response["description"] = reason(status).into();
        }
    }
}

/// The codes that may come, by status.
fn problems(operation: &Value, method: &str) -> BTreeMap<StatusCode, BTreeSet<String>> {
    let mut problems: BTreeMap<_, BTreeSet<String>> = BTreeMap::new();
    let mut add = |status: StatusCode, code: ErrorCode| {
        let code = json!(code).as_str().unwrap_or_default().to_owned();
        problems.entry(status).or_default().insert(code);
    };
    let own: Vec<ErrorCode> =
        serde_json::from_value(operation[PROBLEMS].clone()).unwrap_or_default();
    for code in own {
        add(status_of(code), code);
    }
    if operation["security"].is_null() {
        add(StatusCode::UNAUTHORIZED, ErrorCode::Unauthorized);
    }
    if method != "get" {
        add(StatusCode::FORBIDDEN, ErrorCode::ForeignOrigin);
    }
    if !operation["parameters"].is_null() {
        add(StatusCode::BAD_REQUEST, ErrorCode::InvalidPayload);
    }
    if !operation["requestBody"].is_null() {
        add(StatusCode::BAD_REQUEST, ErrorCode::InvalidPayload);
        add(StatusCode::UNPROCESSABLE_ENTITY, ErrorCode::InvalidPayload);
        add(StatusCode::PAYLOAD_TOO_LARGE, ErrorCode::PayloadTooLarge);
        add(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            ErrorCode::UnsupportedMediaType,
        );
        add(StatusCode::REQUEST_TIMEOUT, ErrorCode::RequestTimeout);
    }
    if operation["tags"][0] != "openapi" {
        for code in [
            ErrorCode::TooManyRequests,
            ErrorCode::Internal,
            ErrorCode::Unavailable,
        ] {
            add(status_of(code), code);
        }
    }
    problems
}

fn problem(status: StatusCode, codes: &[String]) -> Value {
    let mut problem = json!({
        "description": reason(status.as_str()),
        "content": { "application/problem+json": { "schema": {
            "allOf": [
                { "$ref": "#/components/schemas/Problem" },
                { "type": "object", "properties": {
                    "status": { "type": "integer", "enum": [status.as_u16()] },
                    "code": { "type": "string", "enum": codes },
                } },
            ],
        } } },
    });
    if status == StatusCode::TOO_MANY_REQUESTS {
        problem["headers"]["Retry-After"] = json!({
            "description": "After how many seconds the same may be tried again.",
            "schema": { "type": "integer", "minimum": 1 },
        });
    }
    problem
}

fn reason(status: &str) -> &'static str {
    let status: Option<StatusCode> = status.parse().ok();
    status
        .and_then(|status| status.canonical_reason())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From the package, which is where tests run.
    const FILE: &str = "../docs/openapi.json";

    #[test]
    fn the_document_in_the_repository_is_what_the_server_makes() {
        if std::env::var_os("NATTER_UPDATE_DOCS").is_some() {
            std::fs::write(FILE, DOCUMENT.as_str()).expect("docs/ can be written to");
        }
        let kept = std::fs::read_to_string(FILE).unwrap_or_default();
        assert!(
            kept == *DOCUMENT,
            "docs/openapi.json is not what the server makes. Look at the difference after\n\
             NATTER_UPDATE_DOCS=1 cargo nextest run -p natter-server openapi"
        );
    }

    /// The addresses under `/web`, as axum shows them, without the two of its own for what is nowhere.
    fn routes() -> BTreeSet<String> {
        let router = super::super::for_everybody::served();
        let router = router.merge(super::super::with_accounts::served());
        let shown = format!("{router:?}");
        let paths = shown.split("RouteId(").filter_map(|part| {
            let (_, path) = part.split_once("): \"")?;
            let (path, _) = path.split_once('"')?;
            let is_ours = path != "/" && !path.contains("__private__axum_fallback");
            is_ours.then(|| format!("/web{path}"))
        });
        paths.collect()
    }

    #[test]
    fn every_address_is_described() {
        let document = document();
        let paths = document["paths"].as_object().expect("paths");
        let described: BTreeSet<String> = paths.keys().cloned().collect();
        assert_eq!(
            described,
            routes(),
            "an address is described at its handler, and listed in http/mod.rs"
        );
    }

    #[test]
    fn everything_that_is_referred_to_is_there() {
        let document = document();
        for part in DOCUMENT.split("\"$ref\": \"#").skip(1) {
            let (place, _) = part.split_once('"').expect("a reference ends");
            assert!(document.pointer(place).is_some(), "{place}");
        }
    }

    #[test]
    fn every_operation_has_a_name_of_its_own_and_says_what_it_does() {
        let document = document();
        let mut names = BTreeSet::new();
        let items = document["paths"].as_object().expect("paths").values();
        for operation in items.flat_map(|item| item.as_object().expect("an item").values()) {
            let name = operation["operationId"].as_str().expect("a name");
            assert!(names.insert(name.to_owned()), "{name}");
            assert!(operation["summary"].is_string(), "{name}");
            assert!(operation["tags"].is_array(), "{name}");
        }
    }
}
