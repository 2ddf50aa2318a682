//! Deleted tasks, and what may be removed for good.

use std::collections::BTreeSet;

use async_trait::async_trait;
use ocr_core::{
    Result,
    clock::Timestamp,
    id::TaskId,
    model::Task,
    store::{ChangeOperation, Scope, Trash, Write},
};

use crate::{
    FileStore,
    state::{Entry, Row, not_found},
};

#[async_trait]
impl Trash for FileStore {
    async fn trash_task(
        &self,
        scope: Scope,
        id: TaskId,
        purge_after: Timestamp,
        write: Write,
    ) -> Result<Task> {
        self.change(move |state, now| {
            let entry = state.live(scope, id)?;
            entry.task.purge_after = Some(purge_after);
            entry.task.deleted_at = Some(now);
            entry.task.updated_at = now;
            let task = entry.task.clone();
            state.log(&task, Row::Tasks(id), ChangeOperation::Delete, now);
            state.send(write);
            Ok(task)
        })
        .await
    }

    async fn restore_task(&self, scope: Scope, id: TaskId, write: Write) -> Result<Task> {
        self.change(move |state, now| {
            let entry = state
                .tasks
                .get_mut(&id)
                .filter(|entry| scope.covers(entry.task.owner) && !entry.is_live() && !entry.is_over(now))
                .ok_or_else(not_found)?;
            entry.task.purge_after = None;
            entry.task.state = entry.task.state.restored();
            entry.task.progress = None;
            entry.task.deleted_at = None;
            entry.task.updated_at = now;
            let task = entry.task.clone();
            state.log(&task, Row::Tasks(id), ChangeOperation::Insert, now);
            state.send(write);
            Ok(task)
        })
        .await
    }

    async fn purgeable(&self, limit: usize) -> Result<Vec<Task>> {
        self.read(move |state, now| {
            let over = state.tasks.values().filter(|entry| entry.is_over(now));
            over.take(limit).map(|entry| entry.task.clone()).collect()
        })
        .await
    }

    async fn purge(&self, tasks: Vec<TaskId>) -> Result<usize> {
        self.change(move |state, _| {
            let before = state.tasks.len();
            state
                .tasks
                .retain(|id, entry| entry.is_live() || !tasks.contains(id));
            let left = &state.tasks;
            for keys in state.keys.values_mut() {
                keys.retain(|_, used| left.contains_key(&used.task));
            }
            Ok(before - state.tasks.len())
        })
        .await
    }

    async fn referenced_keys(&self, keys: Vec<String>) -> Result<Vec<String>> {
        self.read(move |state, _| {
            let referenced: BTreeSet<&str> = state.tasks.values().flat_map(Entry::blob_keys).collect();
            keys.into_iter()
                .filter(|key| referenced.contains(key.as_str()))
                .collect()
        })
        .await
    }
}

impl Entry {
    /// Whether its time in the trash is over.
    fn is_over(&self, now: Timestamp) -> bool {
        !self.is_live() && self.task.purge_after.is_some_and(|end| end <= now)
    }

    /// The blobs that it needs.
    fn blob_keys(&self) -> impl Iterator<Item = &str> {
        let result = self.task.result.as_ref().map(|result| result.key.as_str());
        std::iter::once(self.task.file.key.as_str()).chain(result)
    }
}
