//! Who may sign in, and who there is to write to.

use protocol::{ErrorBody, ErrorCode, Username};

use super::{Person, ServiceError, now};
use crate::storage::{Database, accounts};

/// The people of a fresh database when they sign in by name alone.
const FIRST_PEOPLE: [&str; 4] = ["alice", "bob", "carol", "dave"];

/// The accounts of one database.
#[derive(Debug)]
pub struct Accounts {
    database: Database,
}

impl Accounts {
    pub const fn new(database: Database) -> Self {
        Self { database }
    }

    /// The person who signs in with this name alone. Whoever cannot gets one and the same answer.
    pub async fn sign_in_by_name(&self, username: &str) -> Result<Person, ServiceError> {
        let account = match Username::parse(username) {
            Ok(username) => {
                accounts::find_by_username(self.database.reader(), username.as_str()).await?
            }
            Err(_) => None,
        };
        account.map(person).ok_or_else(|| {
            ServiceError::Refused(
                ErrorBody::new(
                    ErrorCode::InvalidCredentials,
                    "Nobody with this name can sign in here. Check the spelling, or ask the person who runs this server to add you.",
                )
                .on_field("username"),
            )
        })
    }

    /// The person with this name, if there is one.
    pub async fn find(&self, username: &Username) -> Result<Option<Person>, ServiceError> {
        let account = accounts::find_by_username(self.database.reader(), username.as_str()).await?;
        Ok(account.map(person))
    }

    /// Everybody, by name.
    pub async fn all(&self) -> Result<Vec<Person>, ServiceError> {
        let accounts = accounts::all(self.database.reader()).await?;
        Ok(accounts.into_iter().map(person).collect())
    }

    /// Adds somebody. `display_name` is what others read, the username with a capital unless given.
    /// Says whether they are new.
    pub async fn add(
        &self,
        username: &Username,
        display_name: Option<&str>,
    ) -> Result<bool, ServiceError> {
        let display_name = display_name
            .map(str::trim)
            .filter(|name| !name.is_empty())
            .map_or_else(|| capitalised(username.as_str()), ToOwned::to_owned);
        let transaction = self.database.begin().await?;
        let added =
            accounts::insert(&transaction, username.as_str(), &display_name, now().0).await?;
        self.database.commit(transaction).await?;
        Ok(added)
    }

    /// Adds the first people to a database that has none.
    pub async fn add_first_people(&self) -> Result<(), ServiceError> {
        if !accounts::all(self.database.reader()).await?.is_empty() {
            return Ok(());
        }
        for name in FIRST_PEOPLE {
            self.add(&Username::from_trusted(name), None).await?;
        }
        Ok(())
    }
}

/// A stored account as a person.
pub(super) fn person(account: accounts::Account) -> Person {
    Person {
        id: account.user_id(),
        username: Username::from_trusted(account.username),
        display_name: account.display_name,
    }
}

fn capitalised(name: &str) -> String {
    let mut characters = name.chars();
    characters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(characters).collect()
    })
}
