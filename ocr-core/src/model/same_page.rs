//! The page whose text was taken over.

use serde::{Deserialize, Serialize};

use crate::id::TaskId;

/// A page of a task of the same owner whose text was taken over in place of reading. The task may be gone by now, or
/// may have been read again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct SamePage {
    /// The task.
    pub task_id: TaskId,
    /// One-based number of the page in the document of that task.
    pub page: u32,
}

impl SamePage {
    /// Page `page` of `task_id`.
    pub const fn new(task_id: TaskId, page: u32) -> Self {
        Self { task_id, page }
    }
}
