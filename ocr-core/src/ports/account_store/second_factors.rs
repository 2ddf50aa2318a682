//! Second factors of accounts.

use std::fmt;

use async_trait::async_trait;

use super::{AuditEntry, SecondFactor};
use crate::{Result, id::UserId};

/// Second factors of accounts. They go with their account.
#[async_trait]
pub trait SecondFactors: fmt::Debug + Send + Sync + 'static {
    /// The second factor of a user.
    async fn second_factor(&self, user: UserId) -> Result<Option<SecondFactor>>;

    /// Puts `to` in the place of the second factor of this version; of none, and in the place of none, when absent.
    ///
    /// # Behavior
    /// - Whether it did: of several who try from the same version, one succeeds, and nothing is kept of the others.
    /// - `false` also when the user has no account, and when there is nothing to do: none in the place of none.
    async fn replace_second_factor(
        &self,
        user: UserId,
        version: Option<u64>,
        to: Option<SecondFactor>,
        audit: Option<AuditEntry>,
    ) -> Result<bool>;
}
