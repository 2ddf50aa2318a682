//! The store of a run. It notes each write of an attempt that was no longer current, and can be told to allow them.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use ocr_core::{
    Result,
    clock::Timestamp,
    id::{TaskId, UserId},
    memory::MemoryStore,
    model::{NewTask, Outcome, PageText, Progress, Task, TaskStats, TaskStatus, Transition},
    pagination::{Page, PageRequest},
    store::{
        Change, ChangeCursor, ChangeLog, Created, Directive, DueTask, Fence, Outbox, OutboxEntry, PageStore,
        Scope, StoreBase, StoreCapabilities, TaskFilter, TaskStore, Trash, Write,
    },
};

use super::defect::Defect;

/// A [`MemoryStore`] that is watched from outside of its own fences.
#[derive(Debug)]
pub(super) struct Record {
    pub(super) inner: Arc<MemoryStore>,
    defect: Defect,
    stale: Mutex<Vec<String>>,
}

impl Record {
    pub(super) fn new(inner: Arc<MemoryStore>, defect: Defect) -> Self {
        Self {
            inner,
            defect,
            stale: Mutex::default(),
        }
    }

    /// The writes that an attempt made after another one had begun, or after the task had ended.
    pub(super) fn stale_writes(&self) -> Vec<String> {
        self.stale.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The fence to write under, and whether it is that of the attempt that holds the task. In memory nothing
    /// comes between this and the write.
    async fn fence(&self, fence: Fence) -> Result<(Fence, bool)> {
        let task = self.inner.task(Scope::system(), fence.task).await?;
        let Some(task) = task else {
            return Ok((fence, false));
        };
        let is_current = task.deleted_at.is_none()
            && task.status() == TaskStatus::Processing
            && task.state.attempt == fence.attempt;
        let trusted = if self.defect == Defect::NoFence {
            task.fence()
        } else {
            fence
        };
        Ok((trusted, is_current))
    }

    fn note(&self, is_current: bool, operation: &str, fence: Fence) {
        if !is_current {
            let mut stale = self.stale.lock().unwrap_or_else(PoisonError::into_inner);
            stale.push(format!("{operation} by a stale worker of {fence}"));
        }
    }
}

#[async_trait]
impl StoreBase for Record {
    fn name(&self) -> &'static str {
        self.inner.name()
    }

    fn capabilities(&self) -> StoreCapabilities {
        self.inner.capabilities()
    }

    async fn check(&self) -> Result<()> {
        self.inner.check().await
    }
}

#[async_trait]
impl TaskStore for Record {
    async fn ensure_user(&self, user: UserId) -> Result<()> {
        self.inner.ensure_user(user).await
    }

    async fn create_task(&self, task: NewTask, write: Write) -> Result<Created> {
        self.inner.create_task(task, write).await
    }

    async fn repeated_task(&self, task: NewTask) -> Result<Option<Task>> {
        self.inner.repeated_task(task).await
    }

    async fn task(&self, scope: Scope, id: TaskId) -> Result<Option<Task>> {
        self.inner.task(scope, id).await
    }

    async fn list_tasks(&self, scope: Scope, filter: TaskFilter, page: PageRequest) -> Result<Page<Task>> {
        self.inner.list_tasks(scope, filter, page).await
    }

    async fn stats(&self, scope: Scope) -> Result<TaskStats> {
        self.inner.stats(scope).await
    }

    async fn transition(
        &self,
        scope: Scope,
        id: TaskId,
        transition: Transition,
        write: Write,
    ) -> Result<Task> {
        self.inner.transition(scope, id, transition, write).await
    }

    async fn finish(&self, fence: Fence, outcome: Outcome, write: Write) -> Result<Task> {
        let (trusted, is_current) = self.fence(fence).await?;
        let task = self.inner.finish(trusted, outcome, write).await?;
        self.note(is_current, "finish", fence);
        Ok(task)
    }

    async fn record_progress(
        &self,
        fence: Fence,
        progress: Option<Progress>,
        lease: Duration,
    ) -> Result<Directive> {
        let (trusted, _) = self.fence(fence).await?;
        self.inner.record_progress(trusted, progress, lease).await
    }

    async fn due_tasks(&self, limit: usize) -> Result<Vec<DueTask>> {
        if self.defect == Defect::PoppedQueue {
            return Ok(Vec::new());
        }
        self.inner.due_tasks(limit).await
    }
}

#[async_trait]
impl PageStore for Record {
    async fn put_pages(&self, fence: Fence, pages: Vec<PageText>) -> Result<()> {
        let (trusted, is_current) = self.fence(fence).await?;
        self.inner.put_pages(trusted, pages).await?;
        self.note(is_current, "put_pages", fence);
        Ok(())
    }

    async fn page_numbers(&self, id: TaskId) -> Result<Vec<u32>> {
        self.inner.page_numbers(id).await
    }

    async fn pages(&self, scope: Scope, id: TaskId, from: u32, to: u32) -> Result<Vec<PageText>> {
        self.inner.pages(scope, id, from, to).await
    }

    async fn put_checkpoint(&self, fence: Fence, checkpoint: serde_json::Value) -> Result<()> {
        let (trusted, is_current) = self.fence(fence).await?;
        self.inner.put_checkpoint(trusted, checkpoint).await?;
        self.note(is_current, "put_checkpoint", fence);
        Ok(())
    }

    async fn checkpoint(&self, id: TaskId) -> Result<Option<serde_json::Value>> {
        self.inner.checkpoint(id).await
    }
}

#[async_trait]
impl Outbox for Record {
    async fn lease_outbox(&self, limit: usize, ttl: Duration) -> Result<Vec<OutboxEntry>> {
        self.inner.lease_outbox(limit, ttl).await
    }

    async fn settle_outbox(&self, sent: Vec<i64>) -> Result<()> {
        self.inner.settle_outbox(sent).await
    }
}

#[async_trait]
impl ChangeLog for Record {
    async fn changes(&self, scope: Scope, since: ChangeCursor, limit: usize) -> Result<Vec<Change>> {
        self.inner.changes(scope, since, limit).await
    }

    async fn change_head(&self) -> Result<ChangeCursor> {
        self.inner.change_head().await
    }

    async fn change_position(&self, at: Timestamp) -> Result<ChangeCursor> {
        self.inner.change_position(at).await
    }

    async fn forget_changes(&self, age: Duration, limit: usize) -> Result<usize> {
        self.inner.forget_changes(age, limit).await
    }
}

#[async_trait]
impl Trash for Record {
    async fn trash_task(
        &self,
        scope: Scope,
        id: TaskId,
        purge_after: Timestamp,
        write: Write,
    ) -> Result<Task> {
        self.inner.trash_task(scope, id, purge_after, write).await
    }

    async fn restore_task(&self, scope: Scope, id: TaskId, write: Write) -> Result<Task> {
        self.inner.restore_task(scope, id, write).await
    }

    async fn purgeable(&self, limit: usize) -> Result<Vec<Task>> {
        self.inner.purgeable(limit).await
    }

    async fn purge(&self, tasks: Vec<TaskId>) -> Result<usize> {
        self.inner.purge(tasks).await
    }

    async fn referenced_keys(&self, keys: Vec<String>) -> Result<Vec<String>> {
        self.inner.referenced_keys(keys).await
    }
}
