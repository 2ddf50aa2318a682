//! Secrets that work once and for a short time: links and tickets.

use super::{Credential, TokenHash};
use crate::{clock::Timestamp, id::UserId};

/// A secret that works once, until it expires.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct OneTimeToken {
    /// The secret.
    pub token: TokenHash,
    /// What it is good for.
    pub purpose: TokenPurpose,
    /// When it stops working.
    pub expires_at: Timestamp,
}

impl OneTimeToken {
    /// A secret for `purpose` that works until `expires_at`.
    pub fn new(token: TokenHash, purpose: TokenPurpose, expires_at: Timestamp) -> Self {
        Self {
            token,
            purpose,
            expires_at,
        }
    }
}

/// What a one-time secret is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TokenPurpose {
    /// Making the first account.
    SetUp,
    /// Choosing a password for this account.
    Reset(UserId),
    /// Opening a live connection for whoever signed in with this.
    Live(Credential),
}
