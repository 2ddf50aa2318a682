//! The search index by its calls.

use async_trait::async_trait;

use super::Layered;
use crate::{
    Result,
    id::TaskId,
    model::{ChangeCursor, Scope},
    search_index::{FoundPage, IndexBatch, IndexEntry, IndexRequest, SearchCapabilities, SearchIndex},
};

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl<P: SearchIndex + ?Sized> SearchIndex for Layered<P> {
    fn name(&self) -> &'static str {
        self.inner.name()
    }

    fn capabilities(&self) -> SearchCapabilities {
        self.inner.capabilities()
    }

    async fn check(&self) -> Result<()> {
        self.calls.repeated("check", || self.inner.check()).await
    }

    async fn position(&self) -> Result<Option<ChangeCursor>> {
        self.calls.repeated("position", || self.inner.position()).await
    }

    async fn apply(&self, batch: IndexBatch) -> Result<()> {
        // Once: done twice, it would find that the index has moved on.
        self.calls.once("apply", self.inner.apply(batch)).await
    }

    async fn clear(&self) -> Result<()> {
        self.calls.repeated("clear", || self.inner.clear()).await
    }

    async fn search(&self, scope: Scope, request: IndexRequest) -> Result<Vec<FoundPage>> {
        self.calls
            .repeated("search", || self.inner.search(scope, request.clone()))
            .await
    }

    async fn entries(&self, after: Option<TaskId>, limit: usize) -> Result<Vec<IndexEntry>> {
        self.calls
            .repeated("entries", || self.inner.entries(after, limit))
            .await
    }
}
