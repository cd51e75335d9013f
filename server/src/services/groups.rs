//! Making groups, and changing their names and members.
//!
//! Members come and go in the same order as messages are stored: nobody is sent what was written
//! after they left, and nobody misses what was written after they came.

use std::{collections::HashSet, sync::Arc};

use protocol::{
    Conversation, ConversationId, ErrorBody, ErrorCode, GroupEvent, GroupEventKind, GroupName,
    Timestamp, Username,
    events::{
        AddMembers, CreateGroup, GroupChanged, GroupLeft, LeaveGroup, RemoveMembers, RenameGroup,
    },
};
use sea_orm::{ConnectionTrait, DatabaseTransaction};
use uuid::Uuid;

use super::{
    DomainEvent, Person, ServiceError,
    conversations::{client_id, refuse_outsider, unknown_conversation, view},
    events::{Announcer, Turn},
    limits::Limits,
    messages::group_of,
    now, seq,
};
use crate::storage::{
    Database, UserId, accounts,
    changes::{self, Cursor},
    conversations, group_events, members,
};

/// The groups of one database.
#[derive(Debug)]
pub struct Groups {
    database: Database,
    announcer: Announcer,
    limits: Option<Arc<Limits>>,
}

/// A change under way: nobody else changes memberships or stores messages meanwhile.
struct Changing<'a> {
    turn: Turn<'a>,
    transaction: DatabaseTransaction,
    cursor: Cursor,
    group: conversations::Conversation,
}

impl Groups {
    pub const fn new(
        database: Database,
        announcer: Announcer,
        limits: Option<Arc<Limits>>,
    ) -> Self {
        Self {
            database,
            announcer,
            limits,
        }
    }

    /// Makes a group of `maker` and the members they chose. The same `clientId` again answers with
    /// the group that it made the first time.
    pub async fn create(
        &self,
        maker: &Person,
        request: &CreateGroup,
    ) -> Result<Conversation, ServiceError> {
        if let Some(limits) = &self.limits {
            limits.groups.check(&maker.id)?;
        }
        let name = GroupName::parse(&request.name)?;
        let client_id = client_id(request.client_id.as_deref())?.to_string();
        let mut usernames = parse_members(&request.members)?;
        usernames.remove(&maker.username);

        let turn = self.announcer.turn().await;
        let transaction = self.database.begin().await?;
        let cursor = changes::next(&transaction).await?;
        if let Some(made) =
            conversations::find_by_client_id(&transaction, maker.id, &client_id).await?
        {
            // Whoever has left the group since sees nothing of it any more.
            if members::standing(&transaction, &made.id, maker.id)
                .await?
                .is_none()
            {
                return Err(unknown_conversation().into());
            }
            return Ok(view(&transaction, maker.id, made).await?);
        }
        let mut members = vec![maker.id];
        members.extend(find_members(&transaction, usernames).await?);
        let id = Uuid::now_v7().to_string();
        let group = conversations::NewGroup {
            id: &id,
            name: name.as_str(),
            created_by: maker.id,
            client_id: &client_id,
            members: &members,
        };
        let row = conversations::insert_group(&transaction, &group, now().0, cursor).await?;
        let kind = GroupEventKind::Created;
        happen(&transaction, &row, maker, kind, &members[1..], cursor).await?;
        let made = view(&transaction, maker.id, row).await?;
        self.database.commit(transaction).await?;

        turn.send(DomainEvent::ConversationMade {
            id: made.id.clone(),
            members,
            group: Some(Box::new(made.clone())),
        })
        .await;
        Ok(made)
    }

    /// Gives a group another name.
    pub async fn rename(
        &self,
        member: &Person,
        request: &RenameGroup,
    ) -> Result<Conversation, ServiceError> {
        let name = GroupName::parse(&request.name)?;
        let mut changing = self.begin(member, &request.group_id).await?;
        if changing.group.name.as_deref() == Some(name.as_str()) {
            return changing.give_up(member).await;
        }
        conversations::rename(&changing.transaction, &changing.group.id, name.as_str()).await?;
        changing.group.name = Some(name.as_str().to_owned());
        self.finish(
            changing,
            member,
            GroupEventKind::Renamed,
            Vec::new(),
            Vec::new(),
        )
        .await
    }

    /// Takes people into a group.
    pub async fn add_members(
        &self,
        member: &Person,
        request: &AddMembers,
    ) -> Result<Conversation, ServiceError> {
        let usernames = parse_members(&request.members)?;
        let changing = self.begin(member, &request.group_id).await?;
        let Changing {
            transaction, group, ..
        } = &changing;
        let mut joined = find_members(transaction, usernames).await?;
        let present = members::accounts_of(transaction, &group.id).await?;
        joined.retain(|account| !present.contains(account));
        if joined.is_empty() {
            return changing.give_up(member).await;
        }
        if present.len() + joined.len() > CreateGroup::MAX_MEMBERS {
            return Err(too_many_members().into());
        }
        members::insert(transaction, &group.id, &joined, group.last_seq, now().0).await?;
        for account in &joined {
            changes::forget_departure(transaction, &group.id, *account).await?;
        }
        self.finish(changing, member, GroupEventKind::Added, joined, Vec::new())
            .await
    }

