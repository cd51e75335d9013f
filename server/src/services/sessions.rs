//! Sessions and the two tokens that stand for them.
//!
//! Both tokens are JWTs (RFC 7519) over one session in the database. The *session token* lives in
//! an HttpOnly cookie; the *socket token* opens a socket, lasts ten minutes and is handed to
//! scripts. Their audiences differ, so neither passes for the other.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError, RwLock},
    time::{Duration, Instant},
};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use jsonwebtoken::{
    Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, decode_header, encode,
    errors::ErrorKind,
};
use protocol::{Session, Timestamp, account::Device};
use sea_orm::ConnectionTrait;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tokio::sync::Notify;
use uuid::Uuid;

use super::{
    DomainEvent, Person, ServiceError, Visitor,
    accounts::person,
    audit::{Action, Note},
    events::Announcer,
    now,
};
use crate::storage::{Database, StorageError, UserId, audit, links, revocations, sessions};

/// How long a socket token may be used to open a socket.
const SOCKET_TOKEN_LENGTH: Duration = Duration::from_secs(10 * 60);

/// Most bytes of a token. Ours have some 400.
const MAX_TOKEN: usize = 4_096;
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

/// A key that signs tokens. It has no Debug output and is never serialised.
#[derive(Clone)]
pub struct Secret(Vec<u8>);

impl std::fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Secret(…)")
    }
}

impl Secret {
    /// Fewest bytes: as many as HMAC-SHA-256 puts out (RFC 7518, section 3.2).
    pub const MIN_LENGTH: usize = 32;

    /// Takes a key; `None` if it is too short to sign with.
    pub fn new(bytes: Vec<u8>) -> Option<Self> {
        // One byte repeated is a placeholder and not a key.
        let varied = bytes.iter().any(|byte| Some(byte) != bytes.first());
        (bytes.len() >= Self::MIN_LENGTH && varied).then_some(Self(bytes))
    }

    /// The name by which a token says which key has signed it (RFC 7515, section 4.1.4).
    fn id(&self) -> String {
        let digest = Sha256::digest(&self.0);
        digest[..6]
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect()
    }
}

/// A key with its name.
struct Key {
    id: String,
    secret: Secret,
    decoding: DecodingKey,
}

/// The keys that count: the newest signs, and what older ones have signed counts on.
struct Keys {
    encoding: EncodingKey,
    /// The newest first; there is at least one.
    keys: Vec<Key>,
}

impl Keys {
    /// From secrets of which the newest comes first.
    fn new(secrets: &[Secret]) -> Option<Self> {
        let newest = secrets.first()?;
        let keys = secrets.iter().map(|secret| Key {
            id: secret.id(),
            decoding: DecodingKey::from_secret(&secret.0),
            secret: secret.clone(),
        });
        Some(Self {
            encoding: EncodingKey::from_secret(&newest.0),
            keys: keys.collect(),
        })
    }

    /// The key that has signed this token. One from before keys had names was signed by the oldest.
    fn of(&self, token: &str) -> Option<&Key> {
        match decode_header(token).ok()?.kid {
            Some(named) => self.keys.iter().find(|key| key.id == named),
            None => self.keys.last(),
        }
    }
}

impl Key {
    /// What vouches for a token (RFC 2104). The label keeps it apart from the token's own signature.
    fn voucher(&self, token: &str) -> Hmac<Sha256> {
        let mut mac = Hmac::new_from_slice(&self.secret.0).expect("HMAC takes keys of any length");
        mac.update(b"natter voucher\0");
        mac.update(token.as_bytes());
        mac
    }
}

/// What a token is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// The cookie: every request of the session.
    Session,
    /// The `auth-token` header: opening a socket.
    Socket,
}

impl Audience {
    const fn claim(self) -> &'static str {
        match self {
            Self::Session => "natter-session",
            Self::Socket => "natter-socket",
        }
    }
}

#[derive(Debug, Serialize, Deserialize)]
struct Claims {
    sub: String,
    aud: String,
    /// The session's id.
    sid: String,
    /// Seconds since the Unix epoch, as RFC 7519 counts.
    iat: i64,
    exp: i64,
}

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

