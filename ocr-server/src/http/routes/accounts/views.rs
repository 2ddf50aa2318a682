//! Wire types of accounts. No hash and no secret is among them but those that are shown once.

use chrono::{DateTime, Utc};
use ocr_core::{
    id::SessionId,
    model::{Account, ApiKey, Principal, Session},
};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// Somebody who has signed in.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct UserView {
    /// The owner of their documents.
    id: Uuid,
    /// What they sign in as.
    name: String,
    /// user or admin.
    role: &'static str,
}

impl From<&Principal> for UserView {
    fn from(principal: &Principal) -> Self {
        Self {
            id: principal.user.0,
            name: principal.login.clone(),
            role: principal.role.as_str(),
        }
    }
}

/// Whether one has to sign in, and who has.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SessionState {
    /// none, local or oidc.
    pub(crate) auth: &'static str,
    /// Whoever signed in.
    pub(crate) user: Option<UserView>,
    /// Whether there is no account yet.
    pub(crate) set_up_needed: bool,
}

/// Whoever signed in now.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SignedInView {
    pub(crate) user: UserView,
}

/// A session.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SessionView {
    id: Uuid,
    created_at: DateTime<Utc>,
    last_used_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
    /// What the browser calls itself.
    agent: String,
    /// From where they signed in.
    address: String,
    /// Whether it is the one that asks.
    current: bool,
}

impl SessionView {
    pub(crate) fn new(session: Session, current: Option<SessionId>) -> Self {
        Self {
            id: session.id.0,
            created_at: session.created_at,
            last_used_at: session.last_used_at,
            expires_at: session.expires_at,
            agent: session.agent,
            address: session.address,
            current: current == Some(session.id),
        }
    }
}

/// One's sessions.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SessionList {
    pub(crate) sessions: Vec<SessionView>,
}

/// A key.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct KeyView {
    id: Uuid,
    name: String,
    /// Its first characters.
    prefix: String,
    /// read, write or admin.
    scope: &'static str,
    created_at: DateTime<Utc>,
    expires_at: Option<DateTime<Utc>>,
    last_used_at: Option<DateTime<Utc>>,
    /// Absent where it has no limit of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    requests_per_minute: Option<u32>,
}

impl From<ApiKey> for KeyView {
    fn from(key: ApiKey) -> Self {
        Self {
            id: key.id.0,
            name: key.name,
            prefix: key.prefix,
            scope: key.scope.as_str(),
            created_at: key.created_at,
            expires_at: key.expires_at,
            last_used_at: key.last_used_at,
            requests_per_minute: key.requests_per_minute,
        }
    }
}

/// One's keys.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct KeyList {
    pub(crate) keys: Vec<KeyView>,
}

/// A key that was made.
#[derive(Serialize, ToSchema)]
pub(crate) struct CreatedKey {
    pub(crate) key: KeyView,
    /// The whole key. It is not shown again.
    pub(crate) secret: String,
}

/// An account.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AccountView {
    id: Uuid,
    name: String,
    /// user or admin.
    role: &'static str,
    disabled: bool,
    /// Whether a password was chosen.
    has_password: bool,
    created_at: DateTime<Utc>,
    last_sign_in: Option<DateTime<Utc>>,
}

impl From<Account> for AccountView {
    fn from(account: Account) -> Self {
        Self {
            id: account.id.0,
            has_password: account.password.is_some(),
            name: account.login,
            role: account.role.as_str(),
            disabled: account.disabled,
            created_at: account.created_at,
            last_sign_in: account.last_sign_in,
        }
    }
}

/// Accounts by name.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AccountList {
    pub(crate) users: Vec<AccountView>,
    /// Send it back as `after` for the next ones; null at the end.
    pub(crate) next_after: Option<String>,
}

/// An account, and the link for its owner to choose a password.
#[derive(Serialize, ToSchema)]
pub(crate) struct AccountLink {
    pub(crate) user: AccountView,
    /// To be given to its owner; it works once, for a day. Null when they have a password.
    pub(crate) link: Option<String>,
}
