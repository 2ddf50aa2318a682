//! Comparing an index with the store.

use std::collections::HashMap;

use super::{Indexer, is_searched};
use crate::{
    Result,
    id::TaskId,
    pagination::{MAX_PAGE_SIZE, PageRequest},
    search_index::IndexEntry,
    store::{Scope, TaskFilter},
};

/// Entries read at once.
const ENTRIES: usize = 1_000;

/// What an index and the store do not agree on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum IndexDifference {
    /// The index does not have this document.
    Missing(TaskId),
    /// The index has it as it was once.
    Outdated(TaskId),
    /// The index has it, and it does not exist any more.
    Superfluous(TaskId),
}

impl Indexer {
    /// Number of documents that can be searched, and what the index has otherwise than the store. What changes while
    /// this looks may be among it.
    ///
    /// # Errors
    /// What the ports fail with.
    pub async fn verify(&self) -> Result<(usize, Vec<IndexDifference>)> {
        let mut entries = self.entries().await?;
        let mut differences = Vec::new();
        let mut documents = 0;
        let mut request = PageRequest::first(MAX_PAGE_SIZE)?;
        loop {
            let listed = self
                .platform
                .store
                .list_tasks(Scope::system(), TaskFilter::default(), request);
            let page = listed.await?;
            for task in page.items.iter().filter(|task| is_searched(task)) {
                documents += 1;
                let entry = entries.remove(&task.id);
                let pages = self.platform.store.page_numbers(task.id).await?.len();
                let is_same =
                    |entry: &IndexEntry| entry.updated_at == task.updated_at && entry.pages as usize == pages;
                match entry {
                    None => differences.push(IndexDifference::Missing(task.id)),
                    Some(entry) if !is_same(&entry) => differences.push(IndexDifference::Outdated(task.id)),
                    Some(_) => {}
                }
            }
            let Some(next) = page.next else { break };
            request = PageRequest::first(MAX_PAGE_SIZE)?.after(Some(next));
        }
        differences.extend(entries.into_keys().map(IndexDifference::Superfluous));
        Ok((documents, differences))
    }

    async fn entries(&self) -> Result<HashMap<TaskId, IndexEntry>> {
        let mut entries = HashMap::new();
        let mut after = None;
        loop {
            let more = self.index.entries(after, ENTRIES).await?;
            let Some(last) = more.last() else {
                return Ok(entries);
            };
            after = Some(last.task);
            entries.extend(more.into_iter().map(|entry| (entry.task, entry)));
        }
    }
}
