//! The store of links by its calls.

use async_trait::async_trait;

use super::Layered;
use crate::{
    Result,
    clock::Timestamp,
    id::{ShareId, TaskId},
    model::{Scope, TokenHash},
    share_store::{Share, ShareStore, ShareVisit},
    store::Write,
};

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl<P: ShareStore + ?Sized> ShareStore for Layered<P> {
    async fn create_share(&self, scope: Scope, share: Share, write: Write) -> Result<()> {
        // Once: done twice, it would be there already.
        self.calls
            .once("create_share", self.inner.create_share(scope, share, write))
            .await
    }

    async fn shares(&self, scope: Scope, task: Option<TaskId>, limit: usize) -> Result<Vec<Share>> {
        self.calls
            .repeated("shares", || self.inner.shares(scope, task, limit))
            .await
    }

    async fn share(&self, id: ShareId, token: TokenHash, now: Timestamp) -> Result<Option<Share>> {
        self.calls
            .repeated("share", || self.inner.share(id, token.clone(), now))
            .await
    }

    async fn open_share(
        &self,
        id: ShareId,
        token: TokenHash,
        visit: ShareVisit,
        now: Timestamp,
        write: Write,
    ) -> Result<Option<Share>> {
        // Once: done twice, it would be counted twice.
        self.calls
            .once("open_share", self.inner.open_share(id, token, visit, now, write))
            .await
    }

    async fn visited_share(&self, id: ShareId, visit: TokenHash, now: Timestamp) -> Result<Option<Share>> {
        self.calls
            .repeated("visited_share", || {
                self.inner.visited_share(id, visit.clone(), now)
            })
            .await
    }

    async fn delete_share(&self, scope: Scope, id: ShareId, write: Write) -> Result<Share> {
        // Once: done twice, it would not find what it deleted.
        self.calls
            .once("delete_share", self.inner.delete_share(scope, id, write))
            .await
    }
}
