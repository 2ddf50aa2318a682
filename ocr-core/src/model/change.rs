//! The log of what changed in the tables of the platform.

use serde::{Deserialize, Serialize};

use super::TaskStatus;
use crate::{
    builder::builder,
    clock::Timestamp,
    id::{TaskId, UserId},
};

/// A position in the change log. Opaque to clients; ordered.
///
/// `(xid, seq)` and not `seq` alone: where writers overlap, a later sequence number may commit first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub struct ChangeCursor {
    /// Transaction; 0 where the store has a single writer.
    pub xid: u64,
    /// Sequence number within the store.
    pub seq: i64,
}

/// Something changed in a table, whoever changed it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Change {
    /// Where it stands in the log.
    pub cursor: ChangeCursor,
    /// `tasks`, `files` or `results`.
    pub table: String,
    /// What happened.
    pub operation: ChangeOperation,
    /// Id of the row.
    pub record_id: uuid::Uuid,
    /// The task it belongs to, where there is one.
    pub task: Option<TaskId>,
    /// Its owner.
    pub owner: UserId,
    /// Status of the task, for rows of `tasks`.
    pub status: Option<TaskStatus>,
    /// When.
    pub at: Timestamp,
}

impl Change {
    /// Row `record_id` of `table`, which is of `owner`, changed.
    pub fn new(
        cursor: ChangeCursor,
        table: impl Into<String>,
        operation: ChangeOperation,
        record_id: uuid::Uuid,
        owner: UserId,
        at: Timestamp,
    ) -> Self {
        Self {
            cursor,
            table: table.into(),
            operation,
            record_id,
            task: None,
            owner,
            status: None,
            at,
        }
    }
}

builder!(Change {
    with_task(task: impl Into<Option<TaskId>>) "The same of a row that belongs to this task."
    with_status(status: impl Into<Option<TaskStatus>>) "The same with the status of the task."
});

/// What happened to a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum ChangeOperation {
    /// A row was inserted, or restored from the trash.
    Insert,
    /// A row changed.
    Update,
    /// A row was deleted, or moved to the trash.
    Delete,
}

impl ChangeOperation {
    /// The name stored and sent: `INSERT`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Insert => "INSERT",
            Self::Update => "UPDATE",
            Self::Delete => "DELETE",
        }
    }
}
