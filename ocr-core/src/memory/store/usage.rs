//! What owners used, and their limits.

use std::collections::BTreeMap;

use async_trait::async_trait;
use chrono::NaiveDate;

use super::{MemoryStore, lock, tables::Tables};
use crate::{
    Result,
    clock::Timestamp,
    id::UserId,
    model::{Quotas, ResultSummary},
    store::Scope,
    usage_store::{UsageAmounts, UsageEntry, UsageStore, read_for},
};

#[async_trait]
impl UsageStore for MemoryStore {
    async fn usage(&self, scope: Scope, from: NaiveDate, to: NaiveDate) -> Result<Vec<UsageEntry>> {
        let tables = lock(&self.tables);
        let mut sums: BTreeMap<(NaiveDate, String), UsageAmounts> = BTreeMap::new();
        for ((owner, day, engine), amounts) in &tables.usage {
            if scope.covers(*owner) && (from..=to).contains(day) {
                let sum = sums.entry((*day, engine.clone())).or_default();
                *sum = *sum + *amounts;
            }
        }
        Ok(sums
            .into_iter()
            .map(|((day, engine), amounts)| UsageEntry::new(day, engine, amounts))
            .collect())
    }

    async fn quotas(&self, owner: UserId) -> Result<Quotas> {
        let tables = lock(&self.tables);
        Ok(tables.quotas.get(&owner).cloned().unwrap_or_default())
    }

    async fn set_quotas(&self, owner: UserId, quotas: Quotas) -> Result<()> {
        lock(&self.tables).quotas.insert(owner, quotas);
        Ok(())
    }
}

impl Tables {
    /// Counts what `owner` used now.
    pub(super) fn count(&mut self, owner: UserId, engine: &str, amounts: UsageAmounts, now: Timestamp) {
        let key = (owner, now.date_naive(), engine.to_owned());
        let sum = self.usage.entry(key).or_default();
        *sum = *sum + amounts;
    }

    /// Counts what was read for `result`, if anything was.
    pub(super) fn count_result(&mut self, owner: UserId, result: &ResultSummary, now: Timestamp) {
        if let Some(read) = read_for(result) {
            self.count(owner, &result.engine, read, now);
        }
    }
}
