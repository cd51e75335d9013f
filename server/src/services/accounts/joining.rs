//! Coming in by a link or by open registration, and setting a password by a link.

use protocol::{
    DisplayName, ErrorCode, Role, Secret, Username,
    join::{JoinRequest, Link, LinkPurpose, ResetRequest},
};

use super::{Accounts, NewPerson, OPEN_REGISTRATION, add, person};
use crate::{
    services::{
        Person, ServiceError, Visitor,
        audit::{Action, Note},
        limits::Network,
        links::{self, MadeLink, OWNER_LENGTH, Wanted},
        passwords, sessions,
    },
    storage::{self, UserId, accounts, passkeys, recovery_codes, settings},
};

impl Accounts {
    /// What a link is good for.
    pub async fn look_at_link(
        &self,
        token: &Secret,
        visitor: &Visitor,
    ) -> Result<Link, ServiceError> {
        self.count_join(visitor)?;
        links::look(&self.database, token).await
    }

    /// Whether anybody may make an account.
    pub async fn is_open(&self) -> Result<bool, ServiceError> {
        let value = settings::get(self.database.reader(), OPEN_REGISTRATION).await?;
        Ok(value.as_deref() == Some("true"))
    }

    /// Makes an account, by a link or where registration is open.
    pub async fn join(
        &self,
        request: &JoinRequest,
        visitor: &Visitor,
    ) -> Result<Person, ServiceError> {
        self.count_join(visitor)?;
        let link = match &request.token {
            Some(token) => match links::find(self.database.reader(), token).await? {
                (_, LinkPurpose::Reset) => return Err(wrong_purpose()),
                (link, purpose) => Some((link, purpose)),
            },
            None if self.is_open().await? => None,
            None => {
                return Err(ServiceError::refused(
                    ErrorCode::RegistrationClosed,
                    "People join here by invitation. Ask somebody who is here already for a link.",
                ));
            }
        };
        let username =
            Username::parse(&request.username).map_err(|error| error.on_field("username"))?;
        let display_name = request
            .display_name
            .as_deref()
            .filter(|name| !name.trim().is_empty())
            .map(DisplayName::parse)
            .transpose()?;
        let names = [
            username.as_str(),
            display_name.as_ref().map_or("", DisplayName::as_str),
        ];
        passwords::check(request.password.reveal(), &names)?;
        let hash = self.passwords.hash(request.password.reveal()).await?;

        let transaction = self.database.begin().await?;
        let (role, how) = match &link {
            Some((link, LinkPurpose::Owner)) => {
                links::take(&transaction, &link.id).await?;
                storage::links::delete_all(&transaction, LinkPurpose::Owner.as_str(), None).await?;
                (Role::Owner, "owner link")
            }
            Some((link, _)) => {
                links::take(&transaction, &link.id).await?;
                (Role::Member, "invitation")
            }
            None => (Role::Member, "open registration"),
        };
        let new = NewPerson {
            username,
            display_name,
            role,
            password_hash: Some(hash),
        };
        let person = add(&transaction, new).await?;
        let inviter = match link.and_then(|(link, _)| link.created_by) {
            Some(inviter) => accounts::find(&transaction, UserId(inviter)).await?,
            None => None,
        };
        let how = match inviter {
            Some(inviter) => format!("{how} by {}", inviter.username),
            None => how.to_owned(),
        };
        Note::new(Action::Joined)
            .by(person.id)
            .from(visitor)
            .saying(&how)
            .write(&transaction)
            .await?;
        self.database.commit(transaction).await?;
        self.announce(&person, true).await;
        Ok(person)
    }

    /// Sets a password by a link. Every session ends, and every passkey and recovery code goes: who is
    /// given such a link has lost what they signed in with, and nobody who has found or stolen it is to
    /// come in any more.
    pub async fn reset(
        &self,
        request: &ResetRequest,
        visitor: &Visitor,
    ) -> Result<Person, ServiceError> {
        self.count_join(visitor)?;
        let (link, purpose) = links::find(self.database.reader(), &request.token).await?;
        let account = match (purpose, link.account_id) {
            (LinkPurpose::Reset, Some(account)) => UserId(account),
            _ => return Err(wrong_purpose()),
        };
        let account = accounts::find(self.database.reader(), account)
            .await?
            .filter(|account| account.deactivated_at.is_none())
            .ok_or_else(wrong_purpose)?;
        let password = request.password.reveal();
        passwords::check(password, &[&account.username, &account.display_name])?;
        let hash = self.passwords.hash(password).await?;
        let id = account.user_id();

        let transaction = self.database.begin().await?;
        links::take(&transaction, &link.id).await?;
        storage::links::delete_all(&transaction, LinkPurpose::Reset.as_str(), Some(id)).await?;
        accounts::set_password(&transaction, id, &hash).await?;
        passkeys::delete_all(&transaction, id).await?;
        recovery_codes::delete_all(&transaction, id).await?;
        sessions::end_all(&transaction, id, None).await?;
        Note::new(Action::PasswordReset)
            .by(link.created_by.map(UserId))
            .to(id)
            .from(visitor)
            .write(&transaction)
            .await?;
        self.database.commit(transaction).await?;
        self.sessions.have_ended();
        Ok(person(account))
    }

    /// Ends the sessions of people who can prove nothing, as after a time of signing in by name alone.
    pub async fn end_sessions_without_proof(&self) -> Result<(), ServiceError> {
        let transaction = self.database.begin().await?;
        for account in accounts::all(&transaction).await? {
            let id = account.user_id();
            let proves = account.password_hash.is_some()
                || !passkeys::of(&transaction, id).await?.is_empty();
            if !proves {
                sessions::end_all(&transaction, id, None).await?;
            }
        }
        self.database.commit(transaction).await?;
        Ok(())
    }

    /// A link by which somebody becomes the owner, if nobody is. Earlier ones hold no longer.
    pub async fn owner_link(&self) -> Result<Option<MadeLink>, ServiceError> {
        let owners = accounts::count_active(self.database.reader(), Role::Owner.as_str());
        if owners.await? > 0 {
            return Ok(None);
        }
        let transaction = self.database.begin().await?;
        storage::links::delete_all(&transaction, LinkPurpose::Owner.as_str(), None).await?;
        let wanted = Wanted {
            purpose: LinkPurpose::Owner,
            account: None,
            by: None,
            uses: 1,
            length: OWNER_LENGTH,
        };
        let link = links::make(&transaction, wanted).await?;
        Note::new(Action::OwnerLinkMade).write(&transaction).await?;
        self.database.commit(transaction).await?;
        Ok(Some(link))
    }

    fn count_join(&self, visitor: &Visitor) -> Result<(), ServiceError> {
        match (&self.limits, visitor.address) {
            (Some(limits), Some(address)) => limits.join.check(&Network::of(address)),
            _ => Ok(()),
        }
    }
}

/// A link that is for something else does not work here.
fn wrong_purpose() -> ServiceError {
    ServiceError::refused(
        ErrorCode::InvalidLink,
        "This link is for something else. Open it as it was sent to you.",
    )
}
