//! Passwords: what they have to be, and how they are kept.
//!
//! The rules are those of NIST SP 800-63B, section 3.1.1.2: long enough, none of those that are
//! guessed first, nothing else. They are kept as Argon2id (RFC 9106) with the parameters that the
//! OWASP Password Storage Cheat Sheet recommends: 19 MiB, two passes, one lane.

use std::sync::Arc;

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use protocol::{ErrorBody, ErrorCode};
use tokio::sync::{OnceCell, Semaphore};
use unicode_normalization::UnicodeNormalization;

use super::ServiceError;
use crate::storage::{StorageError, entities::Hidden};

/// Fewest characters.
pub const MIN_LENGTH: usize = 8;
/// Most bytes; nobody types more, and each costs time.
pub const MAX_BYTES: usize = 1_024;

/// Memory for one hash, in KiB.
const MEMORY: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;
/// Hashes at the same time: what they take in memory and processors is bounded.
const AT_ONCE: usize = 2;
/// How many may wait for that. With some 30 ms each nobody waits for more than a second or two.
const WAITING: usize = 64;

/// Refuses what cannot be a new password. `names`: what its owner is called, which is guessed first.
pub fn check(password: &str, names: &[&str]) -> Result<(), ErrorBody> {
    if password.chars().count() < MIN_LENGTH {
        return Err(refused(
            ErrorCode::PasswordTooShort,
            "A password has at least 8 characters. A few words in a row are easy to remember.",
        ));
    }
    if password.len() > MAX_BYTES {
        return Err(refused(
            ErrorCode::PasswordTooLong,
            "A password has at most 1,024 bytes.",
        ));
    }
    let lower = password.to_lowercase();
    let is_name = ["natter", "natter-server"]
        .iter()
        .chain(names)
        .any(|name| !name.is_empty() && is_built_from(&lower, &name.to_lowercase()));
    if is_name
        || [password, &lower]
            .iter()
            .any(passwords::analyzer::is_common_password)
    {
        return Err(refused(
            ErrorCode::PasswordCommon,
            "This password is one of the first that anybody would try. Choose another one.",
        ));
    }
    Ok(())
}

/// The name alone, repeated, or with nothing but digits around it.
fn is_built_from(password: &str, name: &str) -> bool {
    let rest = password.replace(name, "");
    rest.len() < password.len() && rest.chars().all(|it| it.is_ascii_digit() || it == '!')
}

fn refused(code: ErrorCode, message: &str) -> ErrorBody {
    ErrorBody::new(code, message).on_field("password")
}

/// Hashes and compares, a bounded number at a time and beside the threads that serve.
#[derive(Debug, Clone)]
pub struct Passwords {
    running: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
    /// What is compared with where there is no password, so that it takes as long.
    decoy: Arc<OnceCell<Hidden>>,
}

impl Default for Passwords {
    fn default() -> Self {
        Self {
            running: Arc::new(Semaphore::new(AT_ONCE)),
            waiting: Arc::new(Semaphore::new(AT_ONCE + WAITING)),
            decoy: Arc::default(),
        }
    }
}

impl Passwords {
    /// The hash of a password, with a salt of its own, in the PHC string format.
    pub async fn hash(&self, password: &str) -> Result<Hidden, ServiceError> {
        let password = normal(password);
        let hash = self
            .run(move || {
                let hash = argon2().hash_password(password.as_bytes());
                hash.map(|hash| Hidden(hash.to_string()))
            })
            .await?;
        hash.map_err(|error| {
            StorageError::Unusable(format!("a password could not be hashed: {error}")).into()
        })
    }

    /// Whether a password is the one that was hashed. Without a hash it is not, and that takes as
    /// long to say.
    pub async fn verify(
        &self,
        password: &str,
        hash: Option<&Hidden>,
    ) -> Result<bool, ServiceError> {
        // Nobody has one that is longer, and this tells nothing of anybody.
        if password.len() > MAX_BYTES {
            return Ok(false);
        }
        let (hash, counts) = match hash {
            Some(hash) => (hash.clone(), true),
            None => (
                self.decoy
                    .get_or_try_init(|| self.hash("no password is this one"))
                    .await?
                    .clone(),
                false,
            ),
        };
        let password = normal(password);
        let is_right = self
            .run(move || {
                PasswordHash::new(&hash.0)
                    .is_ok_and(|hash| argon2().verify_password(password.as_bytes(), &hash).is_ok())
            })
            .await?;
        Ok(is_right && counts)
    }

