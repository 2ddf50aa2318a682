//! Tasks: made, found, moved along.

mod create;
mod read;
mod transition;

pub(super) use transition::{check_held, load, load_live, not_found, write_state};

use std::time::Duration;

use async_trait::async_trait;
use ocr_core::{
    Result,
    id::{TaskId, UserId},
    model::{NewTask, Outcome, Progress, Task, TaskStats, Transition},
    pagination::{Page, PageRequest},
    store::{Created, Directive, DueTask, Fence, Scope, TaskFilter, TaskStore, Write},
};

use super::SqliteStore;

#[async_trait]
impl TaskStore for SqliteStore {
    async fn ensure_user(&self, user: UserId) -> Result<()> {
        create::ensure_user(self, user).await
    }

    async fn create_task(&self, task: NewTask, write: Write) -> Result<Created> {
        create::create_task(self, task, write).await
    }

    async fn repeated_task(&self, task: NewTask) -> Result<Option<Task>> {
        create::repeated_task(self, task).await
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
        write: Write,
    ) -> Result<Task> {
        transition::transition(self, scope, id, transition, write).await
    }

    async fn finish(&self, fence: Fence, outcome: Outcome, write: Write) -> Result<Task> {
        transition::finish(self, fence, outcome, write).await
    }

    async fn record_progress(
        &self,
        fence: Fence,
        progress: Option<Progress>,
        lease: Duration,
    ) -> Result<Directive> {
        transition::record_progress(self, fence, progress, lease).await
    }

    async fn due_tasks(&self, limit: usize) -> Result<Vec<DueTask>> {
        read::due_tasks(self, limit).await
    }
}
