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
    Error, ErrorKind, Result,
    id::TaskId,
    model::{ChangeCursor, PageText, Task},
    platform::Platform,
    search_index::{IndexBatch, IndexedDocument, SearchIndex},
    store::Scope,
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
            return self.build().await;
        };
        loop {
            let changes = self
                .platform
                .store
                .changes(Scope::system(), position, BATCH)
                .await?;
            let Some(last) = changes.last().map(|change| change.cursor) else {
                return Ok(());
            };
            let mut seen = HashSet::new();
            let tasks = changes.iter().filter_map(|change| change.task);
            let tasks: Vec<TaskId> = tasks.filter(|task| seen.insert(*task)).collect();
            self.renew(Some(position), &tasks).await?;
            self.index
                .apply(IndexBatch::at(Some(position)).with_position(last))
                .await?;
            position = last;
        }
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

    /// Makes the index have `tasks` as the store has them, where the index is at `position`. Several go in at once:
    /// each commit costs more than a page.
    async fn renew(&self, position: Option<ChangeCursor>, tasks: &[TaskId]) -> Result<()> {
        let mut batch = IndexBatch::at(position);
        let mut pages = 0;
        for task in tasks {
            match self.document(*task).await {
                Ok(Some(document)) => {
                    pages += document.pages.len();
                    batch.put.push(document);
                }
                Ok(None) => batch.remove.push(*task),
                // One document that cannot be read must not keep the others from being found.
                Err(error) if error.kind() == ErrorKind::Corrupt => {
                    tracing::warn!(?error, %task, "a document cannot be searched: what is stored of it cannot be read");
                    batch.remove.push(*task);
                }
                Err(error) => return Err(error),
            }
            if pages >= PAGES_IN_A_BATCH {
                pages = 0;
                self.index
                    .apply(std::mem::replace(&mut batch, IndexBatch::at(position)))
                    .await?;
            }
        }
        if batch.put.is_empty() && batch.remove.is_empty() {
            return Ok(());
        }
        self.index.apply(batch).await
    }

    /// What is searched of a task; `None` for one that is deleted or may yet be read on.
    async fn document(&self, task: TaskId) -> Result<Option<IndexedDocument>> {
        let found = self.platform.store.task(Scope::system(), task).await?;
        let Some(task) = found.filter(is_searched) else {
            return Ok(None);
        };
        let pages = self.pages(task.id).await?;
        Ok(Some(IndexedDocument::new(&task, &pages)))
    }

    async fn pages(&self, task: TaskId) -> Result<Vec<PageText>> {
        let store = &self.platform.store;
        let numbers = store.page_numbers(task).await?;
        let mut pages = Vec::with_capacity(numbers.len());
        for chunk in numbers.chunks(PAGES_AT_ONCE as usize) {
            if let [from, .., to] | [from @ to] = chunk {
                pages.extend(store.pages(Scope::system(), task, *from, *to).await?);
            }
        }
        Ok(pages)
    }
}

/// Whether the pages of `task` can be found: it is live, and no worker will change them.
fn is_searched(task: &Task) -> bool {
    task.deleted_at.is_none() && task.status().is_terminal()
}

/// The error for an index that another indexer has moved on.
fn overtaken() -> Error {
    Error::new(ErrorKind::Conflict, "another process builds the search index too")
}
