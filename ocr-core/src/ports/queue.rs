//! The Queue port: work that is waiting, handed out under leases.
//!
//! A queue may lose items: the [`Store`](crate::store::Store) is authoritative, and the reconciler queues
//! every due task again. But an adapter must never hand one item to two holders while a lease lasts.

use std::{fmt, time::Duration};

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::{
    Result,
    builder::builder,
    clock::Timestamp,
    id::{FileId, TaskId, UserId},
    model::Task,
    pagination::{Page, PageRequest},
    trace::TraceContext,
};

/// Work that is waiting.
///
/// Every method may be dropped at any await point: either nothing or everything it says happened.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait Queue: fmt::Debug + Send + Sync + 'static {
    /// Short lower-case name for logs and metrics: `sqlite`.
    fn name(&self) -> &'static str;

    /// What this adapter can do; fixed after construction.
    fn capabilities(&self) -> QueueCapabilities;

    /// Succeeds when the queue can be used now.
    async fn check(&self) -> Result<()>;

    /// Adds items.
    ///
    /// # Behavior
    /// - All items are added or none.
    /// - An item whose task is already waiting or leased is left as it is.
    /// - An item is not leased before its `not_before`.
    async fn enqueue(&self, items: Vec<NewItem>) -> Result<()>;

    /// Takes up to `max` ready items for `ttl`. Returns at once, possibly empty.
    ///
    /// # Behavior
    /// - No item is given to two callers while a lease lasts.
    /// - An item whose lease ran out is ready again, and its next lease has a higher `attempt`.
    /// - Higher priority first; then owners take turns; within an owner, first in first out.
    async fn lease(&self, max: usize, ttl: Duration) -> Result<Vec<Lease>>;

    /// Extends a lease to `ttl` from now and says when it ends.
    /// `LeaseLost` if the token is no longer current.
    async fn heartbeat(&self, token: LeaseToken, ttl: Duration) -> Result<Timestamp>;

    /// Removes finished items. Tokens that are no longer current are ignored and returned.
    async fn ack(&self, tokens: Vec<LeaseToken>) -> Result<Vec<LeaseToken>>;

    /// Gives an item back. `LeaseLost` if the token is no longer current.
    async fn nack(&self, token: LeaseToken, nack: Nack) -> Result<()>;

    /// Makes up to `limit` items ready whose lease ran out, and says how many.
    async fn reap(&self, limit: usize) -> Result<usize>;

    /// Items set aside, newest first.
    async fn dead(&self, page: PageRequest) -> Result<Page<DeadItem>>;

    /// Makes dead items ready again, and says how many there were.
    async fn redrive(&self, tasks: Vec<TaskId>) -> Result<usize>;

    /// Removes items, whether waiting, leased or dead. Unknown tasks are ignored.
    async fn remove(&self, tasks: Vec<TaskId>) -> Result<()>;

    /// How much is waiting.
    async fn depth(&self) -> Result<QueueDepth>;

    /// Returns when work may be ready, or after `timeout`. A hint: it may return early or miss work.
    async fn wait(&self, timeout: Duration) -> Result<()>;
}

/// What a queue adapter can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct QueueCapabilities {
    /// Whether higher priorities go first.
    pub priority: bool,
    /// Whether owners take turns.
    pub fair_share: bool,
    /// Whether [`Queue::wait`] wakes at once when another process enqueues.
    pub push_wakeup: bool,
    /// Maximum number of items one call may carry.
    pub max_batch: usize,
}

impl QueueCapabilities {
    /// Everything, in batches of up to `max_batch`, without wake-ups from other processes.
    pub const fn full(max_batch: usize) -> Self {
        Self {
            priority: true,
            fair_share: true,
            push_wakeup: false,
            max_batch,
        }
    }

    /// The same, saying whether other processes wake [`Queue::wait`].
    pub const fn with_push_wakeup(self, push_wakeup: bool) -> Self {
        Self { push_wakeup, ..self }
    }

    /// The same, saying whether priorities are honoured.
    pub const fn with_priority(self, priority: bool) -> Self {
        Self { priority, ..self }
    }

    /// The same, saying whether owners take turns.
    pub const fn with_fair_share(self, fair_share: bool) -> Self {
        Self { fair_share, ..self }
    }
}

