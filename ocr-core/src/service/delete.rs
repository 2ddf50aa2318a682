//! Put a task in the trash.

use std::collections::BTreeMap;

use chrono::SecondsFormat;

use super::{OcrService, blob_keys};
use crate::{
    Result,
    clock::{Timestamp, later},
    id::TaskId,
    model::Task,
    store::Scope,
};

impl OcrService {
    /// Puts a task in the trash: clients see it deleted, its blobs are tagged `deleted=true` and
    /// `deleted_at`, and it can be restored until the policy's retention ends.
    pub async fn delete(&self, scope: Scope, id: TaskId) -> Result<Task> {
        let platform = &self.platform;
        let purge_after = later(platform.clock.now(), platform.policies.trash_retention);
        let task = platform.store.trash_task(scope, id, purge_after, vec![]).await?;
        platform.wake();
        if let Err(error) = platform.queue.remove(vec![id]).await {
            tracing::warn!(?error, task = %id, "a deleted task is still queued; its worker will drop it");
        }
        self.tag_blobs(&task, deletion_tags(platform.clock.now())).await;
        Ok(task)
    }

    /// Tags every blob of `task`. A failure is logged, not returned: the row decides, tags only
    /// drive the lifecycle rules of the bucket.
    pub(super) async fn tag_blobs(&self, task: &Task, tags: BTreeMap<String, String>) {
        for key in blob_keys(task) {
            if let Err(error) = self.platform.blobs.tag(key, tags.clone()).await {
                tracing::warn!(?error, task = %task.id, "a blob could not be tagged");
            }
        }
    }
}

fn deletion_tags(at: Timestamp) -> BTreeMap<String, String> {
    BTreeMap::from([
        ("deleted".to_owned(), "true".to_owned()),
        (
            "deleted_at".to_owned(),
            at.to_rfc3339_opts(SecondsFormat::Secs, true),
        ),
    ])
}
