//! What people see and change of their own account.

use protocol::{
    DisplayName, ErrorBody, ErrorCode, Secret, Timestamp,
    account::{Account, Passkey, PasswordChange, Privacy, RecoveryCodes},
};

use super::{Accounts, Looks, person};
use crate::{
    services::{
        ServiceError, Visitor,
        audit::{Action, Note},
        passwords, recovery, sessions,
        sessions::SignedIn,
    },
    storage::{StorageError, accounts, passkeys, recovery_codes},
};

impl Accounts {
    /// The caller's account as they see it.
    pub async fn own(&self, caller: &SignedIn) -> Result<Account, ServiceError> {
        let id = caller.person.id;
        let account = self.stored(caller).await?;
        let passkeys = passkeys::of(self.database.reader(), id).await?;
        let codes = recovery_codes::count(self.database.reader(), id).await?;
        let has_password = account.password_hash.is_some();
        let privacy = Privacy {
            shows_read: account.shares_read,
            shows_last_seen: account.shares_last_seen,
        };
        let person = person(account);
        Ok(Account {
            username: person.username,
            display_name: person.display_name,
            role: person.role,
            has_password,
            passkeys: passkeys
                .into_iter()
                .map(|passkey| Passkey {
                    id: passkey.id,
                    name: passkey.name,
                    created_at: Timestamp(passkey.created_at),
                    last_used_at: passkey.last_used_at.map(Timestamp),
                })
                .collect(),
            recovery_codes: u32::try_from(codes).unwrap_or(u32::MAX),
            privacy,
        })
    }

    /// Sets what others see of the caller.
    pub async fn set_privacy(
        &self,
        caller: &SignedIn,
        privacy: Privacy,
    ) -> Result<(), ServiceError> {
        self.count_change(caller)?;
        let transaction = self.database.begin().await?;
        accounts::set_privacy(
            &transaction,
            caller.person.id,
            privacy.shows_read,
            privacy.shows_last_seen,
        )
        .await?;
        self.database.commit(transaction).await?;
        Ok(())
    }

    /// Gives the caller another display name.
    pub async fn rename(
        &self,
        caller: &SignedIn,
        display_name: &str,
        visitor: &Visitor,
    ) -> Result<(), ServiceError> {
        self.count_change(caller)?;
        let name = DisplayName::parse(display_name)?;
        let mut person = caller.person.clone();
        let transaction = self.database.begin().await?;
        let looks = Looks::of(&transaction, Some(person.id)).await?;
        looks.refuse(name.as_str())?;
        accounts::set_display_name(&transaction, person.id, name.as_str()).await?;
        Note::new(Action::DisplayNameChanged)
            .by(person.id)
            .from(visitor)
            .saying(name.as_str())
            .write(&transaction)
            .await?;
        self.database.commit(transaction).await?;
        name.as_str().clone_into(&mut person.display_name);
        self.announce(&person, true).await;
        Ok(())
    }

    /// Gives the caller another password, which ends their other sessions.
    pub async fn change_password(
        &self,
        caller: &SignedIn,
        change: &PasswordChange,
        visitor: &Visitor,
    ) -> Result<(), ServiceError> {
        self.count_change(caller)?;
        let account = self.stored(caller).await?;
        match (&account.password_hash, &change.current) {
            (Some(_), current) => {
                let current = current.as_ref().map_or("", Secret::reveal);
                self.prove(caller, &account, current, "current", visitor)
                    .await?;
            }
            (None, _) if caller.is_confirmed() => {}
            (None, _) => return Err(unconfirmed()),
        }
        let new = change.new.reveal();
        let names = [account.username.as_str(), account.display_name.as_str()];
        passwords::check(new, &names).map_err(|error| error.on_field("new"))?;
        let hash = self.passwords.hash(new).await?;
        let id = caller.person.id;
        let transaction = self.database.begin().await?;
        accounts::set_password(&transaction, id, &hash).await?;
        sessions::end_all(&transaction, id, Some(&caller.session_id)).await?;
        Note::new(Action::PasswordChanged)
            .by(id)
            .from(visitor)
            .write(&transaction)
            .await?;
        self.database.commit(transaction).await?;
        self.sessions.have_ended();
        self.sessions.confirm(caller).await
    }

    /// Proves by the password that it is still the caller who asks.
    pub async fn confirm(
        &self,
        caller: &SignedIn,
        password: &str,
        visitor: &Visitor,
    ) -> Result<(), ServiceError> {
        self.count_change(caller)?;
        let account = self.stored(caller).await?;
        self.prove(caller, &account, password, "password", visitor)
            .await?;
        self.sessions.confirm(caller).await
    }

    /// Makes new recovery codes in the place of all earlier ones.
    pub async fn make_recovery_codes(
        &self,
        caller: &SignedIn,
        visitor: &Visitor,
    ) -> Result<RecoveryCodes, ServiceError> {
        self.count_change(caller)?;
        let codes = recovery::generate();
        let digests: Vec<String> = codes
            .iter()
            .map(|code| recovery::digest(code.reveal()))
            .collect();
        let id = caller.person.id;
        let transaction = self.database.begin().await?;
        recovery_codes::replace(&transaction, id, &digests).await?;
        Note::new(Action::RecoveryCodesMade)
            .by(id)
            .from(visitor)
            .write(&transaction)
            .await?;
        self.database.commit(transaction).await?;
        Ok(RecoveryCodes { codes })
    }

    /// Refuses a wrong password, and counts it as a try to sign in.
    async fn prove(
        &self,
        caller: &SignedIn,
        account: &accounts::Account,
        password: &str,
        field: &str,
        visitor: &Visitor,
    ) -> Result<(), ServiceError> {
        let username = caller.person.username.as_str();
        self.count_sign_in(username, Some(account), visitor).await?;
        let hash = account.password_hash.as_ref();
        if self.passwords.verify(password, hash).await? {
            return Ok(());
        }
        let what = Action::ConfirmationFailed;
        self.note_failure(what, username, Some(account), visitor)
            .await?;
        Err(
            ErrorBody::new(ErrorCode::InvalidCredentials, "This is not your password.")
                .on_field(field)
                .into(),
        )
    }

    async fn stored(&self, caller: &SignedIn) -> Result<accounts::Account, ServiceError> {
        accounts::find(self.database.reader(), caller.person.id)
            .await?
            .ok_or_else(|| StorageError::Unusable("an account vanished".to_owned()).into())
    }

    fn count_change(&self, caller: &SignedIn) -> Result<(), ServiceError> {
        match &self.limits {
            Some(limits) => limits.changes.check(&caller.person.id),
            None => Ok(()),
        }
    }
}

/// What asks for a proof of who one is that is not old.
pub fn unconfirmed() -> ServiceError {
    ServiceError::refused(
        ErrorCode::ConfirmIdentity,
        "Confirm that it is you, then try again.",
    )
}
