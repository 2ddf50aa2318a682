//! How documents are filed.

use std::{cmp::Reverse, collections::BTreeMap};

use async_trait::async_trait;

use super::{MemoryStore, lock, tables::Row};
use crate::{
    Result,
    filing_store::{FiledTask, FilingStore, FilingUpdate, NameCount},
    id::TaskId,
    model::{FilingKind, FilingName},
    store::{ChangeOperation, Scope, Write},
};

#[async_trait]
impl FilingStore for MemoryStore {
    async fn filings(&self, scope: Scope, mut tasks: Vec<TaskId>) -> Result<Vec<FiledTask>> {
        tasks.sort_unstable();
        tasks.dedup();
        let tables = lock(&self.tables);
        let rows = tasks.iter().filter_map(|task| tables.tasks.get(task));
        let filed = rows.filter(|row| scope.sees(&row.task) && !row.filing.is_empty());
        Ok(filed
            .map(|row| FiledTask::new(row.task.id, row.filing.clone()))
            .collect())
    }

    async fn change_filings(
        &self,
        scope: Scope,
        update: FilingUpdate,
        write: Write,
    ) -> Result<Vec<FiledTask>> {
        let now = self.clock.now();
        let mut tables = lock(&self.tables);
        let mut filed = Vec::with_capacity(update.tasks.len());
        for task in &update.tasks {
            if let Ok(row) = tables.live(scope, *task) {
                filed.push(FiledTask::new(*task, update.change.apply(&row.filing)?));
            }
        }
        let mut changed = false;
        for FiledTask { task, filing } in &filed {
            let row = tables.live(scope, *task)?;
            if row.filing == *filing {
                continue;
            }
            changed = true;
            row.filing.clone_from(filing);
            row.task.updated_at = now;
            let task = row.task.clone();
            tables.log(ChangeOperation::Update, &task, now);
        }
        if changed {
            tables.send(write.outbox);
        }
        Ok(filed)
    }

    async fn filing_names(&self, scope: Scope, kind: FilingKind, limit: usize) -> Result<Vec<NameCount>> {
        let tables = lock(&self.tables);
        let live = tables
            .tasks
            .values()
            .filter(|row| scope.sees(&row.task) && row.task.deleted_at.is_none());
        let mut counts: BTreeMap<String, NameCount> = BTreeMap::new();
        for name in live.flat_map(|row| names(row, kind)) {
            let counted = counts.entry(name.key().to_owned());
            counted.or_insert_with(|| NameCount::new(name.clone(), 0)).count += 1;
        }
        let mut counts: Vec<NameCount> = counts.into_values().collect();
        // Stable: names of as many documents stay in the order of their keys.
        counts.sort_by_key(|counted| Reverse(counted.count));
        counts.truncate(limit);
        Ok(counts)
    }
}

/// The names of one kind that a document is filed under.
fn names(row: &Row, kind: FilingKind) -> Vec<&FilingName> {
    match kind {
        FilingKind::Label => row.filing.labels.iter().collect(),
        FilingKind::Collection => row.filing.collection.iter().collect(),
    }
}