    /// Takes people out of a group. Only its maker may, and never themselves: they leave.
    pub async fn remove_members(
        &self,
        member: &Person,
        request: &RemoveMembers,
    ) -> Result<Conversation, ServiceError> {
        let mut usernames = parse_members(&request.members)?;
        usernames.remove(&member.username);
        let changing = self.begin(member, &request.group_id).await?;
        let Changing {
            transaction,
            group,
            cursor,
            ..
        } = &changing;
        if group.created_by != member.id.0 {
            return Err(ServiceError::refused(
                ErrorCode::NotAllowed,
                "Only who has made a group may take others out of it.",
            ));
        }
        let mut left = find_members(transaction, usernames).await?;
        let present = members::accounts_of(transaction, &group.id).await?;
        left.retain(|account| present.contains(account));
        if left.is_empty() {
            return changing.give_up(member).await;
        }
        take_out(transaction, &group.id, &left, *cursor).await?;
        self.finish(changing, member, GroupEventKind::Removed, Vec::new(), left)
            .await
    }

    /// Takes `member` themselves out of a group. Saying so again is no error, because the first
    /// answer may have been lost.
    pub async fn leave(
        &self,
        member: &Person,
        request: &LeaveGroup,
    ) -> Result<GroupLeft, ServiceError> {
        let left = GroupLeft {
            group_id: ConversationId::from_trusted(request.group_id.as_str()),
        };
        let changing = match self.begin(member, &request.group_id).await {
            Ok(changing) => changing,
            Err(error) => {
                let reader = self.database.reader();
                return if changes::has_departed(reader, &request.group_id, member.id).await? {
                    Ok(left)
                } else {
                    Err(error)
                };
            }
        };
        let leaving = vec![member.id];
        take_out(
            &changing.transaction,
            &changing.group.id,
            &leaving,
            changing.cursor,
        )
        .await?;
        self.finish(changing, member, GroupEventKind::Left, Vec::new(), leaving)
            .await?;
        Ok(left)
    }

    /// What happened to a group, the oldest first: the newest [`GroupEvent::MAX_EVENTS`]. A private
    /// conversation has no such events; whoever is no member gets the answer of an unknown id.
    pub async fn events(&self, viewer: &Person, id: &str) -> Result<Vec<GroupEvent>, ServiceError> {
        let connection = self.database.reader();
        refuse_outsider(connection, viewer, id).await?;
        let limit = u64::from(GroupEvent::MAX_EVENTS);
        let events = group_events::newest_of(connection, id, limit).await?;
        Ok(events.into_iter().map(told).collect())
    }

    async fn begin(&self, member: &Person, id: &str) -> Result<Changing<'_>, ServiceError> {
        let turn = self.announcer.turn().await;
        let transaction = self.database.begin().await?;
        let cursor = changes::next(&transaction).await?;
        let Some(group) = group_of(&transaction, id, member.id).await? else {
            return Err(unknown_conversation().into());
        };
        Ok(Changing {
            turn,
            transaction,
            cursor,
            group,
        })
    }

    /// Stores the change, tells the members, and shows the group as `actor` sees it.
    async fn finish(
        &self,
        changing: Changing<'_>,
        actor: &Person,
        kind: GroupEventKind,
        joined: Vec<UserId>,
        left: Vec<UserId>,
    ) -> Result<Conversation, ServiceError> {
        let Changing {
            turn,
            transaction,
            cursor,
            mut group,
        } = changing;
        changes::note(&transaction, &[&group.id], cursor).await?;
        group.cursor = cursor.0;
        let with = if joined.is_empty() { &left } else { &joined };
        let event = happen(&transaction, &group, actor, kind, with, cursor).await?;
        let shown = view(&transaction, actor.id, group.clone()).await?;
        let welcome = match joined.first() {
            Some(newcomer) => Some(Box::new(view(&transaction, *newcomer, group).await?)),
            None => None,
        };
        let mut positions = if shown.positions.len() == shown.members.len() {
            shown.positions.clone()
        } else {
            Vec::new()
        };
        // The others see no more of the actor than of anybody else.
        let own = positions
            .iter_mut()
            .find(|position| position.username == actor.username);
        if let Some(own) = own
            && let Some(standing) =
                members::standing(&transaction, shown.id.as_str(), actor.id).await?
        {
            own.read_seq = seq(standing.shown_read_seq);
        }
        self.database.commit(transaction).await?;
        let change = GroupChanged {
            group_id: shown.id.clone(),
            name: shown.name.clone(),
            members: shown.members.clone(),
            positions,
            all_delivered_seq: shown.all_delivered_seq,
            all_read_seq: shown.all_read_seq,
        };
        turn.send(DomainEvent::GroupChanged {
            joined,
            left,
            change: Box::new(change),
            event: Box::new(event),
            welcome,
        })
        .await;
        Ok(shown)
    }
}

