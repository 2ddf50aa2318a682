//! Keys with which access tokens are signed, in memory.

use async_trait::async_trait;

use super::{MemoryAccountStore, lock};
use crate::{
    Result,
    account_store::{AuditEntry, SigningKey, SigningKeys},
    clock::Timestamp,
};

#[async_trait]
impl SigningKeys for MemoryAccountStore {
    async fn signing_keys(&self, now: Timestamp) -> Result<Vec<SigningKey>> {
        let tables = lock(&self.0);
        let believed = tables.signing_keys.iter().filter(|key| key.is_believed(now));
        let mut found: Vec<SigningKey> = believed.cloned().collect();
        found.sort_by_key(|key| std::cmp::Reverse((key.created_at, key.id)));
        Ok(found)
    }

    async fn keep_signing_key(
        &self,
        key: SigningKey,
        others_until: Option<Timestamp>,
        audit: AuditEntry,
    ) -> Result<()> {
        let mut tables = lock(&self.0);
        for other in &mut tables.signing_keys {
            other.expires_at = match (other.expires_at, others_until) {
                (Some(end), Some(until)) => Some(end.min(until)),
                (end, until) => end.or(until),
            };
        }
        tables.signing_keys.push(key);
        tables.note(audit);
        Ok(())
    }
}
