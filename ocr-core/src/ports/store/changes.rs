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

    /// The position behind the newest change.
    async fn change_head(&self) -> Result<ChangeCursor>;

    /// A position behind which every change since `at` stands, as far as the log still has it.
    async fn change_position(&self, at: Timestamp) -> Result<ChangeCursor>;

    /// Forgets the oldest changes, of at most `limit` those that are older than `age`, and says how many.
    /// The newest change stays, so that positions go on growing. A client that comes back with an older
    /// position than what is left misses what was forgotten.
    async fn forget_changes(&self, age: Duration, limit: usize) -> Result<usize>;
}
