//! Tasks one by one and in lists.

use ocr_core::{
    Result,
    id::TaskId,
    model::{Task, TaskStatus},
    pagination::{Cursor, Page, PageRequest},
    queue::NewItem,
    store::{DueTask, Scope, TaskFilter},
};
use sqlx::{Postgres, QueryBuilder, postgres::PgRow};

use crate::by_hand::readable;
use crate::dead_letters::DEAD_LETTERS;
use crate::filings::restrict_to_filed;
use crate::postgres::{
    error::pg_error,
    rows::{self, Label, TASK_COLUMNS, column, parsed, queue_item, row_limit, storable},
    store::PgStore,
};

pub(super) async fn task(store: &PgStore, scope: Scope, id: TaskId) -> Result<Option<Task>> {
    let mut query = select_tasks();
    query.push(" WHERE t.id = ").push_bind(id.0);
    if let Some(owner) = scope.owner_id() {
        query
            .push(" AND t.deleted_at IS NULL AND t.user_id = ")
            .push_bind(owner.0);
    }
    let row = store
        .database
        .call("task", async |connection| {
            query
                .build()
                .fetch_optional(connection)
                .await
                .map_err(|error| pg_error("task", error))
        })
        .await?;
    row.as_ref().map(rows::task).transpose()
}

pub(super) async fn list_tasks(
    store: &PgStore,
    scope: Scope,
    filter: TaskFilter,
    page: PageRequest,
) -> Result<Page<Task>> {
    let fingerprint = filter.fingerprint(scope);
    let mut query = list_query(scope, &filter, &page, &fingerprint)?;
    let found = store
        .database
        .call("list_tasks", async |connection| {
            query
                .build()
                .fetch_all(connection)
                .await
                .map_err(|error| pg_error("list_tasks", error))
        })
        .await?;
    let wanted = &found[..found.len().min(page.limit().into())];
    let next = match wanted.last() {
        Some(last) if found.len() > wanted.len() => Some(Cursor::new(
            column(last, "created_at")?,
            column(last, "id")?,
            &fingerprint,
        )),
        _ => None,
    };
    Ok(Page {
        items: wanted
            .iter()
            .filter_map(|row| readable(rows::task(row)))
            .collect(),
        next,
    })
}

fn list_query(
    scope: Scope,
    filter: &TaskFilter,
    page: &PageRequest,
    fingerprint: &str,
) -> Result<QueryBuilder<Postgres>> {
    let after = page
        .cursor()
        .map(|cursor| cursor.decode(fingerprint))
        .transpose()?;
    let mut query = select_tasks();
    query.push(if filter.deleted {
        " WHERE t.deleted_at IS NOT NULL"
    } else {
        " WHERE t.deleted_at IS NULL"
    });
    if let Some(owner) = scope.owner_id() {
        query.push(" AND t.user_id = ").push_bind(owner.0);
    }
    if !filter.statuses.is_empty() {
        query.push(" AND t.status IN (");
        let mut statuses = query.separated(", ");
        for status in &filter.statuses {
            statuses.push_bind(Label(status.as_str()));
        }
        query.push(")");
    }
    if let Some(part) = &filter.name_contains {
        // Unlike LIKE, strpos knows no wildcards.
        query
            .push(" AND strpos(lower(f.filename), lower(")
            .push_bind(storable(part).into_owned())
            .push(")) > 0");
    }
    if let Some(sha256) = &filter.sha256 {
        query
            .push(" AND f.sha256 = ")
            .push_bind(storable(sha256).into_owned());
    }
    if filter.dead_letters {
        query.push(DEAD_LETTERS);
    }
    if let Some(code) = &filter.failure_code {
        query
            .push(" AND t.error_code = ")
            .push_bind(storable(code).into_owned());
    }
    restrict_to_filed(&mut query, filter);
    if let Some((at, id)) = after {
        query.push(" AND (t.created_at, t.id) < (").push_bind(at);
        query.push(" AT TIME ZONE 'UTC', ").push_bind(id).push(")");
    }
    query
        .push(" ORDER BY t.created_at DESC, t.id DESC LIMIT ")
        .push_bind(i64::from(page.limit()) + 1);
    Ok(query)
}

pub(super) async fn due_tasks(store: &PgStore, limit: usize) -> Result<Vec<DueTask>> {
    let rows = store
        .database
        .call("due_tasks", async |connection| {
            sqlx::query(
                "(SELECT id, user_id, file_id, status::text AS status, true AS overdue FROM tasks \
                  WHERE deleted_at IS NULL AND status IN ('pending', 'processing') \
                  AND user_id IS NOT NULL AND file_id IS NOT NULL \
                  AND deadline_at <= clock_timestamp() \
                  ORDER BY deadline_at LIMIT $1) \
                 UNION ALL \
                 (SELECT id, user_id, file_id, status::text, false FROM tasks \
                  WHERE deleted_at IS NULL AND status = 'processing' \
                  AND user_id IS NOT NULL AND file_id IS NOT NULL \
                  AND (deadline_at IS NULL OR deadline_at > clock_timestamp()) \
                  AND (lease_expires_at IS NULL OR lease_expires_at <= clock_timestamp()) \
                  ORDER BY created_at LIMIT $1) \
                 UNION ALL \
                 (SELECT id, user_id, file_id, status::text, false FROM tasks \
                  WHERE deleted_at IS NULL AND status = 'pending' \
                  AND user_id IS NOT NULL AND file_id IS NOT NULL \
                  AND (deadline_at IS NULL OR deadline_at > clock_timestamp()) \
                  AND (run_after IS NULL OR run_after <= clock_timestamp()) \
                  ORDER BY created_at LIMIT $1) \
                 LIMIT $1",
            )
            .bind(row_limit(limit))
            .fetch_all(connection)
            .await
            .map_err(|error| pg_error("due_tasks", error))
        })
        .await?;
    Ok(rows.iter().filter_map(|row| readable(due_task(row))).collect())
}

fn due_task(row: &PgRow) -> Result<DueTask> {
    let overdue: bool = column(row, "overdue")?;
    let abandoned = !overdue && parsed::<TaskStatus>(row, "status")? == TaskStatus::Processing;
    Ok(DueTask::new(NewItem::from(queue_item(row, "id")?), abandoned).with_overdue(overdue))
}

/// `SELECT` of everything a [`Task`] holds, to be followed by conditions.
fn select_tasks() -> QueryBuilder<Postgres> {
    QueryBuilder::new(format!("SELECT {TASK_COLUMNS}"))
}
