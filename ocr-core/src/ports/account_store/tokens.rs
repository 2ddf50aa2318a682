//! Secrets that work once.

use std::fmt;

use async_trait::async_trait;

use super::{OneTimeToken, TokenHash};
use crate::{Result, clock::Timestamp};

/// Secrets that work once.
#[async_trait]
pub trait OneTimeTokens: fmt::Debug + Send + Sync + 'static {
    /// Keeps a secret. One for the set-up, and one to choose a password, takes the place of an earlier one for the same.
    async fn keep_token(&self, token: OneTimeToken) -> Result<()>;

    /// Takes a secret out, so that nobody can use it again. `None` when it is not there, or expired at `now`: of several
    /// who try, one succeeds.
    async fn take_token(&self, token: TokenHash, now: Timestamp) -> Result<Option<OneTimeToken>>;

    /// Forgets what has expired at `now`: secrets, sessions, signing keys, and attempts to sign in that do not count any
    /// more. Says how
    /// many there were.
    async fn forget_expired(&self, now: Timestamp) -> Result<u64>;
}
