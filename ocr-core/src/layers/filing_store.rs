//! The filing store by its calls.

use async_trait::async_trait;

use super::Layered;
use crate::{
    Result,
    filing_store::{FiledTask, FilingStore, FilingUpdate, NameCount},
    id::TaskId,
    model::{FilingKind, Scope},
    store::Write,
};

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl<P: FilingStore + ?Sized> FilingStore for Layered<P> {
    async fn filings(&self, scope: Scope, tasks: Vec<TaskId>) -> Result<Vec<FiledTask>> {
        self.calls
            .repeated("filings", || self.inner.filings(scope, tasks.clone()))
            .await
    }

    async fn change_filings(
        &self,
        scope: Scope,
        update: FilingUpdate,
        write: Write,
    ) -> Result<Vec<FiledTask>> {
        // Once: done twice, what somebody else changed meanwhile would be changed back.
        self.calls
            .once("change_filings", self.inner.change_filings(scope, update, write))
            .await
    }

    async fn filing_names(&self, scope: Scope, kind: FilingKind, limit: usize) -> Result<Vec<NameCount>> {
        self.calls
            .repeated("filing_names", || self.inner.filing_names(scope, kind, limit))
            .await
    }
}
