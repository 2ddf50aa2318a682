//! Second factors in memory.

use async_trait::async_trait;

use super::{MemoryAccountStore, lock};
use crate::{
    Result,
    account_store::{AuditEntry, SecondFactor, SecondFactors},
    id::UserId,
};

#[async_trait]
impl SecondFactors for MemoryAccountStore {
    async fn second_factor(&self, user: UserId) -> Result<Option<SecondFactor>> {
        Ok(lock(&self.0).second_factors.get(&user).cloned())
    }

    async fn replace_second_factor(
        &self,
        user: UserId,
        version: Option<u64>,
        to: Option<SecondFactor>,
        audit: Option<AuditEntry>,
    ) -> Result<bool> {
        let mut tables = lock(&self.0);
        let present = tables.second_factors.get(&user).map(|factor| factor.version);
        let nothing = version.is_none() && to.is_none();
        if nothing || present != version || !tables.accounts.contains_key(&user) {
            return Ok(false);
        }
        match to {
            Some(to) => tables.second_factors.insert(user, to),
            None => tables.second_factors.remove(&user),
        };
        if let Some(entry) = audit {
            tables.note(entry);
        }
        Ok(true)
    }
}
