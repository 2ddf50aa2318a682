//! Tasks.

use std::{collections::BTreeMap, time::Duration};

use async_trait::async_trait;

use super::{
    MemoryStore, lock,
    tables::{Row, UsedKey},
};
use crate::{
    Error, ErrorKind, Result,
    clock::later,
    id::{TaskId, UserId},
    model::{Filing, NewTask, Outcome, Progress, Task, TaskHistory, TaskStats, TaskStatus, Transition},
    pagination::{Cursor, Page, PageRequest},
    queue::{NewItem, QueueItem},
    store::{ChangeOperation, Created, Directive, DueTask, Fence, Scope, TaskFilter, TaskStore, Write},
    usage_store::UsageAmounts,
};

#[async_trait]
impl TaskStore for MemoryStore {
    async fn ensure_user(&self, user: UserId) -> Result<()> {
        lock(&self.tables).users.insert(user);
        Ok(())
    }

    async fn create_task(&self, new: NewTask, write: Write) -> Result<Created> {
        let now = self.clock.now();
        let mut tables = lock(&self.tables);
        if !tables.users.contains(&new.owner) {
            return Err(Error::new(ErrorKind::NotFound, "the user does not exist"));
        }
        if let Some(task) = tables.existing(&new)? {
            return Ok(Created::Existing(task));
        }
        let state = new.initial_state(now);
        if let Some(idempotency) = new.idempotency {
            tables
                .keys
                .retain(|(owner, _), used| *owner != new.owner || used.at >= idempotency.not_before);
            let used = UsedKey {
                fingerprint: idempotency.fingerprint,
                task: new.id,
                at: now,
            };
            tables.keys.insert((new.owner, idempotency.key), used);
        }
        let task = Task {
            id: new.id,
            owner: new.owner,
            file: new.file,
            options: new.options,
            state,
            history: TaskHistory::default(),
            progress: None,
            result: None,
            created_at: now,
            updated_at: now,
            deleted_at: None,
            purge_after: None,
        };
        tables.log_row("files", ChangeOperation::Insert, task.file.id.0, &task, None, now);
        tables.log(ChangeOperation::Insert, &task, now);
        let accepted = UsageAmounts::default()
            .with_documents(1_u64)
            .with_bytes(task.file.size);
        tables.count(task.owner, "", accepted, now);
        tables.send(write.outbox);
        let row = Row {
            task: task.clone(),
            pages: BTreeMap::new(),
            checkpoint: None,
            corrections: BTreeMap::new(),
            filing: Filing::default(),
        };
        tables.tasks.insert(task.id, row);
        Ok(Created::New(task))
    }

    async fn repeated_task(&self, task: NewTask) -> Result<Option<Task>> {
        lock(&self.tables).existing(&task)
    }

    async fn task(&self, scope: Scope, id: TaskId) -> Result<Option<Task>> {
        let tables = lock(&self.tables);
        Ok(tables
            .tasks
            .get(&id)
            .map(|row| &row.task)
            .filter(|task| scope.sees(task))
            .cloned())
    }

    async fn list_tasks(&self, scope: Scope, filter: TaskFilter, page: PageRequest) -> Result<Page<Task>> {
        let fingerprint = filter.fingerprint(scope);
        let after = page
            .cursor()
            .map(|cursor| cursor.decode(&fingerprint))
            .transpose()?;
        let tables = lock(&self.tables);
        let mut tasks: Vec<&Task> = tables
            .tasks
            .values()
            .filter(|row| is_filed(row, &filter))
            .map(|row| &row.task)
            .filter(|task| scope.covers(task.owner))
            .filter(|task| task.deleted_at.is_some() == filter.deleted)
            .filter(|task| filter.statuses.is_empty() || filter.statuses.contains(&task.status()))
            .filter(|task| filter.wants_failure(&task.state))
            .filter(|task| {
                filter.name_contains.as_ref().is_none_or(|part| {
                    let name = task.file.filename.to_ascii_lowercase();
                    name.contains(&part.to_ascii_lowercase())
                })
            })
            .filter(|task| {
                let wanted = filter.sha256.as_ref();
                wanted.is_none_or(|sha256| *sha256 == task.file.sha256)
            })
            .filter(|task| after.is_none_or(|key| (task.created_at, task.id.0) < key))
            .collect();
        tasks.sort_by_key(|task| std::cmp::Reverse((task.created_at, task.id)));
        let more = tasks.len() > usize::from(page.limit());
        tasks.truncate(page.limit().into());
        let next = tasks
            .last()
            .filter(|_| more)
            .map(|last| Cursor::new(last.created_at, last.id.0, &fingerprint));
        Ok(Page {
            items: tasks.into_iter().cloned().collect(),
            next,
        })
    }

