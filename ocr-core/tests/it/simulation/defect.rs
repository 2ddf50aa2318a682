//! What is wrong on purpose in the runs that must be found out.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use ocr_core::{
    Result,
    clock::Timestamp,
    id::TaskId,
    memory::MemoryQueue,
    pagination::{Page, PageRequest},
    queue::{DeadItem, Lease, LeaseToken, Nack, NewItem, Queue, QueueCapabilities, QueueDepth},
};

/// What is wrong on purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Defect {
    /// Nothing.
    None,
    /// The queue forgets what it gives out, as `BRPOP` does, and nothing looks for tasks that it lost.
    PoppedQueue,
    /// The store believes each worker that its attempt is the current one.
    NoFence,
    /// Clients do not read in the change log what they missed.
    NoReplay,
}

/// Forgets what it gives out.
#[derive(Debug)]
pub(super) struct PoppedQueue(pub(super) Arc<MemoryQueue>);

#[async_trait]
impl Queue for PoppedQueue {
    fn name(&self) -> &'static str {
        self.0.name()
    }

    fn capabilities(&self) -> QueueCapabilities {
        self.0.capabilities()
    }

    async fn check(&self) -> Result<()> {
        self.0.check().await
    }

    async fn enqueue(&self, items: Vec<NewItem>) -> Result<()> {
        self.0.enqueue(items).await
    }

    async fn lease(&self, max: usize, ttl: Duration) -> Result<Vec<Lease>> {
        let leases = self.0.lease(max, ttl).await?;
        self.0
            .remove(leases.iter().map(|lease| lease.token.task).collect())
            .await?;
        Ok(leases)
    }

    async fn heartbeat(&self, token: LeaseToken, ttl: Duration) -> Result<Timestamp> {
        self.0.heartbeat(token, ttl).await
    }

    async fn ack(&self, tokens: Vec<LeaseToken>) -> Result<Vec<LeaseToken>> {
        self.0.ack(tokens).await
    }

    async fn nack(&self, token: LeaseToken, nack: Nack) -> Result<()> {
        self.0.nack(token, nack).await
    }

    async fn reap(&self, limit: usize) -> Result<usize> {
        self.0.reap(limit).await
    }

    async fn dead(&self, page: PageRequest) -> Result<Page<DeadItem>> {
        self.0.dead(page).await
    }

    async fn redrive(&self, tasks: Vec<TaskId>) -> Result<usize> {
        self.0.redrive(tasks).await
    }

    async fn remove(&self, tasks: Vec<TaskId>) -> Result<()> {
        self.0.remove(tasks).await
    }

    async fn depth(&self) -> Result<QueueDepth> {
        self.0.depth().await
    }

    async fn wait(&self, timeout: Duration) -> Result<()> {
        self.0.wait(timeout).await
    }
}
