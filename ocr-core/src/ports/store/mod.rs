//! The Store port: the truth about tasks, their results, and what others must be told.
//!
//! Each method is one transaction. A method that changes something takes the outbox messages that
//! tell of the change, and commits both or neither. Time is the store's own.

use std::{fmt, time::Duration};

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

pub use crate::model::{Change, ChangeCursor, ChangeOperation};

use crate::{
    Result,
    clock::Timestamp,
    id::{TaskId, UserId},
    model::{NewTask, PageText, Progress, Task, TaskStats, TaskStatus, Transition},
    notify::Event,
    pagination::{Page, PageRequest},
    queue::NewItem,
};

/// The truth about tasks.
///
/// Every method may be dropped at any await point: either nothing or everything it says happened.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait Store: fmt::Debug + Send + Sync + 'static {
    /// Short lower-case name for logs and metrics: `sqlite`.
    fn name(&self) -> &'static str;

    /// What this adapter can do; fixed after construction.
    fn capabilities(&self) -> StoreCapabilities;

    /// Succeeds when the store can be used now.
    async fn check(&self) -> Result<()>;

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
    async fn create_task(&self, task: NewTask, outbox: Vec<OutboxMessage>) -> Result<Created>;

    /// One task. Tasks in the trash are found by `Scope::System` only.
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
    ///   `LeaseLost` and `Conflict` come back unchanged and nothing is written.
    /// - `Complete` also stores the result; `Retry` removes an earlier result, stored pages and the
    ///   checkpoint.
    /// - `NotFound` for a task that does not exist, is in the trash, or is not in `scope`.
    /// - Of two concurrent claims exactly one succeeds.
    async fn transition(
        &self,
        scope: Scope,
        id: TaskId,
        transition: Transition,
        outbox: Vec<OutboxMessage>,
    ) -> Result<Task>;

    /// Renews the store's lease to `lease` from now and saves progress.
    ///
    /// # Behavior
    /// - `Stop` when the attempt is no longer current: cancelled, deleted, taken over.
    /// - Progress is not part of the change log.
    async fn record_progress(
        &self,
        id: TaskId,
        attempt: u32,
        progress: Option<Progress>,
        lease: Duration,
    ) -> Result<Directive>;

    /// Stores recognised pages; a page stored before is replaced.
    /// `LeaseLost`, and nothing stored, when the attempt is no longer current.
    async fn put_pages(&self, id: TaskId, attempt: u32, pages: Vec<PageText>) -> Result<()>;

    /// Numbers of the stored pages, ascending.
    async fn page_numbers(&self, id: TaskId) -> Result<Vec<u32>>;

    /// Stored pages with numbers in `from..=to`, ascending; empty when the task is not in `scope`.
    async fn pages(&self, scope: Scope, id: TaskId, from: u32, to: u32) -> Result<Vec<PageText>>;

    /// Stores what engines must remember of a task, in place of what was stored before: a JSON value of
    /// a few kilobytes, which is given back as it is.
    /// `LeaseLost`, and nothing stored, when the attempt is no longer current.
    async fn put_checkpoint(&self, id: TaskId, attempt: u32, checkpoint: serde_json::Value) -> Result<()>;

    /// What [`Store::put_checkpoint`] stored last, in whatever attempt; `None` when nothing was stored
    /// since the task was created or asked for again.
    async fn checkpoint(&self, id: TaskId) -> Result<Option<serde_json::Value>>;

    /// Tasks that ought to be in the queue or be recovered: pending and due, or processing with a
    /// lease that ran out. At most `limit`: leases that ran out first, so that no backlog hides them, and
    /// the oldest first.
    async fn due_tasks(&self, limit: usize) -> Result<Vec<DueTask>>;

    /// Takes up to `limit` unsent messages, oldest first, hiding them from others for `ttl`.
    async fn lease_outbox(&self, limit: usize, ttl: Duration) -> Result<Vec<OutboxEntry>>;

    /// Forgets sent messages. Unknown ids are ignored.
    async fn settle_outbox(&self, sent: Vec<i64>) -> Result<()>;

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

    /// Puts a task in the trash until `purge_after`; clients see it deleted. Work on it stops.
    /// `NotFound` when it is not in `scope` or already there.
    async fn trash_task(
        &self,
        scope: Scope,
        id: TaskId,
        purge_after: Timestamp,
        outbox: Vec<OutboxMessage>,
    ) -> Result<Task>;

    /// Takes a task out of the trash. A task that was waiting or running waits again.
    /// `NotFound` when it is not in the trash of `scope`, or its time there is over: its blobs may be gone.
    async fn restore_task(&self, scope: Scope, id: TaskId, outbox: Vec<OutboxMessage>) -> Result<Task>;

    /// Tasks in the trash whose time has come, at most `limit`.
    async fn purgeable(&self, limit: usize) -> Result<Vec<Task>>;

    /// Removes tasks for good, with file, result and pages, if they are in the trash.
    async fn purge(&self, tasks: Vec<TaskId>) -> Result<usize>;

    /// Which of these blob keys belong to a file or result that exists, in the trash included.
    async fn referenced_keys(&self, keys: Vec<String>) -> Result<Vec<String>>;
}

