//! Deleted tasks, and what may be removed for good.

use std::fmt;

use async_trait::async_trait;

use super::{Scope, Write};
use crate::{Result, clock::Timestamp, id::TaskId, model::Task};

/// Deleted tasks, and what may be removed for good.
#[async_trait]
pub trait Trash: fmt::Debug + Send + Sync + 'static {
    /// Puts a task in the trash until `purge_after`; clients see it deleted. Work on it stops.
    /// `NotFound` when it is not in `scope` or already there.
    async fn trash_task(
        &self,
        scope: Scope,
        id: TaskId,
        purge_after: Timestamp,
        write: Write,
    ) -> Result<Task>;

    /// Takes a task out of the trash. A pending or processing task is pending afterwards.
    /// `NotFound` when it is not in the trash of `scope`, or its time there is over: its blobs may be gone.
    async fn restore_task(&self, scope: Scope, id: TaskId, write: Write) -> Result<Task>;

    /// Tasks in the trash whose `purge_after` has passed, at most `limit`.
    async fn purgeable(&self, limit: usize) -> Result<Vec<Task>>;

    /// Removes tasks for good, with file, result and pages, if they are in the trash.
    async fn purge(&self, tasks: Vec<TaskId>) -> Result<usize>;

    /// Which of these blob keys belong to a file or result that exists, in the trash included.
    async fn referenced_keys(&self, keys: Vec<String>) -> Result<Vec<String>>;
}
