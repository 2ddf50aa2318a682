//! Looking after accounts: for administrators, and for operators at the machine.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use secrecy::SecretString;

use super::{AccountService, Secret, written::normalised_login};
use crate::{
    Result,
    account_store::{
        Account, AccountChange, AuditAction, AuditEntry, AuditFilter, AuditOrigin, OneTimeToken, Role,
        TokenPurpose, no_account,
    },
    clock::later,
    id::UserId,
};

/// Maximum number of accounts or entries in one answer.
pub const MAX_ACCOUNTS: usize = 200;
/// How long a link to set up or to choose a password works: a day.
const LINK_LIFETIME: Duration = Duration::from_hours(24);

/// An account, and the link with which its owner chooses a password.
#[derive(Debug, Clone)]
pub struct AccountInvitation {
    /// The account.
    pub account: Account,
    /// The secret of the link; `None` when the account has a password already.
    pub link: Option<Secret>,
}

impl AccountService {
    /// The secret of a link to make the first account, while there is none. An earlier one does not work any more.
    pub async fn set_up_link(&self) -> Result<Option<Secret>> {
        if self.has_accounts().await? {
            return Ok(None);
        }
        self.link(TokenPurpose::SetUp).await.map(Some)
    }

    /// Whether anybody can sign in.
    pub async fn has_accounts(&self) -> Result<bool> {
        Ok(!self.store.accounts(None, 1).await?.is_empty())
    }

    async fn link(&self, purpose: TokenPurpose) -> Result<Secret> {
        let secret = Secret::new(self.secrets.as_ref(), "")?;
        let end = later(self.platform.clock.now(), LINK_LIFETIME);
        let token = OneTimeToken::new(secret.hash(), purpose, end);
        self.store.keep_token(token).await?;
        Ok(secret)
    }

    /// Makes an account, with a password or with a link to choose one.
    ///
    /// # Errors
    /// `InvalidInput` for a name or password that can be none, `AlreadyExists` when the name is taken.
    pub async fn create_account(
        &self,
        login: &str,
        role: Role,
        password: Option<&SecretString>,
        origin: &AuditOrigin,
    ) -> Result<AccountInvitation> {
        let login = normalised_login(login)?;
        let id = UserId(self.platform.ids.next());
        let mut account = Account::new(id, login, self.platform.clock.now()).with_role(role);
        if let Some(password) = password {
            account = account.with_password(self.hashed(password).await?);
        }
        let entry = self.entry(origin, AuditAction::AccountCreated, &account.login);
        self.store.create_account(account.clone(), false, entry).await?;
        let link = match account.password {
            Some(_) => None,
            None => Some(self.link(TokenPurpose::Reset(id)).await?),
        };
        Ok(AccountInvitation { account, link })
    }

    /// A link with which the owner of an account chooses another password; the present one works until then.
    pub async fn reset_link(&self, user: UserId, origin: &AuditOrigin) -> Result<Secret> {
        let account = self.store.account(user).await?.ok_or_else(no_account)?;
        let secret = self.link(TokenPurpose::Reset(account.id)).await?;
        self.note(origin, AuditAction::ResetLinkCreated, account.id.to_string())
            .await?;
        Ok(secret)
    }

    /// Accounts by login, after `after`; at most [`MAX_ACCOUNTS`].
    pub async fn accounts(&self, after: Option<String>) -> Result<Vec<Account>> {
        self.store.accounts(after, MAX_ACCOUNTS).await
    }

    /// The account of somebody who signs in as `login`. `NotFound` when there is none.
    pub async fn account_named(&self, login: &str) -> Result<Account> {
        let login = normalised_login(login)?;
        self.store.account_of(login).await?.ok_or_else(no_account)
    }

    /// Gives an account another role. `Conflict` when no administrator would be left.
    pub async fn set_role(&self, user: UserId, role: Role, origin: &AuditOrigin) -> Result<Account> {
        self.change(user, AccountChange::Role(role), AuditAction::RoleChanged, origin)
            .await
    }

    /// Refuses an account to sign in and ends its sessions, or allows it again. `Conflict` when no administrator would be
    /// left.
    pub async fn set_disabled(&self, user: UserId, disabled: bool, origin: &AuditOrigin) -> Result<Account> {
        let action = if disabled {
            AuditAction::AccountDisabled
        } else {
            AuditAction::AccountEnabled
        };
        self.change(user, AccountChange::Disabled(disabled), action, origin)
            .await
    }

    async fn change(
        &self,
        user: UserId,
        change: AccountChange,
        action: AuditAction,
        origin: &AuditOrigin,
    ) -> Result<Account> {
        let entry = self.entry(origin, action, user.to_string());
        let account = self.store.change_account(user, change, Some(entry)).await?;
        self.endings.announce();
        Ok(account)
    }

    /// Gives all documents of `from` to `to`, and says how many.
    pub async fn adopt(&self, from: UserId, to: UserId, origin: &AuditOrigin) -> Result<u64> {
        let entry = self.entry(origin, AuditAction::DocumentsAdopted, format!("{from} to {to}"));
        let adopted = self.store.adopt(from, to, entry).await?;
        self.platform.wake();
        Ok(adopted)
    }

    /// Owners of documents without an account, with the number of their documents; at most [`MAX_ACCOUNTS`].
    pub async fn strangers(&self) -> Result<Vec<(UserId, u64)>> {
        self.store.strangers(MAX_ACCOUNTS).await
    }

    /// Entries of the audit log, newest first; at most [`MAX_ACCOUNTS`].
    pub async fn audit_log(&self, filter: AuditFilter, limit: usize) -> Result<Vec<AuditEntry>> {
        self.store.audit(filter, limit.min(MAX_ACCOUNTS)).await
    }

    /// What these users sign in as; whoever has no account any more is left out.
    pub async fn logins(&self, users: Vec<UserId>) -> Result<BTreeMap<UserId, String>> {
        let users: BTreeSet<UserId> = users.into_iter().collect();
        let mut logins = BTreeMap::new();
        for user in users {
            if let Some(account) = self.store.account(user).await? {
                logins.insert(user, account.login);
            }
        }
        Ok(logins)
    }
}
