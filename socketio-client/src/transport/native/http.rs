//! Requests of HTTP long-polling, by hyper.

use std::time::Duration;

use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Bytes;
use hyper::{StatusCode, header};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;

use super::connector::{Connector, insecure};
use super::cookies::Cookies;
use crate::session::{HttpFailure, MAX_PAYLOAD_BYTES};

pub(super) type Request = hyper::Request<Full<Bytes>>;

/// Longer than a server leaves a poll unanswered: it ends each with its next ping.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(120);

/// A POST if there is a body, else a GET. The error is a sentence for people.
pub(super) fn request(
    url: String,
    headers: &[(String, String)],
    body: Option<String>,
) -> Result<Request, String> {
    let mut request = match &body {
        Some(_) => {
            hyper::Request::post(url).header(header::CONTENT_TYPE, "text/plain;charset=UTF-8")
        }
        None => hyper::Request::get(url),
    };
    for (name, value) in headers {
        request = request.header(name, value);
    }
    let request = request.body(Full::from(body.unwrap_or_default()));
    request.map_err(|error| error.to_string())
}

/// Keeps connections open between requests. Clones share them.
#[derive(Clone)]
pub(super) struct Http {
    client: Client<Connector, Full<Bytes>>,
    cookies: Cookies,
}

impl Http {
    pub(super) fn new(connector: Connector, cookies: Cookies) -> Self {
        Self {
            cookies,
            client: Client::builder(TokioExecutor::new()).build(connector),
        }
    }

    pub(super) async fn answer(self, request: Request) -> Result<String, HttpFailure> {
        let answer = tokio::time::timeout(REQUEST_TIMEOUT, self.exchange(request)).await;
        answer.unwrap_or(Err(HttpFailure::Unreachable))
    }

    async fn exchange(self, request: Request) -> Result<String, HttpFailure> {
        let response = self.client.request(request).await;
        let response =
            response.map_err(|error| insecure(&error).unwrap_or(HttpFailure::Unreachable))?;
        self.cookies.receive(response.headers());
        if response.status() != StatusCode::OK {
            return Err(HttpFailure::Status(response.status().as_u16()));
        }
        let body = Limited::new(response.into_body(), MAX_PAYLOAD_BYTES);
        let body = body.collect().await.map_err(|error| {
            if error.is::<http_body_util::LengthLimitError>() {
                HttpFailure::TooLarge
            } else {
                HttpFailure::Unreachable
            }
        })?;
        String::from_utf8(body.to_bytes().to_vec()).map_err(|_| HttpFailure::Unreachable)
    }
}
