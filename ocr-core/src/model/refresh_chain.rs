//! Refresh tokens: each follows from the one before, and of all of them only the present one's hash is kept.

use std::fmt;

use super::{KeyScope, TokenHash};
use crate::clock::Timestamp;

/// The refresh tokens of a session that a program holds. Each is used once and answered with the next, which follows
/// from it and the salt: so the same next one can be answered again, and an old one is known for what it is, although
/// no token is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RefreshChain {
    /// What its access tokens may be used for.
    pub scope: KeyScope,
    /// The token that works now.
    pub token: TokenHash,
    /// Number of tokens before that one.
    pub generation: u32,
    /// What the next token follows from beside the present one; it stays the same.
    pub salt: RefreshSalt,
    /// When the present token took the place of the one before.
    pub rotated_at: Timestamp,
}

impl RefreshChain {
    /// A chain whose first token is `token`.
    pub fn new(scope: KeyScope, token: TokenHash, salt: RefreshSalt, at: Timestamp) -> Self {
        Self {
            scope,
            token,
            generation: 0,
            salt,
            rotated_at: at,
        }
    }

    /// The same after `generation` tokens, of which the last gave way to `token` at `at`.
    pub fn rotated(mut self, generation: u32, token: TokenHash, at: Timestamp) -> Self {
        self.generation = generation;
        self.token = token;
        self.rotated_at = at;
        self
    }
}

/// 256 random bits as 64 hex digits, without which nobody can tell the next refresh token from the present one. They are
/// not shown.
#[derive(Clone, PartialEq, Eq)]
pub struct RefreshSalt(String);

impl RefreshSalt {
    /// A salt of these hex digits.
    pub fn new(hex: impl Into<String>) -> Self {
        Self(hex.into())
    }

    /// The hex digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for RefreshSalt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RefreshSalt(***)")
    }
}
