//! Keeps the queue true to the store: what is due is queued, what was abandoned is recovered.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::within;
use crate::{ErrorKind, Result, model::Transition, platform::Platform, queue::NewItem, store::Scope};

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
pub(super) async fn reconcile_once(platform: &Platform) -> Result<()> {
    within("queue.reap", platform.queue.reap(BATCH)).await?;
    let due = within("store.due_tasks", platform.store.due_tasks(BATCH)).await?;
    let mut items: Vec<NewItem> = Vec::with_capacity(due.len());
    for task in due {
        if task.lease_expired {
            let id = task.item.item.task_id;
            let expire = platform
                .store
                .transition(Scope::System, id, Transition::LeaseExpired, vec![]);
            match within("store.expire", expire).await {
                Ok(_) => tracing::warn!(task = %id, "recovered a task whose worker stopped"),
                // Somebody else was faster, or its worker lives after all.
                Err(error) if matches!(error.kind(), ErrorKind::Conflict | ErrorKind::NotFound) => continue,
                Err(error) => return Err(error),
            }
        }
        items.push(task.item);
    }
    for batch in items.chunks(platform.queue.capabilities().max_batch.max(1)) {
        within("queue.enqueue", platform.queue.enqueue(batch.to_vec())).await?;
    }
    Ok(())
}
