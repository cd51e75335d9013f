//! Sessions: where somebody is signed in, for how long, and how that ends.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError, RwLock},
    time::{Duration, Instant},
};

use protocol::{Session, Timestamp, account::Device};
use sea_orm::ConnectionTrait;
use tokio::sync::Notify;
use uuid::Uuid;

use super::{
    DomainEvent, Person, ServiceError, Visitor,
    audit::{Action, Note},
    events::Announcer,
    now,
};
use crate::storage::{Database, StorageError, UserId, audit, links, revocations, sessions};

/// The tokens, and the keys that sign them.
mod tokens;

use tokens::Keys;
pub use tokens::{Audience, Secret, TokenError};

/// How much of a session has to be over before using it makes it last longer: a tenth.
const RENEWAL_PARTS: i64 = 10;
/// How often at most a session's use is noted, in milliseconds.
const NOTED_EVERY: i64 = 60_000;
/// How often the uses that were noted are written down.
const NOTE_EVERY: Duration = Duration::from_secs(10);
/// Most sessions that are listed.
const MOST_LISTED: u64 = 200;
/// How often is looked whether somebody else has ended sessions.
const LOOK_EVERY: Duration = Duration::from_millis(300);
/// How often what is over is swept out.
const SWEEP_EVERY: Duration = Duration::from_secs(60 * 60);

/// Somebody who is signed in.
#[derive(Clone, Debug)]
pub struct SignedIn {
    pub person: Person,
    pub session_id: String,
    pub expires_at: Timestamp,
    ends_at: i64,
    seen_at: i64,
    confirmed_until: i64,
}

impl SignedIn {
    /// The session as its owner sees it.
    pub fn session(&self) -> Session {
        Session {
            username: self.person.username.clone(),
            display_name: self.person.display_name.clone(),
            expires_at: self.expires_at,
            role: self.person.role,
        }
    }

    /// Whether its owner has proved who they are not long ago.
    pub fn is_confirmed(&self) -> bool {
        now().0 < self.confirmed_until
    }

    /// How long the session lasts from now on.
    pub fn remaining(&self) -> Duration {
        let milliseconds = self.expires_at.0.saturating_sub(now().0);
        Duration::from_millis(u64::try_from(milliseconds).unwrap_or_default())
    }
}

/// How long sessions last, and how many there may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// How long one lasts without being used.
    pub unused: Duration,
    /// How long one lasts however much it is used.
    pub longest: Duration,
    /// How long a proof of who one is holds.
    pub confirmed_for: Duration,
    /// Most that one account may have; the one used least recently makes room. `None`: any number.
    pub most: Option<u32>,
    /// Whether signing in ends the session that the browser had before.
    pub one_of_browser: bool,
}

/// Begins sessions, checks tokens, and ends sessions.
pub struct Sessions {
    database: Database,
    announcer: Announcer,
    keys: RwLock<Arc<Keys>>,
    rules: Rules,
    /// Somebody here has ended sessions.
    ended: Notify,
    /// Uses of sessions that are not written down yet. At most one for each session there is.
    uses: Mutex<HashMap<String, Use>>,
}

/// That a session was used.
#[derive(Debug)]
struct Use {
    seen_at: i64,
    address: Option<String>,
}

impl Use {
    async fn write(
        &self,
        connection: &impl ConnectionTrait,
        session: &str,
    ) -> Result<(), StorageError> {
        sessions::seen(connection, session, self.seen_at, self.address.as_deref()).await
    }
}

impl std::fmt::Debug for Sessions {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Sessions")
            .field("rules", &self.rules)
            .finish_non_exhaustive()
    }
}

impl Sessions {
    /// With the keys that sign, of which the newest comes first.
    ///
    /// # Panics
    /// Without a key.
    pub fn new(database: Database, announcer: Announcer, secrets: &[Secret], rules: Rules) -> Self {
        let keys = Keys::new(secrets).expect("a key to sign with");
        Self {
            database,
            announcer,
            keys: RwLock::new(Arc::new(keys)),
            rules,
            ended: Notify::new(),
            uses: Mutex::default(),
        }
    }

    /// Takes other keys from now on. Sessions stay as long as the key that signed them is one of them.
    pub fn set_keys(&self, secrets: &[Secret]) {
        if let Some(keys) = Keys::new(secrets) {
            *self.keys.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(keys);
        }
    }

