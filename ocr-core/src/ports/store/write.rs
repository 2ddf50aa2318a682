//! What is committed with a change.

use super::{OutboxMessage, Scope};
use crate::{
    id::{TaskId, UserId},
    model::{AttemptNote, AuditEntry},
};

/// What is committed with a change, in the same transaction: what others must be told, and on whose
/// behalf it was made.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct Write {
    /// Messages to be sent once the change is committed, in this order.
    pub outbox: Vec<OutboxMessage>,
    /// Who makes the change.
    pub actor: Actor,
    /// Entries of the audit log that tell of the change. A store adds them in the same transaction where its
    /// [capabilities](super::StoreCapabilities::audit) say so; the others leave them.
    pub audit: Vec<AuditEntry>,
    /// What a worker says of the attempt that begins or ends with the change, for the history of the task.
    pub note: AttemptNote,
}

impl Write {
    /// A change by `actor` that nobody need be told of.
    pub fn by(actor: impl Into<Actor>) -> Self {
        Self {
            outbox: Vec::new(),
            actor: actor.into(),
            audit: Vec::new(),
            note: AttemptNote::default(),
        }
    }

    /// The same with this to be kept of the attempt that begins or ends.
    pub fn with_note(self, note: AttemptNote) -> Self {
        Self { note, ..self }
    }

    /// The same with one more message.
    pub fn with_message(mut self, message: OutboxMessage) -> Self {
        self.outbox.push(message);
        self
    }

    /// The same with these messages behind those it has.
    pub fn with_messages(mut self, messages: impl IntoIterator<Item = OutboxMessage>) -> Self {
        self.outbox.extend(messages);
        self
    }

    /// The same with these entries of the audit log behind those it has.
    pub fn with_audit(mut self, entries: impl IntoIterator<Item = AuditEntry>) -> Self {
        self.audit.extend(entries);
        self
    }

    /// The same without entries about other documents than these, which were not changed.
    pub fn audited_only(mut self, changed: &[TaskId]) -> Self {
        if !self.audit.is_empty() {
            let changed: Vec<String> = changed.iter().map(ToString::to_string).collect();
            self.audit.retain(|entry| changed.contains(&entry.object));
        }
        self
    }
}

/// Who makes a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Actor {
    /// The platform by itself: a background duty, or an operator.
    #[default]
    System,
    /// A user asked for it.
    User(UserId),
    /// A worker, in the course of reading a document.
    Worker,
}

/// Whoever asks in the scope of one owner is that owner.
impl From<Scope> for Actor {
    fn from(scope: Scope) -> Self {
        scope.owner_id().map_or(Self::System, Self::User)
    }
}
