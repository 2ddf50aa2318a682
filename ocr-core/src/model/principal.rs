//! Who makes a request, and whose objects it may therefore see: the one place where a principal becomes a scope.

use super::{Account, ApiKey, KeyScope, Role, Scope, Session};
use crate::{
    Error, ErrorKind, Result,
    clock::Timestamp,
    id::{KeyId, SessionId, UserId},
};

/// What somebody signed in with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Credential {
    /// A session, of a browser or of a program with access tokens.
    Session(SessionId),
    /// A key of a program.
    Key(KeyId),
}

/// Somebody who has signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Principal {
    /// Who it is.
    pub user: UserId,
    /// What they sign in as.
    pub login: String,
    /// What their account may do.
    pub role: Role,
    /// What they signed in with.
    pub credential: Credential,
    /// What that may be used for.
    pub grant: KeyScope,
    /// Whether they hold the secret of a session itself, as browsers do. What concerns their account is for these only.
    pub in_browser: bool,
    /// When that ends by itself.
    pub expires_at: Option<Timestamp>,
    /// Maximum number of requests a minute with what they signed in with; none of its own when absent.
    pub requests_per_minute: Option<u32>,
}

impl Principal {
    /// Whoever signed in to `account` with a session. In a browser they may do all that the account may; a program what
    /// its tokens may be used for.
    pub fn in_session(session: &Session, account: &Account) -> Self {
        Self {
            user: account.id,
            login: account.login.clone(),
            role: account.role,
            credential: Credential::Session(session.id),
            grant: session
                .refresh
                .as_ref()
                .map_or(KeyScope::Admin, |chain| chain.scope),
            in_browser: session.refresh.is_none(),
            expires_at: Some(session.expires_at),
            requests_per_minute: None,
        }
    }

    /// A program that uses a key of `account`.
    pub fn with_key(key: &ApiKey, account: &Account) -> Self {
        Self {
            user: account.id,
            login: account.login.clone(),
            role: account.role,
            credential: Credential::Key(key.id),
            grant: key.scope,
            in_browser: false,
            expires_at: key.expires_at,
            requests_per_minute: key.requests_per_minute,
        }
    }

    /// Whether they may look after accounts and see documents of others, with what they signed in with.
    pub fn is_admin(&self) -> bool {
        self.role == Role::Admin && self.grant == KeyScope::Admin
    }

    /// `PermissionDenied` unless what they signed in with may be used for `needed`.
    pub fn may(&self, needed: KeyScope) -> Result<()> {
        let allowed = match needed {
            KeyScope::Admin => self.is_admin(),
            KeyScope::Read | KeyScope::Write => self.grant >= needed,
        };
        allowed
            .then_some(())
            .ok_or_else(|| Error::new(ErrorKind::PermissionDenied, DENIED[needed as usize]))
    }
}

/// Why something is refused, by what it needs.
const DENIED: [&str; 3] = [
    "this key may not read",
    "this key may only read; use one of scope write",
    "this is for administrators",
];

/// Who makes a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Caller {
    /// Nobody has to sign in: a request says itself on whose behalf it is made.
    Anyone,
    /// Somebody who has signed in.
    SignedIn(Principal),
}

impl Caller {
    /// Whose objects the request may see when it names this owner.
    ///
    /// Where nobody signs in: that owner's, or everything when it names none. Otherwise the caller's own; an
    /// administrator may name somebody else.
    ///
    /// # Errors
    /// `PermissionDenied` for the name of somebody else.
    pub fn scope(&self, named: Option<UserId>) -> Result<Scope> {
        match self {
            Self::Anyone => Ok(named.map_or_else(Scope::system, Scope::owner)),
            Self::SignedIn(principal) => match named {
                Some(other) if other != principal.user && !principal.is_admin() => Err(Error::new(
                    ErrorKind::PermissionDenied,
                    "userId names somebody else; leave it out, or name yourself",
                )),
                named => Ok(Scope::owner(named.unwrap_or(principal.user))),
            },
        }
    }

    /// Who has signed in.
    pub fn principal(&self) -> Option<&Principal> {
        match self {
            Self::Anyone => None,
            Self::SignedIn(principal) => Some(principal),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        id::{IdGenerator, RandomIds},
        model::TokenHash,
    };

    fn caller(role: Role, scope: KeyScope) -> (Caller, UserId) {
        let user = UserId(RandomIds.next());
        let account = Account::new(user, "ada", Timestamp::default()).with_role(role);
        let key = ApiKey::new(
            KeyId(RandomIds.next()),
            user,
            TokenHash::of("secret"),
            scope,
            Timestamp::default(),
        );
        (Caller::SignedIn(Principal::with_key(&key, &account)), user)
    }

    #[test]
    fn a_request_is_about_the_one_who_signed_in() {
        let other = UserId(RandomIds.next());
        let (user, id) = caller(Role::User, KeyScope::Admin);
        assert_eq!(user.scope(None).unwrap(), Scope::owner(id));
        assert_eq!(user.scope(Some(id)).unwrap(), Scope::owner(id));
        let refused = user.scope(Some(other)).unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::PermissionDenied);
        let (admin, id) = caller(Role::Admin, KeyScope::Admin);
        assert_eq!(admin.scope(None).unwrap(), Scope::owner(id));
        assert_eq!(admin.scope(Some(other)).unwrap(), Scope::owner(other));
        let (weak, _) = caller(Role::Admin, KeyScope::Write);
        assert!(
            weak.scope(Some(other)).is_err(),
            "a key has less rights than its owner"
        );
    }

    #[test]
    fn where_nobody_signs_in_the_request_says_whose_it_is() {
        let user = UserId(RandomIds.next());
        assert_eq!(Caller::Anyone.scope(Some(user)).unwrap(), Scope::owner(user));
        assert_eq!(Caller::Anyone.scope(None).unwrap(), Scope::system());
    }

    #[test]
    fn a_key_may_do_what_its_scope_says() {
        let may = |role, scope, needed| {
            let (caller, _) = caller(role, scope);
            caller.principal().unwrap().may(needed).is_ok()
        };
        assert!(may(Role::User, KeyScope::Read, KeyScope::Read));
        assert!(!may(Role::Admin, KeyScope::Read, KeyScope::Write));
        assert!(may(Role::User, KeyScope::Write, KeyScope::Write));
        assert!(!may(Role::User, KeyScope::Admin, KeyScope::Admin));
        assert!(!may(Role::Admin, KeyScope::Write, KeyScope::Admin));
        assert!(may(Role::Admin, KeyScope::Admin, KeyScope::Admin));
    }
}
