//! Identities at providers, in memory.

use async_trait::async_trait;

use super::{MemoryAccountStore, lock};
use crate::{
    Result,
    account_store::{Account, AuditEntry, Identities, Identity, identity_taken, no_account},
    id::UserId,
};

#[async_trait]
impl Identities for MemoryAccountStore {
    async fn account_identified(&self, identity: Identity) -> Result<Option<Account>> {
        let tables = lock(&self.0);
        let user = tables.identities.get(&identity);
        Ok(user.and_then(|user| tables.accounts.get(user)).cloned())
    }

    async fn create_identified(&self, account: Account, identity: Identity, audit: AuditEntry) -> Result<()> {
        let mut tables = lock(&self.0);
        if tables.identities.contains_key(&identity) {
            return Err(identity_taken());
        }
        let user = account.id;
        tables.create(account)?;
        tables.identities.insert(identity, user);
        tables.note(audit);
        Ok(())
    }

    async fn link_identity(&self, user: UserId, identity: Identity, audit: AuditEntry) -> Result<()> {
        let mut tables = lock(&self.0);
        if !tables.accounts.contains_key(&user) {
            return Err(no_account());
        }
        if tables.identities.contains_key(&identity) {
            return Err(identity_taken());
        }
        tables.identities.insert(identity, user);
        tables.note(audit);
        Ok(())
    }
}
