//! A store that believes whatever attempt a worker names must fail the clauses of the fence.

use std::time::Duration;

use async_trait::async_trait;
use ocr_core::{
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

use std::{panic, sync::Arc};

use ocr_core::{clock::ManualClock, memory::MemoryStore};
use ocr_testkit::{
    harness::{self, TestTime},
    store::{self, StoreFixture},
};

/// Stores pages and checkpoints for the current attempt, whoever sends them.
#[derive(Debug)]
struct Trusting(MemoryStore);

impl Trusting {
    /// The fence of the current attempt, whatever the worker's own is.
    async fn current(&self, fence: Fence) -> Result<Fence> {
        let task = self.0.task(Scope::system(), fence.task).await?;
        Ok(task.map_or(fence, |task| task.fence()))
    }
}

#[async_trait]
impl StoreBase for Trusting {
    fn name(&self) -> &'static str {
        self.0.name()
    }

    fn capabilities(&self) -> StoreCapabilities {
        self.0.capabilities()
    }

    async fn check(&self) -> Result<()> {
        self.0.check().await
    }
}

#[async_trait]
impl TaskStore for Trusting {
    async fn ensure_user(&self, user: UserId) -> Result<()> {
        self.0.ensure_user(user).await
    }

    async fn create_task(&self, task: NewTask, write: Write) -> Result<Created> {
        self.0.create_task(task, write).await
    }

    async fn repeated_task(&self, task: NewTask) -> Result<Option<Task>> {
        self.0.repeated_task(task).await
    }

    async fn task(&self, scope: Scope, id: TaskId) -> Result<Option<Task>> {
        self.0.task(scope, id).await
    }

    async fn list_tasks(&self, scope: Scope, filter: TaskFilter, page: PageRequest) -> Result<Page<Task>> {
        self.0.list_tasks(scope, filter, page).await
    }

    async fn stats(&self, scope: Scope) -> Result<TaskStats> {
        self.0.stats(scope).await
    }

    async fn transition(
        &self,
        scope: Scope,
        id: TaskId,
        transition: Transition,
        write: Write,
    ) -> Result<Task> {
        self.0.transition(scope, id, transition, write).await
    }

    async fn finish(&self, fence: Fence, outcome: Outcome, write: Write) -> Result<Task> {
        self.0.finish(fence, outcome, write).await
    }

    async fn record_progress(
        &self,
        fence: Fence,
        progress: Option<Progress>,
        lease: Duration,
    ) -> Result<Directive> {
        self.0.record_progress(fence, progress, lease).await
    }

    async fn due_tasks(&self, limit: usize) -> Result<Vec<DueTask>> {
        self.0.due_tasks(limit).await
    }
}

#[async_trait]
impl PageStore for Trusting {
    async fn put_pages(&self, fence: Fence, pages: Vec<PageText>) -> Result<()> {
        let fence = self.current(fence).await?;
        self.0.put_pages(fence, pages).await
    }

    async fn page_numbers(&self, id: TaskId) -> Result<Vec<u32>> {
        self.0.page_numbers(id).await
    }

    async fn pages(&self, scope: Scope, id: TaskId, from: u32, to: u32) -> Result<Vec<PageText>> {
        self.0.pages(scope, id, from, to).await
    }

    async fn put_checkpoint(&self, fence: Fence, checkpoint: serde_json::Value) -> Result<()> {
        let fence = self.current(fence).await?;
        self.0.put_checkpoint(fence, checkpoint).await
    }

    async fn checkpoint(&self, id: TaskId) -> Result<Option<serde_json::Value>> {
        self.0.checkpoint(id).await
    }
}

#[async_trait]
impl Outbox for Trusting {
    async fn lease_outbox(&self, limit: usize, ttl: Duration) -> Result<Vec<OutboxEntry>> {
        self.0.lease_outbox(limit, ttl).await
    }

    async fn settle_outbox(&self, sent: Vec<i64>) -> Result<()> {
        self.0.settle_outbox(sent).await
    }
}

#[async_trait]
impl ChangeLog for Trusting {
    async fn changes(&self, scope: Scope, since: ChangeCursor, limit: usize) -> Result<Vec<Change>> {
        self.0.changes(scope, since, limit).await
    }

    async fn change_head(&self) -> Result<ChangeCursor> {
        self.0.change_head().await
    }

    async fn change_position(&self, at: Timestamp) -> Result<ChangeCursor> {
        self.0.change_position(at).await
    }

    async fn forget_changes(&self, age: Duration, limit: usize) -> Result<usize> {
        self.0.forget_changes(age, limit).await
    }
}

#[async_trait]
impl Trash for Trusting {
    async fn trash_task(
        &self,
        scope: Scope,
        id: TaskId,
        purge_after: Timestamp,
        write: Write,
    ) -> Result<Task> {
        self.0.trash_task(scope, id, purge_after, write).await
    }

    async fn restore_task(&self, scope: Scope, id: TaskId, write: Write) -> Result<Task> {
        self.0.restore_task(scope, id, write).await
    }

    async fn purgeable(&self, limit: usize) -> Result<Vec<Task>> {
        self.0.purgeable(limit).await
    }

    async fn purge(&self, tasks: Vec<TaskId>) -> Result<usize> {
        self.0.purge(tasks).await
    }

    async fn referenced_keys(&self, keys: Vec<String>) -> Result<Vec<String>> {
        self.0.referenced_keys(keys).await
    }
}

async fn trusting() -> StoreFixture {
    let clock = Arc::new(ManualClock::default());
    StoreFixture::new(
        Arc::new(Trusting(MemoryStore::new(clock.clone()))),
        TestTime::manual(clock),
    )
}

#[test]
fn a_store_that_ignores_the_attempt_fails() {
    let run = || harness::run(trusting, store::a_stale_attempt_changes_nothing);
    assert!(panic::catch_unwind(run).is_err());
    let run = || harness::run(trusting, store::stale_pages_are_refused);
    assert!(panic::catch_unwind(run).is_err());
    let run = || harness::run(trusting, store::a_stale_checkpoint_is_refused);
    assert!(panic::catch_unwind(run).is_err());
}

#[test]
fn its_other_clauses_still_hold() {
    harness::run(trusting, store::pages_come_in_order);
    harness::run(trusting, store::counts_follow_every_transition);
}
