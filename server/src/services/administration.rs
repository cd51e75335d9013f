//! What owners and admins do, and the command line in their place.
//!
//! Admins look after members; owners look after everybody, and appoint. There is always an owner who
//! can sign in, once there was one.

use std::{collections::HashMap, sync::Arc, time::Duration};

use protocol::{
    DisplayName, ErrorCode, Role, Timestamp, Username,
    administration::{
        AuditEntry, Invitation, InvitationRequest, ManagedPerson, PersonChange, ServerSettings,
    },
    join::LinkPurpose,
};
use sea_orm::ConnectionTrait;

use super::{
    Person, ServiceError, Visitor,
    accounts::{NewPerson, OPEN_REGISTRATION, add, announce, person},
    audit::{self, Action, Note},
    events::Announcer,
    limits::Limits,
    links::{self, MAX_INVITATIONS, MadeLink, RESET_LENGTH, Wanted},
    now,
    sessions::{self, Sessions},
};
use crate::storage::{
    self, Database, UserId, accounts, entities::Hidden, links as stored_links, settings,
};

/// Most people that one invitation may bring.
const MAX_USES: u32 = 1_000;
/// Most days that an invitation may hold.
const MAX_DAYS: u32 = 90;
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Who does it.
#[derive(Clone, Debug)]
pub enum Actor {
    /// Somebody who is signed in, and from where.
    Person(Person, Visitor),
    /// Whoever has the machine. They may do everything.
    CommandLine,
}

impl Actor {
    fn id(&self) -> Option<UserId> {
        match self {
            Self::Person(person, _) => Some(person.id),
            Self::CommandLine => None,
        }
    }

    /// Whether they may change somebody with this role.
    fn manages(&self, role: Role) -> bool {
        match self {
            Self::CommandLine => true,
            Self::Person(person, _) => match person.role {
                Role::Owner => true,
                Role::Admin => role == Role::Member,
                Role::Member => false,
            },
        }
    }

    fn note<'a>(&self, action: Action) -> Note<'a> {
        let note = Note::new(action).by(self.id());
        match self {
            Self::Person(_, visitor) => note.from(visitor),
            Self::CommandLine => note.saying("command line"),
        }
    }
}

/// What owners and admins do.
#[derive(Clone, Debug)]
pub struct Administration {
    database: Database,
    announcer: Announcer,
    limits: Option<Arc<Limits>>,
    sessions: Arc<Sessions>,
}

impl Administration {
    pub const fn new(
        database: Database,
        announcer: Announcer,
        limits: Option<Arc<Limits>>,
        sessions: Arc<Sessions>,
    ) -> Self {
        Self {
            database,
            announcer,
            limits,
            sessions,
        }
    }

    /// Everybody who has or had an account, by name.
    pub async fn people(&self, actor: &Actor) -> Result<Vec<ManagedPerson>, ServiceError> {
        self.admit(actor)?;
        let accounts = accounts::all(self.database.reader()).await?;
        let seen: HashMap<i64, Option<i64>> = storage::sessions::last_seen(self.database.reader())
            .await?
            .into_iter()
            .collect();
        let people = accounts.into_iter().map(|account| {
            let last_seen_at = seen.get(&account.id).copied().flatten().map(Timestamp);
            let created_at = Timestamp(account.created_at);
            let deactivated_at = account.deactivated_at.map(Timestamp);
            let person = person(account);
            ManagedPerson {
                manageable: actor.manages(person.role) && actor.id() != Some(person.id),
                username: person.username,
                display_name: person.display_name,
                role: person.role,
                created_at,
                last_seen_at,
                deactivated_at,
            }
        });
        Ok(people.collect())
    }

    /// Adds somebody without a password; a link for setting one is what they need next.
    pub async fn add(
        &self,
        actor: &Actor,
        username: Username,
        display_name: Option<DisplayName>,
        role: Role,
    ) -> Result<Person, ServiceError> {
        self.admit(actor)?;
        if !actor.manages(role) {
            return Err(not_allowed());
        }
        let transaction = self.database.begin().await?;
        let new = NewPerson {
            username,
            display_name,
            role,
            password_hash: None::<Hidden>,
        };
        let person = add(&transaction, new).await?;
        actor
            .note(Action::PersonAdded)
            .to(person.id)
            .write(&transaction)
            .await?;
        self.database.commit(transaction).await?;
        announce(&self.announcer, &person, true).await;
        Ok(person)
    }

