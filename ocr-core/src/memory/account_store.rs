//! An account store in memory.

mod identities;
mod second_factors;
mod signing_keys;

use std::{
    collections::{BTreeMap, HashMap},
    sync::Mutex,
    time::Duration,
};

use async_trait::async_trait;

use super::{audit_chain::AuditChain, lock};
use crate::{
    Error, ErrorKind, Result,
    account_store::{
        Account, AccountCapabilities, AccountChange, AccountStoreBase, Accounts, ApiKey, ApiKeys,
        AttemptCount, AttemptLimit, AuditAnchor, AuditEntry, AuditFilter, AuditLog, Credential, Identity,
        Lookup, OneTimeToken, OneTimeTokens, PasswordHash, RefreshChain, SealedRecord, SecondFactor, Session,
        Sessions, SignInAttempts, SigningKey, TokenHash, TokenPurpose, last_admin, no_account,
        not_the_present_password,
    },
    clock::Timestamp,
    id::{AuditId, KeyId, SessionId, UserId},
};

/// An account store in memory; its accounts end with it.
#[derive(Debug, Default)]
pub struct MemoryAccountStore(Mutex<Tables>);

#[derive(Debug, Default)]
struct Tables {
    accounts: BTreeMap<UserId, Account>,
    identities: BTreeMap<Identity, UserId>,
    sessions: BTreeMap<SessionId, Session>,
    keys: BTreeMap<KeyId, ApiKey>,
    tokens: HashMap<TokenHash, OneTimeToken>,
    signing_keys: Vec<SigningKey>,
    second_factors: HashMap<UserId, SecondFactor>,
    attempts: HashMap<String, AttemptCount>,
    audit: BTreeMap<AuditId, AuditEntry>,
    chain: AuditChain,
}

impl Tables {
    fn note(&mut self, entry: AuditEntry) {
        self.chain.wait(entry.id);
        self.audit.insert(entry.id, entry);
    }

    fn create(&mut self, account: Account) -> Result<()> {
        let taken = self
            .accounts
            .values()
            .any(|other| other.id == account.id || other.login == account.login);
        if taken {
            return Err(Error::new(ErrorKind::AlreadyExists, "the name is taken"));
        }
        self.accounts.insert(account.id, account);
        Ok(())
    }

    /// The account of `user`, unless it is disabled.
    fn active(&self, user: UserId) -> Option<&Account> {
        self.accounts.get(&user).filter(|account| !account.disabled)
    }

    fn has_admin(&self) -> bool {
        self.accounts.values().any(Account::is_active_admin)
    }

    /// Ends the sessions of `user`, except one, and forgets their links and tickets.
    fn sign_out(&mut self, user: UserId, keep: Option<SessionId>) {
        self.sessions
            .retain(|id, session| session.user != user || Some(*id) == keep);
        let (sessions, keys) = (&self.sessions, &self.keys);
        self.tokens.retain(|_, token| match token.purpose {
            TokenPurpose::Reset(of) => of != user,
            TokenPurpose::Live(Credential::Session(id)) => sessions.contains_key(&id),
            TokenPurpose::Live(Credential::Key(id)) => keys.get(&id).is_some_and(|key| key.user != user),
            TokenPurpose::SetUp => true,
        });
    }
}

#[async_trait]
impl AccountStoreBase for MemoryAccountStore {
    fn name(&self) -> &'static str {
        "memory"
    }

    fn capabilities(&self) -> AccountCapabilities {
        AccountCapabilities::default()
    }

    async fn check(&self) -> Result<()> {
        Ok(())
    }
}

#[async_trait]
impl Accounts for MemoryAccountStore {
    async fn create_account(&self, account: Account, first: bool, audit: AuditEntry) -> Result<()> {
        let mut tables = lock(&self.0);
        if first && !tables.accounts.is_empty() {
            return Err(Error::new(ErrorKind::Conflict, "there is an account already"));
        }
        tables.create(account)?;
        tables.note(audit);
        Ok(())
    }

