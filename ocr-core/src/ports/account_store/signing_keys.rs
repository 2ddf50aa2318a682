//! Keys with which access tokens are signed.

use std::fmt;

use async_trait::async_trait;

use super::{AuditEntry, SigningKey};
use crate::{Result, clock::Timestamp};

/// Keys with which access tokens are signed.
#[async_trait]
pub trait SigningKeys: fmt::Debug + Send + Sync + 'static {
    /// Keys that are believed at `now`, newest first: by when they were made, then by id.
    async fn signing_keys(&self, now: Timestamp) -> Result<Vec<SigningKey>>;

    /// Keeps a new key. The others are believed until `others_until` at most: one that ends before that still does.
    async fn keep_signing_key(
        &self,
        key: SigningKey,
        others_until: Option<Timestamp>,
        audit: AuditEntry,
    ) -> Result<()>;
}