    fn keys(&self) -> Arc<Keys> {
        Arc::clone(&self.keys.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Begins a session of somebody who has just proved who they are.
    pub async fn begin(
        &self,
        person: Person,
        visitor: &Visitor,
        how: &str,
    ) -> Result<SignedIn, ServiceError> {
        let begun_at = now().0;
        let ends_at = begun_at.saturating_add(milliseconds(self.rules.longest));
        let expires_at = begun_at
            .saturating_add(milliseconds(self.rules.unused))
            .min(ends_at);
        let session_id = Uuid::new_v4().to_string();
        let previous = self.previous(visitor).await;
        let transaction = self.database.begin().await?;
        if let Some(previous) = &previous
            && sessions::delete(&transaction, previous.person.id, &previous.session_id).await?
        {
            revocations::note(&transaction).await?;
            Note::new(Action::SessionEnded)
                .by(previous.person.id)
                .from(visitor)
                .saying("signed in again")
                .write(&transaction)
                .await?;
        }
        self.make_room(&transaction, person.id, begun_at).await?;
        let session = sessions::New {
            id: &session_id,
            account: person.id,
            created_at: begun_at,
            expires_at,
            ends_at,
            confirmed_at: begun_at,
            address: visitor.address.map(|address| address.to_string()),
            browser: &visitor.browser,
        };
        sessions::insert(&transaction, session).await?;
        Note::new(Action::SignedIn)
            .by(person.id)
            .from(visitor)
            .saying(how)
            .write(&transaction)
            .await?;
        self.database.commit(transaction).await?;
        if previous.is_some() {
            self.have_ended();
        }
        Ok(SignedIn {
            person,
            session_id,
            expires_at: Timestamp(expires_at),
            ends_at,
            seen_at: begun_at,
            confirmed_until: self.confirmed_until(begun_at),
        })
    }

    /// The session that the browser has already, if it counts. Whoever had its cookie before the
    /// browser's owner signed in has nothing after it (ASVS 7.2.4).
    async fn previous(&self, visitor: &Visitor) -> Option<SignedIn> {
        let token = visitor.session.as_ref()?;
        if !self.rules.one_of_browser {
            return None;
        }
        self.check(token.reveal(), Audience::Session).await.ok()
    }

    /// Ends the sessions of an account that were used least recently, if it has as many as it may.
    async fn make_room(
        &self,
        connection: &impl ConnectionTrait,
        account: UserId,
        now: i64,
    ) -> Result<(), StorageError> {
        let Some(most) = self.rules.most else {
            return Ok(());
        };
        let kept = u64::from(most.saturating_sub(1));
        let ids = sessions::beyond(connection, account, now, kept).await?;
        for id in &ids {
            sessions::delete(connection, account, id).await?;
        }
        if !ids.is_empty() {
            revocations::note(connection).await?;
        }
        Ok(())
    }

    /// Notes that a session is used, which makes it last longer, as far as its end. Says whether its
    /// cookie has to be set again.
    pub async fn renew(
        &self,
        signed_in: &mut SignedIn,
        visitor: &Visitor,
    ) -> Result<bool, ServiceError> {
        let now = now().0;
        let renewed = now
            .saturating_add(milliseconds(self.rules.unused))
            .min(signed_in.ends_at);
        let gained = renewed.saturating_sub(signed_in.expires_at.0);
        let is_longer = gained >= milliseconds(self.rules.unused) / RENEWAL_PARTS;
        let used = Use {
            seen_at: now,
            address: visitor.address.map(|address| address.to_string()),
        };
        if is_longer {
            signed_in.expires_at = Timestamp(renewed);
            let transaction = self.database.begin().await?;
            sessions::renewed(&transaction, &signed_in.session_id, renewed).await?;
            used.write(&transaction, &signed_in.session_id).await?;
            self.database.commit(transaction).await?;
        } else if now.saturating_sub(signed_in.seen_at) >= NOTED_EVERY {
            let mut uses = self.uses.lock().unwrap_or_else(PoisonError::into_inner);
            uses.insert(signed_in.session_id.clone(), used);
        }
        Ok(is_longer)
    }

    /// Writes down which sessions were used, all in one transaction: after a restart everybody comes
    /// back in the same second.
    async fn note_uses(&self) -> Result<(), StorageError> {
        let uses = std::mem::take(&mut *self.uses.lock().unwrap_or_else(PoisonError::into_inner));
        if uses.is_empty() {
            return Ok(());
        }
        let transaction = self.database.begin().await?;
        for (id, used) in uses {
            used.write(&transaction, &id).await?;
        }
        self.database.commit(transaction).await
    }

    /// Notes that somebody has proved who they are once more.
    pub async fn confirm(&self, signed_in: &SignedIn) -> Result<(), ServiceError> {
        let transaction = self.database.begin().await?;
        sessions::confirmed(&transaction, &signed_in.session_id, now().0).await?;
        self.database.commit(transaction).await?;
        Ok(())
    }

    /// Where somebody is signed in.
    pub async fn devices(&self, caller: &SignedIn) -> Result<Vec<Device>, ServiceError> {
        let sessions = sessions::of(
            self.database.reader(),
            caller.person.id,
            now().0,
            MOST_LISTED,
        )
        .await?;
        let devices = sessions.into_iter().map(|session| Device {
            current: session.id == caller.session_id,
            id: session.id,
            created_at: Timestamp(session.created_at),
            last_seen_at: Timestamp(session.seen_at),
            address: session.address,
            browser: session.browser,
        });
        Ok(devices.collect())
    }

    /// Ends one of the caller's sessions; says whether there was one.
    pub async fn end(
        &self,
        caller: &SignedIn,
        id: &str,
        visitor: &Visitor,
    ) -> Result<bool, ServiceError> {
        let action = if id == caller.session_id {
            Action::SignedOut
        } else {
            Action::SessionEnded
        };
        let transaction = self.database.begin().await?;
        if !sessions::delete(&transaction, caller.person.id, id).await? {
            return Ok(false);
        }
        revocations::note(&transaction).await?;
        Note::new(action)
            .by(caller.person.id)
            .from(visitor)
            .write(&transaction)
            .await?;
        self.database.commit(transaction).await?;
        self.have_ended();
        Ok(true)
    }

    /// Ends the caller's sessions but the one that asks.
    pub async fn end_others(
        &self,
        caller: &SignedIn,
        visitor: &Visitor,
    ) -> Result<(), ServiceError> {
        let transaction = self.database.begin().await?;
        end_all(&transaction, caller.person.id, Some(&caller.session_id)).await?;
        Note::new(Action::OtherSessionsEnded)
            .by(caller.person.id)
            .from(visitor)
            .write(&transaction)
            .await?;
        self.database.commit(transaction).await?;
        self.have_ended();
        Ok(())
    }

    /// Sessions were ended, and that is committed: their sockets close now and not at the next look.
    pub fn have_ended(&self) {
        self.ended.notify_one();
    }

    /// Of these sessions the ones that last.
    pub async fn lasting(&self, ids: &[String]) -> Result<Vec<String>, ServiceError> {
        Ok(sessions::lasting(self.database.reader(), ids, now().0).await?)
    }

    /// How long a session lasts from now on, as it stands in the database; nothing if it is over.
    pub async fn remaining(&self, id: &str) -> Result<Option<Duration>, ServiceError> {
        let found = sessions::find(self.database.reader(), id).await?;
        let left = found.map_or(0, |(session, _)| session.expires_at - now().0);
        Ok(u64::try_from(left)
            .ok()
            .filter(|left| *left > 0)
            .map(Duration::from_millis))
    }

    /// Announces that sessions have ended, by whichever program, and sweeps out what is over.
    pub async fn watch(&self) {
        let mut seen = None;
        let mut noted = Instant::now();
        let mut swept = None;
        loop {
            match revocations::count(self.database.reader()).await {
                Ok(count) => {
                    if seen.is_some_and(|seen| seen != count) {
                        self.announcer.send(DomainEvent::SessionsEnded).await;
                    }
                    seen = Some(count);
                }
                Err(error) => {
                    tracing::debug!(%error, "it is not known whether sessions have ended")
                }
            }
            if noted.elapsed() >= NOTE_EVERY {
                noted = Instant::now();
                if let Err(error) = self.note_uses().await {
                    tracing::debug!(%error, "it is not written down which sessions were used");
                }
            }
            if swept.is_none_or(|swept: Instant| swept.elapsed() >= SWEEP_EVERY) {
                swept = Some(Instant::now());
                if let Err(error) = self.sweep().await {
                    tracing::warn!(%error, "what is over could not be swept out");
                }
            }
            tokio::select! {
                () = self.ended.notified() => {}
                () = tokio::time::sleep(LOOK_EVERY) => {}
            }
        }
    }

    async fn sweep(&self) -> Result<(), StorageError> {
        let now = now().0;
        let transaction = self.database.begin().await?;
        sessions::delete_expired(&transaction, now).await?;
        links::delete_expired(&transaction, now).await?;
        audit::delete_before(&transaction, now - super::audit::KEPT).await?;
        self.database.commit(transaction).await
    }

    fn confirmed_until(&self, confirmed_at: i64) -> i64 {
        confirmed_at.saturating_add(milliseconds(self.rules.confirmed_for))
    }
}

/// Ends every session of an account but `except`, as a part of a transaction.
pub(super) async fn end_all(
    connection: &impl ConnectionTrait,
    account: UserId,
    except: Option<&str>,
) -> Result<(), StorageError> {
    if sessions::delete_all(connection, account, except).await? > 0 {
        revocations::note(connection).await?;
    }
    Ok(())
}

fn milliseconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}