    async fn account(&self, user: UserId) -> Result<Option<Account>> {
        Ok(lock(&self.0).accounts.get(&user).cloned())
    }

    async fn account_of(&self, login: String) -> Result<Option<Account>> {
        let tables = lock(&self.0);
        Ok(tables
            .accounts
            .values()
            .find(|account| account.login == login)
            .cloned())
    }

    async fn accounts(&self, after: Option<String>, limit: usize) -> Result<Vec<Account>> {
        let tables = lock(&self.0);
        let mut found: Vec<Account> = tables
            .accounts
            .values()
            .filter(|account| after.as_ref().is_none_or(|after| account.login > *after))
            .cloned()
            .collect();
        found.sort_by(|one, other| one.login.cmp(&other.login));
        found.truncate(limit);
        Ok(found)
    }

    async fn change_account(
        &self,
        user: UserId,
        change: AccountChange,
        audit: Option<AuditEntry>,
    ) -> Result<Account> {
        let mut tables = lock(&self.0);
        let before = tables.accounts.get(&user).cloned().ok_or_else(no_account)?;
        if !before.admits(&change) {
            return Err(not_the_present_password());
        }
        let had_admin = tables.has_admin();
        let after = before.clone().changed(&change);
        tables.accounts.insert(user, after.clone());
        if had_admin && !tables.has_admin() {
            tables.accounts.insert(user, before);
            return Err(last_admin());
        }
        match change {
            AccountChange::Password { keep, .. } => tables.sign_out(user, keep),
            AccountChange::Disabled(true) => tables.sign_out(user, None),
            AccountChange::Disabled(false) | AccountChange::Role(_) | AccountChange::Rehashed { .. } => {}
        }
        if let Some(entry) = audit {
            tables.note(entry);
        }
        Ok(after)
    }

    async fn adopt(&self, _from: UserId, _to: UserId, _audit: AuditEntry) -> Result<u64> {
        let message = "accounts in memory know nothing of documents";
        Err(Error::new(ErrorKind::Unsupported, message))
    }

    async fn strangers(&self, _limit: usize) -> Result<Vec<(UserId, u64)>> {
        Ok(Vec::new())
    }

    async fn erase_user(&self, user: UserId, entry: AuditEntry) -> Result<u64> {
        let mut tables = lock(&self.0);
        let login = tables.accounts.get(&user).map(|account| account.login.clone());
        let id = user.to_string();
        let Tables { audit, chain, .. } = &mut *tables;
        let about = |entry: &AuditEntry| {
            let named = entry.object.contains(&id) || login.as_ref() == Some(&entry.object);
            entry.actor == Some(user) || named
        };
        let mut left = 0;
        for entry in audit.values_mut().filter(|entry| about(entry)) {
            if chain.blank(entry.id) {
                entry.actor = None;
                entry.object.clear();
                entry.address.clear();
            } else {
                left += 1;
            }
        }
        // While an entry waits for its seal, the login by which it is found must be known.
        if left == 0 {
            tables.accounts.remove(&user);
            tables.identities.retain(|_, of| *of != user);
            tables.second_factors.remove(&user);
            tables.sign_out(user, None);
            tables.keys.retain(|_, key| key.user != user);
        }
        tables.note(entry);
        Ok(left)
    }
}

#[async_trait]
impl Sessions for MemoryAccountStore {
    async fn create_session(
        &self,
        session: Session,
        verified: Option<PasswordHash>,
        audit: AuditEntry,
    ) -> Result<()> {
        let mut tables = lock(&self.0);
        let account = tables
            .accounts
            .get_mut(&session.user)
            .filter(|account| !account.disabled)
            .filter(|account| verified.is_none() || account.password == verified)
            .ok_or_else(no_account)?;
        account.last_sign_in = Some(session.created_at);
        tables.sessions.insert(session.id, session);
        tables.note(audit);
        Ok(())
    }

    async fn session(&self, which: Lookup<SessionId>, now: Timestamp) -> Result<Option<(Session, Account)>> {
        let tables = lock(&self.0);
        let found = match which {
            Lookup::Id(id) => tables.sessions.get(&id),
            Lookup::Token(token) => tables.sessions.values().find(|session| session.token == token),
        };
        let live = found.filter(|session| session.expires_at > now);
        Ok(live.and_then(|session| Some((session.clone(), tables.active(session.user)?.clone()))))
    }

