//! Passkeys (Web Authentication Level 3, <https://www.w3.org/TR/webauthn-3/>): adding and removing
//! them, signing in with one, and proving with one that it is still the same person.

use std::{fmt::Display, sync::Arc};

use protocol::account::PasskeyChallenge;
use serde::Serialize;
use uuid::Uuid;
use webauthn_rs::prelude::{DiscoverableAuthentication, PasskeyRegistration};

use super::{ServiceError, limits::Limits, sessions::Sessions, sessions::SignedIn};
use crate::storage::{Database, StorageError, UserId};
use challenges::Challenges;

/// Adding passkeys to one's account, and removing them.
mod adding;
/// What browsers have to sign, until they have.
mod challenges;
/// What a signature proves: who somebody is, and that it is still them.
mod proving;
/// For whom passkeys are made.
mod relying_party;

pub use relying_party::unavailable;

/// Most passkeys of one account.
pub const MOST: usize = 20;
/// Most bytes of a credential's id (section 4, "Credential ID").
const LONGEST_ID: usize = 1_023;
/// Most challenges that wait for people who are not signed in. They are not counted with the others,
/// so that strangers cannot push out those of people who are.
const STRANGERS_CHALLENGES: usize = 8_000;
/// Most challenges that wait for people who are signed in, for each purpose.
const MEMBERS_CHALLENGES: usize = 1_000;

/// The passkeys of one server.
#[derive(Debug)]
pub struct Passkeys {
    database: Database,
    limits: Option<Arc<Limits>>,
    sessions: Arc<Sessions>,
    adding: Challenges<PasskeyRegistration>,
    signing_in: Challenges<DiscoverableAuthentication>,
    confirming: Challenges<DiscoverableAuthentication>,
}

impl Passkeys {
    pub fn new(database: Database, limits: Option<Arc<Limits>>, sessions: Arc<Sessions>) -> Self {
        Self {
            database,
            limits,
            sessions,
            adding: Challenges::new(MEMBERS_CHALLENGES),
            signing_in: Challenges::new(STRANGERS_CHALLENGES),
            confirming: Challenges::new(MEMBERS_CHALLENGES),
        }
    }

    fn count_change(&self, caller: &SignedIn) -> Result<(), ServiceError> {
        match &self.limits {
            Some(limits) => limits.changes.check(&caller.person.id),
            None => Ok(()),
        }
    }
}

/// What authenticators keep beside a passkey to say whose it is (section 5.4.3): the account's
/// number, which tells nobody else anything, behind eight bytes that are ours.
fn user_handle(account: UserId) -> Uuid {
    const OURS: u64 = u64::from_be_bytes(*b"natter.1");
    Uuid::from_u64_pair(OURS, account.0.cast_unsigned())
}

/// A challenge with its options as `PublicKeyCredential.parseCreationOptionsFromJSON` and
/// `parseRequestOptionsFromJSON` read them.
fn challenge(id: String, options: &impl Serialize) -> PasskeyChallenge {
    PasskeyChallenge {
        id,
        options: serde_json::to_string(options).expect("options, whose keys are all strings"),
    }
}

/// What cannot happen to an account and a passkey as we store them.
fn fault(error: impl Display) -> ServiceError {
    StorageError::Unusable(format!("a passkey could not be used: {error}")).into()
}
