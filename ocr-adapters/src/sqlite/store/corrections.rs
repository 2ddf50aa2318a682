//! What people changed about pages.

use async_trait::async_trait;
use ocr_core::{
    Result,
    correction_store::{Addition, CorrectionStore, PageVersion, version_conflict},
    corrections::{Entry, PageLog},
    id::TaskId,
    store::{Scope, Write},
};
use sqlx::{Sqlite, Transaction, sqlite::SqliteRow};

use super::{SqliteStore, outbox, owner_of, tasks::load_live};
use crate::sqlite::{
    error::sqlite_error,
    rows::{column, corrupt, count, text_time, time},
};

#[async_trait]
impl CorrectionStore for SqliteStore {
    async fn correction_logs(&self, scope: Scope, task: TaskId, from: u32, to: u32) -> Result<Vec<PageLog>> {
        let rows = sqlx::query(
            "SELECT c.page, c.version, c.user_id, c.at, c.base, c.action \
             FROM corrections c JOIN tasks t ON t.id = c.task_id \
             WHERE c.task_id = ?1 AND c.page BETWEEN ?2 AND ?3 \
             AND (?4 IS NULL OR (t.user_id = ?4 AND t.deleted_at IS NULL)) ORDER BY c.page, c.version",
        )
        .bind(task.to_string())
        .bind(from)
        .bind(to)
        .bind(owner_of(scope))
        .fetch_all(&self.database.read)
        .await
        .map_err(|error| sqlite_error("correction_logs", error))?;
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
        let rows = sqlx::query(
            "SELECT c.page, MAX(c.version) AS version FROM corrections c JOIN tasks t ON t.id = c.task_id \
             WHERE c.task_id = ?1 AND (?2 IS NULL OR (t.user_id = ?2 AND t.deleted_at IS NULL)) \
             GROUP BY c.page ORDER BY c.page",
        )
        .bind(task.to_string())
        .bind(owner_of(scope))
        .fetch_all(&self.database.read)
        .await
        .map_err(|error| sqlite_error("correction_versions", error))?;
        rows.iter()
            .map(|row| Ok(PageVersion::new(count(row, "page")?, count(row, "version")?)))
            .collect()
    }

    async fn add_corrections(&self, scope: Scope, addition: Addition, write: Write) -> Result<()> {
        let failed = |error| sqlite_error("add_corrections", error);
        let now = self.now();
        let mut tx = self.database.begin_growing("add_corrections").await?;
        load_live(&mut tx, scope, addition.task).await?;
        let present: i64 = sqlx::query_scalar(
            "SELECT COALESCE(MAX(version), 0) FROM corrections WHERE task_id = ?1 AND page = ?2",
        )
        .bind(addition.task.to_string())
        .bind(addition.page)
        .fetch_one(&mut *tx)
        .await
        .map_err(failed)?;
        if present != i64::from(addition.seen) {
            return Err(version_conflict(u32::try_from(present).unwrap_or(u32::MAX)));
        }
        for entry in &addition.entries {
            insert(&mut tx, &addition, entry).await?;
        }
        // The status is named so that the trigger of the change log runs, although it stays as it is.
        sqlx::query("UPDATE tasks SET status = status, updated_at = ?2, version = version + 1 WHERE id = ?1")
            .bind(addition.task.to_string())
            .bind(&now)
            .execute(&mut *tx)
            .await
            .map_err(failed)?;
        outbox::send(&mut tx, write, &now).await?;
        tx.commit().await.map_err(failed)
    }
}

async fn insert(tx: &mut Transaction<'static, Sqlite>, addition: &Addition, entry: &Entry) -> Result<()> {
    let action = serde_json::to_string(&entry.action).map_err(|error| corrupt("action", error))?;
    sqlx::query(
        "INSERT INTO corrections (task_id, page, version, user_id, at, base, action) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )
    .bind(addition.task.to_string())
    .bind(addition.page)
    .bind(entry.version)
    .bind(entry.by.map(|user| user.to_string()))
    .bind(text_time(entry.at))
    .bind(&entry.base)
    .bind(action)
    .execute(&mut **tx)
    .await
    .map(drop)
    .map_err(|error| sqlite_error("add_corrections", error))
}

fn entry(row: &SqliteRow) -> Result<Entry> {
    let user: Option<&str> = column(row, "user_id")?;
    let action = serde_json::from_str(column(row, "action")?).map_err(|error| corrupt("action", error))?;
    Ok(Entry::new(
        count(row, "version")?,
        time(row, "at")?,
        user.map(str::parse).transpose()?,
        column::<String>(row, "base")?,
        action,
    ))
}
