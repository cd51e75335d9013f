//! Signing in by name, by password and by recovery code.

use protocol::{ErrorBody, ErrorCode, Username, account::RecoveryRequest};

use super::{Accounts, person};
use crate::{
    services::{
        Person, ServiceError, Visitor,
        audit::{Action, Note},
        limits::Network,
        now,
        passwords::{self, Passwords},
        recovery, sessions,
    },
    storage::{self, accounts, recovery_codes},
};

/// How many of an account's sessions are looked at.
const MANY: u64 = 100;

impl Accounts {
    /// The person who signs in with this name alone. Whoever cannot gets one and the same answer.
    pub async fn sign_in_by_name(&self, username: &str) -> Result<Person, ServiceError> {
        let account = self.account_named(username).await?;
        let active = account.filter(|account| account.deactivated_at.is_none());
        active.map(person).ok_or_else(|| {
            ServiceError::Refused(
                ErrorBody::new(
                    ErrorCode::InvalidCredentials,
                    "Nobody with this name can sign in here. Check the spelling, or ask the person who runs this server to add you.",
                )
                .on_field("username"),
            )
        })
    }

    /// The person who signs in with this name and password. Whoever cannot gets one and the same
    /// answer, which takes the same time.
    pub async fn sign_in(
        &self,
        username: &str,
        password: &str,
        visitor: &Visitor,
    ) -> Result<Person, ServiceError> {
        let account = self.account_named(username).await?;
        self.count_sign_in(username, account.as_ref(), visitor)
            .await?;
        let hash = account.as_ref().and_then(|it| it.password_hash.as_ref());
        let is_right = self.passwords.verify(password, hash).await?;
        match account {
            Some(account) if is_right && account.deactivated_at.is_none() => {
                self.renew_hash(&account, password).await?;
                Ok(person(account))
            }
            account => {
                let what = Action::SignInFailed;
                self.note_failure(what, username, account.as_ref(), visitor)
                    .await?;
                Err(wrong_credentials())
            }
        }
    }

    /// Hashes a password again that was hashed by parameters of earlier days.
    async fn renew_hash(
        &self,
        account: &accounts::Account,
        password: &str,
    ) -> Result<(), ServiceError> {
        let hash = account.password_hash.as_ref();
        if hash.is_none_or(Passwords::is_current) {
            return Ok(());
        }
        let hash = self.passwords.hash(password).await?;
        let transaction = self.database.begin().await?;
        accounts::set_password(&transaction, account.user_id(), &hash).await?;
        self.database.commit(transaction).await?;
        Ok(())
    }

    /// Signs in by a recovery code, which is used up, and sets a new password. Every other session
    /// ends.
    pub async fn recover(
        &self,
        request: &RecoveryRequest,
        visitor: &Visitor,
    ) -> Result<Person, ServiceError> {
        let account = self.account_named(&request.username).await?;
        self.count_sign_in(&request.username, account.as_ref(), visitor)
            .await?;
        let new = request.new_password.reveal();
        passwords::check(new, &[request.username.trim()])
            .map_err(|error| error.on_field("newPassword"))?;
        // Made whether it will be needed or not: the answer takes as long for everybody.
        let hash = self.passwords.hash(new).await?;
        let digest = recovery::digest(request.code.reveal());
        let transaction = self.database.begin().await?;
        let active = account.filter(|account| account.deactivated_at.is_none());
        let used = match &active {
            Some(account) => recovery_codes::take(&transaction, account.user_id(), &digest).await?,
            None => false,
        };
        let Some(account) = active.filter(|_| used) else {
            transaction.rollback().await?;
            let what = Action::SignInFailed;
            self.note_failure(what, &request.username, None, visitor)
                .await?;
            return Err(ErrorBody::new(
                ErrorCode::InvalidCredentials,
                "The username or the recovery code is not right. Each code works once.",
            )
            .on_field("code")
            .into());
        };
        let id = account.user_id();
        accounts::set_password(&transaction, id, &hash).await?;
        sessions::end_all(&transaction, id, None).await?;
        Note::new(Action::RecoveryCodeUsed)
            .by(id)
            .from(visitor)
            .write(&transaction)
            .await?;
        self.database.commit(transaction).await?;
        self.sessions.have_ended();
        Ok(person(account))
    }

    /// The account with this name, deactivated or not.
    async fn account_named(
        &self,
        username: &str,
    ) -> Result<Option<accounts::Account>, ServiceError> {
        let Ok(username) = Username::parse(username) else {
            return Ok(None);
        };
        Ok(accounts::find_by_username(self.database.reader(), username.as_str()).await?)
    }

    /// Counts a try from this address, and refuses it after too many failures with this name, be
    /// there such an account or not. An attack from elsewhere does not keep its owner out from where
    /// they are signed in already.
    pub(super) async fn count_sign_in(
        &self,
        username: &str,
        account: Option<&accounts::Account>,
        visitor: &Visitor,
    ) -> Result<(), ServiceError> {
        let Some(limits) = &self.limits else {
            return Ok(());
        };
        if let Some(address) = visitor.address {
            limits.sign_in.check(&Network::of(address))?;
        }
        let refused = limits.failures.check(&key(username));
        match (&refused, account, visitor.address) {
            (Err(_), Some(account), Some(address)) => {
                let id = account.user_id();
                let known =
                    storage::sessions::of(self.database.reader(), id, now().0, MANY).await?;
                let address = address.to_string();
                let is_known = known
                    .iter()
                    .any(|session| session.address.as_deref() == Some(&*address));
                if is_known { Ok(()) } else { refused }
            }
            _ => refused,
        }
    }

    pub(super) async fn note_failure(
        &self,
        action: Action,
        username: &str,
        account: Option<&accounts::Account>,
        visitor: &Visitor,
    ) -> Result<(), ServiceError> {
        if let Some(limits) = &self.limits {
            limits.failures.count(&key(username));
        }
        Note::new(action)
            .to(account.map(accounts::Account::user_id))
            .from(visitor)
            .write_alone(&self.database)
            .await?;
        Ok(())
    }
}

/// By what failures are counted. Whatever cannot be a username is one and the same.
fn key(username: &str) -> String {
    Username::parse(username).map_or_else(|_| String::new(), |username| username.to_string())
}

fn wrong_credentials() -> ServiceError {
    ErrorBody::new(
        ErrorCode::InvalidCredentials,
        "The username or the password is not right.",
    )
    .on_field("password")
    .into()
}
