//! What has changed since a client last asked.

use serde::{Deserialize, Serialize};

use crate::{conversation::Conversation, ids::ConversationId};

/// Most conversations that one answer speaks of. Where more have changed, fetching the whole list
/// is less work for both sides.
pub const MAX_CHANGES: u32 = 200;

/// The number of a change. Later changes have larger ones; it says nothing about time.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
)]
#[cfg_attr(
    feature = "openapi",
    derive(utoipa::ToSchema),
    schema(maximum = 18_446_744_073_709_551_615_u64)
)]
#[serde(transparent)]
pub struct Cursor(pub u64);

/// The answer to `GET /web/changes?after=CURSOR`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Changes {
    /// To be asked with the next time.
    pub cursor: Cursor,
    /// Too much has changed, or the cursor is none of this database's: fetch the whole list.
    #[serde(default)]
    pub reset: bool,
    /// Every conversation in which something changed, as it is now, newest activity first.
    #[serde(default)]
    pub conversations: Vec<Conversation>,
    /// Groups that the caller has left or was taken out of.
    #[serde(default)]
    pub left: Vec<ConversationId>,
}
