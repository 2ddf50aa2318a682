//! What people changed about pages.

use async_trait::async_trait;

use super::{MemoryStore, lock};
use crate::{
    Result,
    correction_store::{Addition, CorrectionStore, PageVersion, version_conflict},
    corrections::PageLog,
    id::TaskId,
    store::{ChangeOperation, Scope, Write},
};

#[async_trait]
impl CorrectionStore for MemoryStore {
    async fn correction_logs(&self, scope: Scope, task: TaskId, from: u32, to: u32) -> Result<Vec<PageLog>> {
        let tables = lock(&self.tables);
        let row = tables
            .tasks
            .get(&task)
            .filter(|row| scope.sees(&row.task) && from <= to);
        let logs = row.into_iter().flat_map(|row| row.corrections.range(from..=to));
        Ok(logs
            .map(|(page, entries)| PageLog::new(*page, entries.clone()))
            .collect())
    }

    async fn correction_versions(&self, scope: Scope, task: TaskId) -> Result<Vec<PageVersion>> {
        let tables = lock(&self.tables);
        let row = tables.tasks.get(&task).filter(|row| scope.sees(&row.task));
        let logs = row.into_iter().flat_map(|row| &row.corrections);
        let versions = logs.filter_map(|(page, entries)| Some((*page, entries.last()?.version)));
        Ok(versions
            .map(|(page, version)| PageVersion::new(page, version))
            .collect())
    }

    async fn add_corrections(&self, scope: Scope, addition: Addition, write: Write) -> Result<()> {
        let now = self.clock.now();
        let mut tables = lock(&self.tables);
        let row = tables.live(scope, addition.task)?;
        let newest = row.corrections.get(&addition.page).and_then(|log| log.last());
        let present = newest.map_or(0, |entry| entry.version);
        if present != addition.seen {
            return Err(version_conflict(present));
        }
        if !addition.entries.is_empty() {
            let log = row.corrections.entry(addition.page).or_default();
            log.extend(addition.entries);
        }
        row.task.updated_at = now;
        let task = row.task.clone();
        tables.log(ChangeOperation::Update, &task, now);
        tables.send(write.outbox);
        Ok(())
    }
}