    /// Whether a hash was made as hashes are made today.
    pub fn is_current(hash: &Hidden) -> bool {
        PasswordHash::new(&hash.0).is_ok_and(|hash| {
            hash.algorithm == Algorithm::Argon2id.ident()
                && Params::try_from(&hash).is_ok_and(|params| {
                    (params.m_cost(), params.t_cost(), params.p_cost()) == (MEMORY, PASSES, LANES)
                })
        })
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, ServiceError> {
        let _place = self.waiting.try_acquire().map_err(|_| {
            ServiceError::refused(
                ErrorCode::Unavailable,
                "Too many people are signing in at this moment. Try again in a few seconds.",
            )
        })?;
        let permit = Arc::clone(&self.running)
            .acquire_owned()
            .await
            .map_err(|_| ServiceError::Stopping)?;
        let work = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            work()
        });
        work.await.map_err(|_| ServiceError::Stopping)
    }
}

/// The same password typed on another keyboard may come as other characters (RFC 8265, section 4.2).
fn normal(password: &str) -> String {
    password.nfc().collect()
}

fn argon2() -> Argon2<'static> {
    let params = Params::new(MEMORY, PASSES, LANES, None).expect("parameters within their ranges");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(password: &str) -> Option<ErrorCode> {
        check(password, &["alice", "Alice Smith"])
            .err()
            .map(|error| error.code)
    }

    #[test]
    fn eight_characters_pass_whatever_they_are() {
        assert_eq!(code("trombone-7"), None);
        assert_eq!(code("ölänkåäö"), None);
        assert_eq!(code("four words and spaces"), None);
        assert_eq!(code("seven77"), Some(ErrorCode::PasswordTooShort));
        assert_eq!(code(&"x".repeat(1_025)), Some(ErrorCode::PasswordTooLong));
    }

    #[test]
    fn what_is_guessed_first_is_refused() {
        for common in [
            "password",
            "Password1",
            "12345678",
            "iloveyou",
            "QWERTYUIOP",
        ] {
            assert_eq!(code(common), Some(ErrorCode::PasswordCommon), "{common}");
        }
        for named in ["alicealice", "Alice2024", "natter123", "alice smith1"] {
            assert_eq!(code(named), Some(ErrorCode::PasswordCommon), "{named}");
        }
    }

    #[tokio::test]
    async fn a_password_is_known_again_however_its_letters_are_composed() {
        let passwords = Passwords::default();
        let hash = passwords.hash("caf\u{e9} au lait").await.expect("a hash");
        assert!(
            hash.0.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
            "{}",
            hash.0
        );
        let verify = |password| passwords.verify(password, Some(&hash));
        assert!(verify("cafe\u{301} au lait").await.expect("an answer"));
        assert!(!verify("cafe au lait").await.expect("an answer"));
    }

    #[tokio::test]
    async fn nobody_signs_in_without_a_password_to_compare_with() {
        let passwords = Passwords::default();
        for guess in ["no password is this one", ""] {
            assert!(!passwords.verify(guess, None).await.expect("an answer"));
        }
    }

    #[tokio::test]
    async fn a_crowd_is_told_to_come_back_and_those_before_it_are_served() {
        let passwords = Passwords::default();
        let crowd = (0..AT_ONCE + WAITING + 10).map(|_| passwords.verify("guess", None));
        // The first makes the decoy, for which the others wait.
        passwords.verify("guess", None).await.expect("an answer");
        let answers = futures_util::future::join_all(crowd).await;
        let refused = answers.iter().filter(|answer| answer.is_err()).count();
        assert_eq!(refused, 10);
    }
}
