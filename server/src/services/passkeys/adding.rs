//! Adding passkeys to one's account, and removing them (section 7.1).

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use protocol::{
    DisplayName, ErrorBody, ErrorCode, Timestamp,
    account::{Passkey, PasskeyAnswer, PasskeyChallenge},
};
use webauthn_rs::prelude::{CredentialID, RegisterPublicKeyCredential};
use webauthn_rs_proto::ResidentKeyRequirement;

use super::{
    LONGEST_ID, MOST, Passkeys, challenge, fault, relying_party::relying_party, user_handle,
};
use crate::{
    services::{
        ServiceError, Visitor,
        audit::{Action, Note},
        now, sessions,
        sessions::SignedIn,
    },
    storage::{StorageError, accounts, passkeys},
};

impl Passkeys {
    /// What the caller's browser has to answer to add a passkey.
    pub async fn start_adding(
        &self,
        caller: &SignedIn,
        origin: &str,
    ) -> Result<PasskeyChallenge, ServiceError> {
        self.count_change(caller)?;
        let relying_party = relying_party(origin)?;
        let person = &caller.person;
        let known = passkeys::of(self.database.reader(), person.id).await?;
        if known.len() >= MOST {
            return Err(too_many());
        }
        let known = known
            .iter()
            .filter_map(|passkey| credential_id(&passkey.id));
        let (mut options, state) = relying_party
            .start_passkey_registration(
                user_handle(person.id),
                person.username.as_str(),
                &person.display_name,
                Some(known.collect()),
            )
            .map_err(fault)?;
        // Signing in asks for no username, so the authenticator has to remember whose it is.
        if let Some(wanted) = &mut options.public_key.authenticator_selection {
            wanted.resident_key = Some(ResidentKeyRequirement::Required);
            wanted.require_resident_key = true;
        }
        let id = self.adding.put(Some(&caller.session_id), state);
        Ok(challenge(id, &options.public_key))
    }

    /// Adds the passkey with which the caller's browser has answered.
    pub async fn add(
        &self,
        caller: &SignedIn,
        origin: &str,
        answer: &PasskeyAnswer,
        visitor: &Visitor,
    ) -> Result<Passkey, ServiceError> {
        let relying_party = relying_party(origin)?;
        // Before anything is used up, so that another name can be sent with the same answer.
        let name = parse_name(answer.name.as_deref().unwrap_or_default())?;
        let state = self.adding.take(Some(&caller.session_id), &answer.id);
        let state = state.ok_or_else(not_added)?;
        let credential: RegisterPublicKeyCredential =
            serde_json::from_str(&answer.credential).map_err(|_| not_added())?;
        if is_forgetful(&credential) {
            return Err(not_added());
        }
        let made = relying_party
            .finish_passkey_registration(&credential, &state)
            .map_err(|error| {
                tracing::debug!(%error, "a passkey was not added");
                not_added()
            })?;
        if made.cred_id().len() > LONGEST_ID {
            return Err(not_added());
        }
        let passkey = Passkey {
            id: BASE64_URL_SAFE_NO_PAD.encode(made.cred_id()),
            name: name.as_str().to_owned(),
            created_at: now(),
            last_used_at: None,
        };
        let made = serde_json::to_string(&made).map_err(fault)?;
        self.insert(caller, &passkey, made, visitor).await?;
        Ok(passkey)
    }

    async fn insert(
        &self,
        caller: &SignedIn,
        passkey: &Passkey,
        credential: String,
        visitor: &Visitor,
    ) -> Result<(), ServiceError> {
        let account = caller.person.id;
        let Timestamp(created_at) = passkey.created_at;
        let (id, name) = (&passkey.id, &passkey.name);
        let transaction = self.database.begin().await?;
        if passkeys::of(&transaction, account).await?.len() >= MOST {
            return Err(too_many());
        }
        if !passkeys::insert(&transaction, id, account, name, credential, created_at).await? {
            return Err(not_added());
        }
        Note::new(Action::PasskeyAdded)
            .by(account)
            .from(visitor)
            .saying(name)
            .write(&transaction)
            .await?;
        self.database.commit(transaction).await?;
        Ok(())
    }

    /// Removes one of the caller's passkeys, which ends their other sessions: whoever has stolen it may
    /// have begun one.
    pub async fn remove(
        &self,
        caller: &SignedIn,
        id: &str,
        visitor: &Visitor,
    ) -> Result<(), ServiceError> {
        self.count_change(caller)?;
        let account = caller.person.id;
        let transaction = self.database.begin().await?;
        let known = passkeys::of(&transaction, account).await?;
        let Some(removed) = known.iter().find(|passkey| passkey.id == id) else {
            return Err(unknown());
        };
        let stored = accounts::find(&transaction, account)
            .await?
            .ok_or_else(|| StorageError::Unusable("an account vanished".to_owned()))?;
        if known.len() == 1 && stored.password_hash.is_none() {
            return Err(last_way_in());
        }
        passkeys::delete(&transaction, account, id).await?;
        sessions::end_all(&transaction, account, Some(&caller.session_id)).await?;
        Note::new(Action::PasskeyRemoved)
            .by(account)
            .from(visitor)
            .saying(&removed.name)
            .write(&transaction)
            .await?;
        self.database.commit(transaction).await?;
        self.sessions.have_ended();
        Ok(())
    }
}

/// The id of a credential, from that of the passkey which is stored for it.
fn credential_id(id: &str) -> Option<CredentialID> {
    BASE64_URL_SAFE_NO_PAD.decode(id).ok()
}

/// The authenticator has not remembered whose passkey it is, although it was asked to (section
/// 10.1.3), so nobody could sign in with it.
fn is_forgetful(credential: &RegisterPublicKeyCredential) -> bool {
    let properties = credential.extensions.cred_props.as_ref();
    properties.and_then(|properties| properties.rk) == Some(false)
}

fn parse_name(name: &str) -> Result<DisplayName, ErrorBody> {
    DisplayName::parse(name).map_err(|mut error| {
        if error.code == ErrorCode::NameEmpty {
            error.message = "Give the passkey a name, such as what it is kept on.".to_owned();
        }
        error.on_field("name")
    })
}

/// One answer whatever is wrong: whether somebody else has this passkey is not told.
fn not_added() -> ServiceError {
    ServiceError::refused(
        ErrorCode::PasskeyRefused,
        "This passkey was not added: it took longer than five minutes, or it cannot be used here. Try again.",
    )
}

fn too_many() -> ServiceError {
    ServiceError::refused(
        ErrorCode::NotAllowed,
        format!(
            "You have {MOST} passkeys, and there is no room for more. Remove one that you do not use."
        ),
    )
}

fn unknown() -> ServiceError {
    ServiceError::refused(
        ErrorCode::NotFound,
        "You have no such passkey, or not any more.",
    )
}

fn last_way_in() -> ServiceError {
    ServiceError::refused(
        ErrorCode::NotAllowed,
        "This passkey is your only way to sign in. Set a password or add another passkey, then remove this one.",
    )
}
