//! The indexer: follows the change log and keeps the search index as the store is, whoever changed it.
//!
//! Where it stands is kept in the index and moves on together with what was taken in, by compare-and-set. So a crash
//! loses nothing, and of several indexers one is faster and the others begin anew from where it is.

mod build;
mod verify;

pub use verify::IndexDifference;

use std::{collections::HashSet, sync::Arc, time::Duration};

use chrono::DateTime;
use tokio_util::sync::CancellationToken;

use super::repeat;
use crate::{
    ErrorKind, Result,
    id::TaskId,
    model::{ChangeCursor, PageText, Task},
    pagination::{Cursor, MAX_PAGE_SIZE, PageRequest},
    platform::Platform,
    search_index::{IndexBatch, IndexedDocument, SearchIndex},
    service::{corrected_pages, filing_of},
    store::{Change, Scope, TaskFilter},
};

/// How often the change log is looked at when nothing woke us: what was read must be found within two seconds.
const INTERVAL: Duration = Duration::from_millis(500);
/// Pause after a failure.
const BACK_OFF: Duration = Duration::from_secs(2);
/// Changes looked at at once.
const BATCH: usize = 500;
/// Pages from which what was gathered goes into the index.
const PAGES_IN_A_BATCH: usize = 100;
/// Pages fetched from the store at once.
const PAGES_AT_ONCE: u32 = 50;

/// Keeps a search index as the store is.
#[derive(Debug, Clone)]
pub struct Indexer {
    platform: Platform,
    index: Arc<dyn SearchIndex>,
}

impl Indexer {
    /// Feeds the index of `platform`; `None` where it has none.
    pub fn new(platform: Platform) -> Option<Self> {
        let index = platform.search_index.clone()?;
        Some(Self { platform, index })
    }

    /// Follows the change log until `shutdown` is cancelled.
    pub async fn run(&self, shutdown: CancellationToken) {
        if let Err(error) = self.restart_after_gap().await {
            tracing::warn!(?error, "not known whether the search index has missed changes");
        }
        repeat(&self.platform, &shutdown, INTERVAL, || async {
            match self.index_new().await {
                Ok(()) => {}
                // Another indexer was faster.
                Err(error) if error.kind() == ErrorKind::Conflict => {}
                Err(error) => {
                    tracing::warn!(?error, "the search index could not be brought up to date");
                    tokio::time::sleep(BACK_OFF).await;
                }
            }
        })
        .await;
    }

    /// Takes in what changed since the last time; everything, where the index is new.
    ///
    /// # Errors
    /// `Conflict` when another indexer was faster; what the ports fail with.
    pub async fn index_new(&self) -> Result<()> {
        let Some(mut position) = self.index.position().await? else {
            return self.build().await.map(drop);
        };
        loop {
            let changes = self
                .platform
                .store
                .changes(Scope::system(), position, BATCH)
                .await?;
            if changes.is_empty() {
                return Ok(());
            }
            position = self.follow(position, &changes).await?;
        }
    }

    /// Takes in what `changes` are about and moves the index from `position` on to the last of them. Each batch moves
    /// it: whoever read a document before another indexer did must not write it after.
    async fn follow(&self, mut position: ChangeCursor, changes: &[Change]) -> Result<ChangeCursor> {
        let mut seen = HashSet::new();
        let mut batch = IndexBatch::at(Some(position));
        for (index, change) in changes.iter().enumerate() {
            if let Some(task) = change.task
                && seen.insert(task)
            {
                self.gather(task, &mut batch).await?;
            }
            if is_full(&batch) || index + 1 == changes.len() {
                position = change.cursor;
                let full = std::mem::replace(&mut batch, IndexBatch::at(Some(position)));
                self.index.apply(full.with_position(position)).await?;
            }
        }
        Ok(position)
    }

    /// Forgets an index that is further behind than the change log reaches back, or ahead of it as after a database
    /// was restored elsewhere, so that it is built anew.
    async fn restart_after_gap(&self) -> Result<()> {
        let Some(position) = self.index.position().await? else {
            return Ok(());
        };
        let beginning = self.platform.store.change_position(DateTime::UNIX_EPOCH).await?;
        let head = self.platform.store.change_head().await?;
        if position < beginning || position > head {
            tracing::warn!("the search index does not fit the change log; it is built anew");
            self.index.clear().await?;
        }
        Ok(())
    }

    /// Those of a page of the tasks that can be found, and where the next page begins.
    async fn searched(&self, after: Option<Cursor>) -> Result<(Vec<Task>, Option<Cursor>)> {
        let request = PageRequest::first(MAX_PAGE_SIZE)?.after(after);
        let listed = self
            .platform
            .store
            .list_tasks(Scope::system(), TaskFilter::default(), request);
        let mut page = listed.await?;
        page.items.retain(is_searched);
        Ok((page.items, page.next))
    }

    /// Puts `task` into `batch` as the store has it.
    async fn gather(&self, task: TaskId, batch: &mut IndexBatch) -> Result<()> {
        match self.document(task).await {
            Ok(Some(document)) => batch.put.push(document),
            Ok(None) => batch.remove.push(task),
            // One document that cannot be read must not keep the others from being found.
            Err(error) if error.kind() == ErrorKind::Corrupt => {
                tracing::warn!(?error, %task, "a document cannot be searched: what is stored of it cannot be read");
                batch.remove.push(task);
            }
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// What is searched of a task; `None` for one that is deleted or may yet be read on.
    async fn document(&self, task: TaskId) -> Result<Option<IndexedDocument>> {
        let found = self.platform.store.task(Scope::system(), task).await?;
        let Some(task) = found.filter(is_searched) else {
            return Ok(None);
        };
        let pages = self.pages(task.id).await?;
        let filing = filing_of(&self.platform, task.id).await?;
        Ok(Some(IndexedDocument::new(&task, &pages).with_filing(filing)))
    }

    async fn pages(&self, task: TaskId) -> Result<Vec<PageText>> {
        let numbers = self.platform.store.page_numbers(task).await?;
        let mut pages = Vec::with_capacity(numbers.len());
        for chunk in numbers.chunks(PAGES_AT_ONCE as usize) {
            if let [from, .., to] | [from @ to] = chunk {
                pages.extend(corrected_pages(&self.platform, Scope::system(), task, *from, *to).await?);
            }
        }
        Ok(pages)
    }
}

/// Whether a batch goes into the index: several documents do at once, because a commit costs more than a page.
fn is_full(batch: &IndexBatch) -> bool {
    let pages: usize = batch.put.iter().map(|document| document.pages.len()).sum();
    pages >= PAGES_IN_A_BATCH
}

/// Whether the pages of `task` can be found: it is live, and no worker will change them.
fn is_searched(task: &Task) -> bool {
    task.deleted_at.is_none() && task.status().is_terminal()
}
