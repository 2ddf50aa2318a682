//! What is committed with a change.

use super::{OutboxMessage, Scope};
use crate::{id::UserId, model::AttemptNote};

/// What is committed with a change, in the same transaction: what others must be told, and on whose
/// behalf it was made.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct Write {
    /// Messages to be sent once the change is committed, in this order.
    pub outbox: Vec<OutboxMessage>,
    /// Who makes the change. A store that keeps an audit log records it; the others need not.
    pub actor: Actor,
    /// What a worker says of the attempt that begins or ends with the change, for the history of the task.
    pub note: AttemptNote,
}

impl Write {
    /// A change by `actor` that nobody need be told of.
    pub fn by(actor: impl Into<Actor>) -> Self {
        Self {
            outbox: Vec::new(),
            actor: actor.into(),
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
