//! What was read of a task so far, and what engines must remember of it.

use async_trait::async_trait;
use ocr_core::{
    Error, ErrorKind, Result,
    id::TaskId,
    model::PageText,
    store::{Fence, PageStore, Scope},
};

use crate::FileStore;

#[async_trait]
impl PageStore for FileStore {
    async fn put_pages(&self, fence: Fence, pages: Vec<PageText>) -> Result<()> {
        self.change(move |state, _| {
            let numbered = pages.into_iter().map(|page| (page.number, page));
            state.held(fence)?.pages.extend(numbered);
            Ok(())
        })
        .await
    }

    async fn page_numbers(&self, id: TaskId) -> Result<Vec<u32>> {
        self.read(move |state, _| {
            let entry = state.tasks.get(&id);
            entry.map_or_else(Vec::new, |entry| entry.pages.keys().copied().collect())
        })
        .await
    }

    async fn pages(&self, scope: Scope, id: TaskId, from: u32, to: u32) -> Result<Vec<PageText>> {
        self.read(move |state, _| {
            // A map panics when it is asked for a range that ends before it begins.
            let entry = state
                .tasks
                .get(&id)
                .filter(|entry| entry.is_visible(scope) && from <= to);
            entry.map_or_else(Vec::new, |entry| {
                entry
                    .pages
                    .range(from..=to)
                    .map(|(_, page)| page.clone())
                    .collect()
            })
        })
        .await
    }

    async fn put_checkpoint(&self, fence: Fence, checkpoint: serde_json::Value) -> Result<()> {
        self.change(move |state, _| {
            state.held(fence)?.checkpoint = Some(checkpoint.to_string());
            Ok(())
        })
        .await
    }

    async fn checkpoint(&self, id: TaskId) -> Result<Option<serde_json::Value>> {
        let text = self
            .read(move |state, _| state.tasks.get(&id)?.checkpoint.clone())
            .await?;
        text.map(|text| serde_json::from_str(&text))
            .transpose()
            .map_err(|error| {
                Error::new(ErrorKind::Corrupt, "the checkpoint cannot be read")
                    .with_source(error)
                    .at("file", "checkpoint")
            })
    }
}
