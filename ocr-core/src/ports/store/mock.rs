//! A mock of the whole store, for tests that ask what was called or what happens when a call fails.

use std::time::Duration;

use async_trait::async_trait;
use mockall::mock;

use super::{
    Change, ChangeCursor, ChangeLog, Created, Directive, DueTask, Fence, Outbox, OutboxEntry, PageStore,
    Scope, StoreBase, StoreCapabilities, TaskFilter, TaskStore, Trash, Write,
};
use crate::{
    Result,
    clock::Timestamp,
    id::{TaskId, UserId},
    model::{NewTask, Outcome, PageText, Progress, Task, TaskStats, Transition},
    pagination::{Page, PageRequest},
};

mock! {
    /// A [`Store`](super::Store) that does what a test expects of it.
    #[derive(Debug)]
    pub Store {}

    #[async_trait]
    impl StoreBase for Store {
        fn name(&self) -> &'static str;
        fn capabilities(&self) -> StoreCapabilities;
        async fn check(&self) -> Result<()>;
    }

    #[async_trait]
    impl TaskStore for Store {
        async fn ensure_user(&self, user: UserId) -> Result<()>;
        async fn create_task(&self, task: NewTask, write: Write) -> Result<Created>;
        async fn repeated_task(&self, task: NewTask) -> Result<Option<Task>>;
        async fn task(&self, scope: Scope, id: TaskId) -> Result<Option<Task>>;
        async fn list_tasks(&self, scope: Scope, filter: TaskFilter, page: PageRequest) -> Result<Page<Task>>;
        async fn stats(&self, scope: Scope) -> Result<TaskStats>;
        async fn transition(
            &self,
            scope: Scope,
            id: TaskId,
            transition: Transition,
            write: Write,
        ) -> Result<Task>;
        async fn finish(&self, fence: Fence, outcome: Outcome, write: Write) -> Result<Task>;
        async fn record_progress(
            &self,
            fence: Fence,
            progress: Option<Progress>,
            lease: Duration,
        ) -> Result<Directive>;
        async fn due_tasks(&self, limit: usize) -> Result<Vec<DueTask>>;
    }

    #[async_trait]
    impl PageStore for Store {
        async fn put_pages(&self, fence: Fence, pages: Vec<PageText>) -> Result<()>;
        async fn page_numbers(&self, id: TaskId) -> Result<Vec<u32>>;
        async fn pages(&self, scope: Scope, id: TaskId, from: u32, to: u32) -> Result<Vec<PageText>>;
        async fn put_checkpoint(&self, fence: Fence, checkpoint: serde_json::Value) -> Result<()>;
        async fn checkpoint(&self, id: TaskId) -> Result<Option<serde_json::Value>>;
    }

    #[async_trait]
    impl Outbox for Store {
        async fn lease_outbox(&self, limit: usize, ttl: Duration) -> Result<Vec<OutboxEntry>>;
        async fn settle_outbox(&self, sent: Vec<i64>) -> Result<()>;
    }

    #[async_trait]
    impl ChangeLog for Store {
        async fn changes(&self, scope: Scope, since: ChangeCursor, limit: usize) -> Result<Vec<Change>>;
        async fn change_head(&self) -> Result<ChangeCursor>;
        async fn change_position(&self, at: Timestamp) -> Result<ChangeCursor>;
        async fn forget_changes(&self, age: Duration, limit: usize) -> Result<usize>;
    }

    #[async_trait]
    impl Trash for Store {
        async fn trash_task(
            &self,
            scope: Scope,
            id: TaskId,
            purge_after: Timestamp,
            write: Write,
        ) -> Result<Task>;
        async fn restore_task(&self, scope: Scope, id: TaskId, write: Write) -> Result<Task>;
        async fn purgeable(&self, limit: usize) -> Result<Vec<Task>>;
        async fn purge(&self, tasks: Vec<TaskId>) -> Result<usize>;
        async fn referenced_keys(&self, keys: Vec<String>) -> Result<Vec<String>>;
    }
}
