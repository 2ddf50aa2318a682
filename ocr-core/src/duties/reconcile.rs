//! The reconciler: queues every due task, recovers tasks whose lease has expired, and ends those whose deadline has
//! passed.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::{
    Error, ErrorKind, Result,
    id::TaskId,
    model::{AttemptNote, TaskStatus, Transition},
    notify::TaskUpdate,
    platform::Platform,
    queue::NewItem,
    store::{Actor, OutboxMessage, Scope, Write},
};

/// How often; also the longest time a task waits that the queue lost.
const INTERVAL: Duration = Duration::from_secs(5);
/// Tasks looked at in one round.
const BATCH: usize = 500;

pub(super) async fn run(platform: &Platform, shutdown: &CancellationToken) {
    loop {
        if let Err(error) = reconcile_once(platform).await {
            tracing::warn!(?error, "reconciliation failed");
        }
        tokio::select! {
            () = shutdown.cancelled() => return,
            () = tokio::time::sleep(INTERVAL) => {}
        }
    }
}

/// Recovers expired leases and queues what is due. Queueing what is queued already does nothing.
pub(crate) async fn reconcile_once(platform: &Platform) -> Result<()> {
    platform.queue.reap(BATCH).await?;
    let due = platform.store.due_tasks(BATCH).await?;
    let mut items: Vec<NewItem> = Vec::with_capacity(due.len());
    for task in due {
        let id = task.item.item.task_id;
        match if task.overdue {
            give_up_overdue(platform, id).await
        } else if task.lease_expired {
            recover(platform, id).await
        } else {
            Ok(TaskStatus::Pending)
        } {
            Ok(TaskStatus::Pending) => items.push(task.item),
            Ok(_) => {}
            // Another process was faster, or the worker renewed its lease.
            Err(error) if matches!(error.kind(), ErrorKind::Conflict | ErrorKind::NotFound) => {}
            // A row that cannot be read must not keep the others waiting.
            Err(error) => tracing::warn!(?error, task = %id, "an abandoned task could not be recovered"),
        }
    }
    for batch in items.chunks(platform.queue.capabilities().max_batch.max(1)) {
        platform.queue.enqueue(batch.to_vec()).await?;
    }
    Ok(())
}

/// Counts the attempt of a worker that stopped as crashed; what the task is then.
async fn recover(platform: &Platform, id: TaskId) -> Result<TaskStatus> {
    let recovered = move_on(platform, id, Transition::LeaseExpired).await?;
    tracing::warn!(task = %id, status = %recovered, "recovered a task whose worker stopped");
    Ok(recovered)
}

/// Ends a task whose deadline has passed, wherever it stands; what the task is then.
///
/// # Errors
/// `Conflict` when it has not passed, or the task has ended.
pub(crate) async fn give_up_overdue(platform: &Platform, id: TaskId) -> Result<TaskStatus> {
    let ended = move_on(platform, id, Transition::DeadlinePassed).await?;
    tracing::warn!(task = %id, "gave up a task whose deadline has passed");
    if let Err(error) = platform.queue.remove(vec![id]).await {
        tracing::debug!(?error, task = %id, "a task that was given up is still queued; its worker will drop it");
    }
    Ok(ended)
}

/// Takes `transition` on behalf of nobody, and tells of it when it ends the task. What engines charged is kept.
async fn move_on(platform: &Platform, id: TaskId, transition: Transition) -> Result<TaskStatus> {
    let found = platform.store.task(Scope::system(), id).await?;
    let task = found.ok_or_else(|| Error::new(ErrorKind::NotFound, "the task does not exist"))?;
    let next = task.state.apply(&transition, platform.clock.now())?;
    let note = AttemptNote::default()
        .with_engine(platform.engine_name(&task.options))
        .with_charged(platform.charged(id).await?);
    // No event for "pending": the change log reports it, and an event could arrive after those of the next
    // attempt. "Failed" needs an event of its own.
    let mut write = Write::by(Actor::System).with_note(note);
    if let (TaskStatus::Failed, Some(failure)) = (next.status, next.failure) {
        let update = TaskUpdate::settled(id, TaskStatus::Failed, failure.message);
        write = write.with_message(OutboxMessage::Event(platform.task_event(task.owner, update)));
    }
    let moved = platform.store.transition(Scope::system(), id, transition, write);
    Ok(moved.await?.status())
}
