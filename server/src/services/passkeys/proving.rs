//! What a passkey's signature proves (section 7.2): who somebody is, and that it is still them.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use protocol::{
    ErrorCode,
    account::{PasskeyAnswer, PasskeyChallenge},
};
use serde::Deserialize;
use webauthn_rs::prelude::{
    DiscoverableAuthentication, Passkey, PublicKeyCredential, Webauthn, WebauthnError,
};

use super::{LONGEST_ID, Passkeys, challenge, fault, relying_party::relying_party, user_handle};
use crate::{
    services::{
        Person, ServiceError, Visitor,
        accounts::person,
        audit::{Action, Note},
        limits::Network,
        now,
        sessions::SignedIn,
    },
    storage::{UserId, accounts, entities, passkeys},
};

impl Passkeys {
    /// What a browser has to sign for somebody to sign in. Who that is, it says in its answer.
    pub fn start_signing_in(
        &self,
        origin: &str,
        visitor: &Visitor,
    ) -> Result<PasskeyChallenge, ServiceError> {
        if let (Some(limits), Some(address)) = (&self.limits, visitor.address) {
            limits.sign_in.check(&Network::of(address))?;
        }
        let party = relying_party(origin)?;
        // The mediation beside the options is for the page to decide, and it is not in these.
        let (options, state) = party.start_discoverable_authentication().map_err(fault)?;
        let id = self.signing_in.put(None, state);
        Ok(challenge(id, &options.public_key))
    }

    /// The person who signs in with a passkey. Whoever cannot gets one and the same answer.
    ///
    /// A try is counted where it is started. One without a challenge costs next to nothing, so it is
    /// neither counted nor noted.
    pub async fn sign_in(
        &self,
        origin: &str,
        answer: &PasskeyAnswer,
        visitor: &Visitor,
    ) -> Result<Person, ServiceError> {
        let party = relying_party(origin)?;
        let state = self.signing_in.take(None, &answer.id);
        let state = state.ok_or_else(no_way_in)?;
        let claim = self.claim(&answer.credential).await?;
        let is_proven = match &claim {
            Some(claim) if claim.is_active() && claim.names_its_owner() == Some(true) => {
                self.prove(&party, state, claim).await?
            }
            _ => false,
        };
        match claim {
            Some(claim) if is_proven => Ok(person(claim.account)),
            claim => {
                let account = claim.map(|claim| claim.account.user_id());
                Note::new(Action::SignInFailed)
                    .to(account)
                    .from(visitor)
                    .saying("passkey")
                    .write_alone(&self.database)
                    .await?;
                Err(no_way_in())
            }
        }
    }

    /// What the caller's browser has to sign with one of the caller's passkeys.
    pub async fn start_confirming(
        &self,
        caller: &SignedIn,
        origin: &str,
    ) -> Result<PasskeyChallenge, ServiceError> {
        self.count_change(caller)?;
        let party = relying_party(origin)?;
        let rows = passkeys::of(self.database.reader(), caller.person.id).await?;
        let known = rows
            .iter()
            .map(|row| serde_json::from_str(&row.credential.0).map_err(fault))
            .collect::<Result<Vec<Passkey>, _>>()?;
        // The challenge is one for any passkey, so that what comes is compared with the passkey as it
        // is stored by then; which may come the browser is told, and is looked at below.
        let (mut options, state) = party.start_discoverable_authentication().map_err(fault)?;
        let (allowing, _) = party.start_passkey_authentication(&known).map_err(fault)?;
        options.public_key.allow_credentials = allowing.public_key.allow_credentials;
        let id = self.confirming.put(Some(&caller.session_id), state);
        Ok(challenge(id, &options.public_key))
    }

