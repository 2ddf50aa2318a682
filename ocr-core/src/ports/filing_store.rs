//! The FilingStore port: labels, collections and notes of documents. Optional on a
//! [`Platform`](crate::platform::Platform).
//!
//! A further trait of a store, not a store of its own: how a document is filed is committed together with the change log
//! and the outbox, by which everybody learns of it. What a change makes of a filing is not the store's business but that
//! of [`FilingChange::apply`].

use async_trait::async_trait;

use crate::{
    Result,
    id::TaskId,
    model::{Filing, FilingChange, FilingKind, FilingName, Scope},
    store::{StoreBase, Write},
};

/// How documents are filed.
///
/// [`TaskStore::list_tasks`](crate::store::TaskStore::list_tasks) of a store that is one keeps to
/// [`TaskFilter::label`](crate::store::TaskFilter::label) and
/// [`TaskFilter::collection`](crate::store::TaskFilter::collection), whatever the case of their letters.
///
/// A method may be dropped at any await point: either nothing or everything it says happened.
#[async_trait]
pub trait FilingStore: StoreBase {
    /// How these documents are filed, ascending by task. Left out are those that nobody filed, and those that are not in
    /// `scope`.
    async fn filings(&self, scope: Scope, tasks: Vec<TaskId>) -> Result<Vec<FiledTask>>;

    /// Changes how documents are filed.
    ///
    /// # Behavior
    /// - What becomes of each is decided by [`FilingChange::apply`] alone; its error comes back unchanged, and then
    ///   nothing is written about any of them.
    /// - Tasks that do not exist, are in the trash, or are not in `scope` are left out. The answer has the others,
    ///   ascending by task, as they are afterwards.
    /// - Each task that is filed in another way than before is changed by it: `updated_at` is now, and the change log has
    ///   an update of the task. The others are not touched.
    /// - The messages of `write` are sent when at least one task is changed.
    /// - Filings stay when the task is asked for again, and go with it when it is purged.
    async fn change_filings(
        &self,
        scope: Scope,
        update: FilingUpdate,
        write: Write,
    ) -> Result<Vec<FiledTask>>;

    /// Names that live documents are filed under, those of most documents first and then by
    /// [`FilingName::key`], at most `limit`.
    async fn filing_names(&self, scope: Scope, kind: FilingKind, limit: usize) -> Result<Vec<NameCount>>;
}

/// A change of how some documents are filed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct FilingUpdate {
    /// Their tasks, ascending, each once.
    pub tasks: Vec<TaskId>,
    /// What is changed about each.
    pub change: FilingChange,
}

impl FilingUpdate {
    /// `change` of the documents of `tasks`, in any order.
    pub fn new(mut tasks: Vec<TaskId>, change: FilingChange) -> Self {
        // One order for all who lock several rows.
        tasks.sort_unstable();
        tasks.dedup();
        Self { tasks, change }
    }
}

/// How the document of a task is filed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct FiledTask {
    /// The task.
    pub task: TaskId,
    /// How its document is filed.
    pub filing: Filing,
}

impl FiledTask {
    /// The document of `task` is filed so.
    pub const fn new(task: TaskId, filing: Filing) -> Self {
        Self { task, filing }
    }
}

/// A name, and how many documents are filed under it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct NameCount {
    /// The name, in one of the ways in which it is written.
    pub name: FilingName,
    /// How many live documents.
    pub count: u64,
}

impl NameCount {
    /// `count` documents are filed under `name`.
    pub const fn new(name: FilingName, count: u64) -> Self {
        Self { name, count }
    }
}