    /// Gives somebody another role, or takes away or gives back their right to sign in.
    pub async fn change(
        &self,
        actor: &Actor,
        username: &str,
        change: &PersonChange,
    ) -> Result<(), ServiceError> {
        self.admit(actor)?;
        let transaction = self.database.begin().await?;
        let account = self.managed(&transaction, actor, username).await?;
        let id = account.user_id();
        let was_active = account.deactivated_at.is_none();
        let changed = person(account);
        if let Some(role) = change.role.filter(|role| *role != changed.role) {
            // Whoever may not look after that role may not give it.
            if !actor.manages(role) || !actor.manages(Role::Owner) {
                return Err(not_allowed());
            }
            accounts::set_role(&transaction, id, role.as_str()).await?;
            if role == Role::Member {
                stored_links::delete_made_by(&transaction, id).await?;
            }
            actor
                .note(Action::RoleChanged)
                .to(id)
                .saying(role.as_str())
                .write(&transaction)
                .await?;
        }
        let mut is_active = was_active;
        match change.deactivated {
            Some(true) if was_active => {
                accounts::set_deactivated_at(&transaction, id, Some(now().0)).await?;
                sessions::end_all(&transaction, id, None).await?;
                stored_links::delete_made_by(&transaction, id).await?;
                let reset = LinkPurpose::Reset.as_str();
                stored_links::delete_all(&transaction, reset, Some(id)).await?;
                actor
                    .note(Action::Deactivated)
                    .to(id)
                    .write(&transaction)
                    .await?;
                is_active = false;
            }
            Some(false) if !was_active => {
                accounts::set_deactivated_at(&transaction, id, None).await?;
                actor
                    .note(Action::Reactivated)
                    .to(id)
                    .write(&transaction)
                    .await?;
                is_active = true;
            }
            _ => {}
        }
        if changed.role == Role::Owner {
            refuse_without_owner(&transaction).await?;
        }
        self.database.commit(transaction).await?;
        self.sessions.have_ended();
        if is_active != was_active {
            announce(&self.announcer, &changed, is_active).await;
        }
        Ok(())
    }

    /// Deactivates the caller's own account.
    pub async fn deactivate_own(
        &self,
        caller: &Person,
        visitor: &Visitor,
    ) -> Result<(), ServiceError> {
        let transaction = self.database.begin().await?;
        accounts::set_deactivated_at(&transaction, caller.id, Some(now().0)).await?;
        sessions::end_all(&transaction, caller.id, None).await?;
        stored_links::delete_made_by(&transaction, caller.id).await?;
        if caller.role == Role::Owner {
            refuse_without_owner(&transaction).await?;
        }
        Note::new(Action::Deactivated)
            .by(caller.id)
            .to(caller.id)
            .from(visitor)
            .write(&transaction)
            .await?;
        self.database.commit(transaction).await?;
        self.sessions.have_ended();
        announce(&self.announcer, caller, false).await;
        Ok(())
    }

    /// Makes a link by which somebody sets a new password. Earlier ones hold no longer.
    pub async fn reset_link(
        &self,
        actor: &Actor,
        username: &str,
    ) -> Result<MadeLink, ServiceError> {
        self.admit(actor)?;
        let transaction = self.database.begin().await?;
        let account = self.managed(&transaction, actor, username).await?;
        let id = account.user_id();
        let purpose = LinkPurpose::Reset;
        stored_links::delete_all(&transaction, purpose.as_str(), Some(id)).await?;
        let wanted = Wanted {
            purpose,
            account: Some(id),
            by: actor.id(),
            uses: 1,
            length: RESET_LENGTH,
        };
        let link = links::make(&transaction, wanted).await?;
        actor
            .note(Action::ResetLinkMade)
            .to(id)
            .write(&transaction)
            .await?;
        self.database.commit(transaction).await?;
        Ok(link)
    }

    /// Ends every session of somebody.
    pub async fn sign_out(&self, actor: &Actor, username: &str) -> Result<(), ServiceError> {
        self.admit(actor)?;
        let transaction = self.database.begin().await?;
        let account = self.managed(&transaction, actor, username).await?;
        sessions::end_all(&transaction, account.user_id(), None).await?;
        actor
            .note(Action::SessionEnded)
            .to(account.user_id())
            .write(&transaction)
            .await?;
        self.database.commit(transaction).await?;
        self.sessions.have_ended();
        Ok(())
    }

