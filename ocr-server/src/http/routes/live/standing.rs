//! Whether whoever opened a live connection may still have it.

use std::time::Duration;

use ocr_core::{
    ErrorKind,
    id::UserId,
    model::{Caller, Credential},
    service::AccountService,
};
use tokio::sync::watch;

use crate::http::state::AppState;

/// How often it is looked at; what ends in this process is noticed at once.
const LOOK: Duration = Duration::from_secs(15);

/// The sign-in on which a live connection stands.
#[derive(Debug)]
pub(super) struct Standing {
    accounts: AccountService,
    credential: Credential,
    /// Whose events the connection tells.
    user: UserId,
    endings: watch::Receiver<u64>,
}

impl Standing {
    /// That of a connection which `caller` opens for the events of `user`; `None` where nobody signs in.
    pub(super) fn of(state: &AppState, caller: Option<&Caller>, user: UserId) -> Option<Self> {
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
pub(super) async fn ended(standing: Option<Standing>) {
    let Some(mut standing) = standing else {
        return std::future::pending().await;
    };
    while standing.holds().await {
        // The sender lives as long as the accounts, of which the standing has a clone.
        let _ = tokio::time::timeout(LOOK, standing.endings.changed()).await;
    }
}
