//! Hashes of passwords with Argon2id, and the system's random numbers.

use std::sync::Arc;

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{Error as HashError, PasswordHasher as _, PasswordVerifier as _, phc},
};
use async_trait::async_trait;
use ocr_core::{
    Error, ErrorKind, Result,
    model::PasswordHash,
    password_hasher::{PasswordHasher, PasswordMatch, Salt, SecretSource},
};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Semaphore;

/// Memory of one hash, in KiB: 19 MiB, with two passes and one lane. OWASP Password Storage Cheat Sheet, 2026.
const MEMORY: u32 = 19 * 1024;
/// Passes over that memory.
const PASSES: u32 = 2;
/// Lanes.
const LANES: u32 = 1;
/// Maximum number of hashes that wait for a processor; more are refused.
const WAITING: usize = 64;
/// Version of the algorithm in a hash: 1.3.
const VERSION: u32 = 0x13;

/// Hashes passwords with Argon2id, at most on half of the processors at once.
#[derive(Debug)]
pub(crate) struct Argon2Hasher {
    params: Params,
    running: Arc<Semaphore>,
    waiting: Semaphore,
}

impl Argon2Hasher {
    /// A hasher with the parameters of the year.
    pub(crate) fn new() -> Result<Self> {
        Self::with(MEMORY, PASSES)
    }

    fn with(memory: u32, passes: u32) -> Result<Self> {
        let params = Params::new(memory, passes, LANES, None).map_err(|error| {
            Error::new(ErrorKind::Internal, "the parameters of Argon2 are wrong").with_source(error)
        })?;
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        Ok(Self {
            params,
            running: Arc::new(Semaphore::new((processors / 2).max(1))),
            waiting: Semaphore::new(WAITING),
        })
    }

    fn argon2(&self) -> Argon2<'static> {
        Argon2::new(Algorithm::Argon2id, Version::V0x13, self.params.clone())
    }

    /// Does `work` on a thread of its own, when it is its turn.
    async fn in_turn<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let _waiting = self.waiting.try_acquire().map_err(|_| {
            Error::new(
                ErrorKind::Unavailable,
                "too many people sign in at this moment; try again",
            )
        })?;
        let defect = |error: Box<dyn std::error::Error + Send + Sync>| {
            Error::new(ErrorKind::Internal, "a password could not be hashed").with_source(error)
        };
        let running = Arc::clone(&self.running);
        let permit = running
            .acquire_owned()
            .await
            .map_err(|error| defect(error.into()))?;
        let done = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            work()
        });
        done.await.map_err(|error| defect(error.into()))?
    }

    /// Whether a hash was made with other parameters than these.
    fn is_outdated(params: &Params, hash: &phc::PasswordHash) -> bool {
        let same = |made: &Params| {
            (made.m_cost(), made.t_cost(), made.p_cost())
                == (params.m_cost(), params.t_cost(), params.p_cost())
        };
        let current = hash.algorithm.as_str() == Algorithm::Argon2id.as_str()
            && hash.version == Some(VERSION)
            && Params::try_from(hash).is_ok_and(|made| same(&made));
        !current
    }
}

#[async_trait]
impl PasswordHasher for Argon2Hasher {
    async fn hash(&self, password: SecretString, salt: Salt) -> Result<PasswordHash> {
        let argon2 = self.argon2();
        self.in_turn(move || {
            let made = argon2.hash_password_with_salt(password.expose_secret().as_bytes(), &salt);
            made.map(|hash: phc::PasswordHash| PasswordHash::new(hash.to_string()))
                .map_err(|error| {
                    Error::new(ErrorKind::Internal, "a password could not be hashed").with_source(error)
                })
        })
        .await
    }

    async fn verify(&self, password: SecretString, hash: PasswordHash) -> Result<PasswordMatch> {
        let argon2 = self.argon2();
        self.in_turn(move || {
            let hash = phc::PasswordHash::new(hash.as_str()).map_err(|error| corrupt().with_source(error))?;
            match argon2.verify_password(password.expose_secret().as_bytes(), &hash) {
                Ok(()) if Self::is_outdated(argon2.params(), &hash) => Ok(PasswordMatch::Outdated),
                Ok(()) => Ok(PasswordMatch::Yes),
                Err(HashError::PasswordInvalid) => Ok(PasswordMatch::No),
                Err(error) => Err(corrupt().with_source(error)),
            }
        })
        .await
    }
}

fn corrupt() -> Error {
    Error::new(ErrorKind::Corrupt, "the hash of a password cannot be read")
}

/// The random numbers of the operating system.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SystemSecrets;

impl SecretSource for SystemSecrets {
    fn fill(&self, bytes: &mut [u8]) -> Result<()> {
        getrandom::fill(bytes).map_err(|error| {
            Error::new(ErrorKind::Internal, "the system gives no random numbers").with_source(error)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SALT: Salt = *b"a salt of 16 B..";

    #[tokio::test]
    async fn a_password_is_known_again_and_another_is_not() {
        let hasher = Argon2Hasher::with(32, 1).unwrap();
        let hash = hasher.hash("correct horse".into(), SALT).await.unwrap();
        assert!(
            hash.as_str().starts_with("$argon2id$v=19$m=32,t=1,p=1$"),
            "{}",
            hash.as_str()
        );
        let verify = async |hasher: &Argon2Hasher, password: &str| {
            hasher.verify(password.into(), hash.clone()).await.unwrap()
        };
        assert_eq!(verify(&hasher, "correct horse").await, PasswordMatch::Yes);
        assert_eq!(verify(&hasher, "correct horsf").await, PasswordMatch::No);
        let newer = Argon2Hasher::with(64, 1).unwrap();
        assert_eq!(verify(&newer, "correct horse").await, PasswordMatch::Outdated);
        assert_eq!(verify(&newer, "correct horsf").await, PasswordMatch::No);
    }

    #[tokio::test]
    async fn what_is_no_hash_is_an_error_and_not_a_wrong_password() {
        let hasher = Argon2Hasher::with(32, 1).unwrap();
        for odd in ["", "x", "$md5$c2FsdHNhbHQ$aGFzaGhhc2hoYXNo"] {
            let error = hasher
                .verify("correct horse".into(), PasswordHash::new(odd))
                .await;
            assert_eq!(error.unwrap_err().kind(), ErrorKind::Corrupt, "{odd}");
        }
    }

    #[test]
    fn secrets_differ() {
        let secret = || {
            let mut bytes = [0; 32];
            SystemSecrets.fill(&mut bytes).unwrap();
            bytes
        };
        assert_ne!(secret(), secret());
    }
}
