//! What a store in memory holds.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::NaiveDate;
use uuid::Uuid;

use crate::{
    Error, ErrorKind, Result,
    clock::Timestamp,
    corrections::Entry,
    id::{ShareId, TaskId, UserId},
    model::{Filing, NewTask, PageText, Quotas, Share, ShareVisit, Task, TaskStatus},
    saved_search_store::SavedSearch,
    store::{Change, ChangeCursor, ChangeOperation, Fence, OutboxMessage, Scope, Write},
    usage_store::UsageAmounts,
};

#[derive(Debug, Default)]
pub(super) struct Tables {
    pub(super) users: HashSet<UserId>,
    pub(super) tasks: BTreeMap<TaskId, Row>,
    pub(super) keys: HashMap<(UserId, String), UsedKey>,
    pub(super) outbox: BTreeMap<i64, Pending>,
    pub(super) next_outbox: i64,
    pub(super) changes: Vec<Change>,
    /// What users saved, by the keys of its names.
    pub(super) saved_searches: HashMap<UserId, BTreeMap<String, SavedSearch>>,
    /// Links to documents, with whoever opened them.
    pub(super) shares: BTreeMap<ShareId, (Share, Vec<ShareVisit>)>,
    /// What was used, by owner, day and engine.
    pub(super) usage: BTreeMap<(UserId, NaiveDate, String), UsageAmounts>,
    /// Limits that were set for one owner.
    pub(super) quotas: HashMap<UserId, Quotas>,
}

/// What an idempotency key stands for, and since when.
#[derive(Debug)]
pub(super) struct UsedKey {
    pub(super) fingerprint: String,
    pub(super) task: TaskId,
    pub(super) at: Timestamp,
}

#[derive(Debug)]
pub(super) struct Row {
    pub(super) task: Task,
    pub(super) pages: BTreeMap<u32, PageText>,
    pub(super) checkpoint: Option<serde_json::Value>,
    /// What people did to pages, by page.
    pub(super) corrections: BTreeMap<u32, Vec<Entry>>,
    pub(super) filing: Filing,
}

#[derive(Debug)]
pub(super) struct Pending {
    pub(super) message: OutboxMessage,
    pub(super) hidden_until: Option<Timestamp>,
}

impl Scope {
    pub(super) fn sees(self, task: &Task) -> bool {
        self.covers(task.owner) && (self.is_system() || task.deleted_at.is_none())
    }
}

impl Tables {
    /// Logs that the task `id` moved on and what became of its result, and sends the messages.
    pub(super) fn changed(
        &mut self,
        task: Task,
        result: Option<ChangeOperation>,
        write: Write,
        now: Timestamp,
    ) -> Task {
        self.log(ChangeOperation::Update, &task, now);
        if let Some(operation) = result {
            self.log_row("results", operation, task.id.0, &task, None, now);
        }
        self.send(write.outbox);
        task
    }

    pub(super) fn send(&mut self, messages: Vec<OutboxMessage>) {
        for message in messages {
            self.next_outbox += 1;
            self.outbox.insert(
                self.next_outbox,
                Pending {
                    message,
                    hidden_until: None,
                },
            );
        }
    }

    pub(super) fn log(&mut self, operation: ChangeOperation, task: &Task, at: Timestamp) {
        self.log_row("tasks", operation, task.id.0, task, Some(task.status()), at);
    }

    pub(super) fn log_row(
        &mut self,
        table: &str,
        operation: ChangeOperation,
        record_id: Uuid,
        task: &Task,
        status: Option<TaskStatus>,
        at: Timestamp,
    ) {
        let seq = self.changes.last().map_or(1, |newest| newest.cursor.seq + 1);
        self.changes.push(Change {
            cursor: ChangeCursor { xid: 0, seq },
            table: table.into(),
            operation,
            record_id,
            task: Some(task.id),
            owner: task.owner,
            status,
            at,
        });
    }

    pub(super) fn live(&mut self, scope: Scope, id: TaskId) -> Result<&mut Row> {
        self.tasks
            .get_mut(&id)
            .filter(|row| scope.sees(&row.task) && row.task.deleted_at.is_none())
            .ok_or_else(not_found)
    }

    /// The task, if the attempt that `fence` names holds it.
    pub(super) fn held(&mut self, fence: Fence) -> Result<&mut Row> {
        let row = self
            .live(Scope::system(), fence.task)
            .map_err(|error| Error::new(ErrorKind::LeaseLost, "the task is gone").with_source(error))?;
        row.task.state.held_by(fence.attempt)?;
        Ok(row)
    }

    pub(super) fn existing(&self, new: &NewTask) -> Result<Option<Task>> {
        if let Some(idempotency) = &new.idempotency
            && let Some(used) = self.keys.get(&(new.owner, idempotency.key.clone()))
            && used.at >= idempotency.not_before
            && let Some(row) = self.tasks.get(&used.task)
            && row.task.deleted_at.is_none()
        {
            if used.fingerprint != idempotency.fingerprint {
                return Err(Error::new(
                    ErrorKind::InvalidInput,
                    "this idempotency key was used for a different request; choose another key",
                ));
            }
            return Ok(Some(row.task.clone()));
        }
        let same_file = self
            .tasks
            .values()
            .find(|row| row.task.file.id == new.file.id && row.task.owner == new.owner);
        Ok(same_file.map(|row| row.task.clone()))
    }
}

pub(super) fn not_found() -> Error {
    Error::new(ErrorKind::NotFound, "the task does not exist")
}
