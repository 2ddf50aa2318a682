//! Accounts of people who sign in with a provider.

use std::fmt;

use async_trait::async_trait;

use super::{Account, AuditEntry, Identity};
use crate::{Error, ErrorKind, Result, id::UserId};

/// Accounts of people who sign in with a provider. An account may have several identities, an identity has one account.
#[async_trait]
pub trait Identities: fmt::Debug + Send + Sync + 'static {
    /// The account of exactly this identity, disabled or not.
    async fn account_identified(&self, identity: Identity) -> Result<Option<Account>>;

    /// Keeps a new account with its identity.
    ///
    /// # Behavior
    /// `AlreadyExists`, and nothing is kept, when its login is taken, its user has an account, or the identity has one.
    async fn create_identified(&self, account: Account, identity: Identity, audit: AuditEntry) -> Result<()>;

    /// Gives an account an identity.
    ///
    /// # Behavior
    /// - `NotFound` when the user has no account.
    /// - `AlreadyExists`, made by [`identity_taken`], and nothing changed, when the identity has an account, be it this
    ///   one.
    async fn link_identity(&self, user: UserId, identity: Identity, audit: AuditEntry) -> Result<()>;
}

/// The error of every adapter for an identity that has an account.
pub fn identity_taken() -> Error {
    Error::new(ErrorKind::AlreadyExists, "somebody signs in with this already")
}
