//! The AccountStore port: accounts, sessions, keys, one-time secrets and the audit log. Optional on a
//! [`Platform`](crate::platform::Platform).
//!
//! It is the sum of small traits: [`Accounts`], [`Identities`], [`Sessions`], [`ApiKeys`], [`OneTimeTokens`], [`SigningKeys`],
//! [`SecondFactors`], [`SignInAttempts`] and [`AuditLog`], and what they have in common is in [`AccountStoreBase`].
//! Whoever implements all of them is an [`AccountStore`].
//!
//! Each method is one transaction: a change and its [`AuditEntry`] are both kept or neither. Times are given by the
//! caller. Of every secret only a hash comes here, but of those that must be had again: signing keys, and what one-time
//! codes follow from.

mod accounts;
mod attempts;
mod audit;
mod identities;
mod keys;
mod lookup;
mod second_factors;
mod sessions;
mod signing_keys;
mod tokens;

pub use crate::model::{
    Account, AccountChange, ApiKey, AuditAction, AuditAnchor, AuditEntry, AuditLevel, AuditOrigin,
    AuditRecord, AuditSeal, Credential, Identity, KeyScope, OneTimeToken, PasswordHash, PrivateKey,
    RefreshChain, RefreshSalt, Role, SealedRecord, SecondFactor, Session, SigningKey, TokenHash,
    TokenPurpose, TotpSecret,
};
pub use accounts::Accounts;
pub use attempts::{AttemptCount, AttemptLimit, SignInAttempts};
pub use audit::{AuditFilter, AuditLog};
pub use identities::{Identities, identity_taken};
pub use keys::ApiKeys;
pub use lookup::Lookup;
pub use second_factors::SecondFactors;
pub use sessions::Sessions;
pub use signing_keys::SigningKeys;
pub use tokens::OneTimeTokens;

use std::fmt;

use async_trait::async_trait;

use crate::{Error, ErrorKind, Result, builder::builder};

/// What every part of an account store says of the whole.
#[async_trait]
pub trait AccountStoreBase: fmt::Debug + Send + Sync + 'static {
    /// Short lower-case name for logs and metrics: `sqlite`.
    fn name(&self) -> &'static str;

    /// What this adapter can do; fixed after construction.
    fn capabilities(&self) -> AccountCapabilities;

    /// Succeeds when the store can be used now.
    async fn check(&self) -> Result<()>;
}

/// Who may sign in, and what they did.
///
/// Implemented by whatever implements its parts. A method of any part may be dropped at any await point: either nothing
/// or everything it says happened.
pub trait AccountStore:
    AccountStoreBase
    + Accounts
    + Identities
    + Sessions
    + ApiKeys
    + OneTimeTokens
    + SigningKeys
    + SecondFactors
    + SignInAttempts
    + AuditLog
{
}

impl<S> AccountStore for S where
    S: AccountStoreBase
        + Accounts
        + Identities
        + Sessions
        + ApiKeys
        + OneTimeTokens
        + SigningKeys
        + SecondFactors
        + SignInAttempts
        + AuditLog
        + ?Sized
{
}

/// What an account store can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct AccountCapabilities {
    /// Whether it holds the tables of documents too, so that [`Accounts::adopt`] works.
    pub adoption: bool,
    /// Whether what is written survives the end of the process.
    pub durable: bool,
}

builder!(AccountCapabilities {
    with_adoption(adoption: bool) "The same, holding the tables of documents or not."
    with_durable(durable: bool) "The same, surviving the end of the process or not."
});

/// The error of every adapter when the last administrator would be gone.
pub fn last_admin() -> Error {
    let message = "this is the last administrator who can sign in; make somebody else one first";
    Error::new(ErrorKind::Conflict, message)
}

/// The error of every adapter for another password in place of one that is not the present one any more.
pub fn not_the_present_password() -> Error {
    Error::new(ErrorKind::PermissionDenied, "the present password is wrong")
}

/// The error of every adapter for an account that is not there.
pub fn no_account() -> Error {
    Error::new(ErrorKind::NotFound, "the account does not exist")
}
