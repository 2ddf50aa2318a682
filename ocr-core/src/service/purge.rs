//! Remove what is in the trash for good, before its time there is over.

use futures::TryStreamExt;

use super::{OcrService, blob_keys, forget_renditions, result_key, result_prefix};
use crate::{
    Error, ErrorKind, Result,
    account_store::AuditAction,
    blob::BlobKey,
    id::{TaskId, UserId},
    model::Task,
    pagination::{MAX_PAGE_SIZE, PageRequest},
    platform::Platform,
    store::{Actor, Scope, TaskFilter},
};

/// Maximum number of tasks that one call removes: it ends in a time for which somebody waits.
const MAX_AT_ONCE: usize = 1000;

/// Maximum number of attempts whose results are removed by their names, without looking which are there.
const MAX_NAMED_ATTEMPTS: u32 = 50;

/// What [`OcrService::empty_trash`] did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct EmptiedTrash {
    /// How many tasks were removed.
    pub removed: usize,
    /// Whether some are left, because there were more than one call removes, or because it failed halfway.
    pub more: bool,
}

impl OcrService {
    /// Removes a task that is in the trash for good: file, result, pages and corrections.
    ///
    /// The row goes first, so that nobody can restore a task whose blobs are gone. A blob that cannot be removed
    /// is collected as an orphan later. Dropping the future leaves the task as it was, or removed.
    ///
    /// # Errors
    /// `NotFound` when it is not in the trash of `scope`.
    pub async fn purge(&self, scope: Scope, id: TaskId) -> Result<()> {
        let task = self.trashed(scope, id).await?;
        // Somebody may have restored it meanwhile.
        if self.platform.store.purge(vec![id]).await? == 0 {
            return Err(not_in_the_trash());
        }
        self.record_change(scope.into(), AuditAction::DocumentPurged, id)
            .await;
        self.discard_blobs(&task).await;
        Ok(())
    }

    /// Removes what is in the trash of `owner` for good, at most 1000 tasks. What is put there meanwhile may stay.
    ///
    /// # Errors
    /// What the store says when nothing was removed. What fails later leaves the rest: `more` is true then.
    pub async fn empty_trash(&self, owner: UserId) -> Result<EmptiedTrash> {
        let emptied = self.purge_all(owner).await?;
        self.record_change(Actor::User(owner), AuditAction::TrashEmptied, owner)
            .await;
        Ok(emptied)
    }

    async fn purge_all(&self, owner: UserId) -> Result<EmptiedTrash> {
        let mut removed = 0;
        loop {
            let before = removed;
            match self.purge_page(owner, &mut removed).await {
                Ok(true) if removed > before && removed < MAX_AT_ONCE => {}
                Ok(more) => return Ok(EmptiedTrash { removed, more }),
                // What is gone is gone, and whoever asked has to learn of it.
                Err(error) if removed > 0 => {
                    tracing::warn!(?error, %owner, removed, "a trash was emptied in part");
                    return Ok(EmptiedTrash { removed, more: true });
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Removes the first page of the trash of `owner` and counts what it removes, also where it fails later; whether there
    /// are further pages.
    async fn purge_page(&self, owner: UserId, removed: &mut usize) -> Result<bool> {
        let filter = TaskFilter::default().with_deleted(true);
        let first = PageRequest::first(MAX_PAGE_SIZE)?;
        let page = self.list(Scope::owner(owner), filter, first).await?;
        let ids: Vec<TaskId> = page.items.iter().map(|task| task.id).collect();
        if ids.is_empty() {
            return Ok(false);
        }
        let store = &self.platform.store;
        *removed += store.purge(ids).await?;
        for task in &page.items {
            // Its blobs stay if it was restored meanwhile.
            if store.task(Scope::system(), task.id).await?.is_none() {
                self.discard_blobs(task).await;
            }
        }
        Ok(page.next.is_some())
    }

    /// A task in the trash. `NotFound` when it is not there, or not in `scope`.
    pub(super) async fn trashed(&self, scope: Scope, id: TaskId) -> Result<Task> {
        let task = self.platform.store.task(Scope::system(), id).await?;
        task.filter(|task| task.deleted_at.is_some() && scope.covers(task.owner))
            .ok_or_else(not_in_the_trash)
    }

    /// Removes the blobs of a task that is gone; what cannot be removed now is collected as an orphan later.
    async fn discard_blobs(&self, task: &Task) {
        if let Err(error) = remove_blobs(&self.platform, task).await {
            tracing::warn!(?error, task = %task.id, "blobs of a removed task were left for the orphan collection");
        }
    }
}

/// Removes every blob of a task, with what attempts before the last one may have written.
pub(crate) async fn remove_blobs(platform: &Platform, task: &Task) -> Result<()> {
    forget_renditions(platform, task.owner, task.file.id).await?;
    let (owner, file, attempts) = (task.owner, task.file.id, task.state.attempt);
    // To list them, a store of files looks at everything its owner has.
    let mut keys: Vec<BlobKey> = if attempts <= MAX_NAMED_ATTEMPTS {
        (1..=attempts)
            .map(|attempt| result_key(owner, file, attempt))
            .collect::<Result<_>>()?
    } else {
        let results = platform.blobs.list(result_prefix(owner, file)).await?;
        results.map_ok(|meta| meta.key).try_collect().await?
    };
    keys.extend(blob_keys(task));
    keys.sort_unstable();
    keys.dedup();
    platform.blobs.delete(keys).await
}

fn not_in_the_trash() -> Error {
    Error::new(ErrorKind::NotFound, "the task is not in the trash")
}
