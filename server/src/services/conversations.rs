//! Conversations as their members see them; making groups.

use std::collections::{HashMap, HashSet};

use protocol::{
    ClientId, Conversation, ConversationId, ConversationKind, ErrorBody, ErrorCode, GroupName,
    Message, Username,
    events::CreateGroup,
    receipt::{LARGE_GROUP, Position},
};
use sea_orm::{ConnectionTrait, TransactionTrait};
use tokio::sync::mpsc;
use uuid::Uuid;

use super::{DomainEvent, Person, ServiceError, messages, now, seq, stored_seq};
use crate::storage::{
    self, Database, StorageError, UserId, accounts, conversations,
    members::{self, Member},
    messages::Page,
};

/// Where a page of history is cut from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HistoryPage {
    Newest,
    Before(protocol::Seq),
    After(protocol::Seq),
}

/// The conversations of one database.
#[derive(Debug)]
pub struct Conversations {
    database: Database,
    events: mpsc::Sender<DomainEvent>,
}

impl Conversations {
    pub const fn new(database: Database, events: mpsc::Sender<DomainEvent>) -> Self {
        Self { database, events }
    }

    /// Everything that `viewer` is a member of, newest activity first.
    pub async fn of(&self, viewer: &Person) -> Result<Vec<Conversation>, ServiceError> {
        // One read transaction: the list, its counts and its messages are of the same moment.
        let snapshot = self.database.reader().begin().await?;
        let ids: Vec<String> = members::standings_of(&snapshot, viewer.id)
            .await?
            .into_iter()
            .map(|(id, _)| id)
            .collect();
        let mut rows = conversations::find_all(&snapshot, &ids).await?;
        let views = views(&snapshot, viewer, &rows, &ids).await?;
        snapshot.rollback().await?;
        rows.sort_by(|one, other| {
            other
                .active_at
                .cmp(&one.active_at)
                .then_with(|| other.id.cmp(&one.id))
        });
        let mut views: HashMap<String, Conversation> = views
            .into_iter()
            .map(|view| (view.id.as_str().to_owned(), view))
            .collect();
        Ok(rows
            .iter()
            .filter_map(|row| views.remove(&row.id))
            .collect())
    }

    /// One page of a conversation's messages, oldest first. Somebody who is not a member gets the
    /// answer of a conversation that does not exist.
    pub async fn history(
        &self,
        viewer: &Person,
        id: &str,
        page: HistoryPage,
        limit: u32,
    ) -> Result<Vec<Message>, ServiceError> {
        let connection = self.database.reader();
        if members::standing(connection, id, viewer.id)
            .await?
            .is_none()
        {
            return Err(unknown_conversation().into());
        }
        let Some(conversation) = conversations::find(connection, id).await? else {
            return Err(unknown_conversation().into());
        };
        let page = match page {
            HistoryPage::Newest => Page::Newest,
            HistoryPage::Before(seq) => Page::Before(stored_seq(seq)),
            HistoryPage::After(seq) => Page::After(stored_seq(seq)),
        };
        let rows = storage::messages::page(connection, id, page, u64::from(limit)).await?;
        Ok(messages::views(connection, &conversation, rows).await?)
    }

    /// Makes a group of `maker` and the members they chose. The same `clientId` again answers with
    /// the group that it made the first time.
    pub async fn create_group(
        &self,
        maker: &Person,
        request: &CreateGroup,
    ) -> Result<Conversation, ServiceError> {
        let name = GroupName::parse(&request.name)?;
        let client_id = client_id(request.client_id.as_deref())?.to_string();
        let usernames = parse_members(&request.members)?;

        let transaction = self.database.begin().await?;
        if let Some(made) =
            conversations::find_by_client_id(&transaction, maker.id, &client_id).await?
        {
            return Ok(view(&transaction, maker, made).await?);
        }
        let members = find_members(&transaction, maker, usernames).await?;
        let id = Uuid::now_v7().to_string();
        let group = conversations::NewGroup {
            id: &id,
            name: name.as_str(),
            created_by: maker.id,
            client_id: &client_id,
            members: &members,
        };
        let row = conversations::insert_group(&transaction, &group, now().0).await?;
        let made = view(&transaction, maker, row).await?;
        transaction.commit().await?;

        let event = DomainEvent::ConversationMade {
            id: made.id.clone(),
            members,
            group: Some(Box::new(made.clone())),
        };
        self.events
            .send(event)
            .await
            .map_err(|_| ServiceError::Stopping)?;
        Ok(made)
    }

    /// How far each conversation of `user` has got, and how far they have.
    pub async fn standings(
        &self,
        user: UserId,
    ) -> Result<Vec<(ConversationId, members::Standing)>, StorageError> {
        let standings = members::standings_of(self.database.reader(), user).await?;
        Ok(standings
            .into_iter()
            .map(|(id, standing)| (ConversationId::from_trusted(id), standing))
            .collect())
    }
}

