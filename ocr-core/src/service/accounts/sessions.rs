//! One's own sessions.

use super::{AccountService, password::session_of};
use crate::{
    Result,
    account_store::{AuditAction, AuditOrigin, Session},
    id::SessionId,
    model::Principal,
};

impl AccountService {
    /// The sessions of whoever signed in with one, newest first.
    ///
    /// # Errors
    /// `PermissionDenied` for whoever signed in with a key, here and below.
    pub async fn sessions(&self, principal: &Principal) -> Result<Vec<Session>> {
        session_of(principal)?;
        self.store
            .sessions(principal.user, self.platform.clock.now())
            .await
    }

    /// Ends one of one's own sessions. `NotFound` when it is none.
    pub async fn revoke_session(
        &self,
        principal: &Principal,
        id: SessionId,
        origin: &AuditOrigin,
    ) -> Result<()> {
        session_of(principal)?;
        let entry = self.entry(origin, AuditAction::SessionRevoked, id.to_string());
        self.store.end_session(principal.user, id, entry).await?;
        self.endings.announce();
        Ok(())
    }
}
