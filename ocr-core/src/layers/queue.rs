//! The queue by its calls.

use std::time::Duration;

use async_trait::async_trait;

use super::Layered;
use crate::{
    Result,
    clock::Timestamp,
    id::TaskId,
    pagination::{Page, PageRequest},
    queue::{DeadItem, Lease, LeaseToken, Nack, NewItem, Queue, QueueCapabilities, QueueDepth},
};

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl<P: Queue + ?Sized> Queue for Layered<P> {
    fn name(&self) -> &'static str {
        self.inner.name()
    }

    fn capabilities(&self) -> QueueCapabilities {
        self.inner.capabilities()
    }

    async fn check(&self) -> Result<()> {
        self.calls.repeated("check", || self.inner.check()).await
    }

    async fn enqueue(&self, items: Vec<NewItem>) -> Result<()> {
        // An item that is there already is left as it is.
        let enqueue = || self.inner.enqueue(items.clone());
        self.calls.repeated("enqueue", enqueue).await
    }

    async fn lease(&self, max: usize, ttl: Duration) -> Result<Vec<Lease>> {
        self.calls.once("lease", self.inner.lease(max, ttl)).await
    }

    async fn heartbeat(&self, token: LeaseToken, ttl: Duration) -> Result<Timestamp> {
        let heartbeat = || self.inner.heartbeat(token, ttl);
        self.calls.repeated("heartbeat", heartbeat).await
    }

    async fn ack(&self, tokens: Vec<LeaseToken>) -> Result<Vec<LeaseToken>> {
        self.calls.once("ack", self.inner.ack(tokens)).await
    }

    async fn nack(&self, token: LeaseToken, nack: Nack) -> Result<()> {
        self.calls.once("nack", self.inner.nack(token, nack)).await
    }

    async fn reap(&self, limit: usize) -> Result<usize> {
        self.calls.repeated("reap", || self.inner.reap(limit)).await
    }

    async fn dead(&self, page: PageRequest) -> Result<Page<DeadItem>> {
        self.calls
            .repeated("dead", || self.inner.dead(page.clone()))
            .await
    }

    async fn redrive(&self, tasks: Vec<TaskId>) -> Result<usize> {
        self.calls.once("redrive", self.inner.redrive(tasks)).await
    }

    async fn remove(&self, tasks: Vec<TaskId>) -> Result<()> {
        let remove = || self.inner.remove(tasks.clone());
        self.calls.repeated("remove", remove).await
    }

    async fn depth(&self) -> Result<QueueDepth> {
        self.calls.repeated("depth", || self.inner.depth()).await
    }

    async fn wait(&self, timeout: Duration) -> Result<()> {
        self.calls
            .waiting("wait", timeout, self.inner.wait(timeout))
            .await
    }
}
