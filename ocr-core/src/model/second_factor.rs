//! The second factor of an account: one-time codes of an app, and recovery codes.

use std::fmt;

use super::TokenHash;

/// What is asked of somebody beside their password. The store compares versions only; who makes a change sees to the rest.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SecondFactor {
    /// What the codes follow from.
    pub secret: TotpSecret,
    /// Whether its owner has shown that their app has it. Before that it is not asked for.
    pub confirmed: bool,
    /// The latest step of time whose code was used: none of it or before works again.
    pub last_step: u64,
    /// Codes that work once each in place of one of the app, those that are left.
    pub recovery: Vec<TokenHash>,
    /// Number of changes before this one.
    pub version: u64,
}

impl SecondFactor {
    /// One that is not confirmed yet.
    pub fn new(secret: TotpSecret) -> Self {
        Self {
            secret,
            confirmed: false,
            last_step: 0,
            recovery: Vec::new(),
            version: 0,
        }
    }

    /// The same as it is kept in a database.
    pub fn stored(mut self, confirmed: bool, last_step: u64, recovery: Vec<TokenHash>, version: u64) -> Self {
        self.confirmed = confirmed;
        self.last_step = last_step;
        self.recovery = recovery;
        self.version = version;
        self
    }

    /// The same after a code of `step` was used.
    pub fn used(mut self, step: u64) -> Self {
        self.last_step = step;
        self.version += 1;
        self
    }

    /// The same once its owner has shown a code of `step`, with these recovery codes.
    pub fn confirmed(self, step: u64, recovery: Vec<TokenHash>) -> Self {
        let mut confirmed = self.used(step);
        confirmed.confirmed = true;
        confirmed.recovery = recovery;
        confirmed
    }

    /// The same without a recovery code; nothing when it is none of them.
    pub fn without(mut self, code: &TokenHash) -> Option<Self> {
        let place = self.recovery.iter().position(|kept| kept == code)?;
        self.recovery.remove(place);
        self.version += 1;
        Some(self)
    }
}

/// The secret of one-time codes, 160 random bits as base64url without padding. It is not shown.
#[derive(Clone, PartialEq, Eq)]
pub struct TotpSecret(String);

impl TotpSecret {
    /// The secret that this text is.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for TotpSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TotpSecret(***)")
    }
}
