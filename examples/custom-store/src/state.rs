//! Everything the store knows, as plain data. Pure: no file, no clock.

use std::collections::{BTreeMap, BTreeSet};

use ocr_core::{
    Error, ErrorKind, Result,
    clock::Timestamp,
    id::{FileId, TaskId, UserId},
    model::{PageText, Task, TaskStatus},
    store::{Change, ChangeCursor, ChangeOperation, Fence, OutboxMessage, Scope, Write},
};
use serde::{Deserialize, Serialize};

/// Everything the store knows. Each change is made to a copy, so that a method may give up half-way.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct State {
    pub(crate) users: BTreeSet<UserId>,
    pub(crate) tasks: BTreeMap<TaskId, Entry>,
    /// Idempotency keys of each owner.
    pub(crate) keys: BTreeMap<UserId, BTreeMap<String, UsedKey>>,
    /// Oldest first.
    pub(crate) outbox: Vec<Unsent>,
    /// Number of the newest message there ever was. It is counted here because the outbox may be empty.
    last_message: i64,
    /// Oldest first.
    pub(crate) changes: Vec<Logged>,
    /// Number of the newest change there ever was.
    last_change: i64,
}

/// A task and all that belongs to it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Entry {
    #[serde(with = "crate::rows")]
    pub(crate) task: Task,
    pub(crate) pages: BTreeMap<u32, PageText>,
    /// As JSON text: a checkpoint may be `null`, which is not the same as none.
    pub(crate) checkpoint: Option<String>,
}

/// What an idempotency key was used for.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct UsedKey {
    pub(crate) fingerprint: String,
    pub(crate) task: TaskId,
    pub(crate) at: Timestamp,
}

/// A message that is not sent yet.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Unsent {
    pub(crate) id: i64,
    pub(crate) message: OutboxMessage,
    pub(crate) hidden_until: Option<Timestamp>,
}

/// A row of the change log.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Logged {
    number: i64,
    row: Row,
    operation: ChangeOperation,
    task: TaskId,
    pub(crate) owner: UserId,
    status: TaskStatus,
    pub(crate) at: Timestamp,
}

/// The row that changed, by its table.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Row {
    Tasks(TaskId),
    Files(FileId),
    /// The result of a task: it has no id of its own.
    Results(TaskId),
}

impl Entry {
    /// A task that nothing is known of yet.
    pub(crate) fn new(task: Task) -> Self {
        Self {
            task,
            pages: BTreeMap::new(),
            checkpoint: None,
        }
    }

    /// Whether it is outside of the trash.
    pub(crate) fn is_live(&self) -> bool {
        self.task.deleted_at.is_none()
    }

    /// Whether `scope` sees it. The trash is for the platform alone.
    pub(crate) fn is_visible(&self, scope: Scope) -> bool {
        scope.covers(self.task.owner) && (self.is_live() || scope.is_system())
    }
}

impl State {
    /// A live task of `scope`, to be changed.
    pub(crate) fn live(&mut self, scope: Scope, id: TaskId) -> Result<&mut Entry> {
        self.tasks
            .get_mut(&id)
            .filter(|entry| entry.is_live() && scope.covers(entry.task.owner))
            .ok_or_else(not_found)
    }

    /// A live task that the attempt of `fence` still holds, to be changed by its worker.
    pub(crate) fn held(&mut self, fence: Fence) -> Result<&mut Entry> {
        let entry = self
            .tasks
            .get_mut(&fence.task)
            .filter(|entry| entry.is_live())
            .ok_or_else(|| Error::new(ErrorKind::LeaseLost, "the task is gone").at("file", "store"))?;
        entry.task.state.held_by(fence.attempt)?;
        Ok(entry)
    }

    /// Adds the messages of a change to the outbox. The actor is for stores that keep an audit log.
    pub(crate) fn send(&mut self, write: Write) {
        for message in write.outbox {
            self.last_message += 1;
            self.outbox.push(Unsent {
                id: self.last_message,
                message,
                hidden_until: None,
            });
        }
    }

    /// Logs that `row`, which belongs to `task` as it is now, has changed.
    pub(crate) fn log(&mut self, task: &Task, row: Row, operation: ChangeOperation, now: Timestamp) {
        self.last_change += 1;
        self.changes.push(Logged {
            number: self.last_change,
            row,
            operation,
            task: task.id,
            owner: task.owner,
            status: task.status(),
            at: now,
        });
    }

    /// The cursor of the newest change.
    pub(crate) fn head(&self) -> ChangeCursor {
        cursor(self.last_change)
    }
}

impl Logged {
    /// Where it stands in the log.
    pub(crate) fn cursor(&self) -> ChangeCursor {
        cursor(self.number)
    }

    /// The position before it: numbers have no gaps.
    pub(crate) fn before(&self) -> ChangeCursor {
        cursor(self.number - 1)
    }

    /// What is told of it.
    pub(crate) fn change(&self) -> Change {
        let (table, record_id, status) = match self.row {
            Row::Tasks(id) => ("tasks", id.0, Some(self.status)),
            Row::Files(id) => ("files", id.0, None),
            Row::Results(id) => ("results", id.0, None),
        };
        Change::new(
            self.cursor(),
            table,
            self.operation,
            record_id,
            self.owner,
            self.at,
        )
        .with_task(self.task)
        .with_status(status)
    }
}

/// There is one writer, the holder of the lock: numbers are committed in their order.
fn cursor(seq: i64) -> ChangeCursor {
    ChangeCursor { xid: 0, seq }
}

/// What is answered for a task that does not exist, and for one that the asker may not see.
pub(crate) fn not_found() -> Error {
    Error::new(ErrorKind::NotFound, "the task does not exist").at("file", "store")
}
