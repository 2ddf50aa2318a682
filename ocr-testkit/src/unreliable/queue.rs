//! A queue that fails at set intervals.

use std::time::Duration;

use async_trait::async_trait;
use ocr_core::{
    Result,
    clock::Timestamp,
    id::TaskId,
    pagination::{Page, PageRequest},
    queue::{DeadItem, Lease, LeaseToken, Nack, NewItem, Queue, QueueCapabilities, QueueDepth},
};

use super::Unreliable;

#[async_trait]
impl<P: Queue + ?Sized> Queue for Unreliable<P> {
    fn name(&self) -> &'static str {
        self.inner().name()
    }

    fn capabilities(&self) -> QueueCapabilities {
        self.inner().capabilities()
    }

    async fn check(&self) -> Result<()> {
        self.through("check", self.inner().check()).await
    }

    async fn enqueue(&self, items: Vec<NewItem>) -> Result<()> {
        self.through("enqueue", self.inner().enqueue(items)).await
    }

    async fn lease(&self, max: usize, ttl: Duration) -> Result<Vec<Lease>> {
        self.through("lease", self.inner().lease(max, ttl)).await
    }

    async fn heartbeat(&self, token: LeaseToken, ttl: Duration) -> Result<Timestamp> {
        self.through("heartbeat", self.inner().heartbeat(token, ttl))
            .await
    }

    async fn ack(&self, tokens: Vec<LeaseToken>) -> Result<Vec<LeaseToken>> {
        self.through("ack", self.inner().ack(tokens)).await
    }

    async fn nack(&self, token: LeaseToken, nack: Nack) -> Result<()> {
        self.through("nack", self.inner().nack(token, nack)).await
    }

    async fn reap(&self, limit: usize) -> Result<usize> {
        self.through("reap", self.inner().reap(limit)).await
    }

    async fn dead(&self, page: PageRequest) -> Result<Page<DeadItem>> {
        self.through("dead", self.inner().dead(page)).await
    }

    async fn redrive(&self, tasks: Vec<TaskId>) -> Result<usize> {
        self.through("redrive", self.inner().redrive(tasks)).await
    }

    async fn remove(&self, tasks: Vec<TaskId>) -> Result<()> {
        self.through("remove", self.inner().remove(tasks)).await
    }

    async fn depth(&self) -> Result<QueueDepth> {
        self.through("depth", self.inner().depth()).await
    }

    async fn wait(&self, timeout: Duration) -> Result<()> {
        self.through("wait", self.inner().wait(timeout)).await
    }
}
