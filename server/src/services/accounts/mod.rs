//! Who has an account: who there is to write to, and how each comes in.

use std::{collections::HashSet, sync::Arc};

use protocol::{DisplayName, ErrorBody, ErrorCode, Role, Timestamp, Username, events::UserChanged};
use sea_orm::ConnectionTrait;
use unicode_normalization::UnicodeNormalization;
use unicode_security::skeleton;

use super::{
    DomainEvent, Person, ServiceError, events::Announcer, limits::Limits, now,
    passwords::Passwords, sessions::Sessions,
};
use crate::storage::{Database, StorageError, UserId, accounts, entities::Hidden};

/// Coming in by a link or by open registration, and setting a password by a link.
mod joining;
/// What people see and change of their own account.
mod own;
/// Signing in by name, by password and by recovery code.
mod sign_in;

pub use own::unconfirmed;

/// The people of a fresh database when they sign in by name alone.
const FIRST_PEOPLE: [&str; 4] = ["alice", "bob", "carol", "dave"];

/// The setting that says whether anybody may join.
pub(super) const OPEN_REGISTRATION: &str = "open-registration";

/// The accounts of one database.
#[derive(Clone, Debug)]
pub struct Accounts {
    database: Database,
    announcer: Announcer,
    passwords: Passwords,
    limits: Option<Arc<Limits>>,
    sessions: Arc<Sessions>,
}

impl Accounts {
    pub fn new(
        database: Database,
        announcer: Announcer,
        limits: Option<Arc<Limits>>,
        sessions: Arc<Sessions>,
    ) -> Self {
        Self {
            database,
            announcer,
            passwords: Passwords::default(),
            limits,
            sessions,
        }
    }

    /// Everybody who may be written to, by name.
    pub async fn all(&self) -> Result<Vec<Listed>, ServiceError> {
        let accounts = accounts::all(self.database.reader()).await?;
        let active = accounts
            .into_iter()
            .filter(|account| account.deactivated_at.is_none());
        Ok(active
            .map(|account| Listed {
                shows_last_seen: account.shares_last_seen,
                last_seen_at: account.last_seen_at.map(Timestamp),
                person: person(account),
            })
            .collect())
    }

    /// Adds the first people to a database that has none, where they sign in by name alone.
    pub async fn add_first_people(&self) -> Result<(), ServiceError> {
        if !accounts::all(self.database.reader()).await?.is_empty() {
            return Ok(());
        }
        let transaction = self.database.begin().await?;
        for name in FIRST_PEOPLE {
            let new = NewPerson {
                username: Username::from_trusted(name),
                display_name: None,
                role: Role::Member,
                password_hash: None,
            };
            add(&transaction, new).await?;
        }
        self.database.commit(transaction).await?;
        Ok(())
    }

    /// Tells everybody of somebody who is new or has changed.
    async fn announce(&self, person: &Person, active: bool) {
        announce(&self.announcer, person, active).await;
    }
}

/// Somebody as they are listed for everybody.
#[derive(Clone, Debug)]
pub struct Listed {
    pub person: Person,
    /// Whether others see when they were last here.
    pub shows_last_seen: bool,
    /// When their last connection ended, if they ever had one.
    pub last_seen_at: Option<Timestamp>,
}

/// Somebody to be added.
#[derive(Debug)]
pub(super) struct NewPerson {
    pub username: Username,
    /// The username with a capital unless given.
    pub display_name: Option<DisplayName>,
    pub role: Role,
    pub password_hash: Option<Hidden>,
}

/// Adds somebody as a part of a transaction, unless their username is taken or they would be taken
/// for somebody else.
pub(super) async fn add(
    connection: &impl ConnectionTrait,
    new: NewPerson,
) -> Result<Person, ServiceError> {
    let display_name = new.display_name.map_or_else(
        || capitalised(new.username.as_str()),
        |name| name.as_str().to_owned(),
    );
    let username = new.username.as_str();
    if accounts::find_by_username(connection, username)
        .await?
        .is_some()
    {
        return Err(username_taken());
    }
    let looks = Looks::of(connection, None).await?;
    if looks.has(username) {
        return Err(username_taken());
    }
    looks.refuse(&display_name)?;
    let account = accounts::New {
        username,
        display_name: &display_name,
        role: new.role.as_str(),
        password_hash: new.password_hash,
        created_at: now().0,
    };
    if !accounts::insert(connection, account).await? {
        return Err(username_taken());
    }
    accounts::find_by_username(connection, username)
        .await?
        .map(person)
        .ok_or_else(|| StorageError::Unusable("an account vanished".to_owned()).into())
}

/// What the names of everybody look like.
pub(super) struct Looks(HashSet<String>);

impl Looks {
    /// Of everybody but `except`.
    pub async fn of(
        connection: &impl ConnectionTrait,
        except: Option<UserId>,
    ) -> Result<Self, ServiceError> {
        let accounts = accounts::all(connection).await?;
        let others = accounts
            .iter()
            .filter(|account| Some(account.user_id()) != except);
        let names = others.flat_map(|account| [&account.username, &account.display_name]);
        Ok(Self(names.map(|name| look(name)).collect()))
    }

    fn has(&self, name: &str) -> bool {
        self.0.contains(&look(name))
    }

    /// Refuses a display name that is or looks like a name of somebody else.
    pub fn refuse(&self, display_name: &str) -> Result<(), ServiceError> {
        if !self.has(display_name) {
            return Ok(());
        }
        Err(ErrorBody::new(
            ErrorCode::DisplayNameTaken,
            "Somebody here has this name, or one that looks like it. Add something to it, such as an initial.",
        )
        .on_field("displayName")
        .into())
    }
}

/// What a name looks like: two names with the same look cannot be told apart by eye. The skeleton of
/// Unicode Technical Standard #39, section 4, without capitals and spaces.
fn look(name: &str) -> String {
    let plain: String = name
        .nfkc()
        .filter(|character| !character.is_whitespace())
        .flat_map(char::to_lowercase)
        .collect();
    // Once more, because what a letter looks like may be a capital.
    skeleton(&plain).flat_map(char::to_lowercase).collect()
}

/// Tells everybody of somebody who is new or has changed.
pub(super) async fn announce(announcer: &Announcer, person: &Person, active: bool) {
    let change = UserChanged {
        username: person.username.clone(),
        display_name: person.display_name.clone(),
        online: false,
        active,
    };
    announcer
        .send(DomainEvent::PersonChanged {
            user: person.id,
            change,
        })
        .await;
}

/// A stored account as a person.
pub(super) fn person(account: accounts::Account) -> Person {
    Person {
        id: account.user_id(),
        username: Username::from_trusted(account.username),
        display_name: account.display_name,
        // What is not known may do nothing.
        role: Role::parse(&account.role).unwrap_or_default(),
    }
}

fn username_taken() -> ServiceError {
    ErrorBody::new(
        ErrorCode::UsernameTaken,
        "This username is taken already, or looks like one that is. Choose another one.",
    )
    .on_field("username")
    .into()
}

fn capitalised(name: &str) -> String {
    let mut characters = name.chars();
    characters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(characters).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_look_the_same_are_the_same() {
        assert_eq!(look("m1a"), look("mla"), "a digit and a letter");
        for twin in [
            "Alice",
            "ALICE",
            "А1iсе",
            "Ａｌｉｃｅ",
            "a l i c e",
            "Al\u{456}ce",
        ] {
            assert_eq!(look(twin), look("alice"), "{twin}");
        }
        assert_ne!(look("Alice B."), look("Alice"));
        assert_ne!(look("Åsa"), look("Asa"));
    }
}
