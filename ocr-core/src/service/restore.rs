//! Take a task out of the trash.

use std::collections::BTreeMap;

use super::{OcrService, usage::Wanted};
use crate::{
    Result,
    account_store::AuditAction,
    id::TaskId,
    model::{Task, TaskStatus},
    queue::{NewItem, QueueItem},
    store::{Scope, Write},
};

impl OcrService {
    /// Takes a task out of the trash. A pending or processing task is pending afterwards.
    ///
    /// The tags for the lifecycle rule of the bucket are removed first. If removing them failed after the
    /// task was restored, the rule would delete the document of a live task.
    ///
    /// # Errors
    /// `NotFound` when it is not in the trash any more, or its time there is over; what the blob store
    /// says when the tags cannot be removed, and `QuotaExceeded` when it waits to be read and its owner may have nothing
    /// more read for now. The task then stays in the trash.
    pub async fn restore(&self, scope: Scope, id: TaskId) -> Result<Task> {
        let platform = &self.platform;
        let trashed = self.trashed(scope, id).await?;
        let waits = matches!(trashed.state.status, TaskStatus::Pending | TaskStatus::Processing);
        let again = Wanted {
            documents: 0,
            bytes: 0,
        };
        let _admitted = if waits {
            self.admit(trashed.owner, again).await?
        } else {
            None
        };
        self.tag_blobs(&trashed, &BTreeMap::new()).await?;
        let (write, after) = self.audited(Write::by(scope), AuditAction::DocumentRestored, &[id]);
        let task = platform.store.restore_task(scope, id, write).await?;
        self.record_after(after).await;
        if task.state.status == TaskStatus::Pending {
            let item = NewItem::from(QueueItem::from(&task));
            if let Err(error) = platform.queue.enqueue(vec![item]).await {
                tracing::warn!(?error, task = %id, "a restored task is not queued yet; the reconciler will");
            }
        }
        platform.wake();
        Ok(task)
    }
}
