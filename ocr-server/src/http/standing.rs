//! Whether whoever asked for what goes on for long may still have it: live connections and exports.

use std::{io, time::Duration};

use ocr_core::{
    ErrorKind,
    id::UserId,
    model::{Caller, Credential},
    service::AccountService,
};
use tokio::sync::watch;

use super::state::AppState;

/// How often it is looked at; what ends in this process is noticed at once.
const LOOK: Duration = Duration::from_secs(15);

/// The sign-in on which an answer stands that goes on for long.
#[derive(Debug, Clone)]
pub(crate) struct Standing {
    accounts: AccountService,
    credential: Credential,
    /// Whose events or documents the answer tells.
    user: UserId,
    endings: watch::Receiver<u64>,
}

impl Standing {
    /// That of an answer to `caller` about `user`; `None` where nobody signs in.
    pub(crate) fn of(state: &AppState, caller: Option<&Caller>, user: UserId) -> Option<Self> {
        let accounts = state.accounts.clone()?;
        let principal = caller.and_then(Caller::principal)?;
        Some(Self {
            endings: accounts.endings().watch(),
            accounts,
            credential: principal.credential,
            user,
        })
    }

    /// Whether it holds. A store that cannot be asked ends nothing.
    async fn holds(&self) -> bool {
        match self.accounts.by_credential(self.credential).await {
            Ok(principal) => Caller::SignedIn(principal).scope(Some(self.user)).is_ok(),
            Err(error) => error.kind() != ErrorKind::Unauthenticated,
        }
    }
}

/// Returns when the sign-in has ended; never where there is none.
pub(crate) async fn ended(standing: Option<Standing>) {
    let Some(mut standing) = standing else {
        return std::future::pending().await;
    };
    while standing.holds().await {
        // The sender lives as long as the accounts, of which the standing has a clone.
        let _ = tokio::time::timeout(LOOK, standing.endings.changed()).await;
    }
}

/// Refuses to go on when the sign-in has ended; never where there is none.
///
/// # Errors
/// `PermissionDenied` when it has.
pub(crate) async fn still(standing: Option<&Standing>) -> io::Result<()> {
    let Some(standing) = standing else { return Ok(()) };
    if standing.holds().await {
        Ok(())
    } else {
        let message = "the sign-in that this was asked with has ended";
        Err(io::Error::new(io::ErrorKind::PermissionDenied, message))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use ocr_core::{
        account_store::{AuditOrigin, Role},
        memory::MemoryAccountStore,
        service::SignIn,
    };
    use ocr_testkit::MemoryPlatform;
    use secrecy::SecretString;

    use super::*;
    use crate::passwords::{Argon2Hasher, SystemSecrets};

    const PASSWORD: &str = "correct horse battery";

    #[tokio::test]
    async fn what_goes_on_for_long_ends_with_the_sign_in() {
        let store = Arc::new(MemoryAccountStore::default());
        let platform = MemoryPlatform::new().platform.with_account_store(store);
        let hasher = Arc::new(Argon2Hasher::new().unwrap());
        let accounts = AccountService::new(platform, hasher, Arc::new(SystemSecrets))
            .await
            .unwrap();
        let (password, origin) = (SecretString::from(PASSWORD), AuditOrigin::default());
        accounts
            .create_account("ada", Role::User, Some(&password), &origin)
            .await
            .unwrap();
        let asked = SignIn {
            login: "ada".into(),
            password: PASSWORD.into(),
            address: "192.0.2.1".into(),
            agent: String::new(),
            code: None,
        };
        let principal = accounts.sign_in(&asked).await.unwrap().principal;
        let standing = Standing {
            endings: accounts.endings().watch(),
            accounts: accounts.clone(),
            credential: principal.credential,
            user: principal.user,
        };
        still(Some(&standing)).await.unwrap();
        accounts.sign_out(&principal, &origin).await.unwrap();
        let refused = still(Some(&standing)).await.unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::PermissionDenied);
        still(None).await.unwrap();
    }
}
