//! The list of conversations, what has changed in it, and history by pages.

use std::sync::Arc;

use axum::{
    Json,
    extract::{
        Path, Query, State,
        rejection::{PathRejection, QueryRejection},
    },
    http::StatusCode,
};
use protocol::{
    CURSOR_HEADER, Changes, Conversation, Cursor, DEFAULT_PAGE, ErrorCode, GroupEvent, MAX_PAGE,
    Message, Seq,
    receipt::{Position, ReadTime},
};
use serde::Deserialize;
use utoipa::IntoParams;

use super::{Problem, session::Authenticated};
use crate::services::{Services, conversations::HistoryPage};

/// The caller's conversations, the newest activity first.
#[utoipa::path(get, path = "/conversations", tag = "conversations",
    responses((status = 200, body = [Conversation],
        headers(("natter-cursor" = Cursor, description = "Where to go on by `/web/changes`.")))))]
pub async fn list(
    State(services): State<Arc<Services>>,
    Authenticated(caller): Authenticated,
) -> Result<([(&'static str, String); 1], Json<Vec<Conversation>>), Problem> {
    let (conversations, cursor) = services.conversations.of(caller.person.id).await?;
    let cursor = [(CURSOR_HEADER, cursor.0.to_string())];
    Ok((cursor, Json(conversations)))
}

/// Since when.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ChangesQuery {
    /// The cursor of an earlier answer.
    after: Cursor,
}

/// Every conversation in which anything has changed since, as it is now.
///
/// However often something changed, it is told once.
#[utoipa::path(get, path = "/changes", tag = "conversations",
    params(ChangesQuery),
    responses((status = 200, body = Changes)))]
pub async fn changes(
    State(services): State<Arc<Services>>,
    Authenticated(caller): Authenticated,
    query: Result<Query<ChangesQuery>, QueryRejection>,
) -> Result<Json<Changes>, Problem> {
    let Query(query) = query.map_err(|_| invalid("after is the cursor of an earlier answer."))?;
    let changes = services
        .conversations
        .changes(caller.person.id, query.after);
    Ok(Json(changes.await?))
}

/// Which page; `before` and `after` exclude each other.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// How many messages: 50 unless given. More than 200 means 200.
    #[param(nullable = false, minimum = 1, maximum = 4_294_967_295_i64)]
    limit: Option<u32>,
    /// Excludes `after`.
    #[param(nullable = false)]
    before: Option<Seq>,
    /// Excludes `before`.
    #[param(nullable = false)]
    after: Option<Seq>,
}

impl PageQuery {
    fn page(&self) -> Result<(HistoryPage, u32), Problem> {
        // Whoever asks for more than a page may hold gets a full page.
        let limit = self.limit.unwrap_or(DEFAULT_PAGE).min(MAX_PAGE);
        if limit == 0 {
            return Err(invalid("limit is a whole number from 1 to 200."));
        }
        match (self.before, self.after) {
            (None, None) => Ok((HistoryPage::Newest, limit)),
            (Some(seq), None) => Ok((HistoryPage::Before(seq), limit)),
            (None, Some(seq)) => Ok((HistoryPage::After(seq), limit)),
            (Some(_), Some(_)) => Err(invalid("A page lies before a seq or after one, not both.")),
        }
    }
}

/// One page of messages, the oldest first.
///
/// With `after` the first ones behind it, with `before` the last ones ahead of it, with neither the newest.
#[utoipa::path(get, path = "/conversations/{id}/messages", tag = "conversations",
    params(("id" = String, Path, description = "Of the conversation."), PageQuery),
    responses((status = 200, body = [Message])),
    extensions(("x-problems" = json!([ErrorCode::UnknownConversation]))))]
pub async fn messages(
    State(services): State<Arc<Services>>,
    Authenticated(caller): Authenticated,
    Path(id): Path<String>,
    query: Result<Query<PageQuery>, QueryRejection>,
) -> Result<Json<Vec<Message>>, Problem> {
    let Query(query) = query.map_err(|_| invalid("limit, before and after are whole numbers."))?;
    let (page, limit) = query.page()?;
    Ok(Json(
        services
            .conversations
            .history(&caller.person, &id, page, limit)
            .await?,
    ))
}

/// Where every member stands, in groups of any size.
#[utoipa::path(get, path = "/conversations/{id}/positions", tag = "conversations",
    params(("id" = String, Path, description = "Of the conversation.")),
    responses((status = 200, body = [Position])),
    extensions(("x-problems" = json!([ErrorCode::UnknownConversation]))))]
pub async fn positions(
    State(services): State<Arc<Services>>,
    Authenticated(caller): Authenticated,
    Path(id): Path<String>,
) -> Result<Json<Vec<Position>>, Problem> {
    let positions = services.conversations.positions(&caller.person, &id);
    Ok(Json(positions.await?))
}

/// Who has read a message and when, by username.
///
/// Of a group with more than 50 members nobody is named.
#[utoipa::path(get, path = "/conversations/{id}/messages/{seq}/read", tag = "conversations",
    params(
        ("id" = String, Path, description = "Of the conversation."),
        ("seq" = Seq, Path, description = "Of the message.")),
    responses((status = 200, body = [ReadTime])),
    extensions(("x-problems" = json!([ErrorCode::UnknownConversation, ErrorCode::InvalidPayload]))))]
pub async fn read_times(
    State(services): State<Arc<Services>>,
    Authenticated(caller): Authenticated,
    path: Result<Path<(String, Seq)>, PathRejection>,
) -> Result<Json<Vec<ReadTime>>, Problem> {
    let Path((id, seq)) = path.map_err(|_| invalid("seq is a whole number."))?;
    let times = services.conversations.read_times(&caller.person, &id, seq);
    Ok(Json(times.await?))
}

/// What happened to a group, the oldest first; nothing for a private conversation.
///
/// The newest 200.
#[utoipa::path(get, path = "/conversations/{id}/events", tag = "conversations",
    params(("id" = String, Path, description = "Of the conversation.")),
    responses((status = 200, body = [GroupEvent])),
    extensions(("x-problems" = json!([ErrorCode::UnknownConversation]))))]
pub async fn events(
    State(services): State<Arc<Services>>,
    Authenticated(caller): Authenticated,
    Path(id): Path<String>,
) -> Result<Json<Vec<GroupEvent>>, Problem> {
    Ok(Json(services.groups.events(&caller.person, &id).await?))
}

fn invalid(detail: &str) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, ErrorCode::InvalidPayload, detail)
}
