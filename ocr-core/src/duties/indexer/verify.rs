//! Comparing an index with the store.

use std::collections::HashMap;

use super::Indexer;
use crate::{Result, id::TaskId, search_index::IndexEntry};

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
        let (mut documents, mut after) = (0, None);
        loop {
            let (tasks, next) = self.searched(after).await?;
            documents += tasks.len();
            for task in tasks {
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
            if next.is_none() {
                break;
            }
            after = next;
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
