//! The store: one file a concern, one transaction a method.

mod changes;
mod checkpoint;
mod counts;
mod create;
mod outbox;
mod pages;
mod read;
mod transition;
mod trash;

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use ocr_core::{
    Result,
    clock::Timestamp,
    id::{IdGenerator, TaskId, UserId},
    model::{NewTask, PageText, Progress, Task, TaskStats, Transition},
    pagination::{Page, PageRequest},
    store::{
        Change, ChangeCursor, Created, Directive, DueTask, OutboxEntry, OutboxMessage, Scope, Store,
        StoreCapabilities, TaskFilter,
    },
};

use super::PgDatabase;

/// A store in the tables of a [`PgDatabase`].
#[derive(Debug)]
pub struct PgStore {
    database: PgDatabase,
    ids: Arc<dyn IdGenerator>,
    folding: counts::Folding,
}

impl PgStore {
    /// The store of `database`, whose schema is up to date.
    pub fn new(database: PgDatabase, ids: Arc<dyn IdGenerator>) -> Self {
        Self {
            database,
            ids,
            folding: counts::Folding::default(),
        }
    }
}

#[async_trait]
impl Store for PgStore {
    fn name(&self) -> &'static str {
        "postgres"
    }

    fn capabilities(&self) -> StoreCapabilities {
        StoreCapabilities::durable()
    }

    async fn check(&self) -> Result<()> {
        self.database.check().await
    }

    async fn ensure_user(&self, user: UserId) -> Result<()> {
        create::ensure_user(self, user).await
    }

    async fn create_task(&self, task: NewTask, outbox: Vec<OutboxMessage>) -> Result<Created> {
        create::create_task(self, task, outbox).await
    }

    async fn task(&self, scope: Scope, id: TaskId) -> Result<Option<Task>> {
        read::task(self, scope, id).await
    }

    async fn list_tasks(&self, scope: Scope, filter: TaskFilter, page: PageRequest) -> Result<Page<Task>> {
        read::list_tasks(self, scope, filter, page).await
    }

    async fn stats(&self, scope: Scope) -> Result<TaskStats> {
        counts::stats(self, scope).await
    }

    async fn transition(
        &self,
        scope: Scope,
        id: TaskId,
        transition: Transition,
        outbox: Vec<OutboxMessage>,
    ) -> Result<Task> {
        transition::transition(self, scope, id, transition, outbox).await
    }

    async fn record_progress(
        &self,
        id: TaskId,
        attempt: u32,
        progress: Option<Progress>,
        lease: Duration,
    ) -> Result<Directive> {
        transition::record_progress(self, id, attempt, progress, lease).await
    }

    async fn put_pages(&self, id: TaskId, attempt: u32, pages: Vec<PageText>) -> Result<()> {
        pages::put_pages(self, id, attempt, pages).await
    }

    async fn page_numbers(&self, id: TaskId) -> Result<Vec<u32>> {
        pages::page_numbers(self, id).await
    }

    async fn pages(&self, scope: Scope, id: TaskId, from: u32, to: u32) -> Result<Vec<PageText>> {
        pages::pages(self, scope, id, from, to).await
    }

    async fn put_checkpoint(&self, id: TaskId, attempt: u32, checkpoint: serde_json::Value) -> Result<()> {
        checkpoint::put_checkpoint(self, id, attempt, &checkpoint).await
    }

    async fn checkpoint(&self, id: TaskId) -> Result<Option<serde_json::Value>> {
        checkpoint::checkpoint(self, id).await
    }

    async fn due_tasks(&self, limit: usize) -> Result<Vec<DueTask>> {
        // The reconciler comes by regularly, which is when the counters are tidied.
        counts::fold_now_and_then(self).await;
        read::due_tasks(self, limit).await
    }

    async fn lease_outbox(&self, limit: usize, ttl: Duration) -> Result<Vec<OutboxEntry>> {
        outbox::lease_outbox(self, limit, ttl).await
    }

    async fn settle_outbox(&self, sent: Vec<i64>) -> Result<()> {
        outbox::settle_outbox(self, sent).await
    }

    async fn changes(&self, scope: Scope, since: ChangeCursor, limit: usize) -> Result<Vec<Change>> {
        changes::changes(self, scope, since, limit).await
    }

    async fn change_head(&self) -> Result<ChangeCursor> {
        changes::change_head(self).await
    }

    async fn change_position(&self, at: Timestamp) -> Result<ChangeCursor> {
        changes::change_position(self, at).await
    }

    async fn forget_changes(&self, age: Duration, limit: usize) -> Result<usize> {
        changes::forget_changes(self, age, limit).await
    }

    async fn trash_task(
        &self,
        scope: Scope,
        id: TaskId,
        purge_after: Timestamp,
        outbox: Vec<OutboxMessage>,
    ) -> Result<Task> {
        trash::trash_task(self, scope, id, purge_after, outbox).await
    }

    async fn restore_task(&self, scope: Scope, id: TaskId, outbox: Vec<OutboxMessage>) -> Result<Task> {
        trash::restore_task(self, scope, id, outbox).await
    }

    async fn purgeable(&self, limit: usize) -> Result<Vec<Task>> {
        trash::purgeable(self, limit).await
    }

    async fn purge(&self, tasks: Vec<TaskId>) -> Result<usize> {
        trash::purge(self, tasks).await
    }

    async fn referenced_keys(&self, keys: Vec<String>) -> Result<Vec<String>> {
        trash::referenced_keys(self, keys).await
    }
}
