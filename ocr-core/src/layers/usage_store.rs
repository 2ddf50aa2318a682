//! The store of what was used by its calls.

use async_trait::async_trait;
use chrono::NaiveDate;

use super::Layered;
use crate::{
    Result,
    id::UserId,
    model::Quotas,
    store::Scope,
    usage_store::{UsageEntry, UsageStore},
};

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl<P: UsageStore + ?Sized> UsageStore for Layered<P> {
    async fn usage(&self, scope: Scope, from: NaiveDate, to: NaiveDate) -> Result<Vec<UsageEntry>> {
        self.calls
            .repeated("usage", || self.inner.usage(scope, from, to))
            .await
    }

    async fn quotas(&self, owner: UserId) -> Result<Quotas> {
        self.calls.repeated("quotas", || self.inner.quotas(owner)).await
    }

    async fn set_quotas(&self, owner: UserId, quotas: Quotas) -> Result<()> {
        self.calls
            .repeated("set_quotas", || self.inner.set_quotas(owner, quotas.clone()))
            .await
    }

    async fn forget_usage(&self, owner: UserId) -> Result<()> {
        self.calls
            .repeated("forget_usage", || self.inner.forget_usage(owner))
            .await
    }
}
