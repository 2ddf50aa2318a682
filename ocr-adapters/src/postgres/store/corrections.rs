//! What people changed about pages.

use async_trait::async_trait;
use ocr_core::{
    Result,
    correction_store::{Addition, CorrectionStore, PageVersion, version_conflict},
    corrections::{Entry, PageLog},
    id::{TaskId, UserId},
    store::{Scope, Write},
};
use sqlx::{PgConnection, postgres::PgRow};
use uuid::Uuid;

use super::{PgStore, outbox, tasks::lock_live};
use crate::postgres::{
    error::pg_error,
    rows::{column, corrupt, count},
};

#[async_trait]
impl CorrectionStore for PgStore {
    async fn correction_logs(&self, scope: Scope, task: TaskId, from: u32, to: u32) -> Result<Vec<PageLog>> {
        let owner = scope.owner_id().map(|owner| owner.0);
        let rows = self
            .database
            .call("correction_logs", async |connection| {
                sqlx::query(
                    "SELECT c.page, c.version, c.user_id, c.at, c.base, c.action \
                     FROM corrections c JOIN tasks t ON t.id = c.task_id \
                     WHERE c.task_id = $1 AND c.page BETWEEN $2 AND $3 \
                     AND ($4::uuid IS NULL OR (t.user_id = $4 AND t.deleted_at IS NULL)) \
                     ORDER BY c.page, c.version",
                )
                .bind(task.0)
                .bind(i64::from(from))
                .bind(i64::from(to))
                .bind(owner)
                .fetch_all(connection)
                .await
                .map_err(|error| pg_error("correction_logs", error))
            })
            .await?;
        let mut logs: Vec<PageLog> = Vec::new();
        for row in &rows {
            let page = count(row, "page")?;
            let entry = entry(row)?;
            match logs.last_mut() {
                Some(log) if log.page == page => log.entries.push(entry),
                _ => logs.push(PageLog::new(page, vec![entry])),
            }
        }
        Ok(logs)
    }

    async fn correction_versions(&self, scope: Scope, task: TaskId) -> Result<Vec<PageVersion>> {
        let owner = scope.owner_id().map(|owner| owner.0);
        let rows = self
            .database
            .call("correction_versions", async |connection| {
                sqlx::query(
                    "SELECT c.page, MAX(c.version) AS version FROM corrections c JOIN tasks t ON t.id = c.task_id \
                     WHERE c.task_id = $1 AND ($2::uuid IS NULL OR (t.user_id = $2 AND t.deleted_at IS NULL)) \
                     GROUP BY c.page ORDER BY c.page",
                )
                .bind(task.0)
                .bind(owner)
                .fetch_all(connection)
                .await
                .map_err(|error| pg_error("correction_versions", error))
            })
            .await?;
        rows.iter()
            .map(|row| Ok(PageVersion::new(count(row, "page")?, count(row, "version")?)))
            .collect()
    }

    async fn add_corrections(&self, scope: Scope, addition: Addition, write: Write) -> Result<()> {
        let failed = |error| pg_error("add_corrections", error);
        self.database
            .transaction("add_corrections", async |tx| {
                // Whoever changes another page of the task waits too, so that the version stays what was read.
                lock_live(tx, scope, addition.task).await?;
                let present: i64 = sqlx::query_scalar(
                    "SELECT COALESCE(MAX(version), 0) FROM corrections WHERE task_id = $1 AND page = $2",
                )
                .bind(addition.task.0)
                .bind(i64::from(addition.page))
                .fetch_one(&mut *tx)
                .await
                .map_err(failed)?;
                if present != i64::from(addition.seen) {
                    return Err(version_conflict(u32::try_from(present).unwrap_or(u32::MAX)));
                }
                for entry in &addition.entries {
                    insert(tx, &addition, entry).await?;
                }
                sqlx::query(
                    "UPDATE tasks SET updated_at = clock_timestamp() AT TIME ZONE 'UTC', version = version + 1 \
                     WHERE id = $1",
                )
                .bind(addition.task.0)
                .execute(&mut *tx)
                .await
                .map_err(failed)?;
                outbox::send(tx, &write).await
            })
            .await
    }
}

async fn insert(tx: &mut PgConnection, addition: &Addition, entry: &Entry) -> Result<()> {
    let action = serde_json::to_string(&entry.action).map_err(|error| corrupt("action", error))?;
    sqlx::query(
        "INSERT INTO corrections (task_id, page, version, user_id, at, base, action) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(addition.task.0)
    .bind(i64::from(addition.page))
    .bind(i64::from(entry.version))
    .bind(entry.by.map(|user| user.0))
    .bind(entry.at)
    .bind(&entry.base)
    .bind(action)
    .execute(tx)
    .await
    .map(drop)
    .map_err(|error| pg_error("add_corrections", error))
}

fn entry(row: &PgRow) -> Result<Entry> {
    let user: Option<Uuid> = column(row, "user_id")?;
    let action = serde_json::from_str(column(row, "action")?).map_err(|error| corrupt("action", error))?;
    Ok(Entry::new(
        count(row, "version")?,
        column(row, "at")?,
        user.map(UserId),
        column::<String>(row, "base")?,
        action,
    ))
}
