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
        let task = self.get(scope, id).await?;
        let again = Wanted {
            documents: 0,
            bytes: 0,
        };
        let _admitted = self.admit(task.owner, again).await?;
        let task = self.wait_again(scope, &task, Transition::Retry).await?;
        if let Err(error) = forget_renditions(&self.platform, task.owner, task.file.id).await {
            tracing::warn!(?error, task = %id, "renditions of a result that is gone stay for now");
        }
        Ok(task)
    }

    /// Lets an ended task wait for its turn once more, by `change`.
    pub(super) async fn wait_again(&self, scope: Scope, task: &Task, change: Transition) -> Result<Task> {
        let platform = &self.platform;
        let update = TaskUpdate::settled(task.id, TaskStatus::Pending, "Waiting to be processed");
        let write = Write::by(scope).with_messages([
            OutboxMessage::Enqueue(NewItem::from(QueueItem::from(task))),
            OutboxMessage::Event(platform.task_event(task.owner, update)),
        ]);
        let (write, after) = self.audited(write, AuditAction::DocumentRetried, &[task.id]);
        let moved = platform.store.transition(scope, task.id, change, write).await?;
        self.record_after(after).await;
        platform.wake();
        Ok(moved)
    }
}
