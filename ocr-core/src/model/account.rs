//! Accounts: who may sign in, and what they may do.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::{
    Error, ErrorKind, Result,
    builder::builder,
    clock::Timestamp,
    digest::sha256_hex,
    id::{SessionId, UserId},
};

/// What an account may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Works with their own documents.
    User,
    /// Also with those of others, and looks after the accounts.
    Admin,
}

impl Role {
    /// Its name in databases and in the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Admin => "admin",
        }
    }
}

impl FromStr for Role {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        match text {
            "user" => Ok(Self::User),
            "admin" => Ok(Self::Admin),
            _ => Err(Error::new(ErrorKind::InvalidInput, "a role is user or admin")),
        }
    }
}

/// The hash of a password with its salt and parameters, as a PHC string. It is not shown.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(String);

impl PasswordHash {
    /// A hash that a [`PasswordHasher`](crate::password_hasher::PasswordHasher) made.
    pub fn new(phc: impl Into<String>) -> Self {
        Self(phc.into())
    }

    /// The PHC string.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(***)")
    }
}

/// SHA-256 of a secret of 256 random bits, as 64 lower-case hex digits: what a database keeps of a session, a key or
/// a link. It is not shown.
///
/// Secrets are found by it and never compared themselves: how long that takes tells at most something of the hash, from
/// which nobody can make a secret.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TokenHash(String);

impl TokenHash {
    /// The hash of `secret`.
    pub fn of(secret: &str) -> Self {
        Self(sha256_hex(secret))
    }

    /// A hash that was stored.
    pub fn stored(hex: impl Into<String>) -> Self {
        Self(hex.into())
    }

    /// The hex digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for TokenHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenHash(***)")
    }
}

/// Somebody who may sign in.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Account {
    /// The owner of their documents.
    pub id: UserId,
    /// The name or e-mail address they sign in with, normalised and in small letters; unique.
    pub login: String,
    /// `None` until they have chosen a password.
    pub password: Option<PasswordHash>,
    /// What they may do.
    pub role: Role,
    /// Whether signing in is refused for now.
    pub disabled: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// When they last signed in.
    pub last_sign_in: Option<Timestamp>,
}

builder!(Account {
    with_password(password: impl Into<Option<PasswordHash>>) "The same with this password."
    with_role(role: Role) "The same with this role."
    with_disabled(disabled: bool) "The same, refused or not."
    with_last_sign_in(last_sign_in: impl Into<Option<Timestamp>>) "The same, last signed in then."
});

impl Account {
    /// An account of an ordinary user without a password.
    pub fn new(id: UserId, login: impl Into<String>, created_at: Timestamp) -> Self {
        Self {
            id,
            login: login.into(),
            password: None,
            role: Role::User,
            disabled: false,
            created_at,
            last_sign_in: None,
        }
    }

    /// Whether its owner can sign in and look after the others now: not before they have chosen a password.
    pub fn is_active_admin(&self) -> bool {
        self.role == Role::Admin && !self.disabled && self.password.is_some()
    }

    /// Whether `change` is of the account as it is: another password only in place of the one that it names.
    pub fn admits(&self, change: &AccountChange) -> bool {
        match change {
            AccountChange::Password { from: Some(from), .. } => self.password.as_ref() == Some(from),
            _ => true,
        }
    }

    /// The same after `change`.
    pub fn changed(mut self, change: &AccountChange) -> Self {
        match change {
            AccountChange::Password { hash, .. } => self.password = Some(hash.clone()),
            AccountChange::Rehashed { from, to } => {
                if self.password.as_ref() == Some(from) {
                    self.password = Some(to.clone());
                }
            }
            AccountChange::Role(role) => self.role = *role,
            AccountChange::Disabled(disabled) => self.disabled = *disabled,
        }
        self
    }
}

/// A change of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AccountChange {
    /// Another password. All sessions end but `keep`, and links that are under way stop working.
    Password {
        /// The hash of the present one, where that was verified: it must still be this. `None` for whoever has a link.
        from: Option<PasswordHash>,
        /// What is kept of it.
        hash: PasswordHash,
        /// The session in which it was changed.
        keep: Option<SessionId>,
    },
    /// The same password under other parameters: nothing happens unless the hash is still `from`.
    Rehashed {
        /// The hash that was verified.
        from: PasswordHash,
        /// The one in its place.
        to: PasswordHash,
    },
    /// Another role.
    Role(Role),
    /// Signing in is refused, and all sessions end; or it is allowed again.
    Disabled(bool),
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::{IdGenerator, RandomIds};

    #[test]
    fn hashes_are_not_shown() {
        let account = Account::new(UserId(RandomIds.next()), "ada", Timestamp::default())
            .with_password(PasswordHash::new("$argon2id$canary"));
        let shown = format!("{account:?} {:?}", TokenHash::stored("canary"));
        assert!(!shown.contains("canary"), "{shown}");
    }

    #[test]
    fn a_rehash_does_not_undo_a_change_of_the_password() {
        let hash = |text: &str| PasswordHash::new(text);
        let account = Account::new(UserId(RandomIds.next()), "ada", Timestamp::default());
        let account = account.with_password(hash("new"));
        let late = AccountChange::Rehashed {
            from: hash("old"),
            to: hash("old again"),
        };
        assert_eq!(account.changed(&late).password, Some(hash("new")));
    }

    #[test]
    fn an_administrator_without_a_password_cannot_sign_in() {
        let account =
            Account::new(UserId(RandomIds.next()), "ada", Timestamp::default()).with_role(Role::Admin);
        assert!(!account.is_active_admin());
        assert!(account.with_password(PasswordHash::new("hash")).is_active_admin());
    }

    #[test]
    fn another_password_takes_the_place_of_the_one_that_was_verified() {
        let hash = |text: &str| PasswordHash::new(text);
        let account = Account::new(UserId(RandomIds.next()), "ada", Timestamp::default());
        let account = account.with_password(hash("present"));
        let admitted = |from: Option<&str>| {
            account.admits(&AccountChange::Password {
                from: from.map(hash),
                hash: hash("next"),
                keep: None,
            })
        };
        assert!(admitted(Some("present")) && admitted(None));
        assert!(!admitted(Some("old")));
        assert!(account.admits(&AccountChange::Role(Role::Admin)));
    }
}
