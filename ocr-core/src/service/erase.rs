//! Forget a user: all that is theirs, and that they did it.

use std::time::Duration;

use futures::StreamExt;

use super::{INCOMING, OcrService, RENDITIONS, UserPart};
use crate::{
    Error, ErrorKind, Result,
    account_store::{AuditAction, AuditEntry, AuditOrigin},
    blob::BlobKey,
    id::{AuditId, TaskId, UserId},
    pagination::{MAX_PAGE_SIZE, PageRequest},
    search_index::IndexBatch,
    store::{Actor, Scope, TaskFilter, Write},
};

/// Blobs that are removed at once.
const BATCH: usize = 200;
/// Entries that are sealed at once.
const SEALED: usize = 500;
/// How often the index may move on while documents are taken out of it.
const TRIES: usize = 20;
/// How often the log may grow while a user is forgotten in it.
const ROUNDS: usize = 20;
/// How long to wait between these rounds.
const PAUSE: Duration = Duration::from_millis(250);

impl OcrService {
    /// Removes all that belongs to `user`, and says how many documents that were: documents with their blobs, text, pages,
    /// corrections and filings, what is in the trash and in the search index, saved searches, what they used and
    /// their limits, uploads that were not finished, and the account with its sessions and keys. In the audit log, entries
    /// about them do not say any more who did what, and from where. The change log keeps ids for as long as it keeps
    /// anything.
    ///
    /// It may be dropped, or killed, at any moment and be called again: what is gone is gone, and the rest goes then. Who
    /// still sends documents meanwhile must be kept from it first.
    ///
    /// # Errors
    /// `Unsupported` where the platform has no account store; `Unavailable` when the audit log still tells of the user,
    /// because it could not be sealed.
    pub async fn erase_user(&self, user: UserId, origin: &AuditOrigin) -> Result<usize> {
        let accounts = self.audit_store()?;
        let mut removed = 0;
        for part in UserPart::ALL {
            removed += self.erase_part(user, part).await?;
        }
        for _ in 0..ROUNDS {
            // What is not sealed yet must stay as it is until it is.
            while accounts.seal_entries(SEALED).await? == SEALED {}
            let id = AuditId(self.platform.ids.next());
            let now = self.platform.clock.now();
            let entry = AuditEntry::new(id, now, origin.clone(), AuditAction::UserErased);
            if accounts.erase_user(user, entry).await? == 0 {
                self.platform.wake();
                return Ok(removed);
            }
            // Another process is sealing.
            tokio::time::sleep(PAUSE).await;
        }
        let message =
            "entries of the audit log could not be sealed, and still tell of the user; call it again";
        Err(Error::new(ErrorKind::Unavailable, message))
    }

    /// Removes a part of what belongs to `user`, and says how many documents that were.
    async fn erase_part(&self, user: UserId, part: UserPart) -> Result<usize> {
        let mut removed = 0;
        match part {
            UserPart::Documents => {
                for deleted in [false, true] {
                    removed += self.erase_tasks(user, deleted).await?;
                }
                for prefix in ["results/", RENDITIONS] {
                    self.erase_blobs(format!("{prefix}{user}/")).await?;
                }
            }
            UserPart::Unfinished => {
                for prefix in ["uploads/", INCOMING] {
                    self.erase_blobs(format!("{prefix}{user}/")).await?;
                }
            }
            UserPart::Searches => {
                if let Some(searches) = &self.platform.saved_searches {
                    for search in searches.saved_searches(user).await? {
                        searches.delete_saved_search(user, search.id).await?;
                    }
                }
            }
            // Behind the documents: what was read of those that had not ended counts when they go.
            UserPart::Usage => {
                if let Some(usage) = &self.platform.usage {
                    usage.forget_usage(user).await?;
                }
            }
            // The account store removes these together, at the end: what the log says is found by the account.
            UserPart::Audit | UserPart::Account => {}
        }
        Ok(removed)
    }

    /// Removes the live documents of `user`, or those in the trash.
    async fn erase_tasks(&self, user: UserId, deleted: bool) -> Result<usize> {
        let (store, scope) = (&self.platform.store, Scope::owner(user));
        let mut removed = 0;
        loop {
            let filter = TaskFilter::default().with_deleted(deleted);
            let page = self
                .list(scope, filter, PageRequest::first(MAX_PAGE_SIZE)?)
                .await?;
            let ids: Vec<TaskId> = page.items.iter().map(|task| task.id).collect();
            if ids.is_empty() {
                return Ok(removed);
            }
            if !deleted {
                self.platform.queue.remove(ids.clone()).await?;
                for id in &ids {
                    let now = self.platform.clock.now();
                    let write = Write::by(Actor::System);
                    store.trash_task(scope, *id, now, write).await?;
                }
            }
            // Before the rows go: what is still in the trash is found again after a crash.
            self.forget_in_index(&ids).await?;
            for task in &page.items {
                super::remove_blobs(&self.platform, task).await?;
            }
            removed += store.purge(ids).await?;
        }
    }

    /// Takes documents out of the search index, wherever that is by now.
    async fn forget_in_index(&self, ids: &[TaskId]) -> Result<()> {
        let Some(index) = &self.platform.search_index else {
            return Ok(());
        };
        let mut tried = 0;
        loop {
            let batch = IndexBatch::at(index.position().await?).with_remove(ids.to_vec());
            match index.apply(batch).await {
                Err(error) if error.kind() == ErrorKind::Conflict && tried < TRIES => tried += 1,
                done => return done,
            }
        }
    }

    async fn erase_blobs(&self, prefix: String) -> Result<()> {
        let found = self.platform.blobs.list(prefix).await?;
        let mut batches = found.chunks(BATCH);
        while let Some(batch) = batches.next().await {
            let keys: Vec<BlobKey> = batch
                .into_iter()
                .map(|meta| meta.map(|meta| meta.key))
                .collect::<Result<_>>()?;
            self.platform.blobs.delete(keys).await?;
        }
        Ok(())
    }
}
