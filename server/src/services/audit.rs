//! What had to do with getting in, and with who may: kept for a year, and never a secret in it.

use std::collections::HashMap;

use protocol::{Timestamp, Username, administration::AuditEntry};
use sea_orm::ConnectionTrait;

use super::{ServiceError, Visitor, now};
use crate::storage::{Database, StorageError, UserId, accounts, audit};

/// Most entries of one page.
pub const PAGE: u64 = 100;
/// How long an entry is kept, in milliseconds.
pub const KEPT: i64 = 365 * 24 * 60 * 60 * 1_000;

/// What happened. The words are stable: whoever reads the log by a program can rely on them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    SignedIn,
    SignInFailed,
    SignedOut,
    SessionEnded,
    OtherSessionsEnded,
    Joined,
    PersonAdded,
    PasswordChanged,
    PasswordReset,
    ConfirmationFailed,
    DisplayNameChanged,
    PasskeyAdded,
    PasskeyRemoved,
    RecoveryCodesMade,
    RecoveryCodeUsed,
    Deactivated,
    Reactivated,
    RoleChanged,
    InvitationMade,
    InvitationRevoked,
    ResetLinkMade,
    OwnerLinkMade,
    SettingsChanged,
    KeyRotated,
}

impl Action {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SignedIn => "signed-in",
            Self::SignInFailed => "sign-in-failed",
            Self::SignedOut => "signed-out",
            Self::SessionEnded => "session-ended",
            Self::OtherSessionsEnded => "other-sessions-ended",
            Self::Joined => "joined",
            Self::PersonAdded => "person-added",
            Self::PasswordChanged => "password-changed",
            Self::PasswordReset => "password-reset",
            Self::ConfirmationFailed => "confirmation-failed",
            Self::DisplayNameChanged => "display-name-changed",
            Self::PasskeyAdded => "passkey-added",
            Self::PasskeyRemoved => "passkey-removed",
            Self::RecoveryCodesMade => "recovery-codes-made",
            Self::RecoveryCodeUsed => "recovery-code-used",
            Self::Deactivated => "deactivated",
            Self::Reactivated => "reactivated",
            Self::RoleChanged => "role-changed",
            Self::InvitationMade => "invitation-made",
            Self::InvitationRevoked => "invitation-revoked",
            Self::ResetLinkMade => "reset-link-made",
            Self::OwnerLinkMade => "owner-link-made",
            Self::SettingsChanged => "settings-changed",
            Self::KeyRotated => "key-rotated",
        }
    }
}

/// Something to be noted.
#[derive(Clone, Debug)]
pub struct Note<'a> {
    action: Action,
    actor: Option<UserId>,
    subject: Option<UserId>,
    address: Option<String>,
    detail: Option<&'a str>,
}

impl<'a> Note<'a> {
    /// Something that the command line, or nobody in particular, has done.
    pub const fn new(action: Action) -> Self {
        Self {
            action,
            actor: None,
            subject: None,
            address: None,
            detail: None,
        }
    }

    pub fn by(mut self, actor: impl Into<Option<UserId>>) -> Self {
        self.actor = actor.into();
        self
    }

    pub fn to(mut self, subject: impl Into<Option<UserId>>) -> Self {
        self.subject = subject.into();
        self
    }

    pub fn from(mut self, visitor: &Visitor) -> Self {
        self.address = visitor.address.map(|address| address.to_string());
        self
    }

    pub const fn saying(mut self, detail: &'a str) -> Self {
        self.detail = Some(detail);
        self
    }

    /// Puts it down as a part of the transaction that it tells of.
    pub async fn write(self, connection: &impl ConnectionTrait) -> Result<(), StorageError> {
        tracing::info!(
            target: "natter_server::audit",
            action = self.action.as_str(),
            actor = self.actor.map(|account| account.0),
            subject = self.subject.map(|account| account.0),
            address = self.address,
            detail = self.detail,
        );
        let entry = audit::New {
            at: now().0,
            action: self.action.as_str(),
            actor: self.actor,
            subject: self.subject,
            address: self.address,
            detail: self.detail.map(ToOwned::to_owned),
        };
        audit::insert(connection, entry).await
    }

    /// Puts it down alone.
    pub async fn write_alone(self, database: &Database) -> Result<(), StorageError> {
        let transaction = database.begin().await?;
        self.write(&transaction).await?;
        database.commit(transaction).await
    }
}

/// A page of the log, the newest first.
pub async fn page(
    database: &Database,
    before: Option<i64>,
) -> Result<Vec<AuditEntry>, ServiceError> {
    let rows = audit::page(database.reader(), before, PAGE).await?;
    let people: Vec<i64> = rows
        .iter()
        .flat_map(|row| [row.actor_id, row.subject_id])
        .flatten()
        .collect();
    let names: HashMap<i64, Username> = accounts::find_by_ids(database.reader(), people)
        .await?
        .into_iter()
        .map(|account| (account.id, Username::from_trusted(account.username)))
        .collect();
    let name = |id: Option<i64>| id.and_then(|id| names.get(&id).cloned());
    let entries = rows.into_iter().map(|row| AuditEntry {
        id: row.id,
        at: Timestamp(row.at),
        actor: name(row.actor_id),
        subject: name(row.subject_id),
        action: row.action,
        address: row.address,
        detail: row.detail,
    });
    Ok(entries.collect())
}
