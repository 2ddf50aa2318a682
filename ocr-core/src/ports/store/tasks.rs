//! Tasks: made, found, moved along.

use std::{
    fmt::{self, Write as _},
    time::Duration,
};

use async_trait::async_trait;

use super::{Fence, Scope, Write};
use crate::{
    Result,
    builder::builder,
    id::{TaskId, UserId},
    model::{
        DeadLetterCause, FilingName, NewTask, Outcome, Progress, Task, TaskState, TaskStats, TaskStatus,
        Transition,
    },
    pagination::{Page, PageRequest},
    queue::NewItem,
};

/// Tasks: made, found, moved along.
#[async_trait]
pub trait TaskStore: fmt::Debug + Send + Sync + 'static {
    /// Creates a user; one that exists is left as it is.
    async fn ensure_user(&self, user: UserId) -> Result<()>;

    /// Creates a task in state pending, with its file and messages.
    ///
    /// # Behavior
    /// - A repeated idempotency key with the same fingerprint gives `Existing` and writes nothing;
    ///   with another fingerprint it is `InvalidInput`. Keys belong to their owner.
    /// - A key that was used before `not_before`, or whose task is in the trash, counts as new; the
    ///   owner's keys of before `not_before` are removed when the next one is stored.
    /// - A file that already has a task of this owner gives `Existing`.
    /// - `NotFound` when the owner does not exist.
    async fn create_task(&self, task: NewTask, write: Write) -> Result<Created>;

    /// The task that [`create_task`](Self::create_task) would give as `Existing`: what a repetition gets where nothing new
    /// is accepted. Writes nothing.
    ///
    /// # Errors
    /// `InvalidInput` for an idempotency key that was used with another fingerprint.
    async fn repeated_task(&self, task: NewTask) -> Result<Option<Task>>;

    /// One task. Tasks in the trash are found by [`Scope::system`] only.
    async fn task(&self, scope: Scope, id: TaskId) -> Result<Option<Task>>;

    /// Tasks, newest first by `(created_at, id)`. Each row that exists throughout is visited once,
    /// whatever is inserted meanwhile.
    async fn list_tasks(&self, scope: Scope, filter: TaskFilter, page: PageRequest) -> Result<Page<Task>>;

    /// How many live tasks stand where, from counters.
    async fn stats(&self, scope: Scope) -> Result<TaskStats>;

    /// Moves a task along the state machine by compare-and-set.
    ///
    /// # Behavior
    /// - What is legal is decided by [`TaskState::apply`](crate::model::TaskState::apply) alone; its
    ///   `Conflict` comes back unchanged and nothing is written.
    /// - The history is kept as [`Task::apply`] writes it, with the note of the write.
    /// - `Retry` removes an earlier result, stored pages and the checkpoint, and sets
    ///   [`TaskOptions::read_again`](crate::model::TaskOptions::read_again): who asks for it wants it read.
    /// - `NotFound` for a task that does not exist, is in the trash, or is not in `scope`.
    /// - Of two concurrent claims exactly one succeeds.
    async fn transition(
        &self,
        scope: Scope,
        id: TaskId,
        transition: Transition,
        write: Write,
    ) -> Result<Task>;

    /// Ends the attempt that `fence` names.
    ///
    /// # Behavior
    /// - What follows is decided by [`TaskState::finish`](crate::model::TaskState::finish) alone; its
    ///   `LeaseLost` comes back unchanged and nothing is written.
    /// - The history is kept as [`Task::finish`] writes it, with the note of the write.
    /// - `Complete` also stores the result.
    /// - `NotFound` for a task that does not exist or is in the trash.
    async fn finish(&self, fence: Fence, outcome: Outcome, write: Write) -> Result<Task>;

    /// Renews the store's lease to `lease` from now and saves progress.
    ///
    /// # Behavior
    /// - `Stop` when the attempt is no longer current: cancelled, deleted, taken over.
    /// - Progress is not part of the change log.
    async fn record_progress(
        &self,
        fence: Fence,
        progress: Option<Progress>,
        lease: Duration,
    ) -> Result<Directive>;

    /// Tasks that should be in the queue (pending and due), be recovered (processing with an expired
    /// lease) or be given up (past their deadline, wherever they stand). At most `limit`: those that only wait for their
    /// turn last, so that no backlog hides the others, and the oldest first.
    async fn due_tasks(&self, limit: usize) -> Result<Vec<DueTask>>;
}

