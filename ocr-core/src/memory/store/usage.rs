//! What owners used, and their limits.

use std::collections::BTreeMap;

use async_trait::async_trait;
use chrono::NaiveDate;

use super::{
    MemoryStore, lock,
    tables::{Row, Tables},
};
use crate::{
    Result,
    clock::Timestamp,
    id::UserId,
    model::{AttemptNote, Quotas, Task},
    store::Scope,
    usage_store::{UsageAmounts, UsageEntry, UsageStore, read_for, read_in_vain},
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

    async fn forget_usage(&self, owner: UserId) -> Result<()> {
        let mut tables = lock(&self.tables);
        tables.usage.retain(|(of, ..), _| *of != owner);
        tables.quotas.remove(&owner);
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

    /// Counts what was read for the result of `task`, if anything was.
    pub(super) fn count_result(&mut self, task: &Task, now: Timestamp) {
        let Some(result) = &task.result else {
            return;
        };
        if let Some(read) = read_for(result, task.history.pages_counted) {
            self.count(task.owner, &result.engine, read, now);
        }
    }

    /// Counts `pages` that were read of `task` in vain.
    pub(super) fn count_in_vain(&mut self, task: &Task, note: &AttemptNote, pages: u32, now: Timestamp) {
        if let Some((engine, read)) = read_in_vain(task, note, pages) {
            self.count(task.owner, &engine, read, now);
        }
    }
}

impl Row {
    /// Notes that the pages which were read for the task count now; how many of them did not before.
    pub(super) fn count_pages(&mut self) -> u32 {
        let read = self.pages.values().filter(|page| page.same_as.is_none()).count();
        self.task.count_pages(read as u32)
    }
}
