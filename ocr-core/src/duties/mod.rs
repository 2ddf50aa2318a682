//! The background duties that keep queue, store and subscribers in step. Any number of processes may run
//! them: each step is a compare-and-set, or harmless when it is done twice.

mod audit;
mod indexer;
mod janitor;
mod listener;
mod reconcile;
mod relay;

pub use indexer::{IndexDifference, Indexer};
pub use janitor::{clean_up, orphans, remove_orphans};
pub use listener::ChangeListener;
pub(crate) use {
    reconcile::{give_up_overdue, reconcile_once},
    relay::relay_once,
};

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::platform::Platform;

/// Runs the background duties every process of a platform may run: relay of the outbox,
/// reconciliation, seals of the audit log and the collection of what is no longer needed. Ends when `shutdown` is cancelled.
pub async fn run_duties(platform: Platform, shutdown: CancellationToken) {
    tokio::join!(
        relay::run(&platform, &shutdown),
        reconcile::run(&platform, &shutdown),
        janitor::run(&platform, &shutdown),
        audit::run(&platform, &shutdown),
    );
}

/// Calls `step` now and then until shutdown: at once after a wake-up, else every `interval`.
async fn repeat<F, Fut>(platform: &Platform, shutdown: &CancellationToken, interval: Duration, step: F)
where
    F: Fn() -> Fut,
    Fut: Future<Output = ()>,
{
    let mut wakes = platform.wakes();
    loop {
        tokio::select! {
            biased;
            () = shutdown.cancelled() => return,
            () = async {
                step().await;
                wakes.next(interval).await;
            } => {}
        }
    }
}
