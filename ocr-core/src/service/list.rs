//! Lists and statistics.

use super::{OcrService, filing::filing_store};
use crate::{
    Result,
    model::{Task, TaskStats},
    pagination::{Page, PageRequest},
    store::{Change, ChangeCursor, Scope, TaskFilter},
};

impl OcrService {
    /// Tasks, newest first.
    ///
    /// # Errors
    /// `InvalidInput` for a cursor that was made for another list; `Unsupported` for a label or collection where the
    /// platform keeps none.
    pub async fn list(&self, scope: Scope, filter: TaskFilter, page: PageRequest) -> Result<Page<Task>> {
        if filter.label.is_some() || filter.collection.is_some() {
            filing_store(&self.platform)?;
        }
        self.platform.store.list_tasks(scope, filter, page).await
    }

    /// How many live tasks stand where.
    pub async fn stats(&self, scope: Scope) -> Result<TaskStats> {
        self.platform.store.stats(scope).await
    }

    /// Changes after `since`, oldest first, at most `limit`.
    pub async fn changes(&self, scope: Scope, since: ChangeCursor, limit: usize) -> Result<Vec<Change>> {
        self.platform.store.changes(scope, since, limit).await
    }
}
