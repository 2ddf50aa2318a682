//! Signing in with a provider that has found out who somebody is.

use super::{
    AccountService, Secret, SignedIn,
    sign_in::{Holder, Place},
    written::normalised_login,
};
use crate::{
    Error, ErrorKind, Result,
    account_store::{Account, AccountChange, AuditAction, AuditOrigin, Identity, Role, no_account},
    digest::sha256_hex,
    id::UserId,
};

/// Digits that tell a name from the one that somebody else has already.
const TELLING: usize = 12;

/// Somebody whom a provider has found out to be who they are.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct IdentifiedSignIn {
    /// Who they are.
    pub identity: Identity,
    /// What they may be called here, the best name first. A name of somebody else's account is never theirs.
    pub names: Vec<String>,
    /// What the provider says they may do; as it is here, when it says nothing.
    pub role: Option<Role>,
    /// Whether whoever has no account is given one.
    pub create: bool,
    /// From where.
    pub address: String,
    /// What their browser calls itself.
    pub agent: String,
}

impl IdentifiedSignIn {
    /// Somebody who has an account already, from nowhere.
    pub fn new(identity: Identity) -> Self {
        Self {
            identity,
            names: Vec::new(),
            role: None,
            create: false,
            address: String::new(),
            agent: String::new(),
        }
    }

    /// The same, called by one of these names, the best first.
    pub fn with_names(mut self, names: Vec<String>) -> Self {
        self.names = names;
        self
    }

    /// The same with this role from now on.
    pub fn with_role(mut self, role: Option<Role>) -> Self {
        self.role = role;
        self
    }

    /// The same, given an account or not where there is none.
    pub fn with_create(mut self, create: bool) -> Self {
        self.create = create;
        self
    }

    /// The same from this address in this browser.
    pub fn with_origin(mut self, address: impl Into<String>, agent: impl Into<String>) -> Self {
        self.address = address.into();
        self.agent = agent.into();
        self
    }
}

impl AccountService {
    /// A secret that ties what comes back from a provider to the browser that was sent there. Nothing is kept of it.
    ///
    /// # Errors
    /// When there are no random numbers.
    pub fn arrival_secret(&self) -> Result<Secret> {
        Secret::new(self.secrets.as_ref(), "")
    }

    /// Signs somebody in whom a provider has identified. Their account is found by that identity and by nothing else.
    /// Their role becomes the one that the provider says.
    ///
    /// # Errors
    /// `NotFound` when they have no account and are given none, `PermissionDenied` when it is disabled, `Conflict` when
    /// the role of the last administrator who has a password would be taken. Each is in the audit log.
    pub async fn sign_in_identified(&self, asked: &IdentifiedSignIn) -> Result<SignedIn> {
        let nobody = AuditOrigin::new(None, &asked.address);
        let found = self.store.account_identified(asked.identity.clone()).await?;
        let account = match found {
            Some(account) => account,
            None if asked.create => self.create_identified(asked).await?,
            None => {
                self.note(&nobody, AuditAction::SignInFailed, "").await?;
                return Err(no_account());
            }
        };
        if account.disabled {
            self.note(&nobody, AuditAction::SignInFailed, &account.login)
                .await?;
            return Err(disabled());
        }
        let account = match self.with_present_role(account.clone(), asked).await {
            Ok(account) => account,
            Err(error) => {
                self.note(&nobody, AuditAction::SignInFailed, &account.login)
                    .await?;
                return Err(error);
            }
        };
        let place = Place {
            address: &asked.address,
            agent: &asked.agent,
        };
        let begun = self.begin_session(&account, place, Holder::Browser).await;
        let begun = begun.map_err(|error| match error.kind() {
            // Disabled since it was found.
            ErrorKind::NotFound => disabled(),
            _ => error,
        })?;
        self.forgive_arrival(&asked.address).await;
        Ok(begun.signed_in)
    }

    /// Gives an account an identity, with which its owner signs in from now on.
    ///
    /// # Errors
    /// `NotFound` when there is no such account, `AlreadyExists` when the identity has one.
    pub async fn link_identity(&self, user: UserId, identity: Identity, origin: &AuditOrigin) -> Result<()> {
        let entry = self.entry(origin, AuditAction::IdentityLinked, user.to_string());
        self.store.link_identity(user, identity, entry).await
    }

    /// The account with the role that the provider says. It is changed before the session begins, so that no session has
    /// more than that.
    async fn with_present_role(&self, mut account: Account, asked: &IdentifiedSignIn) -> Result<Account> {
        if let Some(role) = asked.role.filter(|role| *role != account.role) {
            let origin = AuditOrigin::new(Some(account.id), &asked.address);
            let entry = self.entry(&origin, AuditAction::RoleChanged, account.id.to_string());
            let change = AccountChange::Role(role);
            account = self.store.change_account(account.id, change, Some(entry)).await?;
            self.endings.announce();
        }
        // No password was asked for: that it is changed meanwhile does not matter.
        account.password = None;
        Ok(account)
    }

    /// A new account, by the first of the names that nobody has.
    async fn create_identified(&self, asked: &IdentifiedSignIn) -> Result<Account> {
        let id = UserId(self.platform.ids.next());
        let mut taken = None;
        for login in logins(asked) {
            let account = Account::new(id, login, self.platform.clock.now())
                .with_role(asked.role.unwrap_or(Role::User));
            let origin = AuditOrigin::new(Some(id), &asked.address);
            let entry = self.entry(&origin, AuditAction::AccountCreated, &account.login);
            let identity = asked.identity.clone();
            match self
                .store
                .create_identified(account.clone(), identity, entry)
                .await
            {
                Ok(()) => return Ok(account),
                Err(error) if error.kind() == ErrorKind::AlreadyExists => taken = Some(error),
                Err(error) => return Err(error),
            }
            // The same person in another browser, at the same time.
            if let Some(account) = self.store.account_identified(asked.identity.clone()).await? {
                return Ok(account);
            }
        }
        Err(taken.unwrap_or_else(no_account))
    }
}

/// What somebody may sign in as, the best first; the last one is taken by nobody.
fn logins(asked: &IdentifiedSignIn) -> Vec<String> {
    let mut logins: Vec<String> = asked
        .names
        .iter()
        .filter_map(|name| normalised_login(name).ok())
        .collect();
    let whole = sha256_hex(format!("{} {}", asked.identity.issuer, asked.identity.subject));
    let telling = &whole[..TELLING];
    let first = logins.first().map_or("user", String::as_str);
    let unique =
        normalised_login(&format!("{first}-{telling}")).unwrap_or_else(|_| format!("user-{telling}"));
    logins.push(unique);
    logins
}

fn disabled() -> Error {
    Error::new(ErrorKind::PermissionDenied, "this account may not sign in")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_always_a_name_that_nobody_has() {
        let identity = Identity::new("https://id.example", "1").unwrap();
        let named = |names: &[&str]| {
            let names = names.iter().map(|name| (*name).to_owned()).collect();
            logins(&IdentifiedSignIn::new(identity.clone()).with_names(names))
        };
        let several = named(&["Ada", "not a name", "ada@example.com"]);
        assert_eq!(several[..2], ["ada", "ada@example.com"]);
        assert!(
            several[2].starts_with("ada-") && several.len() == 3,
            "{several:?}"
        );
        assert!(named(&[])[0].starts_with("user-"));
        let long = named(&[&"x".repeat(200)]);
        assert!(long[1].starts_with("user-"), "{long:?}");
    }
}