    async fn sessions(&self, user: UserId, now: Timestamp) -> Result<Vec<Session>> {
        let tables = lock(&self.0);
        let mut found: Vec<Session> = tables
            .sessions
            .values()
            .filter(|session| session.user == user && session.expires_at > now)
            .cloned()
            .collect();
        found.sort_by_key(|session| std::cmp::Reverse((session.created_at, session.id)));
        Ok(found)
    }

    async fn touch_session(&self, id: SessionId, at: Timestamp, expires_at: Timestamp) -> Result<()> {
        if let Some(session) = lock(&self.0).sessions.get_mut(&id) {
            session.last_used_at = at;
            session.expires_at = expires_at;
        }
        Ok(())
    }

    async fn rotate_refresh(&self, id: SessionId, from: u32, next: RefreshChain) -> Result<bool> {
        let mut tables = lock(&self.0);
        let session = tables.sessions.get_mut(&id);
        match session.and_then(|session| session.refresh.as_mut()) {
            Some(chain) if chain.generation == from => {
                *chain = next;
                Ok(true)
            }
            _ => Ok(false),
        }
    }

    async fn end_session(&self, user: UserId, id: SessionId, audit: AuditEntry) -> Result<()> {
        let mut tables = lock(&self.0);
        if tables
            .sessions
            .get(&id)
            .is_none_or(|session| session.user != user)
        {
            return Err(Error::new(ErrorKind::NotFound, "the session does not exist"));
        }
        tables.sessions.remove(&id);
        tables
            .tokens
            .retain(|_, token| token.purpose != TokenPurpose::Live(Credential::Session(id)));
        tables.note(audit);
        Ok(())
    }
}

#[async_trait]
impl ApiKeys for MemoryAccountStore {
    async fn create_key(&self, key: ApiKey, audit: AuditEntry) -> Result<()> {
        let mut tables = lock(&self.0);
        if !tables.accounts.contains_key(&key.user) {
            return Err(no_account());
        }
        tables.keys.insert(key.id, key);
        tables.note(audit);
        Ok(())
    }

    async fn key(&self, which: Lookup<KeyId>, now: Timestamp) -> Result<Option<(ApiKey, Account)>> {
        let tables = lock(&self.0);
        let found = match which {
            Lookup::Id(id) => tables.keys.get(&id),
            Lookup::Token(token) => tables.keys.values().find(|key| key.token == token),
        };
        let live = found.filter(|key| key.expires_at.is_none_or(|end| end > now));
        Ok(live.and_then(|key| Some((key.clone(), tables.active(key.user)?.clone()))))
    }

    async fn keys(&self, user: UserId) -> Result<Vec<ApiKey>> {
        let tables = lock(&self.0);
        let mut found: Vec<ApiKey> = tables
            .keys
            .values()
            .filter(|key| key.user == user)
            .cloned()
            .collect();
        found.sort_by_key(|key| std::cmp::Reverse((key.created_at, key.id)));
        Ok(found)
    }

    async fn touch_key(&self, id: KeyId, at: Timestamp) -> Result<()> {
        if let Some(key) = lock(&self.0).keys.get_mut(&id) {
            key.last_used_at = Some(at);
        }
        Ok(())
    }

    async fn revoke_key(&self, user: UserId, id: KeyId, audit: AuditEntry) -> Result<()> {
        let mut tables = lock(&self.0);
        if tables.keys.get(&id).is_none_or(|key| key.user != user) {
            return Err(Error::new(ErrorKind::NotFound, "the key does not exist"));
        }
        tables.keys.remove(&id);
        tables
            .tokens
            .retain(|_, token| token.purpose != TokenPurpose::Live(Credential::Key(id)));
        tables.note(audit);
        Ok(())
    }
}

