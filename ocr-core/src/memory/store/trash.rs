//! The trash, and what may be removed for good.

use std::collections::HashSet;

use async_trait::async_trait;

use super::{MemoryStore, lock, tables::not_found};
use crate::{
    Result,
    clock::Timestamp,
    id::TaskId,
    model::Task,
    store::{ChangeOperation, Scope, Trash, Write},
};

#[async_trait]
impl Trash for MemoryStore {
    async fn trash_task(
        &self,
        scope: Scope,
        id: TaskId,
        purge_after: Timestamp,
        write: Write,
    ) -> Result<Task> {
        let now = self.clock.now();
        let mut tables = lock(&self.tables);
        let row = tables.live(scope, id)?;
        row.task.deleted_at = Some(now);
        row.task.updated_at = now;
        row.task.purge_after = Some(purge_after);
        let pages = if row.task.status().is_terminal() {
            0
        } else {
            row.count_pages()
        };
        let task = row.task.clone();
        tables.count_in_vain(&task, &write.note, pages, now);
        tables.shares.retain(|_, (share, _)| share.task != id);
        tables.log(ChangeOperation::Delete, &task, now);
        tables.send(write.outbox);
        Ok(task)
    }

    async fn restore_task(&self, scope: Scope, id: TaskId, write: Write) -> Result<Task> {
        let now = self.clock.now();
        let mut tables = lock(&self.tables);
        let row = tables
            .tasks
            .get_mut(&id)
            .filter(|row| row.task.deleted_at.is_some() && scope.covers(row.task.owner))
            .filter(|row| row.task.purge_after.is_none_or(|end| end > now))
            .ok_or_else(not_found)?;
        row.task.deleted_at = None;
        row.task.updated_at = now;
        row.task.purge_after = None;
        row.task.state = row.task.state.restored();
        let task = row.task.clone();
        tables.log(ChangeOperation::Insert, &task, now);
        tables.send(write.outbox);
        Ok(task)
    }

    async fn purgeable(&self, limit: usize) -> Result<Vec<Task>> {
        let now = self.clock.now();
        let tables = lock(&self.tables);
        let ready = tables
            .tasks
            .values()
            .filter(|row| row.task.purge_after.is_some_and(|at| at <= now));
        Ok(ready.take(limit).map(|row| row.task.clone()).collect())
    }

    async fn purge(&self, tasks: Vec<TaskId>) -> Result<usize> {
        let mut tables = lock(&self.tables);
        let mut purged = 0;
        for id in tasks {
            if tables
                .tasks
                .get(&id)
                .is_some_and(|row| row.task.deleted_at.is_some())
            {
                tables.tasks.remove(&id);
                tables.keys.retain(|_, used| used.task != id);
                purged += 1;
            }
        }
        Ok(purged)
    }

    async fn referenced_keys(&self, keys: Vec<String>) -> Result<Vec<String>> {
        let tables = lock(&self.tables);
        let known: HashSet<&str> = tables
            .tasks
            .values()
            .flat_map(|row| {
                let result = row.task.result.as_ref().map(|result| result.key.as_str());
                [Some(row.task.file.key.as_str()), result].into_iter().flatten()
            })
            .collect();
        Ok(keys
            .into_iter()
            .filter(|key| known.contains(key.as_str()))
            .collect())
    }
}