/// What the queue carries: who, which task, which file. The bytes stay in the blob store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct QueueItem {
    /// The task to work on.
    pub task_id: TaskId,
    /// Its owner.
    pub user_id: UserId,
    /// The file it reads.
    pub file_id: FileId,
    /// The request it comes from, where that is known. One that cannot be read is as good as none.
    #[serde(
        default,
        rename = "traceparent",
        skip_serializing_if = "Option::is_none",
        deserialize_with = "readable"
    )]
    pub trace: Option<TraceContext>,
}

/// A trace is a help for people: a queue must not lose work because of it.
fn readable<'de, D: serde::Deserializer<'de>>(input: D) -> Result<Option<TraceContext>, D::Error> {
    let text = Option::<String>::deserialize(input)?;
    Ok(text.and_then(|text| text.parse().ok()))
}

builder!(QueueItem {
    with_trace(trace: impl Into<Option<TraceContext>>) "The same as part of this trace."
});

impl QueueItem {
    /// The task `task_id` of `user_id`, which reads `file_id`.
    pub const fn new(task_id: TaskId, user_id: UserId, file_id: FileId) -> Self {
        Self {
            task_id,
            user_id,
            file_id,
            trace: None,
        }
    }
}

/// What the queue carries for a task, as part of the trace that the caller runs within.
impl From<&Task> for QueueItem {
    fn from(task: &Task) -> Self {
        Self {
            task_id: task.id,
            user_id: task.owner,
            file_id: task.file.id,
            trace: TraceContext::current(),
        }
    }
}

/// An item to be added.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct NewItem {
    /// What to work on.
    #[serde(flatten)]
    pub item: QueueItem,
    /// Higher goes first; 0 is usual.
    #[serde(default)]
    pub priority: i16,
    /// Not to be leased before this time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_before: Option<Timestamp>,
}

builder!(NewItem {
    with_priority(priority: i16) "The same with this priority; higher goes first."
    with_not_before(not_before: impl Into<Option<Timestamp>>) "The same, not to be leased before this time."
});

impl From<QueueItem> for NewItem {
    fn from(item: QueueItem) -> Self {
        Self {
            item,
            priority: 0,
            not_before: None,
        }
    }
}

/// Proof of a lease. Plain data: it may be logged, stored and used from another connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct LeaseToken {
    /// The leased task.
    pub task: TaskId,
    /// The queue's own fence: grows with every lease of this task.
    pub attempt: u32,
}

impl LeaseToken {
    /// Proof of lease number `attempt` of `task`.
    pub const fn new(task: TaskId, attempt: u32) -> Self {
        Self { task, attempt }
    }
}

/// An item that is ours for a while.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Lease {
    /// Proof, for heartbeat, ack and nack.
    pub token: LeaseToken,
    /// What to work on.
    pub item: QueueItem,
    /// When the lease ends unless renewed.
    pub expires_at: Timestamp,
}

impl Lease {
    /// `item`, held by `token` until `expires_at`.
    pub const fn new(token: LeaseToken, item: QueueItem, expires_at: Timestamp) -> Self {
        Self {
            token,
            item,
            expires_at,
        }
    }
}

/// How an item is given back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Nack {
    /// Ready again after a while.
    Reschedule(Duration),
    /// Ready again at once.
    Release,
    /// Set aside, with the reason.
    DeadLetter(String),
}

/// An item that was set aside.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DeadItem {
    /// The item.
    pub item: QueueItem,
    /// Why it was set aside.
    pub reason: String,
    /// When.
    pub at: Timestamp,
}

impl DeadItem {
    /// `item`, set aside for `reason`.
    pub fn new(item: QueueItem, reason: impl Into<String>, at: Timestamp) -> Self {
        Self {
            item,
            reason: reason.into(),
            at,
        }
    }
}

/// How much is waiting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct QueueDepth {
    /// Ready now.
    pub ready: u64,
    /// Waiting for their time.
    pub delayed: u64,
    /// Being worked on.
    pub leased: u64,
    /// Set aside.
    pub dead: u64,
}

builder!(QueueDepth {
    with_ready(ready: u64) "The same with this many items ready."
    with_delayed(delayed: u64) "The same with this many items waiting for their time."
    with_leased(leased: u64) "The same with this many items being worked on."
    with_dead(dead: u64) "The same with this many items set aside."
});
