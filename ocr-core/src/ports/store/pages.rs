//! What was read of a task so far, and what engines must remember of it.

use std::fmt;

use async_trait::async_trait;

use super::{Fence, Scope};
use crate::{Result, id::TaskId, model::PageText};

/// What was read of a task so far, and what engines must remember of it.
#[async_trait]
pub trait PageStore: fmt::Debug + Send + Sync + 'static {
    /// Stores recognised pages; a page stored before is replaced.
    /// `LeaseLost`, and nothing stored, when the attempt is no longer current.
    async fn put_pages(&self, fence: Fence, pages: Vec<PageText>) -> Result<()>;

    /// Numbers of the stored pages, ascending.
    async fn page_numbers(&self, id: TaskId) -> Result<Vec<u32>>;

    /// Stored pages with numbers in `from..=to`, ascending; empty when the task is not in `scope`.
    async fn pages(&self, scope: Scope, id: TaskId, from: u32, to: u32) -> Result<Vec<PageText>>;

    /// Stores what engines must remember of a task, in place of what was stored before: a JSON value of
    /// a few kilobytes, which is given back as it is.
    /// `LeaseLost`, and nothing stored, when the attempt is no longer current.
    async fn put_checkpoint(&self, fence: Fence, checkpoint: serde_json::Value) -> Result<()>;

    /// What [`PageStore::put_checkpoint`] stored last, in whatever attempt; `None` when nothing was stored
    /// since the task was created or asked for again.
    async fn checkpoint(&self, id: TaskId) -> Result<Option<serde_json::Value>>;
}
