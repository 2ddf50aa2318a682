//! The store: one file a concern, one transaction a method.

mod changes;
mod checkpoint;
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
    clock::{Clock, Timestamp},
    id::{IdGenerator, TaskId, UserId},
    model::{NewTask, PageText, Progress, Task, TaskStats, Transition},
    pagination::{Page, PageRequest},
    store::{
        Change, ChangeCursor, Created, Directive, DueTask, OutboxEntry, OutboxMessage, Scope, Store,
        StoreCapabilities, TaskFilter,
    },
};

use super::{SqliteDatabase, rows::text_time};

/// A store in the tables of a [`SqliteDatabase`].
#[derive(Debug)]
pub struct SqliteStore {
    database: SqliteDatabase,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdGenerator>,
}

impl SqliteStore {
    /// The store of `database`.
    pub fn new(database: SqliteDatabase, clock: Arc<dyn Clock>, ids: Arc<dyn IdGenerator>) -> Self {
        Self { database, clock, ids }
    }

    fn now(&self) -> String {
        text_time(self.clock.now())
    }
}

/// The owner to bind where a query says `?n IS NULL OR user_id = ?n`.
fn owner_of(scope: Scope) -> Option<String> {
    match scope {
        Scope::Owner(owner) => Some(owner.to_string()),
        Scope::System => None,
    }
}

#[async_trait]
impl Store for SqliteStore {
    fn name(&self) -> &'static str {
        "sqlite"
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
        read::stats(self, scope).await
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
