//! Pages, and what engines must remember.

use async_trait::async_trait;

use super::{MemoryStore, lock};
use crate::{
    Result,
    id::TaskId,
    model::PageText,
    store::{Fence, PageStore, Scope},
    usage_store::charged_since,
};

#[async_trait]
impl PageStore for MemoryStore {
    async fn put_pages(&self, fence: Fence, pages: Vec<PageText>) -> Result<()> {
        let mut tables = lock(&self.tables);
        let row = tables.held(fence)?;
        row.pages
            .extend(pages.into_iter().map(|page| (page.number, page)));
        Ok(())
    }

    async fn page_numbers(&self, id: TaskId) -> Result<Vec<u32>> {
        let tables = lock(&self.tables);
        Ok(tables
            .tasks
            .get(&id)
            .map(|row| row.pages.keys().copied().collect())
            .unwrap_or_default())
    }

    async fn pages(&self, scope: Scope, id: TaskId, from: u32, to: u32) -> Result<Vec<PageText>> {
        let tables = lock(&self.tables);
        let row = tables
            .tasks
            .get(&id)
            .filter(|row| scope.sees(&row.task) && from <= to);
        Ok(row
            .map(|row| row.pages.range(from..=to).map(|(_, page)| page.clone()).collect())
            .unwrap_or_default())
    }

    async fn put_checkpoint(&self, fence: Fence, checkpoint: serde_json::Value) -> Result<()> {
        let now = self.clock.now();
        let mut tables = lock(&self.tables);
        let row = tables.held(fence)?;
        let owner = row.task.owner;
        let charged = charged_since(row.checkpoint.as_ref(), &checkpoint);
        row.checkpoint = Some(checkpoint);
        for (engine, usage) in charged {
            tables.count(owner, &engine, usage.into(), now);
        }
        Ok(())
    }

    async fn checkpoint(&self, id: TaskId) -> Result<Option<serde_json::Value>> {
        let tables = lock(&self.tables);
        Ok(tables.tasks.get(&id).and_then(|row| row.checkpoint.clone()))
    }
}
