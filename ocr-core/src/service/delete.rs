//! Put a task in the trash.

use std::collections::BTreeMap;

use chrono::SecondsFormat;

use super::{OcrService, blob_keys};
use crate::{
    ErrorKind, Result,
    account_store::AuditAction,
    clock::{Timestamp, later},
    id::TaskId,
    model::{AttemptNote, Task, TaskOptions},
    store::{Scope, Write},
};

impl OcrService {
    /// Puts a task in the trash: clients see it deleted, its blobs are tagged `deleted=true` and
    /// `deleted_at`, and it can be restored until the policy's retention ends.
    pub async fn delete(&self, scope: Scope, id: TaskId) -> Result<Task> {
        let platform = &self.platform;
        // What was read by now counts under this engine, unless another one was asked for.
        let note = AttemptNote::default().with_engine(platform.engine_name(&TaskOptions::default()));
        let write = Write::by(scope).with_note(note);
        let (write, after) = self.audited(write, AuditAction::DocumentDeleted, &[id]);
        let purge_after = later(platform.clock.now(), platform.policies.trash_retention);
        let task = platform.store.trash_task(scope, id, purge_after, write).await?;
        self.record_after(after).await;
        platform.wake();
        if let Err(error) = platform.queue.remove(vec![id]).await {
            tracing::warn!(?error, task = %id, "a deleted task is still queued; its worker will drop it");
        }
        self.tag_deleted(&task).await;
        Ok(task)
    }

    /// Tags the blobs for the lifecycle rules of the bucket. A failure is only logged, because the row
    /// decides. If the task was restored meanwhile, the tags are removed again.
    async fn tag_deleted(&self, task: &Task) {
        let platform = &self.platform;
        if let Err(error) = self.tag_blobs(task, &deletion_tags(platform.clock.now())).await {
            tracing::warn!(?error, task = %task.id, "the blobs of a deleted task could not be tagged");
        }
        let restored = match platform.store.task(Scope::system(), task.id).await {
            Ok(now) => now.is_some_and(|now| now.deleted_at.is_none()),
            Err(error) => {
                tracing::warn!(?error, task = %task.id, "not known whether a deleted task was restored");
                false
            }
        };
        if restored && let Err(error) = self.tag_blobs(task, &BTreeMap::new()).await {
            tracing::error!(?error, task = %task.id, "the bucket will remove the blobs of a restored task; delete and restore it again");
        }
    }

    /// Gives every blob of `task` these tags in place of those it has, where the blob store has tags. A blob
    /// that is not there is passed over.
    pub(super) async fn tag_blobs(&self, task: &Task, tags: &BTreeMap<String, String>) -> Result<()> {
        let Some(tagging) = self.platform.blobs.extensions().tagging else {
            return Ok(());
        };
        for key in blob_keys(task) {
            match tagging.tag(key, tags.clone()).await {
                Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        Ok(())
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
