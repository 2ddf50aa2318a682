//! The log of every change, whoever made it.

use std::{fmt, time::Duration};

use async_trait::async_trait;

use super::{Change, ChangeCursor, Scope};
use crate::{Result, clock::Timestamp};

/// The log of every change, whoever made it: what a client that comes back has missed.
#[async_trait]
pub trait ChangeLog: fmt::Debug + Send + Sync + 'static {
    /// Changes after `since` in commit order, oldest first, at most `limit`. A change never appears
    /// behind a cursor that was already given out.
    async fn changes(&self, scope: Scope, since: ChangeCursor, limit: usize) -> Result<Vec<Change>>;

    /// The cursor of the newest change.
    async fn change_head(&self) -> Result<ChangeCursor>;

    /// A cursor such that every change at or after `at` comes after it, as far as the log still holds those
    /// changes.
    async fn change_position(&self, at: Timestamp) -> Result<ChangeCursor>;

    /// Removes the oldest changes that are older than `age`, at most `limit`, and returns how many. The
    /// newest change is kept, so that cursors keep growing. A client whose cursor is older than the oldest
    /// remaining change misses the removed ones.
    async fn forget_changes(&self, age: Duration, limit: usize) -> Result<usize>;
}
