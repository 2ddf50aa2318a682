//! Keys of programs.

use std::fmt;

use async_trait::async_trait;

use super::{Account, ApiKey, AuditEntry, Lookup};
use crate::{
    Result,
    clock::Timestamp,
    id::{KeyId, UserId},
};

/// Keys of programs.
#[async_trait]
pub trait ApiKeys: fmt::Debug + Send + Sync + 'static {
    /// Keeps a new key. `NotFound` when its user has no account.
    async fn create_key(&self, key: ApiKey, audit: AuditEntry) -> Result<()>;

    /// A key and its account. `None` when it is revoked or expired at `now`, and when the account is disabled.
    async fn key(&self, which: Lookup<KeyId>, now: Timestamp) -> Result<Option<(ApiKey, Account)>>;

    /// The keys of a user, expired ones too, newest first.
    async fn keys(&self, user: UserId) -> Result<Vec<ApiKey>>;

    /// Notes that a key was used. One that is revoked is passed over.
    async fn touch_key(&self, id: KeyId, at: Timestamp) -> Result<()>;

    /// Revokes a key. `NotFound` when it is none of `user`.
    async fn revoke_key(&self, user: UserId, id: KeyId, audit: AuditEntry) -> Result<()>;
}
