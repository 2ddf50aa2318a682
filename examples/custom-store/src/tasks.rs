//! Tasks: made, found, moved along.

use std::{cmp::Reverse, time::Duration};

use async_trait::async_trait;
use ocr_core::{
    Error, ErrorKind, Result,
    clock::{Timestamp, later},
    id::{TaskId, UserId},
    model::{Idempotency, NewTask, Outcome, Progress, Task, TaskState, TaskStats, TaskStatus, Transition},
    pagination::{Cursor, Page, PageRequest},
    queue::QueueItem,
    store::{ChangeOperation, Created, Directive, DueTask, Fence, Scope, TaskFilter, TaskStore, Write},
};

use crate::{
    FileStore,
    state::{Entry, Row, State, UsedKey},
};

#[async_trait]
impl TaskStore for FileStore {
    async fn ensure_user(&self, user: UserId) -> Result<()> {
        self.change(move |state, _| {
            state.users.insert(user);
            Ok(())
        })
        .await
    }

    async fn create_task(&self, task: NewTask, write: Write) -> Result<Created> {
        self.change(move |state, now| state.create(task, write, now))
            .await
    }

    async fn repeated_task(&self, task: NewTask) -> Result<Option<Task>> {
        self.read(move |state, _| state.created_before(&task).map(Option::<&Task>::cloned))
            .await?
    }

    async fn task(&self, scope: Scope, id: TaskId) -> Result<Option<Task>> {
        self.read(move |state, _| {
            let entry = state.tasks.get(&id).filter(|entry| entry.is_visible(scope));
            entry.map(|entry| entry.task.clone())
        })
        .await
    }

    async fn list_tasks(&self, scope: Scope, filter: TaskFilter, page: PageRequest) -> Result<Page<Task>> {
        let fingerprint = filter.fingerprint(scope);
        let after = page
            .cursor()
            .map(|cursor| cursor.decode(&fingerprint))
            .transpose()?
            .map(|(created_at, id)| (created_at, TaskId(id)));
        let limit = usize::from(page.limit());
        // One more than was asked for tells whether there is another page.
        let mut items = self
            .read(move |state, _| state.list(scope, &filter, after, limit + 1))
            .await?;
        let more = items.len() > limit;
        items.truncate(limit);
        let last = items.last().filter(|_| more);
        let next = last.map(|task| Cursor::new(task.created_at, task.id.0, &fingerprint));
        Ok(Page { items, next })
    }

    async fn stats(&self, scope: Scope) -> Result<TaskStats> {
        self.read(move |state, _| {
            let mut stats = TaskStats::default();
            for entry in state.tasks.values().filter(|entry| entry.is_live()) {
                if scope.covers(entry.task.owner) {
                    stats.add(entry.task.status(), 1);
                }
            }
            stats
        })
        .await
    }

    async fn transition(
        &self,
        scope: Scope,
        id: TaskId,
        transition: Transition,
        write: Write,
    ) -> Result<Task> {
        self.change(move |state, now| {
            let entry = state.live(scope, id)?;
            entry.task.apply(&transition, &write.note, now)?;
            let had_result = entry.task.result.is_some();
            if matches!(transition, Transition::Retry) {
                entry.forget_findings();
            }
            let task = entry.task.clone();
            state.log(&task, Row::Tasks(id), ChangeOperation::Update, now);
            if had_result && task.result.is_none() {
                state.log(&task, Row::Results(id), ChangeOperation::Delete, now);
            }
            state.send(write);
            Ok(task)
        })
        .await
    }

    async fn finish(&self, fence: Fence, outcome: Outcome, write: Write) -> Result<Task> {
        self.change(move |state, now| {
            let entry = state.live(Scope::system(), fence.task)?;
            entry.task.finish(fence.attempt, &outcome, &write.note, now)?;
            let completed = matches!(outcome, Outcome::Complete { .. });
            if let Outcome::Complete { result } = outcome {
                entry.task.result = Some(result);
            }
            let task = entry.task.clone();
            state.log(&task, Row::Tasks(task.id), ChangeOperation::Update, now);
            if completed {
                state.log(&task, Row::Results(task.id), ChangeOperation::Insert, now);
            }
            state.send(write);
            Ok(task)
        })
        .await
    }

    async fn record_progress(
        &self,
        fence: Fence,
        progress: Option<Progress>,
        lease: Duration,
    ) -> Result<Directive> {
        let renewed = self.change(move |state, now| {
            let task = &mut state.held(fence)?.task;
            task.state.lease_expires_at = Some(later(now, lease));
            task.progress = progress.or(task.progress);
            Ok(Directive::Continue)
        });
        match renewed.await {
            Err(error) if error.kind() == ErrorKind::LeaseLost => Ok(Directive::Stop),
            answer => answer,
        }
    }

