//! The audit log.

use std::fmt;

use async_trait::async_trait;

use crate::{
    Result,
    builder::builder,
    id::{AuditId, UserId},
    model::{AuditAction, AuditEntry},
};

/// The audit log. Entries are added, also by the changes they tell of, and never changed or removed.
#[async_trait]
pub trait AuditLog: fmt::Debug + Send + Sync + 'static {
    /// Adds an entry of its own.
    async fn record(&self, entry: AuditEntry) -> Result<()>;

    /// Entries that meet the filter, with the greatest id first; at most `limit`.
    async fn audit(&self, filter: AuditFilter, limit: usize) -> Result<Vec<AuditEntry>>;
}

/// Which entries are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct AuditFilter {
    /// Only what this user did.
    pub actor: Option<UserId>,
    /// Only this action.
    pub action: Option<AuditAction>,
    /// Only entries with a smaller id.
    pub before: Option<AuditId>,
}

builder!(AuditFilter {
    with_actor(actor: impl Into<Option<UserId>>) "The same of what this user did only."
    with_action(action: impl Into<Option<AuditAction>>) "The same of this action only."
    with_before(before: impl Into<Option<AuditId>>) "The same of entries with a smaller id only."
});

impl AuditFilter {
    /// Whether `entry` is wanted.
    pub fn takes(&self, entry: &AuditEntry) -> bool {
        self.actor.is_none_or(|actor| entry.actor == Some(actor))
            && self.action.is_none_or(|action| entry.action == action)
            && self.before.is_none_or(|before| entry.id < before)
    }
}