impl Changing<'_> {
    /// There is nothing to change.
    async fn give_up(self, viewer: &Person) -> Result<Conversation, ServiceError> {
        let shown = view(&self.transaction, viewer.id, self.group).await?;
        self.transaction.rollback().await?;
        Ok(shown)
    }
}

/// Writes down what happens to a group, for its timeline.
async fn happen(
    transaction: &DatabaseTransaction,
    group: &conversations::Conversation,
    actor: &Person,
    kind: GroupEventKind,
    with: &[UserId],
    cursor: Cursor,
) -> Result<GroupEvent, ServiceError> {
    // Whoever leaves does so by themselves.
    let with = if kind == GroupEventKind::Left {
        &[]
    } else {
        with
    };
    let named = with.iter().take(GroupEvent::MAX_NAMED);
    let found = accounts::find_by_ids(transaction, named.map(|account| account.0)).await?;
    let mut members: Vec<String> = found.into_iter().map(|account| account.username).collect();
    members.sort_unstable();
    let row = group_events::GroupEvent {
        conversation_id: group.id.clone(),
        cursor: cursor.0,
        after_seq: group.last_seq,
        at: now().0,
        actor: actor.username.to_string(),
        kind: word(kind).to_owned(),
        name: (kind == GroupEventKind::Renamed)
            .then(|| group.name.clone())
            .flatten(),
        members: members.join(" "),
        member_count: i64::try_from(with.len()).unwrap_or(i64::MAX),
    };
    group_events::insert(transaction, row.clone()).await?;
    Ok(told(row))
}

/// An event as it is stored, for whoever is told of it.
fn told(row: group_events::GroupEvent) -> GroupEvent {
    let kinds = [
        GroupEventKind::Created,
        GroupEventKind::Renamed,
        GroupEventKind::Added,
        GroupEventKind::Removed,
        GroupEventKind::Left,
    ];
    let kind = kinds.into_iter().find(|kind| word(*kind) == row.kind);
    GroupEvent {
        cursor: protocol::Cursor(u64::try_from(row.cursor).unwrap_or_default()),
        after_seq: seq(row.after_seq),
        at: Timestamp(row.at),
        actor: Username::from_trusted(row.actor),
        kind: kind.unwrap_or(GroupEventKind::Other),
        name: row.name,
        members: row
            .members
            .split_whitespace()
            .map(Username::from_trusted)
            .collect(),
        member_count: u32::try_from(row.member_count).unwrap_or_default(),
    }
}

/// How a kind of event is stored.
const fn word(kind: GroupEventKind) -> &'static str {
    match kind {
        GroupEventKind::Created => "created",
        GroupEventKind::Renamed => "renamed",
        GroupEventKind::Added => "added",
        GroupEventKind::Removed => "removed",
        GroupEventKind::Left => "left",
        GroupEventKind::Other => "other",
    }
}

async fn take_out(
    transaction: &DatabaseTransaction,
    group: &str,
    leaving: &[UserId],
    cursor: Cursor,
) -> Result<(), ServiceError> {
    members::remove(transaction, group, leaving).await?;
    for account in leaving {
        changes::note_departure(transaction, group, *account, cursor).await?;
    }
    Ok(())
}

fn parse_members(members: &[String]) -> Result<HashSet<Username>, ErrorBody> {
    if members.len() > CreateGroup::MAX_MEMBERS {
        return Err(too_many_members());
    }
    members
        .iter()
        .map(|name| Username::parse(name).map_err(|_| unknown_member()))
        .collect()
}

async fn find_members(
    connection: &impl ConnectionTrait,
    usernames: HashSet<Username>,
) -> Result<Vec<UserId>, ServiceError> {
    let names: Vec<String> = usernames.iter().map(ToString::to_string).collect();
    let found = accounts::find_by_usernames(connection, &names).await?;
    let found: Vec<_> = found
        .iter()
        .filter(|account| account.deactivated_at.is_none())
        .collect();
    if found.len() != names.len() {
        return Err(unknown_member().into());
    }
    Ok(found.into_iter().map(accounts::Account::user_id).collect())
}

fn too_many_members() -> ErrorBody {
    ErrorBody::new(
        ErrorCode::TooManyMembers,
        "A group has at most 10,000 members.",
    )
    .on_field("members")
}

fn unknown_member() -> ErrorBody {
    ErrorBody::new(
        ErrorCode::UnknownMember,
        "One of the chosen people does not exist, so nothing was changed.",
    )
    .on_field("members")
}
