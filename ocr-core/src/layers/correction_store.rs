//! The correction store by its calls.

use async_trait::async_trait;

use super::Layered;
use crate::{
    Result,
    correction_store::{Addition, CorrectionStore, PageVersion},
    corrections::PageLog,
    id::TaskId,
    model::Scope,
    store::Write,
};

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl<P: CorrectionStore + ?Sized> CorrectionStore for Layered<P> {
    async fn correction_logs(&self, scope: Scope, task: TaskId, from: u32, to: u32) -> Result<Vec<PageLog>> {
        self.calls
            .repeated("correction_logs", || {
                self.inner.correction_logs(scope, task, from, to)
            })
            .await
    }

    async fn correction_versions(&self, scope: Scope, task: TaskId) -> Result<Vec<PageVersion>> {
        self.calls
            .repeated("correction_versions", || {
                self.inner.correction_versions(scope, task)
            })
            .await
    }

    async fn add_corrections(&self, scope: Scope, addition: Addition, write: Write) -> Result<()> {
        // Once: done twice, it would find its own entries in the way.
        self.calls
            .once(
                "add_corrections",
                self.inner.add_corrections(scope, addition, write),
            )
            .await
    }
}
