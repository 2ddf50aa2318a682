//! What every [`Store`] must do, clause by clause.

//!
//! One file, or folder, for each trait that a store is made of.

mod changes;
mod outbox;
mod pages;
mod tasks;
mod trash;

use std::{sync::Arc, time::Duration};

use ocr_core::{
    Result,
    clock::Timestamp,
    id::{TaskId, UserId},
    model::{NewTask, Outcome, Task, TaskState, TaskStatus, Transition},
    pagination::PageRequest,
    store::{Change, ChangeCursor, Created, Fence, OutboxMessage, Scope, Store, TaskFilter, Write},
};

use crate::{
    harness::{Guard, LONG, TestTime, no_guard, with_guard},
    samples,
};

pub use changes::*;
pub use outbox::*;
pub use pages::*;
pub use tasks::*;
pub use trash::*;

/// An empty store of its own.
#[non_exhaustive]
pub struct StoreFixture {
    /// The store.
    pub store: Arc<dyn Store>,
    /// How time passes for it.
    pub time: TestTime,
    /// Keeps what it needs alive.
    pub guard: Guard,
}

impl std::fmt::Debug for StoreFixture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StoreFixture")
            .field("store", &self.store)
            .field("time", &self.time)
            .finish_non_exhaustive()
    }
}

impl StoreFixture {
    /// An empty `store` of its own, and how time passes for it; nothing needs to be kept alive.
    pub fn new(store: Arc<dyn Store>, time: TestTime) -> Self {
        Self {
            store,
            time,
            guard: no_guard(),
        }
    }

    with_guard!();

    /// A user that exists.
    async fn user(&self) -> UserId {
        let user = samples::user();
        self.store.ensure_user(user).await.unwrap();
        user
    }

    async fn create(&self, new: NewTask) -> Task {
        match self.store.create_task(new, Write::default()).await.unwrap() {
            Created::New(task) => task,
            Created::Existing(task) => panic!("a new task was expected: {task:?}"),
        }
    }

    /// A pending task of `owner`.
    async fn pending(&self, owner: UserId) -> Task {
        self.create(samples::new_task(owner)).await
    }

    /// A task of `owner` that is claimed for `lease`.
    async fn claimed(&self, owner: UserId, lease: Duration) -> Task {
        let task = self.pending(owner).await;
        self.apply(task.id, Transition::Claim { lease }).await
    }

    /// A task of `owner` with a result.
    async fn completed(&self, owner: UserId) -> Task {
        let task = self.claimed(owner, LONG).await;
        let result = samples::summary(&task);
        let attempt = task.state.attempt;
        self.apply(task.id, ends(attempt, Outcome::Complete { result }))
            .await
    }

    /// A task of `owner` in `status`.
    async fn in_status(&self, owner: UserId, status: TaskStatus) -> Task {
        match status {
            TaskStatus::Pending => self.pending(owner).await,
            TaskStatus::Processing => self.claimed(owner, LONG).await,
            TaskStatus::Completed => self.completed(owner).await,
            TaskStatus::Failed => {
                let task = self.claimed(owner, LONG).await;
                let failure = samples::failure("broken");
                let attempt = task.state.attempt;
                self.apply(task.id, ends(attempt, Outcome::Fail { failure }))
                    .await
            }
            TaskStatus::Cancelled => {
                let task = self.pending(owner).await;
                self.apply(task.id, Transition::Cancel).await
            }
        }
    }

    /// Takes a step that is refused or not.
    async fn step(&self, scope: Scope, id: TaskId, step: impl Into<Step>, write: Write) -> Result<Task> {
        match step.into() {
            Step::Move(transition) => self.store.transition(scope, id, transition, write).await,
            Step::End(attempt, outcome) => self.store.finish(Fence::new(id, attempt), outcome, write).await,
        }
    }

    /// Takes a step that must succeed.
    async fn apply(&self, id: TaskId, step: impl Into<Step>) -> Task {
        self.step(Scope::system(), id, step, Write::default())
            .await
            .unwrap()
    }

    /// A task as the platform sees it.
    async fn read(&self, id: TaskId) -> Task {
        self.store
            .task(Scope::system(), id)
            .await
            .unwrap()
            .expect("the task exists")
    }

    /// Every task a list gives, page by page.
    async fn list(&self, scope: Scope, filter: TaskFilter) -> Vec<Task> {
        let (mut tasks, mut cursor) = (Vec::new(), None);
        loop {
            let request = PageRequest::first(100).unwrap().after(cursor);
            let page = self
                .store
                .list_tasks(scope, filter.clone(), request)
                .await
                .unwrap();
            tasks.extend(page.items);
            cursor = page.next;
            if cursor.is_none() {
                return tasks;
            }
        }
    }

    /// Takes every message out of the outbox, oldest first.
    async fn sent(&self) -> Vec<OutboxMessage> {
        let entries = self.store.lease_outbox(1_000, LONG).await.unwrap();
        let ids = entries.iter().map(|entry| entry.id).collect();
        self.store.settle_outbox(ids).await.unwrap();
        entries.into_iter().map(|entry| entry.message).collect()
    }

    async fn head(&self) -> ChangeCursor {
        self.store.change_head().await.unwrap()
    }

    async fn changes(&self, since: ChangeCursor) -> Vec<Change> {
        self.store.changes(Scope::system(), since, 1_000).await.unwrap()
    }

    /// Puts a task in the trash for `keep`.
    async fn trash(&self, id: TaskId, keep: Duration) -> Task {
        let purge_after = ocr_core::clock::later(self.time.now(), keep);
        self.store
            .trash_task(Scope::system(), id, purge_after, Write::default())
            .await
            .unwrap()
    }
}

/// What moves a task: a transition, or the end of a worker's attempt.
#[derive(Debug, Clone)]
enum Step {
    Move(Transition),
    End(u32, Outcome),
}

impl From<Transition> for Step {
    fn from(transition: Transition) -> Self {
        Self::Move(transition)
    }
}

impl Step {
    /// What the state machine makes of it.
    fn expected(&self, state: &TaskState, now: Timestamp) -> Result<TaskState> {
        match self {
            Self::Move(transition) => state.apply(transition, now),
            Self::End(attempt, outcome) => state.finish(*attempt, outcome, now),
        }
    }
}

/// Claim number `attempt` ends with `outcome`.
fn ends(attempt: u32, outcome: Outcome) -> Step {
    Step::End(attempt, outcome)
}

fn ids(tasks: &[Task]) -> Vec<TaskId> {
    tasks.iter().map(|task| task.id).collect()
}

fn claim(lease: Duration) -> Transition {
    Transition::Claim { lease }
}

/// Expands to one test for each clause of the [`Store`] contract, all its traits together.
///
/// Takes a path to an `async fn() -> StoreFixture` that makes an empty store of its own. Put it in a
/// module of its own for each adapter.
#[macro_export]
macro_rules! store_conformance {
    ($fresh:expr) => {
        $crate::task_store_conformance!($fresh);
        $crate::page_store_conformance!($fresh);
        $crate::outbox_conformance!($fresh);
        $crate::change_log_conformance!($fresh);
        $crate::trash_conformance!($fresh);
    };
}
