//! Passwords: how they are chosen and changed, and the first account.

use std::time::Duration;

use secrecy::SecretString;

use super::{
    AccountService, Secret, SignIn, SignedIn, secret,
    sign_in::{Holder, Place, wrong},
    written::{normalised_login, normalised_password},
};
use crate::{
    Error, ErrorKind, Result,
    account_store::{
        Account, AccountChange, AttemptLimit, AuditAction, AuditOrigin, OneTimeToken, PasswordHash, Role,
        TokenPurpose, no_account, not_the_present_password,
    },
    id::{SessionId, UserId},
    model::{Credential, Principal},
    password_hasher::PasswordMatch,
};

impl AccountService {
    /// The hash of a new password.
    pub(super) async fn hashed(&self, password: &SecretString) -> Result<PasswordHash> {
        let password = normalised_password(password)?;
        let salt = secret::salt(self.secrets.as_ref())?;
        self.hasher.hash(password, salt).await
    }

    /// Changes the password of whoever signed in with a session, and ends their other sessions.
    ///
    /// # Errors
    /// `PermissionDenied` when the present password is wrong or they signed in with a key, `RateLimited` after too many
    /// tries, `InvalidInput` for a new password that can be none.
    pub async fn change_password(
        &self,
        principal: &Principal,
        present: &SecretString,
        new: &SecretString,
        origin: &AuditOrigin,
    ) -> Result<()> {
        let keep = session_of(principal)?;
        let present = normalised_password(present)?;
        let from = self.proven(principal, &present).await?;
        let hash = self.hashed(new).await?;
        let change = |from| AccountChange::Password {
            from: Some(from),
            hash: hash.clone(),
            keep: Some(keep),
        };
        match self.keep_password(principal.user, change(from), origin).await {
            Err(error) if error.kind() == ErrorKind::PermissionDenied => {
                // A sign-in may have made the hash anew. After another change, the present password is wrong now.
                let from = self.present_hash(principal.user, &present).await?;
                self.keep_password(principal.user, change(from), origin).await
            }
            kept => kept,
        }
    }

    /// The hash of the present password of whoever signed in with a session, when `present` is that. Tries are counted.
    ///
    /// # Errors
    /// `PermissionDenied` when it is wrong or they signed in with a key, `RateLimited` after too many tries.
    pub(super) async fn proven(&self, principal: &Principal, present: &SecretString) -> Result<PasswordHash> {
        session_of(principal)?;
        let present = normalised_password(present)?;
        let key = format!("password:{}", principal.user);
        let limit = AttemptLimit::new(&key, 5, Duration::from_mins(1));
        let wait = self.store.attempt(vec![limit], self.platform.clock.now()).await?;
        if !wait.is_zero() {
            let message = "there were too many attempts; wait a moment";
            return Err(Error::new(ErrorKind::RateLimited, message).with_retry_after(wait));
        }
        let hash = self.present_hash(principal.user, &present).await?;
        self.store.forgive(vec![key], Vec::new()).await?;
        Ok(hash)
    }

    /// The hash of the present password, when `present` is that.
    async fn present_hash(&self, user: UserId, present: &SecretString) -> Result<PasswordHash> {
        let account = self.store.account(user).await?.ok_or_else(no_account)?;
        let hash = account.password.ok_or_else(wrong)?;
        match self.hasher.verify(present.clone(), hash.clone()).await? {
            PasswordMatch::No => Err(not_the_present_password()),
            PasswordMatch::Yes | PasswordMatch::Outdated => Ok(hash),
        }
    }

    async fn keep_password(&self, user: UserId, change: AccountChange, origin: &AuditOrigin) -> Result<()> {
        let entry = self.entry(origin, AuditAction::PasswordChanged, user.to_string());
        self.store.change_account(user, change, Some(entry)).await?;
        self.endings.announce();
        Ok(())
    }

    /// Chooses a password with a link that was given for it, and ends all sessions.
    ///
    /// # Errors
    /// `PermissionDenied` when the link was used, has expired or is none; `InvalidInput` for a password that can be none;
    /// after that, and after a transient error, the link still works.
    pub async fn reset_password(&self, link: &str, new: &SecretString, address: &str) -> Result<()> {
        normalised_password(new)?;
        let link = self.take_link(link).await?;
        let TokenPurpose::Reset(user) = link.purpose else {
            return Err(no_link());
        };
        let done = self.choose_password(user, new, address).await;
        self.give_back_unused(link, done.as_ref().err()).await;
        done
    }

    async fn choose_password(&self, user: UserId, new: &SecretString, address: &str) -> Result<()> {
        let hash = self.hashed(new).await?;
        let origin = AuditOrigin::new(Some(user), address);
        let change = AccountChange::Password {
            from: None,
            hash,
            keep: None,
        };
        self.keep_password(user, change, &origin).await
    }

    /// Makes the first account, an administrator's, with the link that the server printed, and signs them in.
    ///
    /// # Errors
    /// As [`AccountService::reset_password`]; `Conflict` when there is an account already.
    pub async fn set_up(&self, link: &str, asked: &SignIn) -> Result<SignedIn> {
        let login = normalised_login(&asked.login)?;
        normalised_password(&asked.password)?;
        let link = self.take_link(link).await?;
        let TokenPurpose::SetUp = link.purpose else {
            return Err(no_link());
        };
        let made = self.make_first(login, asked).await;
        self.give_back_unused(link, made.as_ref().err()).await;
        let begun = self
            .begin_session(&made?, Place::of(asked), Holder::Browser)
            .await?;
        Ok(begun.signed_in)
    }

    async fn make_first(&self, login: String, asked: &SignIn) -> Result<Account> {
        let hash = self.hashed(&asked.password).await?;
        let id = UserId(self.platform.ids.next());
        let account = Account::new(id, login, self.platform.clock.now())
            .with_role(Role::Admin)
            .with_password(hash);
        let origin = AuditOrigin::new(Some(id), &asked.address);
        let entry = self.entry(&origin, AuditAction::AccountCreated, &account.login);
        self.store.create_account(account.clone(), true, entry).await?;
        Ok(account)
    }

    /// Keeps a link again with which nothing was done because of a transient error.
    ///
    /// It was taken before the password was hashed: a link that is none costs no hashing.
    async fn give_back_unused(&self, link: OneTimeToken, error: Option<&Error>) {
        if !error.is_some_and(Error::is_transient) {
            return;
        }
        if let Err(error) = self.store.keep_token(link).await {
            tracing::warn!(%error, "a link was used up although nothing was done with it");
        }
    }

    async fn take_link(&self, link: &str) -> Result<OneTimeToken> {
        let secret = Secret::sent(link).map_err(|_| no_link())?;
        let now = self.platform.clock.now();
        let token = self.store.take_token(secret.hash(), now).await?;
        token.ok_or_else(no_link)
    }
}

fn no_link() -> Error {
    Error::new(
        ErrorKind::PermissionDenied,
        "this link does not work any more; ask for another one",
    )
}

/// The session somebody signed in with: what concerns their account is not for keys and access tokens.
pub(super) fn session_of(principal: &Principal) -> Result<SessionId> {
    match principal.credential {
        Credential::Session(id) if principal.in_browser => Ok(id),
        Credential::Session(_) => Err(Error::new(
            ErrorKind::PermissionDenied,
            "an access token may not do this; sign in with name and password",
        )),
        Credential::Key(_) => Err(Error::new(
            ErrorKind::PermissionDenied,
            "a key may not do this; sign in with name and password",
        )),
    }
}
