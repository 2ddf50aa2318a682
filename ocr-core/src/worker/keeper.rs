//! Renews both leases of a running task, and reports when the task is lost.

use std::time::Duration;

use tokio_util::sync::{CancellationToken, DropGuard};
use tracing::Instrument as _;

use crate::{
    Error, ErrorKind, Result,
    model::{Progress, Task},
    platform::Platform,
    queue::LeaseToken,
    store::{Directive, Fence},
};

/// Heartbeats per lease duration. One may fail without the lease expiring.
const BEATS_PER_LEASE: u32 = 3;

/// Renews the leases of one task until dropped.
#[derive(Debug)]
pub(super) struct LeaseKeeper {
    lost: CancellationToken,
    _stop: DropGuard,
}

impl LeaseKeeper {
    /// Starts renewing, on its own task, so that a busy engine cannot starve it.
    pub(super) fn start(platform: &Platform, token: LeaseToken, fence: Fence) -> Self {
        let lost = CancellationToken::new();
        let stop = CancellationToken::new();
        let beats = beat(platform.clone(), token, fence, lost.clone());
        tokio::spawn(stop.clone().run_until_cancelled_owned(beats.in_current_span()));
        Self {
            lost,
            _stop: stop.drop_guard(),
        }
    }

    /// Cancelled when the task is no longer ours.
    pub(super) fn lost(&self) -> &CancellationToken {
        &self.lost
    }
}

async fn beat(platform: Platform, token: LeaseToken, fence: Fence, lost: CancellationToken) {
    let lease = platform.policies.lease;
    let interval = lease / BEATS_PER_LEASE;
    loop {
        tokio::time::sleep(interval).await;
        if !still_ours(&platform, fence, lease).await {
            lost.cancel();
            return;
        }
        // The queue lease is not decisive. If it is lost while the store lease holds, another worker may
        // receive the item, and the store refuses its claim.
        match platform.queue.heartbeat(token, lease).await {
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::LeaseLost => {
                tracing::debug!(task = %token.task, "the queue forgot the lease; the store still has it");
            }
            Err(error) => tracing::warn!(?error, task = %token.task, "a heartbeat to the queue failed"),
        }
    }
}

async fn still_ours(platform: &Platform, fence: Fence, lease: Duration) -> bool {
    match platform.store.record_progress(fence, None, lease).await {
        Ok(Directive::Continue) => true,
        Ok(Directive::Stop) => false,
        Err(error) => {
            // Until the store says otherwise the work goes on; its writes are fenced anyway.
            tracing::warn!(?error, task = %fence.task, "a heartbeat to the store failed");
            true
        }
    }
}

/// Renews the lease of the task, and notes how far we are.
///
/// # Errors
/// `LeaseLost` when the task is no longer ours or is to stop.
pub(super) async fn hold(platform: &Platform, task: &Task, progress: Option<Progress>) -> Result<()> {
    let lease = platform.policies.lease;
    let record = platform.store.record_progress(task.fence(), progress, lease);
    if record.await? == Directive::Stop {
        return Err(Error::new(ErrorKind::LeaseLost, "the task is no longer ours"));
    }
    Ok(())
}