    /// Proves by one of their passkeys that it is still the caller who asks.
    pub async fn confirm(
        &self,
        caller: &SignedIn,
        origin: &str,
        answer: &PasskeyAnswer,
        visitor: &Visitor,
    ) -> Result<(), ServiceError> {
        let party = relying_party(origin)?;
        let id = caller.person.id;
        let state = self.confirming.take(Some(&caller.session_id), &answer.id);
        let state = state.ok_or_else(unconfirmed)?;
        let is_proven = match self.claim(&answer.credential).await? {
            // A passkey that was asked for by its id need not say whose it is.
            Some(claim) if claim.is_of(id) && claim.names_its_owner() != Some(false) => {
                self.prove(&party, state, &claim).await?
            }
            _ => false,
        };
        if is_proven {
            return self.sessions.confirm(caller).await;
        }
        Note::new(Action::ConfirmationFailed)
            .to(id)
            .from(visitor)
            .saying("passkey")
            .write_alone(&self.database)
            .await?;
        Err(unconfirmed())
    }

    /// What somebody says with their browser's answer, as far as there is such a passkey.
    async fn claim(&self, answer: &str) -> Result<Option<Claim>, ServiceError> {
        let Ok(credential) = serde_json::from_str::<PublicKeyCredential>(answer) else {
            return Ok(None);
        };
        if credential.raw_id.len() > LONGEST_ID || comes_from_a_frame(&credential) {
            return Ok(None);
        }
        let id = BASE64_URL_SAFE_NO_PAD.encode(&credential.raw_id);
        let Some(passkey) = passkeys::find(self.database.reader(), &id).await? else {
            return Ok(None);
        };
        let account = accounts::find(self.database.reader(), UserId(passkey.account_id)).await?;
        Ok(account.map(|account| Claim {
            credential,
            passkey,
            account,
        }))
    }

    /// Whether a claim is true: its passkey has signed this challenge, for us, with its owner verified,
    /// and is no copy that fell behind. What this use has changed is kept.
    async fn prove(
        &self,
        party: &Webauthn,
        state: DiscoverableAuthentication,
        claim: &Claim,
    ) -> Result<bool, ServiceError> {
        let before = &claim.passkey.credential;
        let mut passkey: Passkey = serde_json::from_str(&before.0).map_err(fault)?;
        let answer = &claim.credential;
        let used = match party.finish_discoverable_authentication_v2(answer, state, &passkey) {
            Ok(used) => used,
            Err(WebauthnError::CredentialPossibleCompromise) => {
                let account = claim.passkey.account_id;
                tracing::warn!(account, "a passkey counts backwards, so it may be a copy");
                return Ok(false);
            }
            Err(error) => {
                tracing::debug!(%error, "a passkey was refused");
                return Ok(false);
            }
        };
        passkey.update_credential(&used);
        let after = serde_json::to_string(&passkey).map_err(fault)?;
        let transaction = self.database.begin().await?;
        let is_kept = passkeys::used(&transaction, &claim.passkey.id, before, after, now().0);
        let is_kept = is_kept.await?;
        self.database.commit(transaction).await?;
        Ok(is_kept)
    }
}

/// A passkey that is here, and what came in its name.
struct Claim {
    credential: PublicKeyCredential,
    passkey: entities::passkeys::Model,
    account: accounts::Account,
}

impl Claim {
    fn is_of(&self, account: UserId) -> bool {
        self.account.user_id() == account
    }

    fn is_active(&self) -> bool {
        self.account.deactivated_at.is_none()
    }

    /// Whether the authenticator says that the passkey is its owner's; `None` if it says nothing.
    fn names_its_owner(&self) -> Option<bool> {
        let handle = user_handle(self.account.user_id());
        let named = self.credential.get_user_unique_id();
        named.map(|named| named == handle.as_bytes())
    }
}

/// The page that asked was a frame in somebody else's, which ours never are (section 7.2,
/// "crossOrigin").
fn comes_from_a_frame(credential: &PublicKeyCredential) -> bool {
    #[derive(Deserialize)]
    struct ClientData {
        #[serde(default, rename = "crossOrigin")]
        cross_origin: bool,
    }
    let data = serde_json::from_slice::<ClientData>(&credential.response.client_data_json);
    data.map_or(true, |data| data.cross_origin)
}

fn no_way_in() -> ServiceError {
    ServiceError::refused(
        ErrorCode::PasskeyRefused,
        "This passkey does not open an account here. Try again, or sign in with your password.",
    )
}

fn unconfirmed() -> ServiceError {
    ServiceError::refused(
        ErrorCode::PasskeyRefused,
        "This passkey does not confirm that it is you. Try again with one of yours, or with your password.",
    )
}