/// What a store adapter can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct StoreCapabilities {
    /// Whether several processes may use it at once.
    pub cross_process: bool,
    /// Whether what is written survives the end of the process.
    pub durable: bool,
}

impl StoreCapabilities {
    /// A store shared by processes and kept on disk.
    pub const fn durable() -> Self {
        Self {
            cross_process: true,
            durable: true,
        }
    }
}

/// For whom a call is made. There is no way to ask without saying so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scope {
    /// One owner's tasks; the trash is hidden.
    Owner(UserId),
    /// The platform itself: everything.
    System,
}

impl Scope {
    /// Whether something of `owner` may be seen.
    pub fn covers(self, owner: UserId) -> bool {
        match self {
            Self::Owner(wanted) => wanted == owner,
            Self::System => true,
        }
    }
}

/// Which tasks a list holds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TaskFilter {
    /// Only these statuses; all when empty.
    pub statuses: Vec<TaskStatus>,
    /// The trash instead of the live tasks.
    pub deleted: bool,
    /// Only files whose name has this in it, ASCII letters without regard to case; all when absent.
    pub name_contains: Option<String>,
}

impl TaskFilter {
    /// A canonical text of the filter, to bind cursors to it.
    pub fn fingerprint(&self, scope: Scope) -> String {
        let mut statuses: Vec<&str> = self.statuses.iter().map(|status| status.as_str()).collect();
        statuses.sort_unstable();
        let name = self.name_contains.as_deref().unwrap_or_default();
        format!("{scope:?} {} {} {name}", statuses.join(","), self.deleted)
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

/// What a worker must do after a sign of life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Directive {
    /// Go on.
    Continue,
    /// Stop: the task is no longer yours.
    Stop,
}

/// A task that ought to be worked on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DueTask {
    /// For the queue.
    pub item: NewItem,
    /// Whether a lease ran out, so that the attempt must be counted as lost first.
    pub lease_expired: bool,
}

/// Something another process must learn of, committed with the change it tells of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "payload", rename_all = "snake_case")]
pub enum OutboxMessage {
    /// Work for the queue.
    Enqueue(NewItem),
    /// An event for subscribers.
    Event(Event),
}

/// A message on its way.
#[derive(Debug, Clone, PartialEq)]
pub struct OutboxEntry {
    /// For [`Store::settle_outbox`].
    pub id: i64,
    /// What to send.
    pub message: OutboxMessage,
}

impl OutboxEntry {
    /// The entry of a stored message. `None` for one that this version does not understand, perhaps of a
    /// newer one that runs beside it: it stays hidden for a while and must not hold back the others.
    pub fn decode(id: i64, message: &str) -> Option<Self> {
        match serde_json::from_str(message) {
            Ok(message) => Some(Self { id, message }),
            Err(error) => {
                tracing::warn!(%error, id, "an outbox message cannot be read; it is tried again later");
                None
            }
        }
    }
}