/// Why a token does not count.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    #[error("the token has expired")]
    Expired,
    /// Forged, for another audience, or of a session that is no more.
    #[error("unauthorized")]
    Invalid,
    #[error(transparent)]
    Service(#[from] ServiceError),
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

    /// Makes a token for a session. A socket token never outlives its session.
    pub fn token(&self, signed_in: &SignedIn, audience: Audience) -> Result<String, ServiceError> {
        let issued_at = now().0;
        let expires_at = match audience {
            Audience::Session => signed_in.expires_at.0,
            Audience::Socket => {
                let length = i64::try_from(SOCKET_TOKEN_LENGTH.as_millis()).unwrap_or(i64::MAX);
                signed_in.expires_at.0.min(issued_at.saturating_add(length))
            }
        };
        let claims = Claims {
            sub: signed_in.person.username.to_string(),
            aud: audience.claim().to_owned(),
            sid: signed_in.session_id.clone(),
            iat: issued_at.div_euclid(1_000),
            // Rounded up, because the session's own end is checked to the millisecond.
            exp: expires_at.div_euclid(1_000).saturating_add(1),
        };
        let keys = self.keys();
        let mut header = Header::new(Algorithm::HS256);
        header.kid = keys.keys.first().map(|key| key.id.clone());
        encode(&header, &claims, &keys.encoding).map_err(|error| {
            StorageError::Unusable(format!("a token could not be signed: {error}")).into()
        })
    }

    /// What a browser has to bring beside a session token, so that the token counts.
    pub fn voucher(&self, token: &str) -> Option<String> {
        let keys = self.keys();
        let mac = keys.of(token)?.voucher(token).finalize().into_bytes();
        Some(BASE64_URL_SAFE_NO_PAD.encode(mac))
    }

    /// Whether this is the voucher of this token.
    pub fn vouches(&self, voucher: &str, token: &str) -> bool {
        let keys = self.keys();
        let Some(key) = (token.len() <= MAX_TOKEN).then(|| keys.of(token)).flatten() else {
            return false;
        };
        BASE64_URL_SAFE_NO_PAD
            .decode(voucher)
            .is_ok_and(|voucher| key.voucher(token).verify_slice(&voucher).is_ok())
    }

    /// Checks a token against its signature, its audience, its time and the session behind it.
    pub async fn check(&self, token: &str, audience: Audience) -> Result<SignedIn, TokenError> {
        if token.len() > MAX_TOKEN {
            return Err(TokenError::Invalid);
        }
        let mut validation = Validation::new(Algorithm::HS256);
        validation.leeway = 0;
        validation.set_audience(&[audience.claim()]);
        validation.set_required_spec_claims(&["exp", "aud", "sub"]);
        let keys = self.keys();
        let key = keys.of(token).ok_or(TokenError::Invalid)?;
        let claims = match decode::<Claims>(token, &key.decoding, &validation) {
            Ok(token) => token.claims,
            Err(error) if matches!(error.kind(), ErrorKind::ExpiredSignature) => {
                return Err(TokenError::Expired);
            }
            Err(_) => return Err(TokenError::Invalid),
        };
        let found = sessions::find(self.database.reader(), &claims.sid)
            .await
            .map_err(ServiceError::from)?;
        let Some((session, account)) = found else {
            return Err(TokenError::Invalid);
        };
        if session.expires_at <= now().0 {
            return Err(TokenError::Expired);
        }
        if account.username != claims.sub || account.deactivated_at.is_some() {
            return Err(TokenError::Invalid);
        }
        Ok(SignedIn {
            person: person(account),
            session_id: session.id,
            expires_at: Timestamp(session.expires_at),
            ends_at: session.ends_at,
            seen_at: session.seen_at,
            confirmed_until: self.confirmed_until(session.confirmed_at),
        })
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_or_uniform_secret_is_refused() {
        assert!(Secret::new((0..32).collect()).is_some());
        assert!(Secret::new((0..31).collect()).is_none());
        assert!(Secret::new(vec![0; 64]).is_none());
    }

    #[test]
    fn a_secret_shows_nothing_of_itself() {
        let secret = Secret::new((0..32).collect()).expect("long enough");
        assert_eq!(format!("{secret:?}"), "Secret(…)");
    }
}
