//! The store by its calls. What reads, and what writes the same when it is done twice, may be repeated.

use std::time::Duration;

use async_trait::async_trait;

use super::Layered;
use crate::{
    Result,
    clock::Timestamp,
    id::{TaskId, UserId},
    model::{NewTask, Outcome, PageText, Progress, Task, TaskStats, Transition},
    pagination::{Page, PageRequest},
    store::{
        Change, ChangeCursor, ChangeLog, Created, Directive, DueTask, Fence, Outbox, OutboxEntry, PageStore,
        Scope, StoreBase, StoreCapabilities, TaskFilter, TaskStore, Trash, Write,
    },
};

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl<P: StoreBase + ?Sized> StoreBase for Layered<P> {
    fn name(&self) -> &'static str {
        self.inner.name()
    }

    fn capabilities(&self) -> StoreCapabilities {
        self.inner.capabilities()
    }

    async fn check(&self) -> Result<()> {
        self.calls.repeated("check", || self.inner.check()).await
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl<P: TaskStore + ?Sized> TaskStore for Layered<P> {
    async fn ensure_user(&self, user: UserId) -> Result<()> {
        self.calls
            .repeated("ensure_user", || self.inner.ensure_user(user))
            .await
    }

    async fn create_task(&self, task: NewTask, write: Write) -> Result<Created> {
        self.calls
            .once("create_task", self.inner.create_task(task, write))
            .await
    }

    async fn repeated_task(&self, task: NewTask) -> Result<Option<Task>> {
        self.calls
            .repeated("repeated_task", || self.inner.repeated_task(task.clone()))
            .await
    }

    async fn task(&self, scope: Scope, id: TaskId) -> Result<Option<Task>> {
        self.calls.repeated("task", || self.inner.task(scope, id)).await
    }

    async fn list_tasks(&self, scope: Scope, filter: TaskFilter, page: PageRequest) -> Result<Page<Task>> {
        self.calls
            .repeated("list_tasks", || {
                self.inner.list_tasks(scope, filter.clone(), page.clone())
            })
            .await
    }

    async fn stats(&self, scope: Scope) -> Result<TaskStats> {
        self.calls.repeated("stats", || self.inner.stats(scope)).await
    }

    async fn transition(
        &self,
        scope: Scope,
        id: TaskId,
        transition: Transition,
        write: Write,
    ) -> Result<Task> {
        self.calls
            .once("transition", self.inner.transition(scope, id, transition, write))
            .await
    }

    async fn finish(&self, fence: Fence, outcome: Outcome, write: Write) -> Result<Task> {
        self.calls
            .once("finish", self.inner.finish(fence, outcome, write))
            .await
    }

    async fn record_progress(
        &self,
        fence: Fence,
        progress: Option<Progress>,
        lease: Duration,
    ) -> Result<Directive> {
        self.calls
            .repeated("record_progress", || {
                self.inner.record_progress(fence, progress, lease)
            })
            .await
    }

    async fn due_tasks(&self, limit: usize) -> Result<Vec<DueTask>> {
        self.calls
            .repeated("due_tasks", || self.inner.due_tasks(limit))
            .await
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl<P: PageStore + ?Sized> PageStore for Layered<P> {
    async fn put_pages(&self, fence: Fence, pages: Vec<PageText>) -> Result<()> {
        self.calls
            .repeated("put_pages", || self.inner.put_pages(fence, pages.clone()))
            .await
    }

    async fn page_numbers(&self, id: TaskId) -> Result<Vec<u32>> {
        self.calls
            .repeated("page_numbers", || self.inner.page_numbers(id))
            .await
    }

    async fn pages(&self, scope: Scope, id: TaskId, from: u32, to: u32) -> Result<Vec<PageText>> {
        self.calls
            .repeated("pages", || self.inner.pages(scope, id, from, to))
            .await
    }

    async fn put_checkpoint(&self, fence: Fence, checkpoint: serde_json::Value) -> Result<()> {
        self.calls
            .repeated("put_checkpoint", || {
                self.inner.put_checkpoint(fence, checkpoint.clone())
            })
            .await
    }

    async fn checkpoint(&self, id: TaskId) -> Result<Option<serde_json::Value>> {
        self.calls
            .repeated("checkpoint", || self.inner.checkpoint(id))
            .await
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl<P: Outbox + ?Sized> Outbox for Layered<P> {
    async fn lease_outbox(&self, limit: usize, ttl: Duration) -> Result<Vec<OutboxEntry>> {
        self.calls
            .once("lease_outbox", self.inner.lease_outbox(limit, ttl))
            .await
    }

    async fn settle_outbox(&self, sent: Vec<i64>) -> Result<()> {
        self.calls
            .repeated("settle_outbox", || self.inner.settle_outbox(sent.clone()))
            .await
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl<P: ChangeLog + ?Sized> ChangeLog for Layered<P> {
    async fn changes(&self, scope: Scope, since: ChangeCursor, limit: usize) -> Result<Vec<Change>> {
        self.calls
            .repeated("changes", || self.inner.changes(scope, since, limit))
            .await
    }

    async fn change_head(&self) -> Result<ChangeCursor> {
        self.calls
            .repeated("change_head", || self.inner.change_head())
            .await
    }

    async fn change_position(&self, at: Timestamp) -> Result<ChangeCursor> {
        self.calls
            .repeated("change_position", || self.inner.change_position(at))
            .await
    }

    async fn forget_changes(&self, age: Duration, limit: usize) -> Result<usize> {
        self.calls
            .once("forget_changes", self.inner.forget_changes(age, limit))
            .await
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl<P: Trash + ?Sized> Trash for Layered<P> {
    async fn trash_task(
        &self,
        scope: Scope,
        id: TaskId,
        purge_after: Timestamp,
        write: Write,
    ) -> Result<Task> {
        self.calls
            .once("trash_task", self.inner.trash_task(scope, id, purge_after, write))
            .await
    }

    async fn restore_task(&self, scope: Scope, id: TaskId, write: Write) -> Result<Task> {
        self.calls
            .once("restore_task", self.inner.restore_task(scope, id, write))
            .await
    }

    async fn purgeable(&self, limit: usize) -> Result<Vec<Task>> {
        self.calls
            .repeated("purgeable", || self.inner.purgeable(limit))
            .await
    }

    async fn purge(&self, tasks: Vec<TaskId>) -> Result<usize> {
        self.calls.once("purge", self.inner.purge(tasks)).await
    }

    async fn referenced_keys(&self, keys: Vec<String>) -> Result<Vec<String>> {
        self.calls
            .repeated("referenced_keys", || self.inner.referenced_keys(keys.clone()))
            .await
    }
}
