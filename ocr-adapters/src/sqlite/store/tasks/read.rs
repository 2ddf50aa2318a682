//! Tasks one by one, in lists and in numbers.

use ocr_core::{
    Result,
    clock::Timestamp,
    id::TaskId,
    model::{Task, TaskStats},
    pagination::{Cursor, Page, PageRequest},
    queue::{NewItem, QueueItem},
    store::{DueTask, Scope, TaskFilter},
};
use sqlx::{QueryBuilder, Sqlite, sqlite::SqliteRow};

use crate::{
    by_hand::readable,
    dead_letters::DEAD_LETTERS,
    filings::restrict_to_filed,
    sqlite::{
        error::sqlite_error,
        rows::{self, TASK_COLUMNS, count, optional_time, parsed, text_time, time},
        store::{SqliteStore, owner_of},
    },
};

pub(super) async fn task(store: &SqliteStore, scope: Scope, id: TaskId) -> Result<Option<Task>> {
    let mut query = select_tasks();
    query.push(" WHERE t.id = ").push_bind(id.to_string());
    if let Some(owner) = owner_of(scope) {
        query
            .push(" AND t.deleted_at IS NULL AND t.user_id = ")
            .push_bind(owner);
    }
    let row = query
        .build()
        .fetch_optional(&store.database.read)
        .await
        .map_err(|error| sqlite_error("task", error))?;
    row.as_ref().map(rows::task).transpose()
}

pub(super) async fn list_tasks(
    store: &SqliteStore,
    scope: Scope,
    filter: TaskFilter,
    page: PageRequest,
) -> Result<Page<Task>> {
    let fingerprint = filter.fingerprint(scope);
    let after = page
        .cursor()
        .map(|cursor| cursor.decode(&fingerprint))
        .transpose()?;
    let mut query = select_tasks();
    restrict(&mut query, scope, &filter);
    if let Some((at, id)) = after {
        query
            .push(" AND (t.created_at, t.id) < (")
            .push_bind(text_time(at));
        query.push(", ").push_bind(id.to_string()).push(")");
    }
    query
        .push(" ORDER BY t.created_at DESC, t.id DESC LIMIT ")
        .push_bind(i64::from(page.limit()) + 1);
    let found = query
        .build()
        .fetch_all(&store.database.read)
        .await
        .map_err(|error| sqlite_error("list_tasks", error))?;
    let wanted = &found[..found.len().min(page.limit().into())];
    let more = found.len() > wanted.len();
    // From rows and not from tasks, which may all be such as cannot be read.
    let last = wanted.iter().rev().find_map(|row| readable(list_key(row)));
    let next = last
        .filter(|_| more)
        .map(|(at, id)| Cursor::new(at, id.0, &fingerprint));
    let items = wanted
        .iter()
        .filter_map(|row| readable(rows::task(row)))
        .collect();
    Ok(Page { items, next })
}

/// Adds the conditions of `filter`.
fn restrict(query: &mut QueryBuilder<Sqlite>, scope: Scope, filter: &TaskFilter) {
    query.push(if filter.deleted {
        " WHERE t.deleted_at IS NOT NULL"
    } else {
        " WHERE t.deleted_at IS NULL"
    });
    if let Some(owner) = owner_of(scope) {
        // Without statistics SQLite takes the list of the owner for the better way, and looks at all their documents to find
        // the few of the same bytes; the sign keeps it from that index.
        let condition = if filter.sha256.is_some() {
            " AND +t.user_id = "
        } else {
            " AND t.user_id = "
        };
        query.push(condition).push_bind(owner);
    }
    if !filter.statuses.is_empty() {
        query.push(" AND t.status IN (");
        let mut statuses = query.separated(", ");
        for status in &filter.statuses {
            statuses.push_bind(status.as_str());
        }
        query.push(")");
    }
    if let Some(part) = &filter.name_contains {
        // Unlike LIKE, instr knows no wildcards; lower() changes ASCII letters only.
        query
            .push(" AND instr(lower(f.filename), lower(")
            .push_bind(part.clone())
            .push(")) > 0");
    }
    if let Some(sha256) = &filter.sha256 {
        query.push(" AND f.sha256 = ").push_bind(sha256.clone());
    }
    if filter.dead_letters {
        query.push(DEAD_LETTERS);
    }
    if let Some(code) = &filter.failure_code {
        query.push(" AND t.error_code = ").push_bind(code.clone());
    }
    restrict_to_filed(query, filter);
}

pub(super) async fn stats(store: &SqliteStore, scope: Scope) -> Result<TaskStats> {
    let rows = sqlx::query(
        "SELECT status, SUM(count) AS count FROM task_counts WHERE ?1 IS NULL OR user_id = ?1 GROUP BY status",
    )
    .bind(owner_of(scope))
    .fetch_all(&store.database.read)
    .await
    .map_err(|error| sqlite_error("stats", error))?;
    let mut stats = TaskStats::default();
    for row in &rows {
        stats.add(parsed(row, "status")?, count(row, "count")?);
    }
    Ok(stats)
}

pub(super) async fn due_tasks(store: &SqliteStore, limit: usize) -> Result<Vec<DueTask>> {
    let rows = sqlx::query(
        "SELECT id, user_id, file_id, lease_expires_at, overdue, abandoned FROM (\
             SELECT id, user_id, file_id, lease_expires_at, run_after, created_at, status, \
             COALESCE(deadline_at <= ?1, 0) AS overdue, \
             status = 'processing' AND COALESCE(lease_expires_at <= ?1, 1) AS abandoned FROM tasks \
             WHERE deleted_at IS NULL AND status IN ('pending', 'processing')) \
         WHERE overdue OR abandoned OR (status = 'pending' AND COALESCE(run_after <= ?1, 1)) \
         ORDER BY NOT (overdue OR abandoned), created_at LIMIT ?2",
    )
    .bind(store.now())
    .bind(limit as i64)
    .fetch_all(&store.database.read)
    .await
    .map_err(|error| sqlite_error("due_tasks", error))?;
    Ok(rows.iter().filter_map(|row| readable(due_task(row))).collect())
}

/// What lists are ordered by.
fn list_key(row: &SqliteRow) -> Result<(Timestamp, TaskId)> {
    Ok((time(row, "created_at")?, parsed(row, "id")?))
}

fn due_task(row: &SqliteRow) -> Result<DueTask> {
    let item = QueueItem::new(
        parsed(row, "id")?,
        parsed(row, "user_id")?,
        parsed(row, "file_id")?,
    );
    // Reading the column checks it: a lease nobody can read must not be renewed for ever.
    optional_time(row, "lease_expires_at")?;
    let is = |name| count::<u64>(row, name).map(|value| value != 0);
    Ok(DueTask::new(NewItem::from(item), is("abandoned")?).with_overdue(is("overdue")?))
}

/// `SELECT` of everything a [`Task`] holds, to be followed by conditions.
fn select_tasks() -> QueryBuilder<Sqlite> {
    QueryBuilder::new(format!("SELECT {TASK_COLUMNS}"))
}