/// Reads a client's id, or makes one for a client that sent none.
pub(super) fn client_id(input: Option<&str>) -> Result<ClientId, ErrorBody> {
    input.map_or_else(|| Ok(ClientId::new(Uuid::new_v4())), ClientId::parse)
}

/// The one answer for a conversation that does not exist and for one that is none of the asker's.
pub(super) fn unknown_conversation() -> ErrorBody {
    ErrorBody::new(
        ErrorCode::UnknownConversation,
        "There is no such conversation, or you are not a member of it.",
    )
}

fn parse_members(members: &[String]) -> Result<HashSet<Username>, ErrorBody> {
    if members.len() > CreateGroup::MAX_MEMBERS {
        return Err(ErrorBody::new(
            ErrorCode::TooManyMembers,
            "A group has at most 10,000 members.",
        )
        .on_field("members"));
    }
    members
        .iter()
        .map(|name| Username::parse(name).map_err(|_| unknown_member()))
        .collect()
}

async fn find_members(
    connection: &impl ConnectionTrait,
    maker: &Person,
    mut usernames: HashSet<Username>,
) -> Result<Vec<UserId>, ServiceError> {
    usernames.remove(&maker.username);
    let names: Vec<String> = usernames.iter().map(ToString::to_string).collect();
    let found = accounts::find_by_usernames(connection, &names).await?;
    if found.len() != names.len() {
        return Err(unknown_member().into());
    }
    let mut members = vec![maker.id];
    members.extend(found.iter().map(accounts::Account::user_id));
    Ok(members)
}

fn unknown_member() -> ErrorBody {
    ErrorBody::new(
        ErrorCode::UnknownMember,
        "One of the chosen people does not exist, so the group was not made.",
    )
    .on_field("members")
}

async fn view(
    connection: &impl ConnectionTrait,
    viewer: &Person,
    row: conversations::Conversation,
) -> Result<Conversation, StorageError> {
    let ids = [row.id.clone()];
    let mut views = views(connection, viewer, &[row], &ids).await?;
    views
        .pop()
        .ok_or_else(|| StorageError::Unusable("a conversation without members".to_owned()))
}

/// These conversations as `viewer` sees them, in the order of `rows`.
async fn views(
    connection: &impl ConnectionTrait,
    viewer: &Person,
    rows: &[conversations::Conversation],
    ids: &[String],
) -> Result<Vec<Conversation>, StorageError> {
    let mut members = members::of_conversations(connection, ids).await?;
    let mut unread = members::unread(connection, viewer.id).await?;
    let mut newest: HashMap<String, storage::messages::Message> =
        storage::messages::newest_of(connection, ids)
            .await?
            .into_iter()
            .map(|message| (message.conversation_id.clone(), message))
            .collect();
    Ok(rows
        .iter()
        .filter_map(|row| {
            let members = members.remove(&row.id)?;
            let unread = unread.remove(&row.id).unwrap_or_default();
            Some(assemble(
                viewer,
                row,
                &members,
                unread,
                newest.remove(&row.id),
            ))
        })
        .collect())
}

fn assemble(
    viewer: &Person,
    row: &conversations::Conversation,
    members: &[Member],
    unread: i64,
    newest: Option<storage::messages::Message>,
) -> Conversation {
    let (kind, name) = match &row.name {
        Some(name) => (ConversationKind::Group, name.clone()),
        None => {
            let other = members
                .iter()
                .find(|member| member.account_id != viewer.id.0);
            let name = other.map_or_else(String::new, |other| other.display_name.clone());
            (ConversationKind::Private, name)
        }
    };
    let small = members.len() <= LARGE_GROUP;
    Conversation {
        id: ConversationId::from_trusted(row.id.clone()),
        kind,
        name,
        members: members
            .iter()
            .map(|member| Username::from_trusted(member.username.clone()))
            .collect(),
        last_message: newest.map(|message| messages::view_among(row, members, message)),
        unread: u64::try_from(unread).unwrap_or_default(),
        last_seq: seq(row.last_seq),
        positions: members
            .iter()
            .filter(|member| small || member.account_id == viewer.id.0)
            .map(|member| Position {
                username: Username::from_trusted(member.username.clone()),
                delivered_seq: seq(member.delivered_seq),
                read_seq: seq(member.read_seq),
            })
            .collect(),
        all_delivered_seq: seq(members
            .iter()
            .map(|member| member.delivered_seq)
            .min()
            .unwrap_or(0)),
        all_read_seq: seq(members
            .iter()
            .map(|member| member.read_seq)
            .min()
            .unwrap_or(0)),
    }
}