#[async_trait]
impl OneTimeTokens for MemoryAccountStore {
    async fn keep_token(&self, token: OneTimeToken) -> Result<()> {
        let mut tables = lock(&self.0);
        if !matches!(token.purpose, TokenPurpose::Live(_)) {
            tables.tokens.retain(|_, other| other.purpose != token.purpose);
        }
        tables.tokens.insert(token.token.clone(), token);
        Ok(())
    }

    async fn take_token(&self, token: TokenHash, now: Timestamp) -> Result<Option<OneTimeToken>> {
        let taken = lock(&self.0).tokens.remove(&token);
        Ok(taken.filter(|token| token.expires_at > now))
    }

    async fn forget_expired(&self, now: Timestamp) -> Result<u64> {
        let mut tables = lock(&self.0);
        let size = |tables: &Tables| {
            let secrets = tables.tokens.len() + tables.signing_keys.len();
            secrets + tables.sessions.len() + tables.attempts.len()
        };
        let before = size(&tables);
        tables.tokens.retain(|_, token| token.expires_at > now);
        tables.sessions.retain(|_, session| session.expires_at > now);
        tables.signing_keys.retain(|key| key.is_believed(now));
        let forgotten = AttemptCount::forgotten_before(now);
        tables.attempts.retain(|_, attempts| attempts.last > forgotten);
        Ok((before - size(&tables)) as u64)
    }
}

#[async_trait]
impl SignInAttempts for MemoryAccountStore {
    async fn attempt(&self, limits: Vec<AttemptLimit>, now: Timestamp) -> Result<Duration> {
        let mut tables = lock(&self.0);
        let counted = |key: &str| tables.attempts.get(key).copied().unwrap_or_default();
        let waits = limits.iter().map(|limit| counted(&limit.key).wait(limit, now));
        let wait = waits.max().unwrap_or_default();
        if wait.is_zero() {
            for limit in limits {
                let counted = tables.attempts.entry(limit.key).or_default();
                *counted = counted.another(now);
            }
        }
        Ok(wait)
    }

    async fn forgive(&self, forget: Vec<String>, undo: Vec<String>) -> Result<()> {
        let mut tables = lock(&self.0);
        for key in forget {
            tables.attempts.remove(&key);
        }
        for key in undo {
            if let Some(counted) = tables.attempts.get_mut(&key) {
                counted.count = counted.count.saturating_sub(1);
            }
        }
        Ok(())
    }
}

#[async_trait]
impl AuditLog for MemoryAccountStore {
    async fn record(&self, entry: AuditEntry) -> Result<()> {
        lock(&self.0).note(entry);
        Ok(())
    }

    async fn audit(&self, filter: AuditFilter, limit: usize) -> Result<Vec<AuditEntry>> {
        let tables = lock(&self.0);
        Ok(tables
            .audit
            .values()
            .rev()
            .filter(|entry| filter.takes(entry))
            .take(limit)
            .cloned()
            .collect())
    }

    async fn seal_entries(&self, limit: usize) -> Result<usize> {
        let mut tables = lock(&self.0);
        let Tables { audit, chain, .. } = &mut *tables;
        Ok(chain.seal(audit, limit))
    }

    async fn sealed_entries(&self, after: u64, limit: usize) -> Result<Vec<SealedRecord>> {
        let tables = lock(&self.0);
        Ok(tables.chain.sealed(&tables.audit, after, limit))
    }

    async fn unsealed_entries(&self) -> Result<u64> {
        Ok(lock(&self.0).chain.waiting())
    }

    async fn audit_anchor(&self) -> Result<Option<AuditAnchor>> {
        Ok(lock(&self.0).chain.anchor())
    }

    async fn prune_entries(&self, before: Timestamp, entry: AuditEntry) -> Result<u64> {
        let mut tables = lock(&self.0);
        let Tables { audit, chain, .. } = &mut *tables;
        let removed = chain.prune(audit, before);
        if removed > 0 {
            let anchor = chain.anchor().map(|anchor| anchor.to_string());
            tables.note(entry.with_object(anchor.unwrap_or_default()));
        }
        Ok(removed)
    }
}
