//! The account store by its calls. What reads, and what writes the same when it is done twice, may be repeated.

use std::time::Duration;

use async_trait::async_trait;

use super::Layered;
use crate::{
    Result,
    account_store::{
        Account, AccountCapabilities, AccountChange, AccountStoreBase, Accounts, ApiKey, ApiKeys,
        AttemptLimit, AuditAnchor, AuditEntry, AuditFilter, AuditLog, Identities, Identity, Lookup,
        OneTimeToken, OneTimeTokens, PasswordHash, RefreshChain, SealedRecord, SecondFactor, SecondFactors,
        Session, Sessions, SignInAttempts, SigningKey, SigningKeys, TokenHash,
    },
    clock::Timestamp,
    id::{KeyId, SessionId, UserId},
};

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl<P: AccountStoreBase + ?Sized> AccountStoreBase for Layered<P> {
    fn name(&self) -> &'static str {
        self.inner.name()
    }

    fn capabilities(&self) -> AccountCapabilities {
        self.inner.capabilities()
    }

    async fn check(&self) -> Result<()> {
        self.calls.repeated("check", || self.inner.check()).await
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl<P: Accounts + ?Sized> Accounts for Layered<P> {
    async fn create_account(&self, account: Account, first: bool, audit: AuditEntry) -> Result<()> {
        self.calls
            .once("create_account", self.inner.create_account(account, first, audit))
            .await
    }

    async fn account(&self, user: UserId) -> Result<Option<Account>> {
        self.calls.repeated("account", || self.inner.account(user)).await
    }

    async fn account_of(&self, login: String) -> Result<Option<Account>> {
        self.calls
            .repeated("account_of", || self.inner.account_of(login.clone()))
            .await
    }

    async fn accounts(&self, after: Option<String>, limit: usize) -> Result<Vec<Account>> {
        self.calls
            .repeated("accounts", || self.inner.accounts(after.clone(), limit))
            .await
    }

    async fn change_account(
        &self,
        user: UserId,
        change: AccountChange,
        audit: Option<AuditEntry>,
    ) -> Result<Account> {
        self.calls
            .once("change_account", self.inner.change_account(user, change, audit))
            .await
    }

    async fn adopt(&self, from: UserId, to: UserId, audit: AuditEntry) -> Result<u64> {
        self.calls.once("adopt", self.inner.adopt(from, to, audit)).await
    }

    async fn strangers(&self, limit: usize) -> Result<Vec<(UserId, u64)>> {
        self.calls
            .repeated("strangers", || self.inner.strangers(limit))
            .await
    }

    async fn erase_user(&self, user: UserId, entry: AuditEntry) -> Result<u64> {
        self.calls
            .once("erase_user", self.inner.erase_user(user, entry))
            .await
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl<P: Identities + ?Sized> Identities for Layered<P> {
    async fn account_identified(&self, identity: Identity) -> Result<Option<Account>> {
        self.calls
            .repeated("account_identified", || {
                self.inner.account_identified(identity.clone())
            })
            .await
    }

    async fn create_identified(&self, account: Account, identity: Identity, audit: AuditEntry) -> Result<()> {
        self.calls
            .once(
                "create_identified",
                self.inner.create_identified(account, identity, audit),
            )
            .await
    }

    async fn link_identity(&self, user: UserId, identity: Identity, audit: AuditEntry) -> Result<()> {
        self.calls
            .once("link_identity", self.inner.link_identity(user, identity, audit))
            .await
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl<P: Sessions + ?Sized> Sessions for Layered<P> {
    async fn create_session(
        &self,
        session: Session,
        verified: Option<PasswordHash>,
        audit: AuditEntry,
    ) -> Result<()> {
        self.calls
            .once(
                "create_session",
                self.inner.create_session(session, verified, audit),
            )
            .await
    }

    async fn session(&self, which: Lookup<SessionId>, now: Timestamp) -> Result<Option<(Session, Account)>> {
        self.calls
            .repeated("session", || self.inner.session(which.clone(), now))
            .await
    }

    async fn sessions(&self, user: UserId, now: Timestamp) -> Result<Vec<Session>> {
        self.calls
            .repeated("sessions", || self.inner.sessions(user, now))
            .await
    }

    async fn touch_session(&self, id: SessionId, at: Timestamp, expires_at: Timestamp) -> Result<()> {
        self.calls
            .repeated("touch_session", || self.inner.touch_session(id, at, expires_at))
            .await
    }

    async fn rotate_refresh(&self, id: SessionId, from: u32, next: RefreshChain) -> Result<bool> {
        // Once: done twice, it would say that somebody else did it.
        self.calls
            .once("rotate_refresh", self.inner.rotate_refresh(id, from, next))
            .await
    }

    async fn end_session(&self, user: UserId, id: SessionId, audit: AuditEntry) -> Result<()> {
        self.calls
            .once("end_session", self.inner.end_session(user, id, audit))
            .await
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl<P: ApiKeys + ?Sized> ApiKeys for Layered<P> {
    async fn create_key(&self, key: ApiKey, audit: AuditEntry) -> Result<()> {
        self.calls
            .once("create_key", self.inner.create_key(key, audit))
            .await
    }

    async fn key(&self, which: Lookup<KeyId>, now: Timestamp) -> Result<Option<(ApiKey, Account)>> {
        self.calls
            .repeated("key", || self.inner.key(which.clone(), now))
            .await
    }

    async fn keys(&self, user: UserId) -> Result<Vec<ApiKey>> {
        self.calls.repeated("keys", || self.inner.keys(user)).await
    }

    async fn touch_key(&self, id: KeyId, at: Timestamp) -> Result<()> {
        self.calls
            .repeated("touch_key", || self.inner.touch_key(id, at))
            .await
    }

    async fn revoke_key(&self, user: UserId, id: KeyId, audit: AuditEntry) -> Result<()> {
        self.calls
            .once("revoke_key", self.inner.revoke_key(user, id, audit))
            .await
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl<P: OneTimeTokens + ?Sized> OneTimeTokens for Layered<P> {
    async fn keep_token(&self, token: OneTimeToken) -> Result<()> {
        self.calls.once("keep_token", self.inner.keep_token(token)).await
    }

    async fn take_token(&self, token: TokenHash, now: Timestamp) -> Result<Option<OneTimeToken>> {
        // Once: taken twice, it would not be there.
        self.calls
            .once("take_token", self.inner.take_token(token, now))
            .await
    }

    async fn forget_expired(&self, now: Timestamp) -> Result<u64> {
        self.calls
            .repeated("forget_expired", || self.inner.forget_expired(now))
            .await
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl<P: SecondFactors + ?Sized> SecondFactors for Layered<P> {
    async fn second_factor(&self, user: UserId) -> Result<Option<SecondFactor>> {
        self.calls
            .repeated("second_factor", || self.inner.second_factor(user))
            .await
    }

    async fn replace_second_factor(
        &self,
        user: UserId,
        version: Option<u64>,
        to: Option<SecondFactor>,
        audit: Option<AuditEntry>,
    ) -> Result<bool> {
        // Once: done twice, it would say that somebody else did it.
        self.calls
            .once(
                "replace_second_factor",
                self.inner.replace_second_factor(user, version, to, audit),
            )
            .await
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl<P: SigningKeys + ?Sized> SigningKeys for Layered<P> {
    async fn signing_keys(&self, now: Timestamp) -> Result<Vec<SigningKey>> {
        self.calls
            .repeated("signing_keys", || self.inner.signing_keys(now))
            .await
    }

    async fn keep_signing_key(
        &self,
        key: SigningKey,
        others_until: Option<Timestamp>,
        audit: AuditEntry,
    ) -> Result<()> {
        self.calls
            .once(
                "keep_signing_key",
                self.inner.keep_signing_key(key, others_until, audit),
            )
            .await
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl<P: SignInAttempts + ?Sized> SignInAttempts for Layered<P> {
    async fn attempt(&self, limits: Vec<AttemptLimit>, now: Timestamp) -> Result<Duration> {
        self.calls.once("attempt", self.inner.attempt(limits, now)).await
    }

    async fn forgive(&self, forget: Vec<String>, undo: Vec<String>) -> Result<()> {
        self.calls.once("forgive", self.inner.forgive(forget, undo)).await
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl<P: AuditLog + ?Sized> AuditLog for Layered<P> {
    async fn record(&self, entry: AuditEntry) -> Result<()> {
        self.calls.once("record", self.inner.record(entry)).await
    }

    async fn audit(&self, filter: AuditFilter, limit: usize) -> Result<Vec<AuditEntry>> {
        self.calls
            .repeated("audit", || self.inner.audit(filter, limit))
            .await
    }

    async fn seal_entries(&self, limit: usize) -> Result<usize> {
        self.calls
            .once("seal_entries", self.inner.seal_entries(limit))
            .await
    }

    async fn sealed_entries(&self, after: u64, limit: usize) -> Result<Vec<SealedRecord>> {
        self.calls
            .repeated("sealed_entries", || self.inner.sealed_entries(after, limit))
            .await
    }

    async fn unsealed_entries(&self) -> Result<u64> {
        self.calls
            .repeated("unsealed_entries", || self.inner.unsealed_entries())
            .await
    }

    async fn audit_anchor(&self) -> Result<Option<AuditAnchor>> {
        self.calls
            .repeated("audit_anchor", || self.inner.audit_anchor())
            .await
    }

    async fn prune_entries(&self, before: Timestamp, entry: AuditEntry) -> Result<u64> {
        self.calls
            .once("prune_entries", self.inner.prune_entries(before, entry))
            .await
    }
}
