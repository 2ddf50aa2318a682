//! Tickets with which a live connection is opened: a browser sends no headers of ours there, and an address is written
//! into logs.

use std::time::Duration;

use super::{AccountService, Secret, identify::nobody};
use crate::{
    Result,
    account_store::{OneTimeToken, TokenPurpose},
    clock::{Timestamp, later},
    model::Principal,
};

/// How long a ticket works: 30 s, once.
pub const TICKET_LIFETIME: Duration = Duration::from_secs(30);

impl AccountService {
    /// A ticket for whoever signed in, and until when it works.
    pub async fn ticket(&self, principal: &Principal) -> Result<(Secret, Timestamp)> {
        let secret = Secret::new(self.secrets.as_ref(), "")?;
        let expires_at = later(self.platform.clock.now(), TICKET_LIFETIME);
        let purpose = TokenPurpose::Live(principal.credential);
        let token = OneTimeToken::new(secret.hash(), purpose, expires_at);
        self.store.keep_token(token).await?;
        Ok((secret, expires_at))
    }

    /// Whoever was given a ticket, which does not work again.
    ///
    /// # Errors
    /// `Unauthenticated` when it was used, has expired or is none, and when what it was made for has ended.
    pub async fn by_ticket(&self, ticket: &str) -> Result<Principal> {
        let secret = Secret::sent(ticket)?;
        let now = self.platform.clock.now();
        let token = self.store.take_token(secret.hash(), now).await?;
        match token.map(|token| token.purpose) {
            Some(TokenPurpose::Live(credential)) => self.by_credential(credential).await,
            _ => Err(nobody()),
        }
    }
}
