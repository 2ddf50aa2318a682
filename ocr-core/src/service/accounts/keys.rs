//! One's own keys.

use std::time::Duration;

use super::{AccountService, Secret, password::session_of};
use crate::{
    Error, ErrorKind, Result,
    account_store::{ApiKey, AuditAction, AuditOrigin, KeyScope, Role},
    clock::later,
    id::KeyId,
    model::Principal,
};

/// What every key begins with, so that it is known for one when it turns up somewhere.
const PREFIX: &str = "ocr_";
/// Characters of a key that are shown later.
const SHOWN: usize = 12;
/// Maximum number of keys of an account.
const MAX_KEYS: usize = 50;
/// Maximum number of characters of a name.
const MAX_NAME: usize = 100;
/// Maximum number of days for which a key works.
const MAX_DAYS: u16 = 3660;
/// Maximum number of requests a minute that a key can be given.
const MAX_REQUESTS: u32 = 1_000_000;

/// A key that somebody wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewKey {
    /// What they call it, 1 to 100 characters.
    pub name: String,
    /// What it may be used for.
    pub scope: KeyScope,
    /// For how many days it works, 1 to 3,660; until it is revoked when absent.
    pub days: Option<u16>,
    /// Maximum number of requests a minute, 1 to 1,000,000; none of its own when absent.
    pub requests_per_minute: Option<u32>,
}

/// A key that was made. Its secret is shown this once.
#[derive(Debug, Clone)]
pub struct NewApiKey {
    /// The whole key.
    pub secret: Secret,
    /// What is kept of it.
    pub key: ApiKey,
}

impl AccountService {
    /// The keys of whoever signed in with a session, newest first.
    ///
    /// # Errors
    /// `PermissionDenied` for whoever signed in with a key, here and below.
    pub async fn keys(&self, principal: &Principal) -> Result<Vec<ApiKey>> {
        session_of(principal)?;
        self.store.keys(principal.user).await
    }

    /// Makes a key.
    ///
    /// # Errors
    /// `InvalidInput` for a name or time that can be none; `Conflict` when there are too many; `PermissionDenied` for an
    /// administrator's key of somebody else.
    pub async fn create_key(
        &self,
        principal: &Principal,
        wanted: &NewKey,
        origin: &AuditOrigin,
    ) -> Result<NewApiKey> {
        session_of(principal)?;
        let name = wanted.name.trim();
        if name.is_empty() || name.chars().count() > MAX_NAME || name.contains(char::is_control) {
            let message = format!("the name of a key has 1 to {MAX_NAME} characters");
            return Err(Error::new(ErrorKind::InvalidInput, message));
        }
        if wanted.days.is_some_and(|days| !(1..=MAX_DAYS).contains(&days)) {
            let message = format!("a key works for 1 to {MAX_DAYS} days, or until it is revoked");
            return Err(Error::new(ErrorKind::InvalidInput, message));
        }
        let in_range = |requests| (1..=MAX_REQUESTS).contains(&requests);
        if !wanted.requests_per_minute.is_none_or(in_range) {
            let message = format!("requestsPerMinute of a key is 1 to {MAX_REQUESTS}, or absent");
            return Err(Error::new(ErrorKind::InvalidInput, message));
        }
        if wanted.scope == KeyScope::Admin && principal.role != Role::Admin {
            let message = "keys of scope admin are for administrators";
            return Err(Error::new(ErrorKind::PermissionDenied, message));
        }
        if self.store.keys(principal.user).await?.len() >= MAX_KEYS {
            let message = format!("there are {MAX_KEYS} keys already; revoke one first");
            return Err(Error::new(ErrorKind::Conflict, message));
        }
        let secret = Secret::new(self.secrets.as_ref(), PREFIX)?;
        let now = self.platform.clock.now();
        let id = KeyId(self.platform.ids.next());
        let end = wanted
            .days
            .map(|days| later(now, Duration::from_hours(u64::from(days) * 24)));
        let prefix: String = secret.expose().chars().take(SHOWN).collect();
        let key = ApiKey::new(id, principal.user, secret.hash(), wanted.scope, now)
            .with_name(name)
            .with_prefix(prefix)
            .with_expires_at(end)
            .with_requests_per_minute(wanted.requests_per_minute);
        let entry = self.entry(origin, AuditAction::KeyCreated, id.to_string());
        self.store.create_key(key.clone(), entry).await?;
        Ok(NewApiKey { secret, key })
    }

    /// Revokes one of one's own keys. `NotFound` when it is none.
    pub async fn revoke_key(&self, principal: &Principal, id: KeyId, origin: &AuditOrigin) -> Result<()> {
        session_of(principal)?;
        let entry = self.entry(origin, AuditAction::KeyRevoked, id.to_string());
        self.store.revoke_key(principal.user, id, entry).await?;
        self.endings.announce();
        Ok(())
    }
}
