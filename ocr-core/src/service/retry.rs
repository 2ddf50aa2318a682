//! Run a task again.

use super::{OcrService, forget_renditions, usage::Wanted};
use crate::{
    Result,
    account_store::AuditAction,
    id::TaskId,
    model::{Task, TaskStatus, Transition},
    notify::TaskUpdate,
    queue::{NewItem, QueueItem},
    store::{OutboxMessage, Scope, Write},
};

impl OcrService {
    /// Runs an ended task again from the start, with all its attempts.
    /// `Conflict` while it still waits or runs; `QuotaExceeded` when its owner may read nothing more for now.
    pub async fn retry(&self, scope: Scope, id: TaskId) -> Result<Task> {
        let platform = &self.platform;
        let task = self.get(scope, id).await?;
        let again = Wanted {
            documents: 0,
            bytes: 0,
        };
        let _admitted = self.admit(task.owner, again).await?;
        let update = TaskUpdate::settled(id, TaskStatus::Pending, "Waiting to be processed");
        let write = Write::by(scope).with_messages([
            OutboxMessage::Enqueue(NewItem::from(QueueItem::from(&task))),
            OutboxMessage::Event(platform.task_event(task.owner, update)),
        ]);
        let (write, after) = self.audited(write, AuditAction::DocumentRetried, &[id]);
        let task = platform
            .store
            .transition(scope, id, Transition::Retry, write)
            .await?;
        self.record_after(after).await;
        platform.wake();
        if let Err(error) = forget_renditions(platform, task.owner, task.file.id).await {
            tracing::warn!(?error, task = %id, "renditions of a result that is gone stay for now");
        }
        Ok(task)
    }
}
