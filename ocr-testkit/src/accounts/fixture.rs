//! An empty account store, and what clauses put into it.

use std::{sync::Arc, time::Duration};

use ocr_core::{
    account_store::{
        Account, AccountStore, ApiKey, AuditAction, AuditEntry, AuditFilter, AuditOrigin, KeyScope,
        PasswordHash, Role, Session, TokenHash,
    },
    clock::{Timestamp, later},
    id::{AuditId, IdGenerator, KeyId, RandomIds, SessionId, UserId},
    saved_search_store::SavedSearchStore,
    store::Store,
};

use crate::{
    harness::{Guard, no_guard, with_guard},
    samples,
};

/// An empty account store of its own.
#[non_exhaustive]
pub struct AccountFixture {
    /// The store.
    pub store: Arc<dyn AccountStore>,
    /// The store of documents in the same tables, where it offers adoption.
    pub documents: Option<Arc<dyn Store>>,
    /// The saved searches in the same tables, where there are any.
    pub searches: Option<Arc<dyn SavedSearchStore>>,
    /// Keeps what it needs alive.
    pub guard: Guard,
}

impl std::fmt::Debug for AccountFixture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AccountFixture")
            .field("store", &self.store)
            .finish_non_exhaustive()
    }
}

impl AccountFixture {
    /// An empty `store` of its own; nothing needs to be kept alive.
    pub fn new(store: Arc<dyn AccountStore>) -> Self {
        Self {
            store,
            documents: None,
            searches: None,
            guard: no_guard(),
        }
    }

    /// The same beside the documents that it can give to an account.
    #[must_use]
    pub fn with_documents(mut self, documents: Arc<dyn Store>) -> Self {
        self.documents = Some(documents);
        self
    }

    /// The same beside the saved searches that pass to an account with the documents.
    #[must_use]
    pub fn with_searches(mut self, searches: Arc<dyn SavedSearchStore>) -> Self {
        self.searches = Some(searches);
        self
    }

    with_guard!();

    /// A new account called `login`, with a password.
    pub(super) async fn account(&self, login: &str) -> Account {
        self.account_with(login, Role::User).await
    }

    pub(super) async fn account_with(&self, login: &str, role: Role) -> Account {
        let account = Account::new(samples::user(), login, start())
            .with_password(hash(login))
            .with_role(role);
        let entry = entry(AuditAction::AccountCreated);
        self.store
            .create_account(account.clone(), false, entry)
            .await
            .unwrap();
        account
    }

    /// A new session of `user` that lasts an hour.
    pub(super) async fn session(&self, user: UserId) -> Session {
        let session = session(user);
        let entry = entry(AuditAction::SignedIn);
        self.store
            .create_session(session.clone(), None, entry)
            .await
            .unwrap();
        session
    }

    /// A new key of `user` that lasts an hour.
    pub(super) async fn key(&self, user: UserId) -> ApiKey {
        let id = KeyId(RandomIds.next());
        let key = ApiKey::new(id, user, TokenHash::of(&id.to_string()), KeyScope::Write, start())
            .with_name("scanner")
            .with_prefix("ocr_abcd")
            .with_expires_at(in_seconds(3600))
            .with_requests_per_minute(7_u32);
        let entry = entry(AuditAction::KeyCreated);
        self.store.create_key(key.clone(), entry).await.unwrap();
        key
    }

    /// How many entries of this action there are.
    pub(super) async fn noted(&self, action: AuditAction) -> usize {
        let filter = AuditFilter::default().with_action(action);
        self.store.audit(filter, 100).await.unwrap().len()
    }
}

/// A session of `user` that lasts an hour, not kept yet.
pub(super) fn session(user: UserId) -> Session {
    let id = SessionId(RandomIds.next());
    let token = TokenHash::of(&id.to_string());
    Session::new(id, user, token, start(), in_seconds(3600))
        .with_agent("Firefox on Linux")
        .with_address("192.0.2.1")
}

/// A hash that is told from others.
pub(super) fn hash(text: &str) -> PasswordHash {
    PasswordHash::new(format!("$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHQ${text}"))
}

/// When everything begins.
pub(super) fn start() -> Timestamp {
    samples::moment()
}

/// Some time after that.
pub(super) fn in_seconds(seconds: u64) -> Timestamp {
    later(start(), Duration::from_secs(seconds))
}

/// An entry of its own.
pub(super) fn entry(action: AuditAction) -> AuditEntry {
    let origin = AuditOrigin::new(None, "192.0.2.1");
    AuditEntry::new(AuditId(RandomIds.next()), start(), origin, action)
}
