//! The audit log.

use std::fmt;

use async_trait::async_trait;

use crate::{
    Result,
    builder::builder,
    clock::Timestamp,
    id::{AuditId, TaskId, UserId},
    model::{AuditAction, AuditAnchor, AuditEntry, SealedRecord},
};

/// The audit log. Entries are added, also by the changes they tell of, and never changed; removed are those whose time
/// is over, by [`AuditLog::prune_entries`] only.
///
/// Entries are added unsealed, so that no change waits for another, and sealed into a chain in a second step.
#[async_trait]
pub trait AuditLog: fmt::Debug + Send + Sync + 'static {
    /// Adds an entry of its own.
    async fn record(&self, entry: AuditEntry) -> Result<()>;

    /// Entries that meet the filter, with the greatest id first; at most `limit`.
    async fn audit(&self, filter: AuditFilter, limit: usize) -> Result<Vec<AuditEntry>>;

    /// Puts the seals of at most `limit` entries behind the chain, those with the smallest ids first, and says how many.
    /// Any number of processes may call it at once; it is 0 for whoever finds another at it.
    async fn seal_entries(&self, limit: usize) -> Result<usize>;

    /// Seals with their entries from the first one behind place `after`, in order; at most `limit`.
    async fn sealed_entries(&self, after: u64, limit: usize) -> Result<Vec<SealedRecord>>;

    /// Number of entries that are not sealed yet.
    async fn unsealed_entries(&self) -> Result<u64>;

    /// Where the chain begins, when entries were removed from its beginning.
    async fn audit_anchor(&self) -> Result<Option<AuditAnchor>>;

    /// Removes sealed entries from the beginning of the chain up to the first one that is not older than `before`, and
    /// says how many. The last seal that was removed becomes the anchor, and `entry`, whose object becomes this anchor, is
    /// added in the same transaction. Nothing is added when nothing was removed.
    async fn prune_entries(&self, before: Timestamp, entry: AuditEntry) -> Result<u64>;
}

/// Which entries are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct AuditFilter {
    /// Only what this user did.
    pub actor: Option<UserId>,
    /// Only this action.
    pub action: Option<AuditAction>,
    /// Only what was done with this document.
    pub document: Option<TaskId>,
    /// Only entries with a smaller id.
    pub before: Option<AuditId>,
}

builder!(AuditFilter {
    with_actor(actor: impl Into<Option<UserId>>) "The same of what this user did only."
    with_action(action: impl Into<Option<AuditAction>>) "The same of this action only."
    with_document(document: impl Into<Option<TaskId>>) "The same of what was done with this document only."
    with_before(before: impl Into<Option<AuditId>>) "The same of entries with a smaller id only."
});

impl AuditFilter {
    /// Whether `entry` is wanted.
    pub fn takes(&self, entry: &AuditEntry) -> bool {
        self.actor.is_none_or(|actor| entry.actor == Some(actor))
            && self.action.is_none_or(|action| entry.action == action)
            && self
                .document
                .is_none_or(|document| entry.object == document.to_string())
            && self.before.is_none_or(|before| entry.id < before)
    }
}
