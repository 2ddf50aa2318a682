//! What makes and checks hashes of passwords.

use std::fmt;

use async_trait::async_trait;
use secrecy::SecretString;

use crate::{Result, model::PasswordHash};

/// Random bytes that make equal passwords have different hashes.
pub type Salt = [u8; 16];

/// Makes and checks hashes of passwords: slow on purpose, and never many at once.
#[async_trait]
pub trait PasswordHasher: fmt::Debug + Send + Sync + 'static {
    /// The hash of a password under the present parameters.
    /// `Unavailable` when too many wait already.
    async fn hash(&self, password: SecretString, salt: Salt) -> Result<PasswordHash>;

    /// Whether a password is the one of which there is a hash, compared in constant time.
    /// `Unavailable` when too many wait already, `Corrupt` for a hash that is none.
    async fn verify(&self, password: SecretString, hash: PasswordHash) -> Result<PasswordMatch>;
}

/// What a comparison found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PasswordMatch {
    /// It is another password.
    No,
    /// It is the password.
    Yes,
    /// It is the password, but its hash was made with other parameters than would be used now.
    Outdated,
}

/// Where secrets come from.
pub trait SecretSource: fmt::Debug + Send + Sync + 'static {
    /// Fills `bytes` with what nobody can guess.
    fn fill(&self, bytes: &mut [u8]) -> Result<()>;
}
