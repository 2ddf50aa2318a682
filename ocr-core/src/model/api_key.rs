//! Keys with which programs sign in.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::TokenHash;
use crate::{
    Error, ErrorKind, Result,
    builder::builder,
    clock::Timestamp,
    id::{KeyId, UserId},
};

/// What a key may be used for. Each includes those before it; none lets anybody do what their account may not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum KeyScope {
    /// Reading.
    Read,
    /// Also sending, changing and deleting documents.
    Write,
    /// Also looking after accounts, where the account is an administrator's.
    Admin,
}

impl KeyScope {
    /// Its name in databases and in the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Admin => "admin",
        }
    }
}

impl FromStr for KeyScope {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        match text {
            "read" => Ok(Self::Read),
            "write" => Ok(Self::Write),
            "admin" => Ok(Self::Admin),
            _ => {
                let message = "the scope of a key is read, write or admin";
                Err(Error::new(ErrorKind::InvalidInput, message))
            }
        }
    }
}

/// A key with which a program signs in.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ApiKey {
    /// Its identity, which may be shown.
    pub id: KeyId,
    /// On whose behalf it is used.
    pub user: UserId,
    /// What they call it.
    pub name: String,
    /// The first characters of the key, to tell it from others.
    pub prefix: String,
    /// The key.
    pub token: TokenHash,
    /// What it may be used for.
    pub scope: KeyScope,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it stops working; never when absent.
    pub expires_at: Option<Timestamp>,
    /// When it was last used, to within a minute.
    pub last_used_at: Option<Timestamp>,
    /// Maximum number of requests a minute with it, beside the limits of its user; none of its own when absent.
    pub requests_per_minute: Option<u32>,
}

builder!(ApiKey {
    with_name(name: impl Into<String>) "The same under this name."
    with_prefix(prefix: impl Into<String>) "The same with these first characters."
    with_expires_at(expires_at: impl Into<Option<Timestamp>>) "The same, working until then."
    with_last_used_at(last_used_at: impl Into<Option<Timestamp>>) "The same, last used then."
    with_requests_per_minute(requests_per_minute: impl Into<Option<u32>>) "The same with this maximum number of requests a minute."
});

impl ApiKey {
    /// A key without a name that works until it is revoked.
    pub fn new(id: KeyId, user: UserId, token: TokenHash, scope: KeyScope, created_at: Timestamp) -> Self {
        Self {
            id,
            user,
            name: String::new(),
            prefix: String::new(),
            token,
            scope,
            created_at,
            expires_at: None,
            last_used_at: None,
            requests_per_minute: None,
        }
    }
}
