//! The permit of an open connection.

use std::sync::Arc;

use tokio::sync::OwnedSemaphorePermit;
use tokio_util::task::task_tracker::TaskTrackerToken;

/// Counts a connection among those that are open. Every request carries it: what goes on with the
/// connection after the answer, as a WebSocket does, keeps it.
#[derive(Debug, Clone)]
pub(crate) struct ConnectionPermit(
    #[expect(dead_code, reason = "held, never read")] Arc<(OwnedSemaphorePermit, TaskTrackerToken)>,
);

impl ConnectionPermit {
    /// Of a connection that is one of a limited number, and that a shutdown waits for.
    pub(super) fn new(permit: OwnedSemaphorePermit, waited_for: TaskTrackerToken) -> Self {
        Self(Arc::new((permit, waited_for)))
    }
}