    async fn stats(&self, scope: Scope) -> Result<TaskStats> {
        let mut stats = TaskStats::default();
        for row in lock(&self.tables).tasks.values() {
            if scope.sees(&row.task) && row.task.deleted_at.is_none() {
                stats.add(row.task.status(), 1);
            }
        }
        Ok(stats)
    }

    async fn transition(
        &self,
        scope: Scope,
        id: TaskId,
        transition: Transition,
        write: Write,
    ) -> Result<Task> {
        let now = self.clock.now();
        let mut tables = lock(&self.tables);
        let row = tables.live(scope, id)?;
        row.task.apply(&transition, &write.note, now)?;
        let mut result_change = None;
        if matches!(transition, Transition::Retry) {
            row.pages.clear();
            row.checkpoint = None;
            row.task.options.read_again = true;
            result_change = row.task.result.take().map(|_| ChangeOperation::Delete);
        }
        let pages = pages_in_vain(row);
        let task = row.task.clone();
        tables.count_in_vain(&task, &write.note, pages, now);
        Ok(tables.changed(task, result_change, write, now))
    }

    async fn finish(&self, fence: Fence, outcome: Outcome, write: Write) -> Result<Task> {
        let now = self.clock.now();
        let mut tables = lock(&self.tables);
        let row = tables.live(Scope::system(), fence.task)?;
        row.task.finish(fence.attempt, &outcome, &write.note, now)?;
        let mut result_change = None;
        if let Outcome::Complete { result } = outcome {
            row.task.result = Some(result);
            result_change = Some(ChangeOperation::Insert);
        }
        let pages = pages_in_vain(row);
        let task = row.task.clone();
        if result_change.is_some() {
            tables.count_result(&task, now);
        }
        tables.count_in_vain(&task, &write.note, pages, now);
        Ok(tables.changed(task, result_change, write, now))
    }

    async fn record_progress(
        &self,
        fence: Fence,
        progress: Option<Progress>,
        lease: Duration,
    ) -> Result<Directive> {
        let now = self.clock.now();
        let mut tables = lock(&self.tables);
        let Ok(row) = tables.held(fence) else {
            return Ok(Directive::Stop);
        };
        row.task.state.lease_expires_at = Some(later(now, lease));
        row.task.progress = progress.or(row.task.progress);
        Ok(Directive::Continue)
    }

    async fn due_tasks(&self, limit: usize) -> Result<Vec<DueTask>> {
        let now = self.clock.now();
        let tables = lock(&self.tables);
        let mut due: Vec<DueTask> = tables
            .tasks
            .values()
            .filter_map(|row| {
                let state = &row.task.state;
                let lease_expired = state.status == TaskStatus::Processing && !state.is_leased(now);
                let waiting =
                    state.status == TaskStatus::Pending && state.run_after.is_none_or(|at| at <= now);
                let overdue = state.is_overdue(now);
                let due = DueTask {
                    item: NewItem::from(QueueItem::from(&row.task)),
                    lease_expired,
                    overdue,
                };
                (row.task.deleted_at.is_none() && (waiting || lease_expired || overdue)).then_some(due)
            })
            .collect();
        due.sort_by_key(|due| !(due.lease_expired || due.overdue));
        due.truncate(limit);
        Ok(due)
    }
}

/// Pages that count now because the task has ended without a result.
fn pages_in_vain(row: &mut Row) -> u32 {
    if row.task.ended_without_result() {
        row.count_pages()
    } else {
        0
    }
}

/// Whether the document has the label and is in the collection that `filter` asks for.
fn is_filed(row: &Row, filter: &TaskFilter) -> bool {
    let labelled = filter.label.as_ref();
    let collected = filter.collection.as_ref();
    labelled.is_none_or(|label| row.filing.has_label(label))
        && collected.is_none_or(|collection| row.filing.is_in(collection))
}
