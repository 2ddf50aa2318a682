//! The log of every change.

use std::time::Duration;

use async_trait::async_trait;
use ocr_core::{
    Result,
    clock::{Timestamp, later},
    store::{Change, ChangeCursor, ChangeLog, Scope},
};

use crate::{
    FileStore,
    state::{Logged, State},
};

#[async_trait]
impl ChangeLog for FileStore {
    async fn changes(&self, scope: Scope, since: ChangeCursor, limit: usize) -> Result<Vec<Change>> {
        self.read(move |state, _| {
            let newer = state.changes.iter().filter(|logged| logged.cursor() > since);
            let seen = newer.filter(|logged| scope.covers(logged.owner));
            seen.take(limit).map(Logged::change).collect()
        })
        .await
    }

    async fn change_head(&self) -> Result<ChangeCursor> {
        self.read(|state, _| state.head()).await
    }

    async fn change_position(&self, at: Timestamp) -> Result<ChangeCursor> {
        self.read(move |state, _| {
            // The clock may have gone back: the first change of that time counts, not the last before it.
            let first = state.changes.iter().find(|logged| logged.at >= at);
            first.map_or_else(|| state.head(), Logged::before)
        })
        .await
    }

    async fn forget_changes(&self, age: Duration, limit: usize) -> Result<usize> {
        self.change(move |state, now| {
            let forgotten = state.forgettable(age, now).min(limit);
            state.changes.drain(..forgotten);
            Ok(forgotten)
        })
        .await
    }
}

impl State {
    /// How many changes, from the oldest on, are older than `age`. The newest never is one of them.
    fn forgettable(&self, age: Duration, now: Timestamp) -> usize {
        let all_but_newest = self.changes.len().saturating_sub(1);
        let old = self.changes.iter().take(all_but_newest);
        old.take_while(|logged| later(logged.at, age) < now).count()
    }
}
