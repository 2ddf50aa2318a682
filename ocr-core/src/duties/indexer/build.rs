//! Building an index from everything that is stored.

use super::{IndexBatch, Indexer, is_searched, overtaken};
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
            self.renew(None, &searched).await?;
            documents += searched.len();
            let Some(next) = page.next else { break };
            request = PageRequest::first(MAX_PAGE_SIZE)?.after(Some(next));
        }
        if self.index.position().await?.is_some() {
            return Err(overtaken());
        }
        self.index.apply(IndexBatch::at(None).with_position(head)).await?;
        tracing::info!(documents, "the search index was built");
        Ok(())
    }
}
