//! The Store port: the authoritative record of tasks, pages, outbox, change log and trash.
//!
//! It is the sum of small traits: [`TaskStore`], [`PageStore`], [`Outbox`], [`ChangeLog`] and [`Trash`],
//! and what they have in common is in [`StoreBase`]. An adapter implements each where its queries are;
//! whoever implements all of them is a [`Store`].
//!
//! Each method is one transaction. A method that changes something takes a [`Write`], which holds the
//! outbox messages that tell of the change, and commits both or neither. What a worker writes names its
//! [`Fence`]. Time is the store's own.

mod changes;
#[cfg(feature = "mock")]
mod mock;
mod outbox;
mod pages;
mod tasks;
mod trash;
mod write;

pub use crate::model::{Change, ChangeCursor, ChangeOperation, Fence, Scope};
pub use changes::ChangeLog;
#[cfg(feature = "mock")]
pub use mock::MockStore;
pub use outbox::{Outbox, OutboxEntry, OutboxMessage};
pub use pages::PageStore;
pub use tasks::{Created, Directive, DueTask, TaskFilter, TaskStore};
pub use trash::Trash;
pub use write::{Actor, Write};

use std::fmt;

use async_trait::async_trait;

use crate::Result;

/// What every part of a store says of the whole.
#[async_trait]
pub trait StoreBase: fmt::Debug + Send + Sync + 'static {
    /// Short lower-case name for logs and metrics: `sqlite`.
    fn name(&self) -> &'static str;

    /// What this adapter can do; fixed after construction.
    fn capabilities(&self) -> StoreCapabilities;

    /// Succeeds when the store can be used now.
    async fn check(&self) -> Result<()>;
}

/// The authoritative record of tasks: everything a platform needs of its database.
///
/// Implemented by whatever implements its parts. A method of any part may be dropped at any await
/// point: either nothing or everything it says happened.
pub trait Store: StoreBase + TaskStore + PageStore + Outbox + ChangeLog + Trash {}

impl<S> Store for S where S: StoreBase + TaskStore + PageStore + Outbox + ChangeLog + Trash + ?Sized {}

/// What a store adapter can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct StoreCapabilities {
    /// Whether several processes may use it at once.
    pub cross_process: bool,
    /// Whether what is written survives the end of the process.
    pub durable: bool,
    /// Whether the audit entries of a [`Write`] go into the audit log in the same transaction. Entries of the others
    /// are recorded after the change.
    pub audit: bool,
}

impl StoreCapabilities {
    /// A store of one process whose content ends with it.
    pub const fn volatile() -> Self {
        Self {
            cross_process: false,
            durable: false,
            audit: false,
        }
    }

    /// The same store kept on disk, used by one process at a time.
    pub const fn kept_by_one_process() -> Self {
        Self {
            cross_process: false,
            durable: true,
            audit: false,
        }
    }

    /// A store shared by processes and kept on disk.
    pub const fn durable() -> Self {
        Self {
            cross_process: true,
            durable: true,
            audit: false,
        }
    }

    /// The same, keeping the audit entries of a change with it or not.
    #[must_use]
    pub const fn with_audit(mut self, audit: bool) -> Self {
        self.audit = audit;
        self
    }
}