    async fn due_tasks(&self, limit: usize) -> Result<Vec<DueTask>> {
        self.read(move |state, now| {
            let live = state.tasks.values().filter(|entry| entry.is_live());
            let mut due: Vec<&Task> = live
                .map(|entry| &entry.task)
                .filter(|task| is_due(&task.state, now) || task.state.is_overdue(now))
                .collect();
            // Leases that ran out and deadlines that have passed come first, so that no backlog hides them.
            due.sort_by_key(|task| {
                let first = is_abandoned(task) || task.state.is_overdue(now);
                (Reverse(first), task.created_at, task.id)
            });
            due.truncate(limit);
            due.into_iter()
                .map(|task| {
                    DueTask::new(QueueItem::from(task).into(), is_abandoned(task))
                        .with_overdue(task.state.is_overdue(now))
                })
                .collect()
        })
        .await
    }
}

impl State {
    fn create(&mut self, new: NewTask, write: Write, now: Timestamp) -> Result<Created> {
        if !self.users.contains(&new.owner) {
            return Err(Error::new(ErrorKind::NotFound, "the user does not exist").at("file", "create"));
        }
        if let Some(task) = self.created_before(&new)? {
            return Ok(Created::Existing(task.clone()));
        }
        if self.tasks.contains_key(&new.id) {
            let message = "a task with this id exists already";
            return Err(Error::new(ErrorKind::AlreadyExists, message).at("file", "create"));
        }
        let pending = new.initial_state(now);
        if let Some(idempotency) = new.idempotency {
            self.remember(new.owner, idempotency, new.id, now);
        }
        let task = Task::new(new.id, new.owner, new.file, new.options, pending, now);
        self.tasks.insert(task.id, Entry::new(task.clone()));
        self.log(&task, Row::Files(task.file.id), ChangeOperation::Insert, now);
        self.log(&task, Row::Tasks(task.id), ChangeOperation::Insert, now);
        self.send(write);
        Ok(Created::New(task))
    }

    /// The task that an earlier request of the same key, or for the same file, has made.
    fn created_before(&self, new: &NewTask) -> Result<Option<&Task>> {
        if let Some(idempotency) = &new.idempotency
            && let Some((used, task)) = self.used(new.owner, idempotency)
        {
            if used.fingerprint != idempotency.fingerprint {
                let message = "the idempotency key was used for another request";
                return Err(Error::new(ErrorKind::InvalidInput, message).at("file", "create"));
            }
            return Ok(Some(task));
        }
        let mut tasks = self.tasks.values().map(|entry| &entry.task);
        Ok(tasks.find(|task| task.owner == new.owner && task.file.id == new.file.id))
    }

    /// What a key stands for, unless that is too long ago or in the trash.
    fn used(&self, owner: UserId, idempotency: &Idempotency) -> Option<(&UsedKey, &Task)> {
        let used = self.keys.get(&owner)?.get(&idempotency.key)?;
        let entry = self.tasks.get(&used.task).filter(|entry| entry.is_live())?;
        (used.at >= idempotency.not_before).then_some((used, &entry.task))
    }

    /// Stores a key, and forgets those of its owner whose time is over.
    fn remember(&mut self, owner: UserId, idempotency: Idempotency, task: TaskId, now: Timestamp) {
        let keys = self.keys.entry(owner).or_default();
        keys.retain(|_, used| used.at >= idempotency.not_before);
        let used = UsedKey {
            fingerprint: idempotency.fingerprint,
            task,
            at: now,
        };
        keys.insert(idempotency.key, used);
    }

    /// At most `limit` tasks behind `after`, newest first.
    fn list(
        &self,
        scope: Scope,
        filter: &TaskFilter,
        after: Option<(Timestamp, TaskId)>,
        limit: usize,
    ) -> Vec<Task> {
        let tasks = self.tasks.values().map(|entry| &entry.task);
        let mut tasks: Vec<&Task> = tasks
            .filter(|task| scope.covers(task.owner) && is_wanted(task, filter))
            .filter(|task| after.is_none_or(|position| (task.created_at, task.id) < position))
            .collect();
        tasks.sort_by_key(|task| Reverse((task.created_at, task.id)));
        tasks.truncate(limit);
        tasks.into_iter().cloned().collect()
    }
}

impl Entry {
    /// The task is to be read from the start.
    fn forget_findings(&mut self) {
        self.task.result = None;
        self.pages.clear();
        self.checkpoint = None;
        self.task.options.read_again = true;
    }
}

fn is_wanted(task: &Task, filter: &TaskFilter) -> bool {
    let name = task.file.filename.to_ascii_lowercase();
    task.deleted_at.is_some() == filter.deleted
        && filter.wants_failure(&task.state)
        && (filter.statuses.is_empty() || filter.statuses.contains(&task.status()))
        && filter
            .name_contains
            .as_ref()
            .is_none_or(|part| name.contains(&part.to_ascii_lowercase()))
        && filter
            .sha256
            .as_ref()
            .is_none_or(|sha256| *sha256 == task.file.sha256)
}

fn is_due(state: &TaskState, now: Timestamp) -> bool {
    match state.status {
        TaskStatus::Pending => state.run_after.is_none_or(|at| at <= now),
        TaskStatus::Processing => !state.is_leased(now),
        _ => false,
    }
}

/// Whether a task that is due was left behind by its worker.
fn is_abandoned(task: &Task) -> bool {
    task.status() == TaskStatus::Processing
}
