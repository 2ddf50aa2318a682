//! Stop a task.

use super::OcrService;
use crate::{
    Result,
    account_store::AuditAction,
    id::TaskId,
    model::{AttemptNote, Task, TaskStatus, Transition},
    notify::TaskUpdate,
    store::{OutboxMessage, Scope, Write},
};

impl OcrService {
    /// Stops a task that waits or runs; a running worker learns of it with its next heartbeat or
    /// page. Cancelling twice is fine; `Conflict` when the task has completed or failed.
    pub async fn cancel(&self, scope: Scope, id: TaskId) -> Result<Task> {
        let platform = &self.platform;
        let task = self.get(scope, id).await?;
        let update = TaskUpdate::settled(id, TaskStatus::Cancelled, "Cancelled");
        let note = AttemptNote::default()
            .with_engine(platform.engine_name(&task.options))
            .with_charged(platform.charged(id).await?);
        let event = OutboxMessage::Event(platform.task_event(task.owner, update));
        let write = Write::by(scope).with_message(event).with_note(note);
        let (write, after) = self.audited(write, AuditAction::DocumentCancelled, &[id]);
        let task = platform
            .store
            .transition(scope, id, Transition::Cancel, write)
            .await?;
        self.record_after(after).await;
        platform.wake();
        if let Err(error) = platform.queue.remove(vec![id]).await {
            tracing::warn!(?error, task = %id, "a cancelled task is still queued; its worker will drop it");
        }
        Ok(task)
    }
}
