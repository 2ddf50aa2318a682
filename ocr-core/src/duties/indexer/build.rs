//! Building an index from everything that is stored.

use super::{IndexBatch, IndexDifference, Indexer, is_full, is_searched, overtaken};
use crate::{
    Result,
    id::TaskId,
    pagination::{MAX_PAGE_SIZE, PageRequest},
    store::{Scope, TaskFilter},
};

impl Indexer {
    /// Forgets the index and builds it anew. While it is built, what is not yet taken in is not found.
    ///
    /// # Errors
    /// What the ports fail with. The index is then unfinished, and the next indexer begins anew.
    pub async fn rebuild(&self) -> Result<()> {
        self.index.clear().await?;
        self.build().await
    }

    /// Takes in every document of the store. The position is set at the end, to where the change log stood at the
    /// beginning: what changed meanwhile is looked at again, and after a crash everything is.
    pub(super) async fn build(&self) -> Result<()> {
        let store = &self.platform.store;
        let head = store.change_head().await?;
        let mut request = PageRequest::first(MAX_PAGE_SIZE)?;
        let mut documents = 0;
        loop {
            let page = store
                .list_tasks(Scope::system(), TaskFilter::default(), request)
                .await?;
            let searched = page.items.iter().filter(|task| is_searched(task));
            let searched: Vec<TaskId> = searched.map(|task| task.id).collect();
            self.renew(&searched).await?;
            documents += searched.len();
            let Some(next) = page.next else { break };
            request = PageRequest::first(MAX_PAGE_SIZE)?.after(Some(next));
        }
        self.mend().await?;
        if self.index.position().await?.is_some() {
            return Err(overtaken());
        }
        self.index.apply(IndexBatch::at(None).with_position(head)).await?;
        tracing::info!(documents, "the search index was built");
        Ok(())
    }

    /// Makes an index that is not built yet have `tasks` as the store has them.
    async fn renew(&self, tasks: &[TaskId]) -> Result<()> {
        let mut batch = IndexBatch::at(None);
        for task in tasks {
            self.gather(*task, &mut batch).await?;
            if is_full(&batch) {
                let full = std::mem::replace(&mut batch, IndexBatch::at(None));
                self.index.apply(full).await?;
            }
        }
        if batch.put.is_empty() && batch.remove.is_empty() {
            return Ok(());
        }
        self.index.apply(batch).await
    }

    /// Makes good what another process undid, which built or cleared the index meanwhile.
    async fn mend(&self) -> Result<()> {
        let (_, differences) = self.verify().await?;
        let tasks = differences.iter().map(|difference| match difference {
            IndexDifference::Missing(task)
            | IndexDifference::Outdated(task)
            | IndexDifference::Superfluous(task) => *task,
        });
        let tasks: Vec<TaskId> = tasks.collect();
        self.renew(&tasks).await
    }
}
