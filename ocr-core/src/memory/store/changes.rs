//! The change log.

use std::time::Duration;

use async_trait::async_trait;

use super::{MemoryStore, lock};
use crate::{
    Result,
    clock::{Timestamp, later},
    store::{Change, ChangeCursor, ChangeLog, Scope},
};

#[async_trait]
impl ChangeLog for MemoryStore {
    async fn changes(&self, scope: Scope, since: ChangeCursor, limit: usize) -> Result<Vec<Change>> {
        let tables = lock(&self.tables);
        let wanted = tables
            .changes
            .iter()
            .filter(|change| change.cursor > since)
            .filter(|change| scope.covers(change.owner));
        Ok(wanted.take(limit).cloned().collect())
    }

    async fn change_head(&self) -> Result<ChangeCursor> {
        Ok(lock(&self.tables)
            .changes
            .last()
            .map(|change| change.cursor)
            .unwrap_or_default())
    }

    async fn change_position(&self, at: Timestamp) -> Result<ChangeCursor> {
        let tables = lock(&self.tables);
        let before = tables.changes.iter().rev().find(|change| change.at < at);
        Ok(before.map(|change| change.cursor).unwrap_or_default())
    }

    async fn forget_changes(&self, age: Duration, limit: usize) -> Result<usize> {
        let now = self.clock.now();
        let changes = &mut lock(&self.tables).changes;
        let maximum = changes.len().saturating_sub(1).min(limit);
        let old = changes
            .iter()
            .take(maximum)
            .take_while(|change| later(change.at, age) < now);
        let old = old.count();
        changes.drain(..old);
        Ok(old)
    }
}
