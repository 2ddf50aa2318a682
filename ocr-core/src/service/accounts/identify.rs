//! Who makes a request.

use std::time::Duration;

use super::{AccountService, Secret, sign_in};
use crate::{
    Error, ErrorKind, Result,
    account_store::{Account, Lookup, Session},
    clock::{Timestamp, later},
    model::{Credential, Principal},
};

/// Uses of a session or key within this time are noted once.
const NOTED: Duration = Duration::from_mins(1);

impl AccountService {
    /// Whoever holds the secret of a session.
    ///
    /// # Errors
    /// `Unauthenticated` when it has ended, or was never one.
    pub async fn by_session(&self, secret: &Secret) -> Result<Principal> {
        let now = self.platform.clock.now();
        let found = self.store.session(Lookup::Token(secret.hash()), now).await?;
        let (session, account) = found.ok_or_else(nobody)?;
        self.seen(session, &account, now).await
    }

    /// Whoever uses `session` at `now`.
    pub(super) async fn seen(
        &self,
        mut session: Session,
        account: &Account,
        now: Timestamp,
    ) -> Result<Principal> {
        if is_news(Some(session.last_used_at), now) {
            session.expires_at = sign_in::expiry(session.created_at, now);
            self.store
                .touch_session(session.id, now, session.expires_at)
                .await?;
        }
        Ok(Principal::in_session(&session, account))
    }

    /// Whoever holds a key.
    ///
    /// # Errors
    /// `Unauthenticated` when it is revoked or expired, or was never one.
    pub async fn by_key(&self, secret: &Secret) -> Result<Principal> {
        let now = self.platform.clock.now();
        let found = self.store.key(Lookup::Token(secret.hash()), now).await?;
        let (key, account) = found.ok_or_else(nobody)?;
        if is_news(key.last_used_at, now) {
            self.store.touch_key(key.id, now).await?;
        }
        Ok(Principal::with_key(&key, &account))
    }

    /// Whoever signed in with `credential`, as of now.
    ///
    /// # Errors
    /// `Unauthenticated` when it has ended.
    pub async fn by_credential(&self, credential: Credential) -> Result<Principal> {
        let now = self.platform.clock.now();
        let principal = match credential {
            Credential::Session(id) => {
                let found = self.store.session(Lookup::Id(id), now).await?;
                found.map(|(session, account)| Principal::in_session(&session, &account))
            }
            Credential::Key(id) => {
                let found = self.store.key(Lookup::Id(id), now).await?;
                found.map(|(key, account)| Principal::with_key(&key, &account))
            }
        };
        principal.ok_or_else(nobody)
    }
}

fn is_news(last: Option<Timestamp>, now: Timestamp) -> bool {
    last.is_none_or(|last| now >= later(last, NOTED))
}

pub(super) fn nobody() -> Error {
    Error::new(ErrorKind::Unauthenticated, "sign in first")
}
