//! Run a task again.

use super::{OcrService, forget_renditions};
use crate::{
    Result,
    id::TaskId,
    model::{Task, TaskStatus, Transition},
    notify::{EventBody, TaskUpdate},
    queue::{NewItem, QueueItem},
    store::{OutboxMessage, Scope},
};

impl OcrService {
    /// Runs an ended task again from the start, with all its attempts.
    /// `Conflict` while it still waits or runs.
    pub async fn retry(&self, scope: Scope, id: TaskId) -> Result<Task> {
        let platform = &self.platform;
        let task = self.get(scope, id).await?;
        let update = TaskUpdate::settled(id, TaskStatus::Pending, "Waiting to be processed");
        let outbox = vec![
            OutboxMessage::Enqueue(NewItem::from(QueueItem::from(&task))),
            OutboxMessage::Event(platform.event(task.owner, EventBody::TaskUpdate(update))),
        ];
        let task = platform
            .store
            .transition(scope, id, Transition::Retry, outbox)
            .await?;
        platform.wake();
        if let Err(error) = forget_renditions(platform, task.owner, task.file.id).await {
            tracing::warn!(?error, task = %id, "renditions of a result that is gone stay for now");
        }
        Ok(task)
    }
}
