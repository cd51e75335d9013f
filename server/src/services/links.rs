//! Links that let somebody in: the owner's first one, invitations, and new passwords.
//!
//! A token is 256 random bits, and only its SHA-256 is kept: whoever reads the database cannot use
//! it, and a digest of something that cannot be guessed needs no salt.

use std::time::Duration;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use protocol::{
    ErrorCode, Secret, Timestamp, Username,
    administration::Invitation,
    join::{Link, LinkPurpose},
};
use sea_orm::ConnectionTrait;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{ServiceError, now};
use crate::storage::{Database, StorageError, UserId, accounts, links};

/// Most invitations that can be open at the same time.
pub const MAX_INVITATIONS: u64 = 500;

/// How long a link for a new password holds.
pub const RESET_LENGTH: Duration = Duration::from_secs(24 * 60 * 60);
/// How long the owner's first link holds; a start without an owner makes another.
pub const OWNER_LENGTH: Duration = Duration::from_secs(24 * 60 * 60);

/// A link that was just made.
#[derive(Clone, Debug)]
pub struct MadeLink {
    pub id: String,
    pub token: Secret,
    pub expires_at: Timestamp,
}

/// What a link is to be.
#[derive(Clone, Copy, Debug)]
pub struct Wanted {
    pub purpose: LinkPurpose,
    /// Whose password it sets.
    pub account: Option<UserId>,
    pub by: Option<UserId>,
    pub uses: u32,
    pub length: Duration,
}

/// Makes a link as a part of a transaction.
pub(super) async fn make(
    connection: &impl ConnectionTrait,
    wanted: Wanted,
) -> Result<MadeLink, StorageError> {
    let bytes: [u8; 32] = rand::random();
    let token = BASE64_URL_SAFE_NO_PAD.encode(bytes);
    let id = Uuid::new_v4().to_string();
    let created_at = now().0;
    let length = i64::try_from(wanted.length.as_millis()).unwrap_or(i64::MAX);
    let expires_at = created_at.saturating_add(length);
    let link = links::New {
        id: &id,
        token_hash: digest(&token),
        purpose: wanted.purpose.as_str(),
        account: wanted.account,
        created_by: wanted.by,
        created_at,
        expires_at,
        uses: i32::try_from(wanted.uses).unwrap_or(i32::MAX),
    };
    links::insert(connection, link).await?;
    Ok(MadeLink {
        id,
        token: Secret::new(token),
        expires_at: Timestamp(expires_at),
    })
}

/// The link with this token, as it is stored. One that does not hold gets one and the same answer.
pub(super) async fn find(
    connection: &impl ConnectionTrait,
    token: &Secret,
) -> Result<(links::Link, LinkPurpose), ServiceError> {
    let found = links::find(connection, &digest(token.reveal()), now().0).await?;
    let link = found.ok_or_else(invalid)?;
    let purpose = LinkPurpose::parse(&link.purpose).ok_or_else(invalid)?;
    Ok((link, purpose))
}

/// Uses a link once, as a part of a transaction.
pub(super) async fn take(connection: &impl ConnectionTrait, id: &str) -> Result<(), ServiceError> {
    if links::take(connection, id, now().0).await? {
        Ok(())
    } else {
        Err(invalid())
    }
}

/// What a link is good for, for whoever holds it.
pub async fn look(database: &Database, token: &Secret) -> Result<Link, ServiceError> {
    let (link, purpose) = find(database.reader(), token).await?;
    let username = match link.account_id {
        Some(account) => accounts::find(database.reader(), UserId(account))
            .await?
            .map(|account| Username::from_trusted(account.username)),
        None => None,
    };
    Ok(Link {
        purpose,
        username,
        expires_at: Timestamp(link.expires_at),
    })
}

/// The invitations that still hold, the newest first.
pub async fn invitations(database: &Database) -> Result<Vec<Invitation>, ServiceError> {
    let links = links::open(
        database.reader(),
        LinkPurpose::Invitation.as_str(),
        now().0,
        MAX_INVITATIONS,
    )
    .await?;
    let makers = links.iter().filter_map(|link| link.created_by);
    let makers = accounts::find_by_ids(database.reader(), makers).await?;
    let invitations = links.into_iter().map(|link| Invitation {
        created_by: makers
            .iter()
            .find(|maker| Some(maker.id) == link.created_by)
            .map(|maker| Username::from_trusted(&maker.username)),
        id: link.id,
        created_at: Timestamp(link.created_at),
        expires_at: Timestamp(link.expires_at),
        uses_left: u32::try_from(link.uses_left).unwrap_or_default(),
    });
    Ok(invitations.collect())
}

fn digest(token: &str) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(token.as_bytes()))
}

fn invalid() -> ServiceError {
    ServiceError::refused(
        ErrorCode::InvalidLink,
        "This link does not work: it was used already, it is too old, or it is not complete. Ask the person who sent it for a new one.",
    )
}
