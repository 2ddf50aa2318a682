//! Sessions: sign-ins that have not ended.

use super::{RefreshChain, TokenHash};
use crate::{
    builder::builder,
    clock::Timestamp,
    id::{SessionId, UserId},
};

/// A sign-in that has not ended.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Session {
    /// Its identity, which may be shown.
    pub id: SessionId,
    /// Who signed in.
    pub user: UserId,
    /// The secret that the browser holds.
    pub token: TokenHash,
    /// When they signed in.
    pub created_at: Timestamp,
    /// When it was last used, to within a minute.
    pub last_used_at: Timestamp,
    /// When it ends by itself.
    pub expires_at: Timestamp,
    /// What the browser calls itself, shortened.
    pub agent: String,
    /// From where they signed in.
    pub address: String,
    /// The refresh tokens of a program; absent for a browser, which holds the secret of the session itself.
    pub refresh: Option<RefreshChain>,
}

builder!(Session {
    with_last_used_at(last_used_at: Timestamp) "The same, last used then."
    with_agent(agent: impl Into<String>) "The same in this browser."
    with_address(address: impl Into<String>) "The same from this address."
    with_refresh(refresh: impl Into<Option<RefreshChain>>) "The same with these refresh tokens."
});

impl Session {
    /// A session that begins at `created_at` and ends at `expires_at`.
    pub fn new(
        id: SessionId,
        user: UserId,
        token: TokenHash,
        created_at: Timestamp,
        expires_at: Timestamp,
    ) -> Self {
        Self {
            id,
            user,
            token,
            created_at,
            last_used_at: created_at,
            expires_at,
            agent: String::new(),
            address: String::new(),
            refresh: None,
        }
    }
}
