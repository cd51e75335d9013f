//! Sessions and the two tokens that stand for them.
//!
//! Both tokens are JWTs (RFC 7519) over one session in the database. The *session token* lives in
//! an HttpOnly cookie; the *socket token* opens a socket, lasts ten minutes and is handed to
//! scripts. Their audiences differ, so neither passes for the other.

use std::time::Duration;

use jsonwebtoken::{
    Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode, errors::ErrorKind,
};
use protocol::{Session, Timestamp};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Person, ServiceError, accounts::person, now};
use crate::storage::{Database, sessions};

/// How long a socket token may be used to open a socket.
const SOCKET_TOKEN_LENGTH: Duration = Duration::from_secs(10 * 60);

/// The key that signs tokens. It has no Debug output and is never serialised.
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
}

impl SignedIn {
    /// The session as its owner sees it.
    pub fn session(&self) -> Session {
        Session {
            username: self.person.username.clone(),
            display_name: self.person.display_name.clone(),
            expires_at: self.expires_at,
        }
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

/// Begins sessions and checks tokens.
pub struct Sessions {
    database: Database,
    encoding_key: EncodingKey,
    decoding_key: DecodingKey,
    length: Duration,
}

impl std::fmt::Debug for Sessions {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Sessions")
            .field("length", &self.length)
            .finish_non_exhaustive()
    }
}

impl Sessions {
    pub fn new(database: Database, secret: &Secret, length: Duration) -> Self {
        Self {
            database,
            encoding_key: EncodingKey::from_secret(&secret.0),
            decoding_key: DecodingKey::from_secret(&secret.0),
            length,
        }
    }

    /// Begins a session.
    pub async fn begin(&self, person: Person) -> Result<SignedIn, ServiceError> {
        let begun_at = now();
        let length = i64::try_from(self.length.as_millis()).unwrap_or(i64::MAX);
        let expires_at = Timestamp(begun_at.0.saturating_add(length));
        let session_id = Uuid::new_v4().to_string();
        let transaction = self.database.begin().await?;
        sessions::delete_expired(&transaction, begun_at.0).await?;
        sessions::insert(
            &transaction,
            &session_id,
            person.id,
            begun_at.0,
            expires_at.0,
        )
        .await?;
        self.database.commit(transaction).await?;
        Ok(SignedIn {
            person,
            session_id,
            expires_at,
        })
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
        encode(&Header::new(Algorithm::HS256), &claims, &self.encoding_key).map_err(|error| {
            crate::storage::StorageError::Unusable(format!("a token could not be signed: {error}"))
                .into()
        })
    }

    /// Checks a token against its signature, its audience, its time and the session behind it.
    pub async fn check(&self, token: &str, audience: Audience) -> Result<SignedIn, TokenError> {
        let mut validation = Validation::new(Algorithm::HS256);
        validation.leeway = 0;
        validation.set_audience(&[audience.claim()]);
        validation.set_required_spec_claims(&["exp", "aud", "sub"]);
        let claims = match decode::<Claims>(token, &self.decoding_key, &validation) {
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
        if account.username != claims.sub {
            return Err(TokenError::Invalid);
        }
        Ok(SignedIn {
            person: person(account),
            session_id: session.id,
            expires_at: Timestamp(session.expires_at),
        })
    }
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