    /// Makes an invitation.
    pub async fn invite(
        &self,
        actor: &Actor,
        request: &InvitationRequest,
    ) -> Result<MadeLink, ServiceError> {
        self.admit(actor)?;
        if !(1..=MAX_USES).contains(&request.uses) {
            return Err(invalid("An invitation is for 1 to 1,000 people.", "uses"));
        }
        if !(1..=MAX_DAYS).contains(&request.days) {
            return Err(invalid("An invitation holds for 1 to 90 days.", "days"));
        }
        let transaction = self.database.begin().await?;
        let purpose = LinkPurpose::Invitation;
        let open =
            stored_links::open(&transaction, purpose.as_str(), now().0, MAX_INVITATIONS).await?;
        if open.len() as u64 >= MAX_INVITATIONS {
            return Err(ServiceError::refused(
                ErrorCode::NotAllowed,
                "There are 500 open invitations. Revoke some of them first.",
            ));
        }
        let wanted = Wanted {
            purpose,
            account: None,
            by: actor.id(),
            uses: request.uses,
            length: DAY * request.days,
        };
        let link = links::make(&transaction, wanted).await?;
        actor
            .note(Action::InvitationMade)
            .write(&transaction)
            .await?;
        self.database.commit(transaction).await?;
        Ok(link)
    }

    /// The invitations that still hold.
    pub async fn invitations(&self, actor: &Actor) -> Result<Vec<Invitation>, ServiceError> {
        self.admit(actor)?;
        links::invitations(&self.database).await
    }

    /// Makes an invitation hold no longer.
    pub async fn revoke_invitation(&self, actor: &Actor, id: &str) -> Result<(), ServiceError> {
        self.admit(actor)?;
        let transaction = self.database.begin().await?;
        if !stored_links::delete(&transaction, LinkPurpose::Invitation.as_str(), id).await? {
            return Err(ServiceError::refused(
                ErrorCode::NotFound,
                "There is no such invitation, or not any more.",
            ));
        }
        actor
            .note(Action::InvitationRevoked)
            .write(&transaction)
            .await?;
        self.database.commit(transaction).await?;
        Ok(())
    }

    pub async fn settings(&self, actor: &Actor) -> Result<ServerSettings, ServiceError> {
        self.admit(actor)?;
        let open = settings::get(self.database.reader(), OPEN_REGISTRATION).await?;
        Ok(ServerSettings {
            open_registration: open.as_deref() == Some("true"),
        })
    }

    /// Owners only.
    pub async fn set_settings(
        &self,
        actor: &Actor,
        wanted: ServerSettings,
    ) -> Result<(), ServiceError> {
        self.admit(actor)?;
        if !actor.manages(Role::Owner) {
            return Err(not_allowed());
        }
        let value = wanted.open_registration.to_string();
        let transaction = self.database.begin().await?;
        settings::set(&transaction, OPEN_REGISTRATION, &value).await?;
        let what = match wanted.open_registration {
            true => "registration open",
            false => "registration by invitation",
        };
        actor
            .note(Action::SettingsChanged)
            .saying(what)
            .write(&transaction)
            .await?;
        self.database.commit(transaction).await?;
        Ok(())
    }

    /// A page of the audit log.
    pub async fn audit(
        &self,
        actor: &Actor,
        before: Option<i64>,
    ) -> Result<Vec<AuditEntry>, ServiceError> {
        self.admit(actor)?;
        audit::page(&self.database, before).await
    }

    /// Refuses whoever is no admin, and who does too much.
    fn admit(&self, actor: &Actor) -> Result<(), ServiceError> {
        let Actor::Person(person, _) = actor else {
            return Ok(());
        };
        if person.role < Role::Admin {
            return Err(not_allowed());
        }
        match &self.limits {
            Some(limits) => limits.requests.check(&person.id),
            None => Ok(()),
        }
    }

    /// The account with this name, if the actor may change it.
    async fn managed(
        &self,
        connection: &impl ConnectionTrait,
        actor: &Actor,
        username: &str,
    ) -> Result<accounts::Account, ServiceError> {
        let account = match Username::parse(username) {
            Ok(username) => accounts::find_by_username(connection, username.as_str()).await?,
            Err(_) => None,
        };
        let account = account.ok_or_else(|| {
            ServiceError::refused(ErrorCode::NotFound, "There is nobody with this username.")
        })?;
        let role = Role::parse(&account.role).unwrap_or(Role::Owner);
        if actor.manages(role) {
            Ok(account)
        } else {
            Err(not_allowed())
        }
    }
}

/// Refuses what would leave nobody to own the chat.
async fn refuse_without_owner(connection: &impl ConnectionTrait) -> Result<(), ServiceError> {
    if accounts::count_active(connection, Role::Owner.as_str()).await? > 0 {
        return Ok(());
    }
    Err(ServiceError::refused(
        ErrorCode::LastOwner,
        "There has to be an owner who can sign in. Make somebody else an owner first.",
    ))
}

fn not_allowed() -> ServiceError {
    ServiceError::refused(
        ErrorCode::NotAllowed,
        "You may not do this. Ask an owner of this chat.",
    )
}

fn invalid(sentence: &str, field: &str) -> ServiceError {
    protocol::ErrorBody::new(ErrorCode::InvalidPayload, sentence)
        .on_field(field)
        .into()
}
