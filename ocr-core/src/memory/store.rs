//! A store in memory.

use std::{
    collections::{BTreeMap, HashSet},
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;

use super::{
    lock,
    tables::{Row, Tables, UsedKey, not_found},
};
use crate::{
    Error, ErrorKind, Result,
    clock::{Clock, Timestamp, later},
    id::{TaskId, UserId},
    model::{NewTask, PageText, Progress, Task, TaskState, TaskStats, TaskStatus, Transition},
    pagination::{Cursor, Page, PageRequest},
    queue::{NewItem, QueueItem},
    store::{
        Change, ChangeCursor, ChangeOperation, Created, Directive, DueTask, OutboxEntry, OutboxMessage,
        Scope, Store, StoreCapabilities, TaskFilter,
    },
};

/// A store in memory; its tasks end with it.
#[derive(Debug)]
pub struct MemoryStore {
    clock: Arc<dyn Clock>,
    tables: Mutex<Tables>,
}

impl MemoryStore {
    /// An empty store that reads time from `clock`.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            clock,
            tables: Mutex::default(),
        }
    }
}

#[async_trait]
impl Store for MemoryStore {
    fn name(&self) -> &'static str {
        "memory"
    }

    fn capabilities(&self) -> StoreCapabilities {
        StoreCapabilities::default()
    }

    async fn check(&self) -> Result<()> {
        Ok(())
    }

    async fn ensure_user(&self, user: UserId) -> Result<()> {
        lock(&self.tables).users.insert(user);
        Ok(())
    }

    async fn create_task(&self, new: NewTask, outbox: Vec<OutboxMessage>) -> Result<Created> {
        let now = self.clock.now();
        let mut tables = lock(&self.tables);
        if !tables.users.contains(&new.owner) {
            return Err(Error::new(ErrorKind::NotFound, "the user does not exist"));
        }
        if let Some(task) = tables.existing(&new)? {
            return Ok(Created::Existing(task));
        }
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
            state: TaskState::pending(new.max_attempts),
            progress: None,
            result: None,
            created_at: now,
            updated_at: now,
            deleted_at: None,
        };
        tables.log_row("files", ChangeOperation::Insert, task.file.id.0, &task, None, now);
        tables.log(ChangeOperation::Insert, &task, now);
        tables.send(outbox);
        let row = Row {
            task: task.clone(),
            purge_after: None,
            pages: BTreeMap::new(),
            checkpoint: None,
        };
        tables.tasks.insert(task.id, row);
        Ok(Created::New(task))
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
            .map(|row| &row.task)
            .filter(|task| scope.covers(task.owner))
            .filter(|task| task.deleted_at.is_some() == filter.deleted)
            .filter(|task| filter.statuses.is_empty() || filter.statuses.contains(&task.status()))
            .filter(|task| {
                filter.name_contains.as_ref().is_none_or(|part| {
                    let name = task.file.filename.to_ascii_lowercase();
                    name.contains(&part.to_ascii_lowercase())
                })
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
        outbox: Vec<OutboxMessage>,
    ) -> Result<Task> {
        let now = self.clock.now();
        let mut tables = lock(&self.tables);
        let row = tables.live(scope, id)?;
        row.task.state = row.task.state.apply(&transition, now)?;
        row.task.updated_at = now;
        row.task.progress = None;
        let mut result_change = None;
        match transition {
            Transition::Complete { result, .. } => {
                row.task.result = Some(result);
                result_change = Some(ChangeOperation::Insert);
            }
            Transition::Retry => {
                row.pages.clear();
                row.checkpoint = None;
                result_change = row.task.result.take().map(|_| ChangeOperation::Delete);
            }
            _ => {}
        }
        let task = row.task.clone();
        tables.log(ChangeOperation::Update, &task, now);
        if let Some(operation) = result_change {
            tables.log_row("results", operation, task.id.0, &task, None, now);
        }
        tables.send(outbox);
        Ok(task)
    }

    async fn record_progress(
        &self,
        id: TaskId,
        attempt: u32,
        progress: Option<Progress>,
        lease: Duration,
    ) -> Result<Directive> {
        let now = self.clock.now();
        let mut tables = lock(&self.tables);
        let Ok(row) = tables.live(Scope::System, id) else {
            return Ok(Directive::Stop);
        };
        if row.task.state.held_by(attempt).is_err() {
            return Ok(Directive::Stop);
        }
        row.task.state.lease_expires_at = Some(later(now, lease));
        row.task.progress = progress.or(row.task.progress);
        Ok(Directive::Continue)
    }

    async fn put_pages(&self, id: TaskId, attempt: u32, pages: Vec<PageText>) -> Result<()> {
        let mut tables = lock(&self.tables);
        let row = tables.held(id, attempt)?;
        row.pages
            .extend(pages.into_iter().map(|page| (page.number, page)));
        Ok(())
    }

    async fn page_numbers(&self, id: TaskId) -> Result<Vec<u32>> {
        let tables = lock(&self.tables);
        Ok(tables
            .tasks
            .get(&id)
            .map(|row| row.pages.keys().copied().collect())
            .unwrap_or_default())
    }

    async fn pages(&self, scope: Scope, id: TaskId, from: u32, to: u32) -> Result<Vec<PageText>> {
        let tables = lock(&self.tables);
        let row = tables
            .tasks
            .get(&id)
            .filter(|row| scope.sees(&row.task) && from <= to);
        Ok(row
            .map(|row| row.pages.range(from..=to).map(|(_, page)| page.clone()).collect())
            .unwrap_or_default())
    }

    async fn put_checkpoint(&self, id: TaskId, attempt: u32, checkpoint: serde_json::Value) -> Result<()> {
        lock(&self.tables).held(id, attempt)?.checkpoint = Some(checkpoint);
        Ok(())
    }

    async fn checkpoint(&self, id: TaskId) -> Result<Option<serde_json::Value>> {
        let tables = lock(&self.tables);
        Ok(tables.tasks.get(&id).and_then(|row| row.checkpoint.clone()))
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
                let due = DueTask {
                    item: NewItem::from(QueueItem::from(&row.task)),
                    lease_expired,
                };
                (row.task.deleted_at.is_none() && (waiting || lease_expired)).then_some(due)
            })
            .collect();
        due.sort_by_key(|due| !due.lease_expired);
        due.truncate(limit);
        Ok(due)
    }

    async fn lease_outbox(&self, limit: usize, ttl: Duration) -> Result<Vec<OutboxEntry>> {
        let now = self.clock.now();
        let until = later(now, ttl);
        let mut tables = lock(&self.tables);
        let free = tables
            .outbox
            .iter_mut()
            .filter(|(_, pending)| pending.hidden_until.is_none_or(|hidden| hidden <= now))
            .take(limit);
        Ok(free
            .map(|(id, pending)| {
                pending.hidden_until = Some(until);
                OutboxEntry {
                    id: *id,
                    message: pending.message.clone(),
                }
            })
            .collect())
    }

    async fn settle_outbox(&self, sent: Vec<i64>) -> Result<()> {
        let mut tables = lock(&self.tables);
        for id in sent {
            tables.outbox.remove(&id);
        }
        Ok(())
    }

    async fn changes(&self, scope: Scope, since: ChangeCursor, limit: usize) -> Result<Vec<Change>> {
        let tables = lock(&self.tables);
        let wanted = tables
            .changes
            .iter()
            .filter(|change| change.cursor > since)
            .filter(|change| scope.covers(change.owner));
        Ok(wanted.take(limit).cloned().collect())
    }

    async fn change_head(&self) -> Result<ChangeCursor> {
        Ok(lock(&self.tables)
            .changes
            .last()
            .map(|change| change.cursor)
            .unwrap_or_default())
    }

    async fn change_position(&self, at: Timestamp) -> Result<ChangeCursor> {
        let tables = lock(&self.tables);
        let before = tables.changes.iter().rev().find(|change| change.at < at);
        Ok(before.map(|change| change.cursor).unwrap_or_default())
    }

    async fn forget_changes(&self, age: Duration, limit: usize) -> Result<usize> {
        let now = self.clock.now();
        let changes = &mut lock(&self.tables).changes;
        let most = changes.len().saturating_sub(1).min(limit);
        let old = changes
            .iter()
            .take(most)
            .take_while(|change| later(change.at, age) < now);
        let old = old.count();
        changes.drain(..old);
        Ok(old)
    }

    async fn trash_task(
        &self,
        scope: Scope,
        id: TaskId,
        purge_after: Timestamp,
        outbox: Vec<OutboxMessage>,
    ) -> Result<Task> {
        let now = self.clock.now();
        let mut tables = lock(&self.tables);
        let row = tables.live(scope, id)?;
        row.task.deleted_at = Some(now);
        row.task.updated_at = now;
        row.purge_after = Some(purge_after);
        let task = row.task.clone();
        tables.log(ChangeOperation::Delete, &task, now);
        tables.send(outbox);
        Ok(task)
    }

    async fn restore_task(&self, scope: Scope, id: TaskId, outbox: Vec<OutboxMessage>) -> Result<Task> {
        let now = self.clock.now();
        let mut tables = lock(&self.tables);
        let row = tables
            .tasks
            .get_mut(&id)
            .filter(|row| row.task.deleted_at.is_some() && scope.covers(row.task.owner))
            .filter(|row| row.purge_after.is_none_or(|end| end > now))
            .ok_or_else(not_found)?;
        row.task.deleted_at = None;
        row.task.updated_at = now;
        row.purge_after = None;
        row.task.state = row.task.state.restored();
        let task = row.task.clone();
        tables.log(ChangeOperation::Insert, &task, now);
        tables.send(outbox);
        Ok(task)
    }

    async fn purgeable(&self, limit: usize) -> Result<Vec<Task>> {
        let now = self.clock.now();
        let tables = lock(&self.tables);
        let ready = tables
            .tasks
            .values()
            .filter(|row| row.purge_after.is_some_and(|at| at <= now));
        Ok(ready.take(limit).map(|row| row.task.clone()).collect())
    }

    async fn purge(&self, tasks: Vec<TaskId>) -> Result<usize> {
        let mut tables = lock(&self.tables);
        let mut purged = 0;
        for id in tasks {
            if tables
                .tasks
                .get(&id)
                .is_some_and(|row| row.task.deleted_at.is_some())
            {
                tables.tasks.remove(&id);
                tables.keys.retain(|_, used| used.task != id);
                purged += 1;
            }
        }
        Ok(purged)
    }

    async fn referenced_keys(&self, keys: Vec<String>) -> Result<Vec<String>> {
        let tables = lock(&self.tables);
        let known: HashSet<&str> = tables
            .tasks
            .values()
            .flat_map(|row| {
                let result = row.task.result.as_ref().map(|result| result.key.as_str());
                [Some(row.task.file.key.as_str()), result].into_iter().flatten()
            })
            .collect();
        Ok(keys
            .into_iter()
            .filter(|key| known.contains(key.as_str()))
            .collect())
    }
}
