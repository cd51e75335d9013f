//! The two tokens that stand for a session, and the keys that sign them.
//!
//! Both tokens are JWTs (RFC 7519) over one session in the database. The *session token* lives in
//! an HttpOnly cookie; the *socket token* opens a socket, lasts ten minutes and is handed to
//! scripts. Their audiences differ, so neither passes for the other.

use std::time::Duration;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use jsonwebtoken::{
    Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, decode_header, encode,
    errors::ErrorKind,
};
use protocol::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{Sessions, SignedIn};
use crate::{
    services::{ServiceError, accounts::person, now},
    storage::{StorageError, sessions},
};

/// How long a socket token may be used to open a socket.
const SOCKET_TOKEN_LENGTH: Duration = Duration::from_secs(10 * 60);

/// Most bytes of a token. Ours have some 400.
const MAX_TOKEN: usize = 4_096;
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
pub(super) struct Key {
    id: String,
    secret: Secret,
    decoding: DecodingKey,
}

/// The keys that count: the newest signs, and what older ones have signed counts on.
pub(super) struct Keys {
    encoding: EncodingKey,
    /// The newest first; there is at least one.
    keys: Vec<Key>,
}

impl Keys {
    /// From secrets of which the newest comes first.
    pub(super) fn new(secrets: &[Secret]) -> Option<Self> {
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

impl Sessions {
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
