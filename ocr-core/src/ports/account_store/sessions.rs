//! Sessions.

use std::fmt;

use async_trait::async_trait;

use super::{Account, AuditEntry, Lookup, PasswordHash, RefreshChain, Session};
use crate::{
    Result,
    clock::Timestamp,
    id::{SessionId, UserId},
};

/// Sessions.
#[async_trait]
pub trait Sessions: fmt::Debug + Send + Sync + 'static {
    /// Keeps a new session; its account has signed in when it began.
    ///
    /// `verified` is the hash that a password was found to belong to; `None` where none was asked for.
    ///
    /// # Behavior
    /// - `NotFound` when its user has no account, or one that is disabled.
    /// - `NotFound` also when `verified` is not the hash of the account any more: a sign-in that was under way while the
    ///   password was changed does not outlive it.
    async fn create_session(
        &self,
        session: Session,
        verified: Option<PasswordHash>,
        audit: AuditEntry,
    ) -> Result<()>;

    /// A session and its account. `None` when it has ended or expired at `now`, and when the account is disabled.
    async fn session(&self, which: Lookup<SessionId>, now: Timestamp) -> Result<Option<(Session, Account)>>;

    /// The sessions of a user that have not expired at `now`, newest first.
    async fn sessions(&self, user: UserId, now: Timestamp) -> Result<Vec<Session>>;

    /// Notes that a session was used, and when it expires from now on. One that has ended is passed over.
    async fn touch_session(&self, id: SessionId, at: Timestamp, expires_at: Timestamp) -> Result<()>;

    /// Puts `next` in the place of the refresh tokens of a session, if there are `from` before its present one.
    ///
    /// # Behavior
    /// - Whether it did: of several who try from the same token, one succeeds, and nothing changes for the others.
    /// - `false` also for a session that has ended, and for one of a browser.
    async fn rotate_refresh(&self, id: SessionId, from: u32, next: RefreshChain) -> Result<bool>;

    /// Ends a session. `NotFound` when it is none of `user`.
    async fn end_session(&self, user: UserId, id: SessionId, audit: AuditEntry) -> Result<()>;
}
