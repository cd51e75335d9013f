//! HTTP, as a client needs it: sign-in, lists and pages, each with a time limit.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use http_body_util::{BodyExt, Full};
use hyper::{
    HeaderMap, Method, Request, StatusCode,
    body::Bytes,
    header::{CONTENT_TYPE, COOKIE, SET_COOKIE},
};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use protocol::{
    CURSOR_HEADER, Changes, Conversation, ConversationId, Cursor, LoginRequest, MAX_PAGE, Message,
    SOCKET_TOKEN_HEADER, Seq,
};
use serde::de::DeserializeOwned;

/// Longest wait for an answer.
const PATIENCE: Duration = Duration::from_secs(8);

/// Where a page of history is cut from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Page {
    Newest,
    Before(Seq),
    After(Seq),
}

/// Why there is nothing to work with.
#[derive(Debug)]
pub enum Failure {
    /// The session does not count.
    Unauthorized,
    /// The conversation is none of the person's.
    NotFound,
    /// No answer, or one that says "later".
    Later(anyhow::Error),
}

/// Who somebody is to the server.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// As a Cookie header carries it.
    pub cookie: String,
    /// Opens a socket.
    pub token: String,
}

/// One person's browser, as far as HTTP goes.
#[derive(Clone, Debug)]
pub struct Http {
    client: Client<HttpConnector, Full<Bytes>>,
    origin: String,
}

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

impl Answer {
    fn header(&self, name: &str) -> Option<String> {
        let value = self.headers.get(name)?.to_str().ok()?;
        Some(value.to_owned())
    }
}

impl Http {
    pub fn new(origin: impl Into<String>) -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        Self {
            client: Client::builder(TokioExecutor::new()).build(connector),
            origin: origin.into(),
        }
    }

    /// Signs in by name.
    pub async fn log_in(&self, name: &str) -> Result<SignedIn> {
        let body = serde_json::to_string(&LoginRequest {
            username: name.to_owned(),
            password: None,
        })?;
        let answer = self
            .send(Method::POST, "/web/login", None, Some(body))
            .await?;
        if answer.status != StatusCode::OK {
            bail!("{name} cannot sign in: {}", answer.status);
        }
        let cookie = answer.header(SET_COOKIE.as_str()).context("no cookie")?;
        let cookie = cookie.split(';').next().unwrap_or_default().to_owned();
        let token = answer.header(SOCKET_TOKEN_HEADER).context("no token")?;
        Ok(SignedIn { cookie, token })
    }

    /// A fresh token for a socket.
    pub async fn token(&self, cookie: &str) -> Result<String, Failure> {
        let answer = self.get("/web/session", cookie).await?;
        answer
            .header(SOCKET_TOKEN_HEADER)
            .context("no token")
            .map_err(Failure::Later)
    }

    pub async fn conversations(&self, cookie: &str) -> Result<Vec<Conversation>, Failure> {
        self.get_json("/web/conversations", cookie).await
    }

    /// All conversations, and from where on to ask for what changes later.
    pub async fn conversations_and_cursor(
        &self,
        cookie: &str,
    ) -> Result<(Vec<Conversation>, Cursor), Failure> {
        let path = "/web/conversations";
        let answer = self.get(path, cookie).await?;
        let cursor = answer.header(CURSOR_HEADER);
        let cursor = cursor.and_then(|cursor| cursor.parse().ok().map(Cursor));
        let cursor = cursor.context("no cursor").map_err(Failure::Later)?;
        Ok((read(path, &answer)?, cursor))
    }

    /// What has changed since.
    pub async fn changes(&self, cookie: &str, after: Cursor) -> Result<Changes, Failure> {
        self.get_json(&format!("/web/changes?after={}", after.0), cookie)
            .await
    }

    pub async fn messages(
        &self,
        cookie: &str,
        conversation: &ConversationId,
        page: Page,
    ) -> Result<Vec<Message>, Failure> {
        let cut = match page {
            Page::Newest => String::new(),
            Page::Before(seq) => format!("&before={seq}"),
            Page::After(seq) => format!("&after={seq}"),
        };
        let path = format!("/web/conversations/{conversation}/messages?limit={MAX_PAGE}{cut}");
        self.get_json(&path, cookie).await
    }

    /// A page of `limit` messages ahead of a `seq`.
    pub async fn page(
        &self,
        cookie: &str,
        conversation: &ConversationId,
        before: Seq,
        limit: u32,
    ) -> Result<Vec<Message>, Failure> {
        let path =
            format!("/web/conversations/{conversation}/messages?limit={limit}&before={before}");
        self.get_json(&path, cookie).await
    }

    /// Whether the server and its database answer.
    pub async fn is_ready(&self) -> bool {
        self.send(Method::GET, "/ready", None, None)
            .await
            .is_ok_and(|answer| answer.status == StatusCode::OK)
    }

    async fn get_json<T: DeserializeOwned>(&self, path: &str, cookie: &str) -> Result<T, Failure> {
        read(path, &self.get(path, cookie).await?)
    }

    async fn get(&self, path: &str, cookie: &str) -> Result<Answer, Failure> {
        let answer = self
            .send(Method::GET, path, Some(cookie), None)
            .await
            .map_err(Failure::Later)?;
        match answer.status {
            StatusCode::OK => Ok(answer),
            StatusCode::UNAUTHORIZED => Err(Failure::Unauthorized),
            StatusCode::NOT_FOUND => Err(Failure::NotFound),
            status => Err(Failure::Later(anyhow::anyhow!("{path}: {status}"))),
        }
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        cookie: Option<&str>,
        body: Option<String>,
    ) -> Result<Answer> {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.origin));
        if let Some(cookie) = cookie {
            request = request.header(COOKIE, cookie);
        }
        if body.is_some() {
            request = request.header(CONTENT_TYPE, "application/json");
        }
        let request = request.body(Full::from(body.unwrap_or_default()))?;
        let answer = async {
            let answer = self.client.request(request).await?;
            let (head, body) = answer.into_parts();
            anyhow::Ok(Answer {
                status: head.status,
                headers: head.headers,
                body: body.collect().await?.to_bytes(),
            })
        };
        tokio::time::timeout(PATIENCE, answer)
            .await
            .with_context(|| format!("{path} was not answered in time"))?
    }
}

fn read<T: DeserializeOwned>(path: &str, answer: &Answer) -> Result<T, Failure> {
    serde_json::from_slice(&answer.body)
        .with_context(|| format!("{path} was answered with another shape"))
        .map_err(Failure::Later)
}
