//! Accounts, and documents that pass to them.

use std::fmt;

use async_trait::async_trait;

use super::{Account, AccountChange, AuditEntry};
use crate::{Result, id::UserId};

/// Accounts, and documents that pass to them.
#[async_trait]
pub trait Accounts: fmt::Debug + Send + Sync + 'static {
    /// Keeps a new account.
    ///
    /// # Behavior
    /// - `AlreadyExists` when its login is taken, or its user has an account.
    /// - With `first`, `Conflict` when there is any account: of two who make the first one, one succeeds.
    async fn create_account(&self, account: Account, first: bool, audit: AuditEntry) -> Result<()>;

    /// The account of a user.
    async fn account(&self, user: UserId) -> Result<Option<Account>>;

    /// The account with exactly this login.
    async fn account_of(&self, login: String) -> Result<Option<Account>>;

    /// Accounts, ascending by login, whose login comes after `after`; at most `limit`.
    async fn accounts(&self, after: Option<String>, limit: usize) -> Result<Vec<Account>>;

    /// Changes an account as [`Account::changed`] says, and returns it.
    ///
    /// # Behavior
    /// - `NotFound` when the user has no account.
    /// - `PermissionDenied`, made by [`not_the_present_password`](super::not_the_present_password), and nothing changed,
    ///   when the account does not admit the change, as [`Account::admits`] says. Of two who change the same password at
    ///   once, one succeeds.
    /// - `Conflict`, and nothing changed, when no administrator would be left who can sign in although there was one, as
    ///   [`Account::is_active_admin`] says: whoever has no password yet cannot.
    /// - With another password, and when it is disabled, its sessions end, except the one that is to be kept, and its
    ///   links and tickets stop working.
    async fn change_account(
        &self,
        user: UserId,
        change: AccountChange,
        audit: Option<AuditEntry>,
    ) -> Result<Account>;

    /// Gives all documents of one owner to another, and says how many. Whoever follows the change log learns of it.
    ///
    /// # Behavior
    /// - Saved searches pass with them; one of a name that `to` has already stays with `from`.
    /// - `Unsupported` without [`AccountCapabilities::adoption`](super::AccountCapabilities::adoption).
    /// - `NotFound` when `to` has no account.
    async fn adopt(&self, from: UserId, to: UserId, audit: AuditEntry) -> Result<u64>;

    /// Owners of documents who have no account, with the number of their documents, at most `limit`; nobody without
    /// [`AccountCapabilities::adoption`](super::AccountCapabilities::adoption).
    async fn strangers(&self, limit: usize) -> Result<Vec<(UserId, u64)>>;

    /// Removes the account of `user` with its sessions, keys and links, and whatever else in the same tables belongs to
    /// them. Sealed entries of the audit log that they made, or that are about them or their login, lose actor, object,
    /// address and salt, and nothing else. Adds `entry`. Whoever has no account is forgotten likewise.
    ///
    /// Returns how many entries about them are not sealed yet, and still say so. Unless that is 0, the account and what
    /// belongs to it stay, because an entry that holds nothing but the login is found by the account alone.
    async fn erase_user(&self, user: UserId, entry: AuditEntry) -> Result<u64>;
}
