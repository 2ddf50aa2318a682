//! The Notifier port: publishes events to current subscribers.
//!
//! Events may be lost. A subscriber that must not miss anything reads the change log of the
//! [`Store`](crate::store::Store) after a gap.

use std::fmt;

use async_trait::async_trait;
use futures::{StreamExt, stream, stream::BoxStream};
use serde::{Deserialize, Serialize};
use tokio::sync::broadcast::{self, error::RecvError};

use crate::{
    Result,
    builder::builder,
    clock::Timestamp,
    id::{EventId, TaskId, UserId},
    model::{ChangeCursor, ChangeOperation, Progress, Scope, TaskStatus},
};

/// Publishes events to current subscribers.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait Notifier: fmt::Debug + Send + Sync + 'static {
    /// Short lower-case name for logs and metrics: `redis`.
    fn name(&self) -> &'static str;

    /// What this adapter can do; fixed after construction.
    fn capabilities(&self) -> NotifierCapabilities;

    /// Succeeds when events can be published now.
    async fn check(&self) -> Result<()>;

    /// Publishes events. Events of one task keep their order. Having no subscriber is not an error.
    async fn publish(&self, events: Vec<Event>) -> Result<()>;

    /// Listens to the events of `scope` from now on. Dropping the stream unsubscribes.
    ///
    /// # Behavior
    /// - An event published after this returns reaches the stream.
    /// - Events of other owners never do.
    /// - A reader that is too slow gets `Lagged` in place of what it missed, and goes on.
    async fn subscribe(&self, scope: Scope) -> Result<EventStream>;
}

/// Events as they come.
pub type EventStream = BoxStream<'static, Received>;

/// The events of `scope` from a broadcast channel of this process: for notifiers that receive each event
/// once and distribute it in memory. A reader that falls behind the channel's capacity gets
/// [`Received::Lagged`].
pub fn hear(receiver: broadcast::Receiver<Received>, scope: Scope) -> EventStream {
    let received = stream::unfold(receiver, |mut receiver| async {
        match receiver.recv().await {
            Ok(received) => Some((received, receiver)),
            Err(RecvError::Lagged(missed)) => Some((Received::Lagged { missed }, receiver)),
            Err(RecvError::Closed) => None,
        }
    });
    let wanted = received.filter(move |received| {
        let keep = match received {
            Received::Event(event) => scope.covers(event.owner),
            Received::Lagged { .. } => true,
        };
        std::future::ready(keep)
    });
    wanted.boxed()
}

/// What a notifier adapter can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct NotifierCapabilities {
    /// Whether other processes hear what this one publishes.
    pub cross_process: bool,
}

impl NotifierCapabilities {
    /// Events of one process stay in it.
    pub const fn local() -> Self {
        Self { cross_process: false }
    }

    /// Events reach every process.
    pub const fn cross_process() -> Self {
        Self { cross_process: true }
    }
}

/// What a subscriber receives.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Received {
    /// An event.
    Event(Event),
    /// Some events were missed; read the change log.
    Lagged {
        /// How many, as far as known.
        missed: u64,
    },
}

/// Something happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Event {
    /// Identity; the same event told twice has the same one.
    pub id: EventId,
    /// When.
    pub at: Timestamp,
    /// Whose.
    pub owner: UserId,
    /// What.
    pub body: EventBody,
}

impl Event {
    /// What happened at `at` to something of `owner`.
    pub fn new(id: EventId, at: Timestamp, owner: UserId, body: EventBody) -> Self {
        Self { id, at, owner, body }
    }
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", content = "data", rename_all = "snake_case")]
#[non_exhaustive]
pub enum EventBody {
    /// A task moved on.
    TaskUpdate(TaskUpdate),
    /// A row changed, whoever changed it.
    DbChange(DbChange),
}

/// A task moved on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct TaskUpdate {
    /// Which task.
    pub task_id: TaskId,
    /// Where it stands now.
    pub status: TaskStatus,
    /// A sentence for people.
    pub message: String,
    /// Share done, in whole percent 0..=100.
    pub progress: u8,
}

impl TaskUpdate {
    /// `task_id` stands at `status` and is `progress` percent done.
    pub fn new(task_id: TaskId, status: TaskStatus, message: impl Into<String>, progress: u8) -> Self {
        Self {
            task_id,
            status,
            message: message.into(),
            progress,
        }
    }

    /// A worker has taken the task.
    pub fn started(task_id: TaskId) -> Self {
        Self {
            task_id,
            status: TaskStatus::Processing,
            message: "Processing started".into(),
            progress: 0,
        }
    }

    /// A page is done.
    pub fn progressed(task_id: TaskId, progress: Progress) -> Self {
        Self {
            task_id,
            status: TaskStatus::Processing,
            message: progress.message(),
            progress: progress.percent(),
        }
    }

    /// The task ended or waits again, for the reason given.
    pub fn settled(task_id: TaskId, status: TaskStatus, message: impl Into<String>) -> Self {
        let progress = if status == TaskStatus::Completed { 100 } else { 0 };
        Self {
            task_id,
            status,
            message: message.into(),
            progress,
        }
    }
}

/// A row changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct DbChange {
    /// `tasks`, `files` or `results`.
    pub table: String,
    /// What happened.
    pub operation: ChangeOperation,
    /// Id of the row.
    pub record_id: uuid::Uuid,
    /// The task it belongs to, where there is one.
    pub task_id: Option<TaskId>,
    /// Status of the task, for rows of `tasks`.
    pub status: Option<TaskStatus>,
    /// Where it stands in the change log.
    pub cursor: ChangeCursor,
}

impl DbChange {
    /// Row `record_id` of `table` changed; it stands at `cursor` in the log.
    pub fn new(
        table: impl Into<String>,
        operation: ChangeOperation,
        record_id: uuid::Uuid,
        cursor: ChangeCursor,
    ) -> Self {
        Self {
            table: table.into(),
            operation,
            record_id,
            task_id: None,
            status: None,
            cursor,
        }
    }
}

builder!(DbChange {
    with_task_id(task_id: impl Into<Option<TaskId>>) "The same of a row that belongs to this task."
    with_status(status: impl Into<Option<TaskStatus>>) "The same with the status of the task."
});