/// Which tasks a list holds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct TaskFilter {
    /// Only these statuses; all when empty.
    pub statuses: Vec<TaskStatus>,
    /// The trash instead of the live tasks.
    pub deleted: bool,
    /// Only files whose name has this in it, ASCII letters without regard to case; all when absent.
    pub name_contains: Option<String>,
    /// Only files whose bytes have this SHA-256, lower-case hex; all when absent.
    pub sha256: Option<String>,
    /// Only documents with this label; all when absent. For stores that keep labels.
    pub label: Option<FilingName>,
    /// Only documents in this collection; all when absent. For stores that keep collections.
    pub collection: Option<FilingName>,
    /// Only dead letters: tasks that failed although their document is not to blame.
    pub dead_letters: bool,
    /// Only tasks whose last failure has this code; all when absent.
    pub failure_code: Option<String>,
}

builder!(TaskFilter {
    with_statuses(statuses: Vec<TaskStatus>) "The same in these statuses only."
    with_deleted(deleted: bool) "The same of the trash, or of the live tasks."
    with_name_contains(name_contains: impl Into<Option<String>>) "The same of files whose name has this in it."
    with_sha256(sha256: impl Into<Option<String>>) "The same of files whose bytes have this SHA-256, lower-case hex."
    with_label(label: impl Into<Option<FilingName>>) "The same of documents with this label."
    with_collection(collection: impl Into<Option<FilingName>>) "The same of documents in this collection."
    with_dead_letters(dead_letters: bool) "The same of dead letters only, or of all."
    with_failure_code(failure_code: impl Into<Option<String>>) "The same of tasks whose last failure has this code."
});

impl TaskFilter {
    /// Whether a task in this state is one of those that the filter wants by how they failed.
    pub fn wants_failure(&self, state: &TaskState) -> bool {
        let code = state.failure.as_ref().map(|failure| &failure.code);
        (!self.dead_letters || DeadLetterCause::of(state).is_some())
            && self
                .failure_code
                .as_ref()
                .is_none_or(|wanted| code == Some(wanted))
    }

    /// A canonical text of the filter, to bind cursors to it.
    pub fn fingerprint(&self, scope: Scope) -> String {
        let mut statuses: Vec<&str> = self.statuses.iter().map(|status| status.as_str()).collect();
        statuses.sort_unstable();
        let name = self.name_contains.as_deref().unwrap_or_default();
        let whose = match scope.owner_id() {
            Some(owner) => format!("Owner({owner:?})"),
            None => "System".to_owned(),
        };
        let sha256 = self.sha256.as_deref();
        let bytes = sha256.map_or_else(String::new, |sha256| format!("sha256={sha256} "));
        let mut text = format!("{whose} {} {} {bytes}{name}", statuses.join(","), self.deleted);
        // Cursors of lists without these stay what they were before there were labels.
        for (kind, filed) in [("label", &self.label), ("collection", &self.collection)] {
            if let Some(filed) = filed {
                let _ = write!(text, "\u{1f}{kind} {}", filed.key());
            }
        }
        if self.dead_letters {
            text.push_str("\u{1f}dead letters");
        }
        if let Some(code) = &self.failure_code {
            let _ = write!(text, "\u{1f}code {code}");
        }
        text
    }
}

/// Whether a creation made something.
#[derive(Debug, Clone, PartialEq)]
pub enum Created {
    /// A new task.
    New(Task),
    /// An earlier request had made it.
    Existing(Task),
}

impl Created {
    /// The task, new or not.
    pub fn into_task(self) -> Task {
        match self {
            Self::New(task) | Self::Existing(task) => task,
        }
    }
}

/// What a worker must do after a heartbeat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Directive {
    /// Go on.
    Continue,
    /// Stop: the task is no longer yours.
    Stop,
}

/// A task that ought to be worked on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct DueTask {
    /// For the queue.
    pub item: NewItem,
    /// Whether a lease ran out, so that the attempt must be counted as lost first.
    pub lease_expired: bool,
    /// Whether its deadline has passed, so that it must be given up.
    pub overdue: bool,
}

builder!(DueTask {
    with_overdue(overdue: bool) "The same, to be given up because its deadline has passed, or not."
});

impl DueTask {
    /// `item` ought to be queued, after its attempt was counted as lost where its lease ran out.
    pub const fn new(item: NewItem, lease_expired: bool) -> Self {
        Self {
            item,
            lease_expired,
            overdue: false,
        }
    }
}
